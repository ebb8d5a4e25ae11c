//! Whether a receiver takes a segment, by RFC 9293 section 3.10.7. Only where nothing lies between the capture point and the
//! receiver can this be told: the live tests send what must not be taken, and what was not taken has changed nothing.

use super::connection::Shared;
use super::end::End;
use super::segment::{Checksum, Segment};
use super::state::State;
use super::strays::is_older;
use wire::SeqNumber;

/// What a correct receiver does with a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Taken,
    /// Answered or not, it changes nothing.
    Dropped,
    /// The window is closed to it, but its acknowledgement may count (section 3.10.7.4, first: "should" allow valid ones).
    AckAtMost,
    /// A SYN that leads back to LISTEN, as section 3.10.7.4, fourth, asks since RFC 9293, or that is challenged as before.
    Relisten,
    /// The RFCs leave it to the receiver: from here on nobody knows its state.
    Either,
}

/// What `to` does with `segment` if it is correct.
pub(super) fn fate(segment: &Segment<'_>, from: &End, to: &End, shared: &Shared) -> Fate {
    // Behind what we send ourselves there is no hardware to fill one in: what looks like it is wrong by chance.
    if matches!(segment.checksum, Checksum::Wrong | Checksum::LeftToHardware) {
        return Fate::Dropped;
    }
    let fate = match to.state {
        // Nothing is known of the connection yet, or no longer.
        State::Closed | State::Listen => Fate::Taken,
        State::SynSent => in_syn_sent(segment, to),
        _ => otherwise(segment, from, to, shared),
    };
    match fate {
        // Section 3.1, MUST-7: an illegal length is survived; whether the rest of the segment counts is not said.
        Fate::Taken if segment.options.malformed.is_some() || segment.options.irregular => Fate::Either,
        // A reset comes before all (second), but many stacks take SYN or FIN with RST for nonsense.
        Fate::Taken if segment.flags.rst() && (segment.flags.syn() || segment.flags.fin()) => Fate::Either,
        other => other,
    }
}

/// Section 3.10.7.3.
fn in_syn_sent(segment: &Segment<'_>, to: &End) -> Fate {
    let (syn, rst, ack) = (segment.flags.syn(), segment.flags.rst(), segment.flags.ack());
    // First: an acknowledgement of anything but the SYN. Second: a reset without one. Fifth: neither SYN nor RST.
    let useless = rst && !ack || !rst && !syn;
    match to.refuses(segment) || useless {
        true => Fate::Dropped,
        // Section 3.10.7.4, eighth, leaves such a FIN alone; many stacks leave such a SYN alone, too.
        false if syn && segment.flags.fin() => Fate::Either,
        false => Fate::Taken,
    }
}

