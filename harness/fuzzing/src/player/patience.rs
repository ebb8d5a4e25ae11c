//! What time must bring while the peer is silent, and what it must not while the peer answers.

use super::{DELAY, Player};
use stacks::{Socket, State, Status};
use suite::{Segment, Step};
use wire::{Duration, Instant, SeqNumber};

/// How long a peer answers whatever comes, and how often at most.
const LIFE: Duration = Duration::hours(1);
const MOST_ANSWERS: usize = 100;
/// RFC 9293 section 3.8.3 (MUST-23): how long an application waits for its connection at least.
const R2_OF_SYN: Duration = Duration::minutes(3);
/// What is shorter brings nothing that is judged here.
const LONG: Duration = Duration::secs(60);
/// A day without a sign: no keepalive timer waits that long, as far as is known.
const KEEPALIVE: Duration = Duration::hours(24);
/// And a second less, as clocks tick (section 3.8.4, MUST-28).
const TWO_HOURS: Duration = Duration::secs(7_199);
/// A timer that goes off later was backed off for longer than the conversation has lasted.
const RESENT: Duration = Duration::minutes(20);
const ANEW: Duration = Duration::secs(1);
const YOUNG: Duration = Duration::minutes(5);
/// R1 is three retransmissions (RFC 9293 section 3.8.3, SHLD-10).
const R1: u32 = 3;

/// A connection before time passes.
pub(super) struct Waiting {
    pub at: usize,
    socket: Socket,
    /// When the peer spoke last, or what is in flight was sent: from then on nothing is acknowledged.
    pub since: Instant,
    pub now: Instant,
    pub una: SeqNumber,
    in_flight: bool,
    /// Nothing is in flight, and something was written that the stack has not sent.
    unsent: bool,
    pub young: bool,
    /// What stands first was sent, or became the first, a moment ago.
    pub anew: bool,
}

