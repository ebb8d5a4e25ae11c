//! What a segment does on an open connection where nothing was out of the ordinary before it.

use super::Player;
use super::answers::Due;
use crate::end::End;
use stacks::{State, Status};
use suite::{Draft, Stamp};
use wire::tcp::Flags;
use wire::{Duration, SeqNumber};

/// So far away nothing can be in the window, and nothing can be taken for the other side of the numbers.
const FAR: std::ops::Range<i32> = 200_000..1 << 30;
/// TSvals that are surely older than the peer's last.
const OLD: std::ops::Range<i32> = -(1 << 30)..-50_000;
/// Longer than an acknowledgement may be delayed (RFC 9293 section 3.8.6.3).
const LATE: Duration = Duration::secs(1);
/// Since the last segment of the peer, so that no answer is throttled (RFC 5961 section 7).
const APART: Duration = Duration::secs(1);

/// Options that nobody knows, well formed, and lists with lengths of zero, of one, and beyond the header.
const UNKNOWN: [&[u8]; 2] = [&[254, 4, 1, 2], &[77, 2, 1, 1]];
const SCALES: [&[u8]; 2] = [&[3, 3, 14, 1], &[3, 3, 15, 0]];
const BROKEN: [&[u8]; 4] = [&[254, 0, 0, 0], &[254, 1, 1, 1], &[254, 40, 0, 0], &[1, 1, 1, 254]];

/// An acknowledgement that must have come in a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owed {
    pub id: &'static str,
    pub until: SeqNumber,
    pub since: wire::Instant,
}

/// Of an ordinary segment.
const IN_TIME: &str = "tcp/ack-delay-below-500ms";

