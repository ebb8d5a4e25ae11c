//! When the retransmission timer goes off first, what never goes out, and how soon a connection is given up, while the peer is silent.

use super::Player;
use super::patience::Waiting;
use wire::{Duration, Instant};

/// A conversation no older has measured no round trip that is longer, unless it has sent something again (RFC 6298 section 3).
const MEASURED: Duration = Duration::secs(1);
/// RFC 6298 section 2.2: of a round trip of a second the timeout is three; clocks tick, and half a second is coarse.
const FIRST_TIMEOUT: Duration = Duration::secs(4);
/// RFC 9293 section 3.8.3 (SHLD-11), and what clocks may be off.
const R2: Duration = Duration::secs(100);
const SLACK: Duration = Duration::secs(10);

impl Player<'_> {
    /// RFC 6298 section 2.2 and 2.3: data was sent once and acknowledged soon, so the timeout is no longer the first one.
    pub(super) fn judge_first_timeout(&mut self, before: &Waiting) {
        let end = &self.ends[before.at];
        let measured = end.its_iss.is_some_and(|iss| before.una > iss + 1) && !end.resent;
        if !measured || !before.anew || before.now - end.born > MEASURED {
            return;
        }
        let late = self
            .resent_at(before)
            .next()
            .is_some_and(|first| first - before.since > FIRST_TIMEOUT);
        if late {
            self.accuse(
                "tcp/first-measurement",
                "a timeout of the round trip that was measured",
                "a retransmission after more than four seconds",
            );
        }
    }

    /// RFC 9293 section 3.8.3 (SHLD-11): timers double, so half of R2 has passed when what comes last is sent.
    pub(super) fn judge_r2(&mut self, before: &Waiting, over: bool) {
        let end = &self.ends[before.at];
        let asked = end.asked.user_timeout.is_some() || end.asked.suggested.is_some() || end.asked.kept;
        if !over || asked || end.resent || !before.anew || !before.young {
            return;
        }
        let times: Vec<Instant> = self.resent_at(before).collect();
        let soon = match (times.first(), times.last()) {
            (Some(&first), Some(&last)) => (last - before.since) * 2 + (first - before.since) < R2 - SLACK,
            _ => self.tester.now() - before.since < R2 - SLACK,
        };
        if soon {
            self.accuse(
                "tcp/r2-at-least-100s",
                "retransmissions for 100 s",
                "the connection is over before",
            );
        }
    }

    /// RFC 9293 section 3.9.1.2 (MUST-60): nothing is in flight and the window is open, so what was written has nothing to wait for.
    pub(super) fn judge_unsent(&mut self, before: &Waiting, over: bool) {
        let sent = self.said_since(before).any(|one| !one.payload.is_empty());
        if !over && !sent {
            self.accuse(
                "tcp/small-write-goes-out",
                "what was written, within a minute",
                "nothing of the kind",
            );
        }
    }

    /// RFC 5482 section 3.1: it was not over long after what its application has asked for, and is since what the peer suggested.
    pub(super) fn lasted_as_suggested(&self, before: &Waiting, own: Duration, suggested: Duration) -> bool {
        let long_after = own * 2 + Duration::minutes(5);
        let alive = self.resent_at(before).last().unwrap_or(before.now);
        let silent = self.tester.now() - before.since;
        alive - before.since > long_after && silent <= suggested * 2 + Duration::minutes(5)
    }

    /// When what stands first in flight was sent again.
    fn resent_at(&self, before: &Waiting) -> impl Iterator<Item = Instant> {
        let una = before.una;
        self.said_since(before)
            .filter(move |one| one.seq <= una && one.end() > una)
            .map(|one| one.time)
    }
}
