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

/// An acknowledgement that must have come in a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owed {
    pub id: &'static str,
    pub until: SeqNumber,
    pub since: wire::Instant,
}

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
        let sound = end.was_orderly && end.incarnations == 1 && !end.aborted && !end.ended && known;
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
        _ if (draft.seq + len).0 < draft.seq.0 => Some(Asks::Owed("tcp/numbers-wrap")),
        _ if end.peer.timestamps && tsval < end.peer.offer.clock => Some(Asks::Owed("tcp/timestamps-wrap")),
        _ => Some(Asks::Owed("tcp/ack-delay-below-500ms")),
    }
}
