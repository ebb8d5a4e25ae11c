//! What a closed window keeps back, on a connection where nothing was out of the ordinary.

use super::Player;
use super::segments::DATA;
use stacks::{State, Status};
use suite::{Draft, Segment};
use wire::SeqNumber;

/// The largest window that a signed number of 16 bits holds.
const LARGEST_SIGNED: u16 = 32_767;

impl Player<'_> {
    /// The connections whose peer has closed its window, with nothing in flight.
    pub(super) fn shut(&mut self) -> Vec<usize> {
        (0..self.ends.len()).filter(|&at| self.is_shut(at)).collect()
    }

    pub(super) fn is_shut(&mut self, at: usize) -> bool {
        let end = &self.ends[at];
        let quiet =
            end.is_plain() && end.in_place && end.una == end.nxt && !end.closed && !end.aborted && end.told_windows > 0;
        let shut = quiet && end.peer.wnd == 0 && self.network.is_calm();
        let socket = end.peer.socket.filter(|_| shut);
        socket.is_some_and(|socket| {
            let status = self.tester.quietly(|stack| stack.status(socket));
            matches!(status, Ok(Status::In(State::Established | State::CloseWait)))
        })
    }

    /// It is closed by this acknowledgement, while data waits.
    pub(super) fn note_shutting(&mut self, at: usize, draft: &Draft) {
        let now = self.tester.now();
        let Some(end) = self.ends.get_mut(at) else { return };
        let closes = draft.wnd == 0 && end.was_wnd > 0 && draft.flags.0 & !DATA.0 == 0 && draft.flags.ack();
        let next = draft.seq == end.acked && end.was_highest == end.acked && end.told == Some(draft.seq);
        let sound = end.orderly && end.incarnations == 1 && !end.closed && !end.aborted && next;
        let waits = end.has_unsent() && draft.ack == end.nxt && draft.payload.is_empty();
        let Some(socket) = end.peer.socket.filter(|_| closes && sound && waits) else {
            return;
        };
        if self.tester.quietly(|stack| stack.status(socket)) == Ok(Status::In(State::Established)) {
            self.ends[at].shut_at = Some(now);
        }
    }

    /// It was closed, and more than probes was sent into it since: section 3.8.6. New data is not to be sent into a window that was taken
    /// back, but may (SHLD-15).
    pub(super) fn judge_shut(&mut self, at: usize, heard: usize) {
        let end = &self.ends[at];
        let more = |one: &Segment| end.peer.is_from(one) && one.payload.len() > 1;
        if self.tester.inbox.iter().skip(heard).any(more) {
            let id = end.closed_window();
            self.accuse(id, "probes of an octet at most", "more than an octet");
        }
    }

    /// RFC 7323 section 2.2: the scale of a segment that is no SYN does not count.
    pub(super) fn judge_late_scale(&mut self, at: usize, edge: SeqNumber) {
        let peer = &self.ends[at].peer;
        let beyond = |one: &Segment| peer.is_from(one) && !one.payload.is_empty() && one.end() > edge;
        if self.tester.inbox.iter().any(beyond) {
            self.accuse(
                "tcp/late-window-scale-ignored",
                "data up to the window, as it stands",
                "data beyond",
            );
        }
    }

    /// The first write brought nothing, though the window is open: it may be too large for who takes it for signed (RFC 9293 section 3.1,
    /// MUST-1). A smaller one tells.
    pub(super) fn is_misread(&mut self, at: usize) -> bool {
        let end = &self.ends[at];
        if end.windows.0 <= LARGEST_SIGNED || end.peer.scaled || !self.network.is_calm() {
            return false;
        }
        let update = end.peer.ack().wnd(LARGEST_SIGNED);
        let heard = self.tester.inbox.len();
        self.send(at, update);
        let peer = &self.ends[at].peer;
        let data = |one: &Segment| peer.is_from(one) && !one.payload.is_empty();
        self.tester.inbox.iter().skip(heard).any(data)
    }
}
