//! What a SEND must bring at once, on a connection where nothing was out of the ordinary.

use super::Player;
use crate::end::End;
use crate::palette::{self, pick};
use stacks::{Socket, State, Status};
use suite::Segment;
use wire::Duration;

/// Octets of the headers below a segment's options: IPv4 and IPv6.
const HEADERS: (u32, u32) = (40, 60);
/// Octets of options that any segment may carry: timestamps (RFC 7323 appendix A), a user timeout (RFC 5482 section 3.3); D-SACK.
const OPTIONS: u32 = 16;
const DSACK: u32 = 12;
/// RFC 7323 section 2.3.
const LARGEST_SHIFT: u8 = 14;

/// What is due.
pub(super) enum Write {
    /// A segment of at least so many octets.
    Full(u32),
    /// More octets than that: the window, were it not scaled; and whether by more than 14.
    Beyond(u32, bool),
    /// Data, though some is in flight.
    Hasty,
    /// Nothing, while some is in flight.
    Patient,
    /// RFC 5482's option, with this.
    Told(Duration),
}

impl Player<'_> {
    /// Before the call. None where it depends on more than is known here.
    pub(super) fn due_of_write(&mut self, at: usize, socket: Socket, size: u32, urgent: bool) -> Option<Write> {
        let status = self.tester.quietly(|stack| stack.status(socket));
        let end = self.ends.get(at)?;
        let iss = end.its_iss?;
        let open = status == Ok(Status::In(State::Established)) && !end.closed && !end.aborted;
        if !open || urgent || size == 0 || !end.is_plain() || end.peer.snd == end.peer.iss {
            return None;
        }
        // Everything that was written before has been sent once.
        let sent = end.nxt == iss + 1 + end.written && end.flight.is_none_or(|flight| flight.again == 0);
        let first = end.written == 0 && end.una == end.nxt;
        let full = self.full_segment(end);
        let (narrowest, widest) = end.windows;
        let room = u32::from(narrowest) >= 4 * full;
        match end.asked.user_timeout {
            Some(Some(timeout)) if first && end.asked.untold && room => return Some(Write::Told(timeout)),
            _ => {}
        }
        let too_far = end.peer.offer.window_scale.is_some_and(|shift| shift > LARGEST_SHIFT);
        if first && size >= 2 * full {
            let scaled = end.peer.scaled && narrowest == widest && end.told_windows > 0;
            let shift = end.peer.offer.window_scale.unwrap_or(0).min(LARGEST_SHIFT);
            return match u32::from(widest) {
                _ if room => Some(Write::Full(full)),
                // One unit of a large shift is many octets.
                wnd if scaled && wnd > 0 && wnd < full && wnd << shift >= 4 * full => Some(Write::Beyond(wnd, too_far)),
                _ => None,
            };
        }
        // RFC 9293 section 3.7.4: two small segments fit any congestion window that nothing was lost in.
        let alone = end
            .flight
            .is_some_and(|flight| flight.segments == 1 && end.una < end.nxt);
        let small = size + end.nxt.since(end.una).max(0).cast_unsigned() <= full;
        let due = if end.asked.nagle? { Write::Patient } else { Write::Hasty };
        (sent && alone && small && room).then_some(due)
    }

    /// Whether CLOSE sends a FIN at once: nothing that was written waits (RFC 2525 section 2.15).
    pub(super) fn due_of_shutdown(&mut self, at: usize, socket: Socket) -> bool {
        let end = &self.ends[at];
        let sent = end.its_iss.is_some_and(|iss| end.nxt == iss + 1 + end.written);
        // So little fits any congestion window, but that after a lost SYN (RFC 5681 section 3.1).
        let whole = !end.resent
            && end
                .flight
                .is_none_or(|flight| flight.again == 0 && flight.segments == 1);
        let room = u32::from(end.windows.0) >= 4 * end.view().its_mss && end.written < u32::from(end.windows.0);
        let sound = end.is_plain() && sent && whole && room && !end.closed && !end.aborted;
        sound && self.tester.quietly(|stack| stack.status(socket)) == Ok(Status::In(State::Established))
    }

    pub(super) fn judge_shutdown(&mut self, at: usize) {
        let peer = &self.ends[at].peer;
        if !self.tester.inbox.iter().any(|one| peer.is_from(one) && one.flags.fin()) {
            self.accuse("tcp/fin-prompt", "a FIN at once", "none");
        }
    }

    /// The peer was told that the window is closed, and nothing is out of the ordinary.
    pub(super) fn is_closed_to_the_peer(&mut self, at: usize, socket: Socket) -> bool {
        let end = &self.ends[at];
        let closed = end.is_plain() && end.peer.its_wnd == 0;
        let sound = closed && self.network.is_calm() && !end.closed && !end.aborted && !end.ended;
        sound && self.tester.quietly(|stack| stack.status(socket)) == Ok(Status::In(State::Established))
    }

    /// RFC 9293 section 3.8.6.2.2: everything was read, and the peer is told.
    pub(super) fn judge_reopening(&mut self, at: usize) {
        let end = &self.ends[at];
        let peer = &end.peer;
        let told = self.tester.inbox.iter().any(|one| peer.is_from(one) && one.wnd > 0);
        if end.read.has_all(&end.sent, end.acked) && !told {
            self.accuse("tcp/window-reopens", "an update of the window", "none");
        }
    }

    /// Whether data waits for nothing but the peer's window.
    pub(super) fn waits_for_window(&mut self, at: usize) -> bool {
        let end = &self.ends[at];
        let waits = end.its_iss.is_some_and(|iss| end.nxt < iss + 1 + end.written) && end.una == end.nxt;
        let sound = end.is_plain() && end.peer.wnd == 0 && !end.closed && !end.aborted;
        let socket = end.peer.socket.filter(|_| waits && sound && self.network.is_calm());
        socket.is_some_and(|socket| {
            self.tester.quietly(|stack| stack.status(socket)) == Ok(Status::In(State::Established))
        })
    }

    /// RFC 9293 section 3.10.7.4, fifth: it goes on.
    pub(super) fn judge_update(&mut self, at: usize) {
        let peer = &self.ends[at].peer;
        if !self
            .tester
            .inbox
            .iter()
            .any(|one| peer.is_from(one) && !one.payload.is_empty())
        {
            self.accuse("tcp/data-after-window-update", "data at once", "none");
        }
    }

    /// Octets of data in a full segment, at the least.
    fn full_segment(&self, end: &End) -> u32 {
        let headers = if self.tester.its.is_ipv4() {
            HEADERS.0
        } else {
            HEADERS.1
        };
        let mtu = u32::from(pick(palette::MTU, self.header().mtu));
        let options = if end.peer.sack { OPTIONS + DSACK } else { OPTIONS };
        end.view().its_mss.min(mtu - headers).saturating_sub(options)
    }

    /// After the call, which took all: what the stack has sent stands in the inbox.
    pub(super) fn judge_write(&mut self, at: usize, due: &Write) {
        let nothing = |player: &Self| {
            let data = |one: &Segment| player.ends[at].peer.is_from(one) && !one.payload.is_empty();
            !player.tester.inbox.iter().any(data)
        };
        match due {
            Write::Full(_) if nothing(self) && self.is_misread(at) => {
                return self.accuse(
                    "tcp/unscaled-window-unsigned",
                    "data",
                    "none until the window was below 32768",
                );
            }
            // It is told by the next segment (RFC 5482 section 3), whenever that comes.
            Write::Told(_) if nothing(self) => return,
            _ => {}
        }
        let Some(end) = self.ends.get_mut(at) else { return };
        let data = |one: &&Segment| end.peer.is_from(one) && !one.payload.is_empty();
        let mut sent = self.tester.inbox.iter().filter(data);
        let first = sent.clone().next();
        let octets: usize = sent.clone().map(|one| one.payload.len()).sum();
        let (id, kept, expected) = match *due {
            Write::Full(full) => {
                let kept = first.is_some_and(|one| one.payload.len() as u32 >= full - full / 10);
                ("tcp/full-sized-segments", kept, "a full segment first")
            }
            Write::Beyond(wnd, too_far) => {
                let id = if too_far {
                    "tcp/shift-above-14-counts-as-14"
                } else {
                    "tcp/scaled-window-used"
                };
                (id, octets as u32 > wnd, "more than a window without a scale takes")
            }
            Write::Patient => ("tcp/nagle", octets == 0, "octets that wait"),
            Write::Hasty => ("tcp/nagle-can-be-off", octets > 0, "the octets at once"),
            Write::Told(timeout) => {
                let kept = sent.next().is_some_and(|one| one.user_timeout == Some(timeout));
                end.asked.untold = false;
                ("tcp/user-timeout-told", kept, "the option, with the timeout")
            }
        };
        if !kept {
            self.accuse(id, expected, "nothing of the kind");
        }
    }
}