/// What one segment asks for.
enum Asks {
    At(Due),
    /// To be acknowledged in time.
    Owed(&'static str),
    /// Its data is not to be taken; and what is due at once.
    Bare(&'static str, Option<Due>),
}

impl Player<'_> {
    pub(super) fn due_on_open(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let now = self.tester.now();
        let end = self.ends.get(at)?;
        let known = end.told == Some(end.acked) && end.was_highest == end.acked && !end.strayed;
        let sound = end.was_orderly && end.incarnations == 1 && !end.aborted && !end.ended && known && !end.missed;
        let asks = asked_by(end, draft, end.peer.tsval(now)).filter(|_| sound)?;
        let socket = end.peer.socket?;
        let Ok(Status::In(state)) = self.tester.quietly(|stack| stack.status(socket)) else {
            return None;
        };
        let end = self.ends.get_mut(at)?;
        let open = matches!(state, State::Established | State::CloseWait);
        let half = matches!(state, State::FinWait1 | State::FinWait2);
        match asks {
            Asks::At(Due::Acknowledgement(_)) if now - end.was_spoke_at < APART => None,
            Asks::At(due) if open => Some(due),
            Asks::Owed(id) if state == State::Established || half => {
                let id = if half { "tcp/half-close-usable" } else { id };
                end.owed = Some(Owed {
                    id,
                    until: draft.seq + draft.len(),
                    since: now,
                });
                None
            }
            Asks::Bare(id, due) if state == State::Established => {
                end.bare = Some((draft.seq, id)).filter(|_| !draft.payload.is_empty());
                let apart = now - end.was_spoke_at >= APART;
                due.filter(|due| apart || !matches!(due, Due::Acknowledgement(_)))
            }
            _ => None,
        }
    }

    /// A segment with options, or with URG.
    pub(super) fn due_of_odd(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get(at).filter(|end| end.peer.here == draft.source)?;
        let options = &draft.options[..];
        // RFC 9293 section 3.8.5: the pointer tells where in this segment urgent data ends.
        if SCALES.contains(&options) {
            return self.note_late_scale(at, draft);
        }
        let urgent = (1..=draft.payload.len()).contains(&usize::from(draft.urgent_pointer));
        if BROKEN.contains(&options) {
            let known = end.told == Some(end.acked) && end.was_highest == end.acked && draft.seq == end.acked;
            let sound = end.was_orderly && end.incarnations == 1 && !end.aborted && !end.ended && known;
            let socket = end.peer.socket.filter(|_| sound && draft.flags == Flags::ACK)?;
            let status = self.tester.quietly(|stack| stack.status(socket));
            let open = matches!(status, Ok(Status::In(State::Established | State::CloseWait)));
            // Section 3.1 (MUST-7).
            return open.then_some(Due::NoWorse("tcp/broken-options-survived"));
        }
        let id = match (options.is_empty(), draft.flags.urg()) {
            (false, false) if UNKNOWN.contains(&options) => "tcp/unknown-options-skipped",
            (true, true) if urgent => "tcp/urgent-data-delivered",
            _ => return None,
        };
        // What an ordinary segment of the kind asks for, and no more than that it is acknowledged.
        let mut plain = draft.clone();
        plain.options.clear();
        plain.flags.0 &= !Flags::URG.0;
        plain.urgent_pointer = 0;
        self.due_on_open(at, &plain);
        let end = self.ends.get_mut(at)?;
        end.bare = None;
        end.owed = end
            .owed
            .filter(|owed| owed.id == IN_TIME)
            .map(|owed| Owed { id, ..owed });
        None
    }

    /// RFC 7323 section 2.2: a window scale counts on SYNs alone, so the window is as large as it says.
    fn note_late_scale(&mut self, at: usize, draft: &Draft) -> Option<Due> {
        let end = self.ends.get_mut(at)?;
        let known = end.told == Some(end.acked) && end.was_highest == end.acked && draft.seq == end.acked;
        let sound = end.was_orderly && end.incarnations == 1 && known && end.una == end.nxt && !end.peer.scaled;
        let edge = end.una + u32::from(draft.wnd);
        // Of a window that was larger before, the larger may still count.
        let largest = end.promised.is_some_and(|promised| promised <= edge)
            && u32::from(end.peer.offer.wnd) <= u32::from(draft.wnd);
        // A window of zero would be probed.
        if sound
            && largest
            && draft.wnd > 0
            && draft.flags == Flags::ACK
            && draft.payload.is_empty()
            && draft.ack == end.una
        {
            end.late_scale = Some(edge);
        }
        None
    }

    /// Data in order arrives damaged (RFC 9293 section 3.1, MUST-3): it is not to be taken.
    pub(super) fn note_damage(&mut self, at: usize, draft: &Draft) {
        let Some(end) = self.ends.get_mut(at) else { return };
        let known = end.told == Some(end.acked) && end.was_highest == end.acked && draft.seq == end.acked;
        let sound = end.was_orderly && end.incarnations == 1 && !end.aborted && !end.ended && known;
        let data = draft.flags.0 & !(Flags::ACK.0 | Flags::PSH.0) == 0 && !draft.payload.is_empty();
        if sound && data && draft.source == end.peer.here {
            end.bare = Some((draft.seq, "tcp/damage-ignored"));
        }
    }

    /// Time has passed: what came in order, and fits the window, is acknowledged.
    pub(super) fn judge_owed(&mut self) {
        let now = self.tester.now();
        for at in 0..self.ends.len() {
            let end = &mut self.ends[at];
            let Some(owed) = end.owed.take_if(|owed| now - owed.since >= LATE) else {
                continue;
            };
            let peer = &end.peer;
            let said = self
                .tester
                .inbox
                .iter()
                .filter(|one| peer.is_from(one) && one.flags.ack());
            let acked = said.map(|one| one.ack).fold(end.acked, SeqNumber::max);
            if acked < owed.until && !end.aborted && !end.ended {
                self.accuse(owed.id, "an acknowledgement of data in order", "none in a second");
            }
        }
    }
}

fn asked_by(end: &End, draft: &Draft, tsval: u32) -> Option<Asks> {
    let distance = draft.seq.since(end.acked);
    let (exact, empty) = (distance == 0, draft.payload.is_empty());
    let len = draft.payload.len() as u32;
    let agreed = match draft.stamp {
        Stamp::Of(value, _) => !end.peer.timestamps || value == tsval,
        Stamp::AsAgreed => true,
        Stamp::None => !end.peer.timestamps,
    };
    if draft.flags == Flags::RST && empty {
        return match distance {
            // RFC 5961 section 3.2.
            _ if FAR.contains(&distance.saturating_abs()) => {
                Some(Asks::At(Due::StillOpen("tcp/outside-reset-ignored")))
            }
            1.. if distance.cast_unsigned() < end.peer.its_wnd => {
                Some(Asks::At(Due::StillOpen("tcp/reset-challenged")))
            }
            _ => None,
        };
    }
    let usual = draft.flags.0 & !(Flags::ACK.0 | Flags::PSH.0) == 0 && draft.urgent_pointer == 0 && draft.ecn == 0;
    let known = draft.ack >= end.una && draft.ack <= end.nxt;
    if usual && agreed && known && draft.flags.ack() && FAR.contains(&distance.saturating_abs()) {
        // RFC 9293 section 3.10.7.4, first.
        return Some(Asks::At(Due::Acknowledgement("tcp/unacceptable-answered")));
    }
    if !usual || !exact || len > end.peer.its_wnd.max(1) {
        return None;
    }
    if !draft.flags.ack() {
        // RFC 9293 section 3.10.7.4, fifth.
        return agreed.then_some(Asks::Bare("tcp/segment-without-ack-dropped", None));
    }
    if end.peer.timestamps && draft.stamp == Stamp::None {
        // RFC 7323 section 3.2.
        let harmless = Due::StillOpen("tcp/segment-without-timestamps-harmless");
        return Some(Asks::Bare("tcp/segment-without-timestamps-dropped", Some(harmless)));
    }
    if let (true, Stamp::Of(value, _)) = (end.peer.timestamps && !agreed, draft.stamp) {
        // RFC 7323 section 5.3 (R1): older than the last one taken, unless that was long ago (section 5.5: 24 days).
        let recent = end.peer.tsval(end.was_spoke_at);
        let outdated = tsval.wrapping_sub(recent) >= 1 << 30;
        let old = !outdated
            && OLD.contains(&(value.wrapping_sub(recent) as i32))
            && draft.ack >= end.una
            && draft.ack <= end.nxt;
        let due = Due::Acknowledgement("tcp/paws-old-segment-acked");
        return old.then_some(Asks::Bare("tcp/old-timestamp-dropped", Some(due)));
    }
    let unagreed = !end.peer.timestamps && draft.stamp != Stamp::None && draft.stamp != Stamp::AsAgreed;
    match draft.ack {
        // 2^31 away it may as well be an old one.
        ack if ack > end.nxt && ack.since(end.una) < 0 => None,
        ack if ack > end.nxt && empty => Some(Asks::At(Due::Acknowledgement("tcp/ack-of-unsent-answered"))),
        ack if ack > end.nxt => None,
        // Section 3.10.7.4, fifth: the same.
        ack if ack < end.una && empty && end.una.since(ack) < FAR.start => {
            Some(Asks::At(Due::StillOpen("tcp/old-ack-harmless")))
        }
        ack if ack < end.una => None,
        // Section 3.8.6.1 (MUST-35, for who is probed).
        _ if end.peer.its_wnd == 0 && len == 1 => Some(Asks::At(Due::Acknowledgement("tcp/window-probe-answered"))),
        _ if end.peer.its_wnd == 0 => None,
        _ if empty && draft.wnd < end.windows.1 => Some(Asks::At(Due::StillOpen("tcp/shrunken-window-survived"))),
        _ if empty => None,
        _ if unagreed => Some(Asks::Owed("tcp/unagreed-timestamps-ignored")),
        _ if (draft.seq + len).0 < (end.peer.iss + 1).0 => Some(Asks::Owed("tcp/numbers-wrap")),
        _ if end.peer.timestamps && tsval < end.peer.offer.clock => Some(Asks::Owed("tcp/timestamps-wrap")),
        _ => Some(Asks::Owed(IN_TIME)),
    }
}