impl Player<'_> {
    /// The connections that nothing will reach while time passes, and where nothing was out of the ordinary before.
    pub(super) fn before_silence(&mut self, time: Duration) -> Vec<Waiting> {
        let now = self.tester.now();
        if !self.network.is_calm() || time < LONG {
            return Vec::new();
        }
        let young = now - self.began < YOUNG;
        let mut waiting = Vec::new();
        for at in 0..self.ends.len() {
            let end = &self.ends[at];
            let Some(socket) = end.peer.socket.filter(|_| end.is_plain()) else {
                continue;
            };
            let (narrowest, _) = end.windows;
            let open = u32::from(narrowest) >= end.view().its_mss && !end.closed && !end.aborted;
            let (since, una, in_flight) = match end.flight {
                Some(flight) => (flight.since.max(end.spoke_at), end.una, true),
                None => (end.spoke_at, end.una, false),
            };
            let status = open.then(|| self.tester.quietly(|stack| stack.status(socket)));
            if matches!(status, Some(Ok(Status::In(State::Established | State::CloseWait)))) {
                let anew = end
                    .flight
                    .is_some_and(|flight| now - flight.since.max(end.una_at) <= ANEW);
                waiting.push(Waiting {
                    at,
                    anew,
                    socket,
                    since,
                    now,
                    una,
                    in_flight,
                    unsent: !in_flight && self.ends[at].has_unsent(),
                    young,
                });
            }
        }
        waiting
    }

    /// The stack has sent its SYN, and nothing has reached it since.
    pub(super) fn calling(&mut self, time: Duration) -> Vec<(usize, Socket)> {
        if time < LONG {
            return Vec::new();
        }
        let mut calling = Vec::new();
        for (at, end) in self.ends.iter().enumerate() {
            let silent =
                end.orderly && end.spoke_at == Instant(0) && end.incarnations == 1 && !end.closed && !end.aborted;
            if let Some(socket) = end.peer.socket.filter(|_| silent && !end.listening) {
                calling.push((at, socket));
            }
        }
        calling
            .retain(|&(_, socket)| self.tester.quietly(|stack| stack.status(socket)) == Ok(Status::In(State::SynSent)));
        calling
    }

    /// RFC 9293 section 3.8.1 and 3.8.3 (MUST-23): it is sent again, and not given up soon. `before`: when the silence began.
    pub(super) fn judge_call(&mut self, (at, socket): (usize, Socket), before: Instant) {
        let peer = &self.ends[at].peer;
        let again = self.tester.inbox.iter().any(|one| peer.is_from(one) && one.flags.syn());
        let syn = self.ends[at].born;
        let over = self.tester.quietly(|stack| stack.status(socket)) == Ok(Status::In(State::Closed));
        if over && self.tester.now() - syn < R2_OF_SYN {
            self.accuse("tcp/r2-of-syn", "a connection that is still being opened", "it is over");
        } else if !over && !again && before - syn < ANEW {
            self.accuse("tcp/syn-retried", "the SYN again", "nothing of the kind");
        }
    }

    /// Time has passed.
    pub(super) fn judge_silence(&mut self, before: &Waiting) {
        let status = self.tester.quietly(|stack| stack.status(before.socket));
        let over = matches!(status, Ok(Status::In(State::Closed)));
        if before.in_flight {
            self.judge_user_timeout(before, over);
            self.judge_r1(before, over);
            self.judge_resending(before);
            self.judge_first_timeout(before);
            self.judge_r2(before, over);
        } else if before.unsent {
            self.judge_unsent(before, over);
        } else {
            self.judge_idleness(before, over);
        }
    }

    /// RFC 9293 section 3.8.3 (MUST-21), RFC 5482 section 3.1. Timers that double overrun by a minute (RFC 6298 section 2.5), or by the timeout
    /// itself.
    fn judge_user_timeout(&mut self, before: &Waiting, over: bool) {
        let asked = self.ends[before.at].asked;
        if self.ends[before.at].flight.is_none_or(|flight| flight.since < asked.at) {
            return;
        }
        let (id, timeout) = match (asked.user_timeout, asked.suggested) {
            (Some(Some(own)), None) => ("tcp/user-timeout-kept", own),
            (Some(Some(own)), Some(suggested)) if over && self.lasted_as_suggested(before, own, suggested) => {
                return self.accuse(
                    "tcp/user-timeout-not-overridden",
                    "a connection that lasts as long as its application asked for",
                    "it lasts as long as the peer suggested",
                );
            }
            (Some(Some(own)), Some(_)) => ("tcp/user-timeout-kept", own),
            (Some(None), Some(suggested)) if suggested <= Duration::secs(600) => {
                ("tcp/user-timeout-adapted", suggested)
            }
            _ => return,
        };
        let (least, most) = (timeout - timeout / 8, timeout * 2 + Duration::minutes(5));
        let silent = self.tester.now() - before.since;
        if over && silent < least {
            self.accuse(
                id,
                "a connection that lasts as long as was asked for",
                "it is over before",
            );
        } else if !over && silent > most {
            self.accuse(
                id,
                "a connection that lasts as long as was asked for",
                "it is open long after",
            );
        }
    }

    /// RFC 9293 section 3.8.3 (SHLD-9): before R2 comes R1.
    fn judge_r1(&mut self, before: &Waiting, over: bool) {
        let again = self
            .said_since(before)
            .filter(|one| one.seq <= before.una && one.end() > before.una)
            .count();
        let socket = before.socket;
        if !over || (again as u32) < R1 {
            return;
        }
        if self.tester.quietly(|stack| stack.r1_told(socket)) == Ok(false) {
            self.accuse(
                "tcp/r1-told",
                "a report that nothing is acknowledged",
                "none, and the connection is over",
            );
        }
    }

    /// RFC 9293 section 3.8.1: what is not acknowledged is sent again; so is what SACK has reported (RFC 2018 section 8).
    fn judge_resending(&mut self, before: &Waiting) {
        // The timer had not gone off before: R2 may not pass before it does.
        if !before.young || !before.anew || self.tester.now() - before.now < RESENT {
            return;
        }
        let again = self
            .said_since(before)
            .any(|one| one.seq <= before.una && one.end() > before.una);
        if !again {
            let reported = self.ends[before.at].reported;
            let id = if reported.is_some_and(|(left, right)| left <= before.una && before.una < right) {
                "tcp/sacked-data-kept"
            } else {
                "tcp/timeout-recovers"
            };
            self.accuse(id, "what is not acknowledged once more", "nothing of the kind");
        }
    }

    /// RFC 9293 section 3.8.4: nothing is in flight, and nobody says anything.
    fn judge_idleness(&mut self, before: &Waiting, over: bool) {
        let asked = self.ends[before.at].asked;
        let silent = self.tester.now() - before.now;
        let probe = self.said_since(before).find(|one| one.time - before.now > LONG);
        let first = probe.map(|one| one.time - before.since);
        let (id, expected, seen) = match first {
            None if over && !asked.kept => ("tcp/silence-harmless", "a connection that goes on", "it is over"),
            None if asked.keepalive && silent > KEEPALIVE => ("tcp/keepalive-notices", "keepalives", "none in a day"),
            Some(_) if !asked.kept => (
                "tcp/keepalive-off-by-default",
                "silence",
                "a segment that nothing asked for",
            ),
            Some(after) if after < TWO_HOURS => (
                "tcp/keepalive-after-two-hours",
                "two hours of silence",
                "a keepalive before",
            ),
            _ => return,
        };
        self.accuse(id, expected, seen);
    }

    /// What the stack has said on that connection while time passed.
    pub(super) fn said_since(&self, before: &Waiting) -> impl Iterator<Item = &Segment> {
        let peer = &self.ends[before.at].peer;
        self.tester.inbox.iter().filter(move |one| peer.is_from(one))
    }

    /// The peer acknowledges whatever comes, for an hour. RFC 9293 section 3.8.6.1 (MUST-37): a connection whose closed window is
    /// acknowledged lives; so does any other.
    pub(super) fn live_on(&mut self, at: usize) -> Step {
        let end = &self.ends[at];
        let calm = self.network.is_calm() && end.is_plain();
        let calm = calm && !end.closed && !end.aborted && end.asked.user_timeout.is_none();
        let status = |player: &mut Self| {
            let socket = player.ends[at].peer.socket?;
            player.tester.quietly(|stack| stack.status(socket)).ok()
        };
        let before = status(self);
        let until = self.tester.now() + LIFE;
        for _ in 0..MOST_ANSWERS {
            self.tester.run(until, |tester| !tester.inbox.is_empty())?;
            if self.tester.inbox.is_empty() {
                break;
            }
            self.hear();
            self.application();
            self.tester.wait(DELAY)?;
            self.answer(at);
        }
        let open = matches!(before, Some(Status::In(State::Established | State::CloseWait)));
        let over = status(self) == Some(Status::In(State::Closed));
        if calm && open && over && self.ends[at].peer.wnd == 0 {
            self.accuse("tcp/probing-never-ends", "a connection that lives", "it is over");
        }
        Ok(())
    }
}
