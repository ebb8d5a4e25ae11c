//! Who comes to a listener of the stack, and what it must do about that.

use super::{DELAY, Player};
use crate::end::End;
use crate::stream::octets;
use stacks::{State, Status};
use suite::{Draft, Offer, Peer, Step};
use wire::Duration;
use wire::tcp::Flags;

/// Octets of data on a SYN.
const TEXT: u32 = 100;
/// Longer than an acknowledgement may be delayed (RFC 9293 section 3.8.6.3).
const LATE: Duration = Duration::secs(1);
/// SYNs of a flood: more than a listener's queue holds, mostly.
const FLOOD: usize = 150;
/// TSvals of different connections that differ by no more, at one time, stand on one clock: of random offsets (RFC 7323 section 7.1)
/// hardly any two would.
const ONE_CLOCK: u32 = 100;
const ECN: Flags = Flags(Flags::ECE.0 | Flags::CWR.0);

impl Player<'_> {
    /// A reset has arrived at a half-open connection, exactly where it counts, and nothing else was out of the ordinary.
    pub(super) fn note_withdrawal(&mut self, at: usize, draft: &Draft) {
        let Some(end) = self.ends.get_mut(at) else { return };
        let half_open =
            end.listening && end.incarnations == 1 && end.peer.socket.is_none() && end.its_iss == Some(end.una);
        let exact = draft.seq == end.acked && end.told == Some(draft.seq) && end.highest == end.acked;
        let plain = draft.source == end.peer.here && draft.payload.is_empty() && draft.options.is_empty();
        end.withdrawn = half_open && exact && plain && !end.strangers;
    }

    /// RFC 9293 section 3.5 (MUST-11): a listener whose half-open connection was reset listens.
    pub(super) fn come_beside(&mut self, at: usize) -> Step {
        let calm = self.network.is_calm();
        let Some(end) = self.ends.get(at).filter(|end| end.withdrawn) else {
            return Ok(());
        };
        let port = end.peer.there.1;
        let offer = self.offer();
        let peer = self.tester.stranger(port, offer);
        let mut new = self.end(peer);
        new.listening = true;
        // Another stack may not have come here.
        new.account.mark([self.event as u64]);
        self.ends[at] = new;
        if !self.greet(at, |draft| draft)? && calm {
            self.accuse(
                "tcp/passive-open-returns-to-listen",
                "SYN and ACK",
                "nothing of the kind",
            );
        }
        self.answer(at);
        Ok(())
    }

    /// RFC 3168 section 6.1.1: what is no offer of ECN is an ordinary SYN.
    pub(super) fn open_oddly(&mut self, flags: Flags) -> Step {
        let calm = self.network.is_calm();
        let at = self.facing_listener();
        let answered = self.greet(at, |draft| draft.without(ECN).with(flags))?;
        // What would answer neither says nothing of ECN.
        if !answered && calm && self.greet(at, |draft| draft.without(ECN))? {
            self.accuse(
                "tcp/odd-ecn-syns-understood",
                "SYN and ACK",
                "nothing, but upon the SYN without flags",
            );
        }
        self.answer(at);
        Ok(())
    }

    /// RFC 9293 section 3.10.7.2: it is kept until the handshake is over.
    pub(super) fn open_with_text(&mut self) -> Step {
        let calm = self.network.is_calm();
        let at = self.facing_listener();
        let end = self.ends[at].peer.iss + 1 + TEXT;
        if !self.greet(at, |draft| {
            let text = octets(draft.seq + 1, TEXT);
            draft.payload(text)
        })? {
            return Ok(());
        }
        self.answer(at);
        self.tester.wait(LATE)?;
        self.hear();
        if calm && self.ends[at].acked < end {
            self.accuse("tcp/text-of-syn-kept", "an acknowledgement of the data", "none");
        }
        Ok(())
    }

    /// Sends the end's SYN, changed, and tells whether SYN and ACK came.
    fn greet(&mut self, at: usize, change: impl FnOnce(Draft) -> Draft) -> Step<bool> {
        let draft = change(self.syn(at));
        self.send(at, draft);
        self.tester.wait(DELAY)?;
        self.hear();
        self.judge_clocks(at);
        Ok(self.ends[at].its_iss.is_some())
    }

    /// Two connections, of different ports, that began within one tenth of a second.
    pub(super) fn judge_clocks(&mut self, at: usize) {
        let greeting = |end: &End| {
            let syn = end.syn.as_ref().filter(|_| end.incarnations == 1)?;
            let (value, _) = syn.options.timestamps?;
            Some((syn.time, value))
        };
        let Some((time, value)) = self.ends.get(at).and_then(greeting) else {
            return;
        };
        let same = self
            .ends
            .iter()
            .enumerate()
            .filter(|&(other, _)| other != at)
            .filter_map(|(_, end)| greeting(end))
            .filter(|&(before, _)| time - before <= Duration::millis(i64::from(ONE_CLOCK)))
            .any(|(_, before)| value.wrapping_sub(before) <= ONE_CLOCK);
        if same {
            self.accuse(
                "tcp/timestamp-offset-random",
                "TSvals that do not follow from each other",
                "two connections with one clock",
            );
        }
    }

    /// A SYN far above the numbers of before. RFC 9293 section 3.6.1 (MAY-2): in TIME-WAIT it begins another connection.
    pub(super) fn reopen(&mut self, at: usize) {
        let end = &self.ends[at];
        let Offer { timestamps, .. } = end.peer.offer;
        let alone = end.listening && !end.strangers && end.incarnations == 1 && end.orderly && !timestamps;
        // A full listener has no room for it, and a cookie may stand below the old numbers.
        let alone = alone && !self.flooded;
        let socket = end.peer.socket.filter(|_| alone && self.network.is_calm());
        let waits = socket
            .is_some_and(|socket| self.tester.quietly(|stack| stack.status(socket)) == Ok(Status::In(State::TimeWait)));
        let heard = self.tester.inbox.len();
        self.send_syn(at);
        let peer = &self.ends[at].peer;
        let greets = self
            .tester
            .inbox
            .iter()
            .skip(heard)
            .any(|one| peer.is_from(one) && one.flags.syn() && one.flags.ack() && one.ack == peer.iss + 1);
        // If it was not taken, what comes next has other numbers than the stack expects.
        self.ends[at].orderly = false;
        if waits && !greets {
            self.accuse("tcp/new-connection-after-close", "SYN and ACK", "nothing of the kind");
        }
    }

    /// RFC 4987 sections 3 and 3.6: SYNs that nobody completes; the connection that was half-open, or a new one, is to come about all the
    /// same.
    pub(super) fn flood(&mut self, at: usize) -> Step {
        let end = &self.ends[at];
        let fresh = end.its_iss.is_none() && end.peer.snd == end.peer.iss;
        let half_open = end.incarnations == 1 && end.its_iss == Some(end.una) && end.peer.socket.is_none();
        let calm = self.network.is_calm() && end.orderly && end.listening && !end.strangers;
        if !end.listening || std::mem::replace(&mut self.flooded, true) {
            return Ok(());
        }
        let port = end.peer.there.1;
        let strangers: Vec<Peer> = (0..FLOOD)
            .map(|_| self.tester.stranger(port, Offer::default()))
            .collect();
        for stranger in &strangers {
            self.tester.fling(stranger, stranger.syn());
        }
        self.tester.wait(DELAY)?;
        self.hear();
        if fresh {
            self.greet(at, |draft| draft)?;
        }
        if fresh || half_open {
            self.answer(at);
            self.tester.wait(DELAY)?;
            self.hear();
            self.judge_flood(at, fresh, calm);
        }
        // So that they do not fill the rest of the conversation.
        for stranger in &strangers {
            self.tester.fling(stranger, stranger.rst().seq(stranger.iss + 1));
        }
        Ok(())
    }

    fn judge_flood(&mut self, at: usize, fresh: bool, calm: bool) {
        if !self.habit(2) {
            return;
        }
        self.accept(at);
        let id = if fresh {
            "tcp/flood-survived"
        } else {
            "tcp/flood-spares-half-open"
        };
        let end = &self.ends[at];
        if calm && end.orderly && end.peer.socket.is_none() {
            self.accuse(id, "a connection", "none");
        }
    }
}
