//! The user timeout: R2 as the user sets it (RFC 9293 section 3.8.3, MUST-21), and the option that tells the peer of it (RFC 5482).

use crate::connection::Connection;
use crate::fault::Fault;
use wire::Duration;
use wire::tcp::{TcpOption, kind, options};

/// RFC 5482 section 3.1: L_LIMIT, at least 100 s, and U_LIMIT.
const L_LIMIT: Duration = Duration::secs(100);
const U_LIMIT: Duration = Duration::hours(1);
/// Octets of the option (section 3.3).
pub(crate) const OPTION: u32 = 4;

/// The variables of RFC 5482 section 3.
#[derive(Debug, Default)]
pub(crate) struct UserTimeout {
    /// ENABLED: the option is sent and understood.
    pub enabled: bool,
    /// CHANGEABLE is false once the user has set a timeout of its own, which is this.
    own: Option<Duration>,
    /// REMOTE_UTO.
    remote: Option<Duration>,
    /// The option goes out with the next segment that has room for it.
    pub due: bool,
}

/// The value of an option; none where it is reserved (section 3.4).
fn heard(raw_options: &[u8]) -> Option<Duration> {
    // A plain search first: hardly any segment has one.
    raw_options.contains(&kind::USER_TIMEOUT).then_some(())?;
    options(raw_options).flatten().find_map(|option| match option {
        TcpOption::UserTimeout { timeout: 0, .. } => None,
        TcpOption::UserTimeout { minutes: true, timeout } => Some(Duration::minutes(i64::from(timeout))),
        TcpOption::UserTimeout { timeout, .. } => Some(Duration::secs(i64::from(timeout))),
        _ => None,
    })
}

/// Section 3.3: in seconds where they fit 15 bits, in minutes otherwise; never zero.
fn emit(timeout: Duration, options: &mut Vec<u8>) {
    let seconds = (timeout.0 / Duration::secs(1).0).max(1);
    let (minutes, value) = if seconds < 1 << 15 {
        (false, seconds)
    } else {
        (true, seconds / 60)
    };
    let timeout = value.min((1 << 15) - 1) as u16;
    TcpOption::UserTimeout { minutes, timeout }.emit(options);
}

impl Connection {
    /// The user timeout of OPEN and SEND (RFC 9293 section 3.9.1): `timeout` from here on, told to the peer and not to be changed
    /// by it; or, where none is given, R2 as it is at first, which the peer may prolong.
    pub fn set_user_timeout(&mut self, timeout: Option<Duration>) {
        if self.faulty(Fault::IgnoresUserTimeout) {
            return;
        }
        self.user_timeout.own = timeout;
        (self.user_timeout.enabled, self.user_timeout.due) = (true, true);
    }

    /// USER_TIMEOUT: how long data may stay unacknowledged.
    pub(crate) fn user_timeout(&self) -> Duration {
        let UserTimeout { own, remote, .. } = self.user_timeout;
        // Section 3.1: L_LIMIT is above the retransmission timeout.
        let least = L_LIMIT.max(self.rto.get() * 2);
        match (own, remote) {
            (Some(own), Some(remote)) if self.faulty(Fault::PeerSetsUserTimeout) => own.max(remote),
            (Some(own), _) => own,
            (None, Some(remote)) => U_LIMIT.min(self.config.r2.max(remote).max(least)),
            (None, None) => self.config.r2,
        }
    }

    /// ADV_UTO.
    fn adv_uto(&self) -> Duration {
        self.user_timeout.own.unwrap_or(self.config.r2)
    }

    pub(crate) fn user_timeout_option(&mut self, options: &mut Vec<u8>) {
        if self.user_timeout.enabled && !self.faulty(Fault::HidesUserTimeout) {
            emit(self.adv_uto(), options);
        }
        self.user_timeout.due = false;
    }

    /// Section 3.1. What the peer suggests counts where the user allows it, and is told to the peer in turn.
    pub(crate) fn hear_user_timeout(&mut self, raw_options: &[u8]) {
        if !self.user_timeout.enabled || self.faulty(Fault::DeafToUserTimeout) {
            return;
        }
        let Some(remote) = heard(raw_options) else {
            return;
        };
        let before = self.user_timeout();
        self.user_timeout.remote = Some(remote);
        self.user_timeout.due |= self.user_timeout() != before;
    }

    /// REMOTE_UTO, for a user who has set a timeout of its own (section 3.1).
    pub fn peers_user_timeout(&self) -> Option<Duration> {
        self.user_timeout.remote
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::net::IpAddr;
    use wire::Instant;

    fn connection(own: Option<Duration>) -> Connection {
        let [here, there] = [1, 2].map(|host| IpAddr::from([192, 0, 2, host]));
        let mut connection = Connection::open(&Config::new(here), Instant(0), (here, 1), (there, 2));
        connection.set_user_timeout(own);
        connection
    }

    fn option(timeout: Duration) -> Vec<u8> {
        let mut options = vec![1, 1];
        emit(timeout, &mut options);
        options
    }

    #[test]
    fn the_longer_of_two_timeouts_is_taken_within_the_limits() {
        for (told, taken) in [(10, 100), (99, 100), (300, 300), (4000, 3600), (200_000, 3600)] {
            let mut connection = connection(None);
            connection.hear_user_timeout(&option(Duration::secs(told)));
            assert_eq!(connection.user_timeout(), Duration::secs(taken), "told {told} s");
        }
    }

    #[test]
    fn what_the_user_has_set_the_peer_does_not_change() {
        let mut connection = connection(Some(Duration::secs(30)));
        connection.hear_user_timeout(&option(Duration::secs(300)));
        assert_eq!(connection.user_timeout(), Duration::secs(30));
        assert_eq!(connection.peers_user_timeout(), Some(Duration::secs(300)));
    }

    #[test]
    fn the_option_is_ignored_unless_it_was_enabled() {
        let mut connection = connection(None);
        connection.user_timeout.enabled = false;
        connection.hear_user_timeout(&option(Duration::secs(300)));
        assert_eq!(connection.peers_user_timeout(), None);
    }

    #[test]
    fn seconds_become_minutes_where_they_do_not_fit_and_zero_is_nothing() {
        assert_eq!(option(Duration::secs(32_767)), [1, 1, 28, 4, 0x7f, 0xff]);
        assert_eq!(option(Duration::secs(32_768)), [1, 1, 28, 4, 0x82, 0x22]);
        assert_eq!(heard(&[1, 28, 4, 0x80, 2]), Some(Duration::minutes(2)));
        assert_eq!(heard(&[28, 4, 0x80, 0]), None);
    }
}
