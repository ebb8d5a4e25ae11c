//! Keepalives: RFC 9293 section 3.8.4.

use crate::connection::{Connection, Ended};
use crate::fault::Fault;
use crate::segment::Outgoing;
use wire::tcp::Flags;
use wire::{Duration, Instant};

/// When keepalives are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keepalive {
    /// Silence of the peer before the first: two hours at least by default (MUST-28).
    pub idle: Duration,
    /// Between those that go unanswered.
    pub interval: Duration,
    /// So many unanswered ones end the connection: never a single one (MUST-29).
    pub probes: u8,
}

impl Default for Keepalive {
    fn default() -> Keepalive {
        Keepalive {
            idle: Duration::hours(2),
            interval: Duration::secs(75),
            probes: 9,
        }
    }
}

impl Connection {
    /// Keepalives on, or off, as they are at first (MUST-24, MUST-25).
    pub fn set_keepalive(&mut self, keepalive: Option<Keepalive>) {
        let keepalive = keepalive.map(|asked| Keepalive {
            idle: match () {
                () if self.faulty(Fault::KeepaliveEarly) => Duration::minutes(10),
                () if self.faulty(Fault::KeepaliveBusy) => Duration::millis(100),
                () => asked.idle,
            },
            ..asked
        });
        self.keepalive = keepalive;
        self.unanswered_keepalives = 0;
        self.timers.keepalive = keepalive.map(|one| self.heard + one.idle);
    }

    /// Something arrived: the peer is there (MUST-26).
    pub(crate) fn peer_is_there(&mut self, now: Instant) {
        self.heard = now;
        self.unanswered_keepalives = 0;
        if self.ended.is_none() {
            self.timers.keepalive = self.keepalive.map(|one| now + one.idle);
        }
    }

    pub(crate) fn keepalive_due(&mut self, now: Instant) {
        let Some(keepalive) = self.keepalive.filter(|_| self.state.is_synchronized()) else {
            return;
        };
        if self.faulty(Fault::KeepaliveNever) {
            return;
        }
        if self.faulty(Fault::SilenceKills) {
            return self.end(Ended::TimedOut);
        }
        self.timers.keepalive = Some(now + keepalive.interval);
        // While data is outstanding the retransmission timer watches over the peer.
        if self.una < self.max {
            return;
        }
        if self.faulty(Fault::KeepaliveHasty) && self.unanswered_keepalives > 0 {
            return self.abort();
        }
        if self.unanswered_keepalives >= keepalive.probes {
            return self.end(Ended::TimedOut);
        }
        self.unanswered_keepalives += 1;
        self.due.keepalive = true;
    }

    /// SEG.SEQ = SND.NXT-1, without data (SHLD-12).
    pub(crate) fn keepalive_out(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if !std::mem::take(&mut self.due.keepalive) {
            return false;
        }
        self.head(now, self.max - 1, Flags::ACK, out);
        self.mark(false, out);
        true
    }
}