/// Section 3.10.7.4, in its order.
fn otherwise(segment: &Segment<'_>, from: &End, to: &End, shared: &Shared) -> Fate {
    // The SYN of the handshake once more changes nothing, but prompts an answer; figure 8: to acknowledge ours.
    if segment.is_syn() && from.iss == Some(segment.seq) {
        let completes = to.state == State::SynReceived && segment.flags.ack() && !to.refuses(segment);
        return match completes {
            true if to.has_accepted() => Fate::Either,
            true => Fate::Taken,
            false => Fate::Dropped,
        };
    }
    if is_old_by_timestamp(segment, to, shared) {
        let either = to.strays.may_pass(segment);
        return if either { Fate::Either } else { Fate::Dropped };
    }
    if is_outside_window(segment, to, to.edge) {
        // What came since it last told its window may have been read, and the window moved.
        let moved = to.edge.map(|edge| edge + untold(from, to));
        if !segment.flags.rst() && !is_outside_window(segment, to, moved) {
            return Fate::Either;
        }
        let first_refused = segment.seq == to.rcv_nxt && !segment.flags.rst() && !segment.is_syn();
        return if first_refused { Fate::AckAtMost } else { Fate::Dropped };
    }
    if segment.flags.rst() {
        // RFC 5961 section 3.2: a reset counts exactly at RCV.NXT.
        return if segment.seq == to.rcv_nxt {
            Fate::Taken
        } else {
            Fate::Dropped
        };
    }
    if segment.is_syn() {
        // Fourth: so after a passive OPEN; otherwise it is challenged.
        let back = to.state == State::SynReceived && to.has_accepted();
        return if back { Fate::Relisten } else { Fate::Dropped };
    }
    let wrong = !segment.flags.ack() || segment.ack > to.snd_nxt;
    if wrong || to.state == State::SynReceived && to.refuses(segment) {
        return Fate::Dropped;
    }
    // RFC 5961 section 5.2 and RFC 9293 MAY-12: whether so old an acknowledgement is discarded is the receiver's choice.
    let stale = segment.ack < to.snd_una - from.largest_window;
    // Section 3.6: nothing stands behind a FIN. A peer that contradicts itself may be believed the first time or the second.
    let beyond_fin = |fin| segment.end() > fin + 1 || segment.flags.fin() && segment.end() != fin + 1;
    let below = segment.flags.fin() && from.fin.is_none() && segment.end() < from.snd_nxt;
    let contradicts = below || !segment.is_empty() && from.fin.is_some_and(beyond_fin);
    let overtaken = shared.timestamps && to.strays.may_refuse(segment);
    // Fifth: it brings no window if SEG.SEQ is below SND.WL1, unless it is first cut to what fits the window.
    let moves_edge = segment.ack > to.snd_una || from.window_of(segment) != from.window;
    let behind = from.window_seq.is_some_and(|last| segment.seq < last) && moves_edge;
    match behind || stale || contradicts || overtaken || segment.lacks_timestamps(shared) {
        true => Fate::Either,
        false => Fate::Taken,
    }
}

impl End {
    /// It sent no SYN before it answered one: a passive OPEN.
    fn has_accepted(&self) -> bool {
        self.offer.is_some_and(|offer| offer.with_ack)
    }

    /// Before the handshake is over: an acknowledgement of anything but its SYN, which a reset answers (section 3.10.7.3, first,
    /// and section 3.10.7.4, fifth).
    pub(super) fn refuses(&self, segment: &Segment<'_>) -> bool {
        let wrong = self.iss.is_some_and(|iss| segment.ack <= iss) || segment.ack > self.snd_nxt;
        segment.flags.ack() && wrong
    }
}

/// RFC 7323 section 5.3.
pub(super) fn is_old_by_timestamp(segment: &Segment<'_>, to: &End, shared: &Shared) -> bool {
    let recent = to.ts_recent.filter(|_| shared.timestamps && !segment.flags.rst());
    is_before(segment, recent)
}

fn is_before(segment: &Segment<'_>, tsval: Option<u32>) -> bool {
    let times = segment.options.timestamps.zip(tsval);
    times.is_some_and(|((value, _), other)| is_older(value, other))
}

/// Octets that have come to `to` and that it has not acknowledged yet.
fn untold(from: &End, to: &End) -> u32 {
    match from.una {
        Some(_) => to.rcv_nxt.since(from.snd_una).max(0).cast_unsigned(),
        None => 0,
    }
}

/// Section 3.10.7.4, first.
fn is_outside_window(segment: &Segment<'_>, to: &End, edge: Option<SeqNumber>) -> bool {
    let (start, next) = (segment.seq, to.rcv_nxt);
    let length = segment.payload_len + u32::from(segment.flags.syn()) + u32::from(segment.flags.fin());
    let Some(edge) = edge else { return false };
    let inside = |at: SeqNumber| at >= next && at < edge;
    match (length, edge > next) {
        (0, false) => start != next,
        (0, true) => !inside(start),
        // A window that is closed takes resets, acknowledgements and urgent pointers only.
        (_, false) => true,
        (_, true) => !inside(start) && !inside(start + (length - 1)),
    }
}
