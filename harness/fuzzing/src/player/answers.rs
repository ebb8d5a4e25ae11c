//! What must be answered at once, and how, whatever came before: requirements that only live tests judge.

use super::Player;
use super::segments::DATA;
use crate::end::End;
use crate::find::Find;
use stacks::{Socket, State, Status};
use suite::{Draft, Segment, Stamp};
use wire::tcp::Flags;
use wire::{Duration, Instant, protocol};

/// Resets that the application must be able to tell from an orderly end.
const TOLD: [&str; 2] = ["tcp/reset-told", "tcp/refusal-told"];
/// 2 MSL, of two minutes each (RFC 9293 section 3.4.2).
const TIME_WAIT: Duration = Duration::minutes(4);

/// A segment that is about to arrive, and what a stack must do about it.
pub(super) enum Due {
    /// <SEQ=SEG.ACK><CTL=RST>, or any reset where the segment acknowledges nothing.
    Reset(&'static str),
    /// SYN and ACK, of the SYN that came.
    Greeting(&'static str),
    /// The connection stays where it is.
    StillSynSent(&'static str),
    /// The connection is over.
    Closed(&'static str),
    /// The connection is not over.
    StillOpen(&'static str),
    /// An acknowledgement of nothing but what came before.
    Acknowledgement(&'static str),
    /// The connection goes on, or is reset.
    NoWorse(&'static str),
    /// The connection leaves this state.
    MovesOn(&'static str, State),
    /// Nothing at all.
    Silence(&'static str),
    /// Anything but SYN and ACK.
    NoGreeting(&'static str),
}

impl Player<'_> {
    /// What is due; none where it depends on more than is known here.
    pub(super) fn due(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get(at)?;
        if draft.flags == Flags::SYN {
            return if draft.source == end.peer.here {
                self.crossing_syn(at, draft)
            } else {
                self.second_syn(at, draft)
            };
        }
        // What the stack has said since may tell of another state, or of another connection.
        if self.tester.inbox.iter().any(|segment| end.peer.is_from(segment)) {
            return None;
        }
        if draft.checksum_error != 0 || draft.data_offset.is_some() {
            return None;
        }
        if !draft.options.is_empty() || draft.flags.urg() {
            return self.due_of_odd(at, draft);
        }
        let (ack, rst, syn) = (draft.flags.ack(), draft.flags.rst(), draft.flags.syn());
        if draft.source != end.peer.here {
            return match (end.listening, ack) {
                _ if end.strangers => None,
                // RFC 9293 section 3.10.7.2, first.
                (true, _) if rst && !syn => Some(Due::Silence("tcp/listener-ignores-reset")),
                _ if rst => None,
                (true, true) => Some(Due::Reset("tcp/listener-refuses-ack")),
                (true, false) => None,
                (false, _) => Some(Due::Reset("tcp/closed-refuses")),
            };
        }
        // Numbers 2^31 apart have no order: what the stack said last tells where it is.
        let exact = draft.seq == end.acked && end.told == Some(draft.seq) && !end.strayed;
        if rst && !syn && !draft.flags.fin() && exact && end.was_highest == end.acked {
            return self.exact_reset(at, draft);
        }
        let end = self.ends.get(at)?;
        if end.left && exact && end.was_highest == end.acked && draft.flags.0 & !DATA.0 == 0 && ack {
            return self.late_data(at, draft);
        }
        self.note_shutting(at, draft);
        if let Some(due) = self.due_on_open(at, draft) {
            return Some(due);
        }
        let end = self.ends.get(at)?;
        if draft.flags == Flags::ACK && draft.ack == end.una && end.closed && end.una < end.nxt {
            return self.duplicate_ack(at, draft);
        }
        if draft.flags.0 & !DATA.0 == 0 && draft.ack == end.nxt && end.closed {
            return self.last_ack(at, draft);
        }
        // Few segments are worth the question in which state the stack is.
        let (iss, nxt) = (end.its_iss?, end.nxt);
        let wrong = ack && !(draft.ack > iss && draft.ack <= nxt);
        let unsaid = rst && !ack;
        let refuses = rst && ack && !wrong && !syn && !draft.flags.fin() && draft.payload.is_empty() && end.was_orderly;
        if !(wrong && !rst || unsaid || refuses) || nxt != iss + 1 {
            return None;
        }
        let Some(socket) = end.peer.socket else {
            return wrong_in_handshake(end, draft);
        };
        let status = self.tester.quietly(|stack| stack.status(socket)).ok()?;
        match status {
            Status::In(State::SynSent) if unsaid => Some(Due::StillSynSent("tcp/reset-in-syn-sent-needs-ack")),
            Status::In(State::SynSent) if refuses => Some(Due::Closed("tcp/refusal-told")),
            Status::In(State::SynSent) => Some(Due::Reset("tcp/wrong-ack-of-syn-reset")),
            _ => None,
        }
    }

    /// Data for an application that has closed for good (RFC 9293 section 3.6.1, SHLD-3).
    fn late_data(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get(at)?;
        let sound = end.was_orderly && end.incarnations == 1 && !end.aborted && draft.ack == end.nxt;
        let fits = !draft.payload.is_empty() && (draft.payload.len() as u32) < end.peer.its_wnd;
        let right = end.peer.tsval(self.tester.now());
        let agreed = match draft.stamp {
            Stamp::Of(value, _) => end.peer.timestamps && value == right,
            Stamp::None | Stamp::AsAgreed => !end.peer.timestamps,
        };
        let socket = end.peer.socket.filter(|_| sound && fits && agreed)?;
        let status = self.tester.quietly(|stack| stack.status(socket));
        let waits = matches!(status, Ok(Status::In(State::FinWait1 | State::FinWait2)));
        waits.then_some(Due::Reset("tcp/late-data-refused"))
    }

    /// A SYN, as it was offered, while the stack's own is under way (RFC 9293 section 3.5, MUST-10): the answer tells that it was taken.
    fn crossing_syn(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get(at)?;
        let offered =
            draft.options == end.peer.syn().options && draft.payload.is_empty() && end.peer.offer.mss != Some(0);
        let whole = draft.checksum_error == 0 && draft.data_offset.is_none() && draft.source == end.peer.here;
        let socket = end.peer.socket.filter(|_| offered && whole)?;
        // RFC 9293 section 3.6.1: it may be an old duplicate.
        let old = end.was_orderly && end.incarnations == 1 && draft.seq < end.acked && !end.peer.offer.timestamps;
        match self.tester.quietly(|stack| stack.status(socket)) {
            Ok(Status::In(State::SynSent)) => Some(Due::Greeting("tcp/simultaneous-open-completes")),
            Ok(Status::In(State::TimeWait)) if old => Some(Due::NoGreeting("tcp/time-wait-refuses-old-syn")),
            _ => None,
        }
    }

    /// Nothing new is acknowledged, while the stack's FIN or what stands before it waits for it (RFC 9293 section 3.10.7.4, fifth).
    fn duplicate_ack(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get(at)?;
        let bare = draft.payload.is_empty() && draft.seq == end.acked && !end.aborted;
        let socket = end.peer.socket.filter(|_| bare)?;
        let status = self.tester.quietly(|stack| stack.status(socket));
        let closing = [State::FinWait1, State::Closing, State::LastAck];
        let closing = matches!(status, Ok(Status::In(state)) if closing.contains(&state));
        closing.then_some(Due::StillOpen("tcp/old-ack-harmless"))
    }

    /// The acknowledgement of the stack's FIN, while it waits for that (RFC 9293 section 3.10.7.4, fifth).
    fn last_ack(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get(at)?;
        let fin_sent = end.its_iss.is_some_and(|iss| end.nxt == iss + 2 + end.written);
        let known = end.was_highest == end.acked && end.told == Some(draft.seq) && draft.seq == end.acked;
        let sound = end.orderly && end.incarnations == 1 && !end.aborted && known && fin_sent;
        let socket = end.peer.socket.filter(|_| sound && draft.payload.is_empty())?;
        let waiting = [State::FinWait1, State::Closing, State::LastAck];
        match self.tester.quietly(|stack| stack.status(socket)) {
            Ok(Status::In(state)) if waiting.contains(&state) => Some(Due::MovesOn("tcp/close-completes", state)),
            _ => None,
        }
    }

    /// A reset exactly at RCV.NXT: everything that was sent is acknowledged. RFC 9293 section 3.10.7.4, second; it counts while the
    /// window is closed (section 3.4), and whatever its timestamps are (RFC 7323 section 5.2).
    fn exact_reset(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get(at)?;
        let socket = end.peer.socket?;
        let right = Some(end.peer.tsval(self.tester.now()));
        let value = match draft.stamp {
            Stamp::Of(value, _) => Some(value),
            Stamp::AsAgreed => right,
            Stamp::None => None,
        };
        let plain = draft.flags == Flags::RST && draft.payload.is_empty() && end.was_orderly;
        let id = match end.peer.its_wnd {
            _ if end.peer.timestamps && value != right && !draft.payload.is_empty() => return None,
            _ if end.peer.timestamps && value != right => Some("tcp/paws-spares-resets"),
            0 if draft.payload.is_empty() => Some("tcp/reset-at-closed-window-obeyed"),
            // Section 3.5.3 (SHLD-2).
            wnd if !end.missed
                && end.was_highest == end.acked
                && wnd > draft.payload.len() as u32
                && !draft.payload.is_empty()
                && draft.flags == Flags::RST =>
            {
                Some("tcp/reset-with-data-obeyed")
            }
            1.. if plain && end.incarnations == 1 => Some("tcp/reset-told"),
            _ => None,
        };
        let synchronized = [State::Established, State::FinWait1, State::FinWait2, State::CloseWait];
        match self.tester.quietly(|stack| stack.status(socket)) {
            Ok(Status::In(state)) if synchronized.contains(&state) => Some(Due::Closed(id?)),
            // RFC 1337 section 4.
            Ok(Status::In(State::TimeWait)) if end.was_orderly => Some(Due::StillOpen("tcp/time-wait-survives-reset")),
            _ => None,
        }
    }

    /// What an ICMP error of that type and code, about the stack's segment `quoted`, must do or must not.
    pub(super) fn due_of_error(&mut self, at: usize, kind_code: [u8; 2], quoted: &Segment) -> Option<Due> {
        let v4 = self.tester.its.is_ipv4();
        let end = self.ends.get(at)?;
        let (socket, its_iss) = (end.peer.socket?, end.its_iss);
        let Ok(Status::In(state)) = self.tester.quietly(|stack| stack.status(socket)) else {
            return None;
        };
        // RFC 9293 section 3.9.2.2 (MUST-55), and (SHLD-26) for port and protocol unreachable about the stack's own SYN.
        let hard = matches!((v4, kind_code), (true, [3, 2 | 3]) | (false, [1, 4]));
        // RFC 9293 section 3.9.2.2 (MUST-56).
        let soft = match (v4, kind_code) {
            (true, [3, 0 | 1 | 5] | [11 | 12, _]) | (false, [1, 0 | 3] | [3 | 4, _]) => kind_code != [4, 1],
            _ => false,
        };
        // RFC 5927 section 4.1.
        let foreign = its_iss.is_some_and(|iss| quoted.seq < iss || quoted.seq >= end.nxt);
        let own_syn = quoted.flags.syn() && !quoted.flags.ack() && Some(quoted.seq) == its_iss;
        match state {
            State::Closed | State::TimeWait => None,
            _ if v4 && kind_code == [4, 0] => Some(Due::StillOpen("tcp/source-quench-ignored")),
            _ if soft => Some(Due::StillOpen("tcp/soft-error-survived")),
            _ if hard && foreign => Some(Due::StillOpen("tcp/foreign-error-ignored")),
            State::SynSent if hard && own_syn => Some(Due::Closed("tcp/hard-error-ends-opening")),
            _ => None,
        }
    }

    /// The error has arrived.
    pub(super) fn judge_after_error(&mut self, at: usize, due: Option<Due>) {
        let Some(socket) = self.ends.get(at).and_then(|end| end.peer.socket) else {
            return;
        };
        let status = self.tester.quietly(|stack| stack.status(socket));
        let open = matches!(status, Ok(Status::In(state)) if state != State::Closed);
        match due {
            Some(Due::StillOpen(id)) if !open => self.accuse(id, "a connection that goes on", "it is over"),
            Some(Due::Closed(id)) if open => self.accuse(id, "a connection that is given up", "it goes on"),
            _ => {}
        }
    }

    /// Nothing arrives while time passes: TIME-WAIT lasts 2 MSL (RFC 9293 section 3.6.1, MUST-13). `before` is when the stack was seen
    /// in another state last, so it has entered no sooner.
    pub(super) fn judge_time_wait(&mut self, at: usize, before: Instant) {
        let Some(socket) = self.ends.get(at).and_then(|end| end.peer.socket) else {
            return;
        };
        let over = !matches!(
            self.tester.quietly(|stack| stack.status(socket)),
            Ok(Status::In(State::TimeWait))
        );
        if over && self.tester.now() - before < TIME_WAIT {
            self.accuse("tcp/time-wait-lasts", "TIME-WAIT for four minutes", "less");
        }
    }

    /// Whether ABORT sends a reset (RFC 9293 section 3.10.5).
    pub(super) fn due_of_abort(&mut self, at: usize, socket: Socket) -> bool {
        let alone = self
            .ends
            .get(at)
            .is_some_and(|end| end.incarnations == 1 && !end.aborted && !end.left);
        let states = [State::Established, State::FinWait1, State::FinWait2, State::CloseWait];
        let status = self.tester.quietly(|stack| stack.status(socket));
        alone && matches!(status, Ok(Status::In(state)) if states.contains(&state))
    }

    pub(super) fn judge_abort(&mut self, at: usize, heard: usize) {
        let peer = &self.ends[at].peer;
        let reset = |one: &Segment| peer.is_from(one) && one.flags.rst();
        if !self.tester.inbox.iter().skip(heard).any(reset) {
            self.accuse("tcp/abort-resets", "a reset", "none");
        }
    }

    /// CLOSE, and nobody will read what was taken (RFC 9293 section 3.6.1, SHLD-3).
    pub(super) fn judge_close(&mut self, at: usize, unread: bool, heard: usize) {
        let Some(peer) = self.ends.get(at).map(|end| end.peer.clone()) else {
            return;
        };
        let reset = |one: &Segment| peer.is_from(one) && one.flags.rst();
        if unread && !self.tester.inbox.iter().skip(heard).any(reset) {
            self.accuse("tcp/reset-tells-of-lost-data", "a reset", "none");
        }
    }

    /// It has arrived; what the stack has said since then stands in the inbox behind `heard` segments.
    pub(super) fn judge_answer(&mut self, due: &Due, at: usize, draft: &Draft, heard: usize) {
        let (id, kept, expected) = match due {
            Due::Reset(id) => {
                let refuses = |one: &Segment| {
                    let back = one.source == draft.destination && one.destination == draft.source;
                    back && one.flags.rst() && (!draft.flags.ack() || one.seq == draft.ack)
                };
                (*id, self.tester.inbox.iter().skip(heard).any(refuses), "a reset")
            }
            Due::Greeting(id) => {
                let greets = |one: &Segment| one.flags.syn() && one.flags.ack() && one.ack == draft.seq + 1;
                (*id, self.tester.inbox.iter().skip(heard).any(greets), "SYN and ACK")
            }
            Due::StillSynSent(id) => {
                let socket = self.ends.get(at).and_then(|end| end.peer.socket);
                let status = socket.map(|socket| self.tester.quietly(|stack| stack.status(socket)));
                let kept = !matches!(status, Some(Ok(Status::In(State::Closed))));
                (*id, kept, "a connection that is still being opened")
            }
            Due::Closed(id) => {
                let socket = self.ends.get(at).and_then(|end| end.peer.socket);
                let status = socket.map(|socket| self.tester.quietly(|stack| stack.status(socket)));
                let open = matches!(status, Some(Ok(Status::In(state))) if state != State::Closed);
                if let (false, Some(end)) = (open, self.ends.get_mut(at)) {
                    end.broken_off = TOLD.into_iter().find(|told| told == id);
                }
                (*id, !open, "a connection that is over")
            }
            Due::NoWorse(id) => {
                let socket = self.ends.get(at).and_then(|end| end.peer.socket);
                let status = socket.map(|socket| self.tester.quietly(|stack| stack.status(socket)));
                let over = matches!(status, Some(Ok(Status::In(State::Closed))));
                let reset = |one: &Segment| one.destination == draft.source && one.flags.rst();
                let kept = !over || self.tester.inbox.iter().skip(heard).any(reset);
                (*id, kept, "a connection that goes on, or a reset")
            }
            Due::MovesOn(id, state) => {
                let socket = self.ends.get(at).and_then(|end| end.peer.socket);
                let status = socket.map(|socket| self.tester.quietly(|stack| stack.status(socket)));
                (*id, status != Some(Ok(Status::In(*state))), "the next state")
            }
            Due::StillOpen(id) => {
                let socket = self.ends.get(at).and_then(|end| end.peer.socket);
                let status = socket.map(|socket| self.tester.quietly(|stack| stack.status(socket)));
                let over = matches!(status, Some(Ok(Status::In(State::Closed))));
                (*id, !over, "a connection that goes on")
            }
            Due::Acknowledgement(id) => {
                // RCV.NXT as it was.
                let next = self.ends.get(at).map(|end| end.acked);
                let answers = |one: &Segment| {
                    let acknowledges = one.flags.ack() && !one.flags.rst() && Some(one.ack) == next;
                    acknowledges && one.destination == draft.source
                };
                let kept = self.tester.inbox.iter().skip(heard).any(answers);
                (*id, kept, "an acknowledgement")
            }
            Due::NoGreeting(id) => {
                let greets = |one: &Segment| one.destination == draft.source && one.flags.syn();
                if self.tester.inbox.iter().skip(heard).any(greets) {
                    self.accuse(id, "no new connection", "SYN");
                }
                return;
            }
            Due::Silence(id) => {
                let answers = |one: &Segment| one.source == draft.destination && one.destination == draft.source;
                let kept = !self.tester.inbox.iter().skip(heard).any(answers);
                if !kept {
                    return self.accuse(id, "silence", "an answer");
                }
                return;
            }
        };
        // Stacks often pass over what is more than an acknowledgement: that is another cause.
        let seen = match due {
            Due::Reset(_) if draft.flags != Flags::ACK => "nothing of the kind, to more than an ACK",
            _ => "nothing of the kind",
        };
        if !kept {
            self.accuse(id, expected, seen);
        }
    }

    /// An echo request was sent (RFC 1122 section 3.2.2.6, RFC 4443 section 4.2).
    pub(super) fn judge_echo(&mut self) {
        let id = if self.tester.its.is_ipv4() {
            "icmp/echo-answered"
        } else {
            "icmpv6/echo-answered"
        };
        if self.tester.echo_replies().is_empty() {
            self.accuse(id, "an echo reply", "none");
        }
    }

    /// The first datagram came to a port where nobody listens (RFC 1122 section 4.1.3.1, RFC 4443 section 3.1): of later ones the answer may
    /// be limited (RFC 4443 section 2.4 (f)).
    pub(super) fn judge_udp(&mut self) {
        let unreachable = |(_, packet): &(_, Vec<u8>)| match packet.first().map(|first| first >> 4) {
            Some(4) => packet.get(9) == Some(&protocol::ICMPV4) && packet.get(20..22) == Some(&[3, 3]),
            _ => packet.get(6) == Some(&protocol::ICMPV6) && packet.get(40..42) == Some(&[1, 4]),
        };
        let answered = self.tester.others.iter().any(unreachable);
        if !std::mem::replace(&mut self.had_datagram, true) && !answered {
            self.accuse("udp/port-unreachable-sent", "Port Unreachable", "nothing of the kind");
        }
    }

    /// A message of unknown type was sent (RFC 1122 section 3.2.2).
    pub(super) fn judge_unknown(&mut self, frames: u32) {
        // The message itself is a frame too.
        if self.tester.its.is_ipv4() && self.tester.frames() > frames + 1 {
            self.accuse("icmp/unknown-type-discarded", "silence", "an answer");
        }
    }

    pub(super) fn accuse(&mut self, id: &str, expected: &str, seen: &str) {
        let frame = self.tester.frames();
        let known = conformance::requirement_by_id(id).map(|(_, requirement)| requirement);
        if let Some(requirement) = known.filter(|one| one.level <= self.level) {
            self.finds
                .push(Find::of_answer(requirement, expected, seen, self.event, frame));
        }
    }
}

/// A wrong acknowledgement at RCV.NXT, of a SYN-ACK that nobody has acknowledged (RFC 9293 section 3.10.7.4, fifth). A listener that has
/// given up meanwhile answers the same (section 3.10.7.2). Where timestamps were agreed on, and by whichever SYN, a segment without them
/// may be passed over (RFC 7323 section 3.2).
fn wrong_in_handshake(end: &End, draft: &Draft) -> Option<Due> {
    let opening = end.listening && end.incarnations == 1 && end.its_iss == Some(end.una);
    let bare = draft.flags == Flags::ACK && draft.payload.is_empty() && draft.urgent_pointer == 0;
    let next = draft.seq == end.acked && end.highest == end.acked;
    let due = opening && bare && next && !end.stamped && !end.strangers;
    due.then_some(Due::Reset("tcp/wrong-ack-in-handshake-reset"))
}
