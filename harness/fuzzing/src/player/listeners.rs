//! Who comes to a listener of the stack, and what it must do about that.

use super::answers::Due;
use super::{DELAY, Player};
use crate::end::End;
use crate::stream::octets;
use stacks::{Socket, State, Status};
use suite::{Draft, Offer, Peer, Segment, Step};
use wire::tcp::Flags;
use wire::{Duration, SeqNumber};

/// Octets of data on a SYN.
const TEXT: u32 = 100;
/// Longer than an acknowledgement may be delayed (RFC 9293 section 3.8.6.3).
const LATE: Duration = Duration::secs(1);
/// SYNs of a flood: more than a listener's queue holds, mostly.
const FLOOD: usize = 150;
/// TSvals of different connections that differ by no more, at one time, stand on one clock: of random offsets (RFC 7323 section 7.1)
/// hardly any two would.
const ONE_CLOCK: u32 = 100;
const NEVER_SENT: SeqNumber = SeqNumber(0x1234_5678);
const ECN: Flags = Flags(Flags::ECE.0 | Flags::CWR.0);

impl Player<'_> {
    /// A reset has arrived at a half-open connection, exactly where it counts, and nothing else was out of the ordinary.
    pub(super) fn note_withdrawal(&mut self, at: usize, draft: &Draft) {
        let Some(end) = self.ends.get_mut(at) else { return };
        let half_open =
            end.listening && end.incarnations == 1 && end.peer.socket.is_none() && end.its_iss == Some(end.una);
        let exact = draft.seq == end.acked && end.told == Some(draft.seq) && end.highest == end.acked;
        let plain = draft.source == end.peer.here && draft.payload.is_empty() && draft.options.is_empty();
        end.withdrawn = end.was_orderly && half_open && exact && plain && !end.strangers;
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

    /// A SYN from another port of the peer's, at a listener whose only connection was accepted: it goes on listening (RFC 9293 section
    /// 3.9.1.1, MUST-42).
    pub(super) fn second_syn(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get(at)?;
        let offered = draft.options == end.peer.syn().options && draft.payload.is_empty() && draft.urgent_pointer == 0;
        let whole = draft.checksum_error == 0 && draft.data_offset.is_none() && end.peer.offer.mss != Some(0);
        let alone = end.listening && end.was_orderly && end.incarnations == 1 && !end.was_strangers;
        let accepted = end.peer.socket.is_some();
        (offered && whole && alone && accepted).then_some(Due::Greeting("tcp/several-from-listener"))
    }

    /// Connections that are open, and that nothing ends while the stack's application makes a call.
    pub(super) fn open_connections(&mut self) -> Vec<Socket> {
        let sockets: Vec<Socket> = self.ends.iter().filter_map(|end| end.peer.socket).collect();
        let open = |socket: &Socket| {
            let status = self.tester.quietly(|stack| stack.status(*socket));
            status == Ok(Status::In(State::Established))
        };
        sockets.into_iter().filter(open).collect()
    }

    /// RFC 9293 section 3.9.1.1 (MUST-41): a passive OPEN leaves them alone.
    pub(super) fn judge_listening(&mut self, open: &[Socket]) {
        if open
            .iter()
            .any(|&socket| self.tester.quietly(|stack| stack.status(socket)) == Ok(Status::In(State::Closed)))
        {
            self.accuse(
                "tcp/listening-leaves-connections",
                "connections that go on",
                "one is over",
            );
        }
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

    /// RFC 4987 sections 3 and 3.6: SYNs that nobody completes, at a listener of their own; a connection that was half-open, and a new
    /// one, are to come about all the same. Nothing else of the conversation has to do with it: what a listener without room does is
    /// hardly to be told from what it must not do.
    pub(super) fn flood(&mut self) -> Step {
        if std::mem::replace(&mut self.flooded, true) {
            return Ok(());
        }
        let port = 7_000 + self.ports;
        self.ports += 1;
        let listens = self
            .tester
            .call(format_args!("passive OPEN of port {port}"), |stack| stack.listen(port));
        let mut half_open = self.tester.stranger(port, Offer::default());
        if listens.is_err() || !self.is_greeted(&mut half_open)? {
            return Ok(());
        }
        let strangers: Vec<Peer> = (0..FLOOD)
            .map(|_| self.tester.stranger(port, Offer::default()))
            .collect();
        for stranger in &strangers {
            self.tester.fling(stranger, stranger.syn());
        }
        self.tester.wait(DELAY)?;
        // Where nobody is greeted nothing is full: this listener takes one connection, as another requirement judges.
        let greeted = |one: &Segment| one.flags.syn() && strangers.iter().any(|stranger| stranger.is_from(one));
        let listens = self.tester.inbox.iter().any(greeted);
        self.hear();
        let mut newcomer = self.tester.stranger(port, Offer::default());
        self.is_greeted(&mut newcomer)?;
        if listens {
            self.complete(port, &newcomer, "tcp/flood-survived")?;
        }
        self.complete(port, &half_open, "tcp/flood-spares-half-open")?;
        self.guess(port);
        // So that they do not fill the rest of the conversation.
        for peer in strangers.iter().chain([&half_open, &newcomer]) {
            self.tester.fling(peer, peer.rst().seq(peer.iss + 1));
        }
        Ok(())
    }

    /// Sends a SYN; whether SYN and ACK came.
    fn is_greeted(&mut self, peer: &mut Peer) -> Step<bool> {
        self.tester.fling(peer, peer.syn());
        self.tester.wait(DELAY)?;
        peer.snd = peer.iss + 1;
        let greets = |one: &&Segment| peer.is_from(one) && one.flags.syn() && one.ack == peer.snd;
        let greeting = self.tester.inbox.iter().find(greets).cloned();
        self.hear();
        if let Some(syn) = &greeting {
            peer.heard_syn(syn);
        }
        Ok(greeting.is_some())
    }

    /// The last segment of the handshake; the application is to find a connection.
    fn complete(&mut self, port: u16, peer: &Peer, id: &'static str) -> Step {
        self.tester.fling(peer, peer.ack());
        self.tester.wait(DELAY)?;
        self.hear();
        if self.tester.quietly(|stack| stack.accept(port)) == Ok(None) {
            self.accuse(id, "a connection", "none");
        }
        Ok(())
    }

    /// RFC 9293 section 3.10.7.2, second: an acknowledgement of what was never sent.
    fn guess(&mut self, port: u16) {
        let mut guesser = self.tester.stranger(port, Offer::default());
        (guesser.snd, guesser.rcv) = (guesser.iss + 1, NEVER_SENT);
        let heard = self.tester.inbox.len();
        self.tester.fling(&guesser, guesser.ack());
        let refuses = |one: &Segment| guesser.is_from(one) && one.flags.rst();
        if !self.tester.inbox.iter().skip(heard).any(refuses) {
            self.accuse("tcp/listener-refuses-ack", "a reset", "none");
        }
    }
}
