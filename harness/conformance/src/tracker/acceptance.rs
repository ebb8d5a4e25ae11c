//! Whether a receiver takes a segment, by RFC 9293 section 3.10.7. Only where nothing lies between the capture point and the
//! receiver can this be told: the live tests send what must not be taken, and what was not taken has changed nothing.

use super::connection::Shared;
use super::end::End;
use super::segment::{Checksum, Segment};
use super::state::State;

/// A correct receiver `to` drops it, answered or not.
pub(super) fn is_dropped(segment: &Segment<'_>, from: &End, to: &End, shared: &Shared) -> bool {
    if segment.checksum == Checksum::Wrong || segment.options.malformed.is_some() {
        return true;
    }
    match to.state {
        // Nothing is known of the connection yet, or no longer.
        State::Closed | State::Listen => false,
        State::SynSent => answers_syn_wrongly(segment, to),
        // Section 3.5, figure 8: the SYN comes once more, to acknowledge ours.
        State::SynReceived if segment.flags.syn() && segment.flags.ack() => segment.ack != to.snd_nxt,
        _ => {
            // The SYN of the handshake once more changes nothing, but prompts an answer.
            let repeated = segment.flags.syn() && from.iss == Some(segment.seq);
            is_old_by_timestamp(segment, to, shared)
                || is_outside_window(segment, to) && !repeated
                || is_wrong_reset(segment, to)
                || segment.flags.syn() && !repeated
                || acknowledges_wrongly(segment, to) && !repeated
        }
    }
}

/// Section 3.10.7.3: an acknowledgement of anything but the SYN.
fn answers_syn_wrongly(segment: &Segment<'_>, to: &End) -> bool {
    let beyond = to.iss.is_some_and(|iss| segment.ack <= iss) || segment.ack > to.snd_nxt;
    let useless = segment.flags.rst() && !segment.flags.ack();
    segment.flags.ack() && beyond || useless
}

/// RFC 7323 section 5.3.
fn is_old_by_timestamp(segment: &Segment<'_>, to: &End, shared: &Shared) -> bool {
    let recent = to.ts_recent.filter(|_| shared.timestamps && !segment.flags.rst());
    let times = segment.options.timestamps.zip(recent);
    times.is_some_and(|((value, _), recent)| (value.wrapping_sub(recent) as i32) < 0)
}

/// Section 3.10.7.4, first.
fn is_outside_window(segment: &Segment<'_>, to: &End) -> bool {
    let (start, next) = (segment.seq, to.rcv_nxt);
    let length = segment.payload_len + u32::from(segment.flags.syn()) + u32::from(segment.flags.fin());
    let Some(edge) = to.edge else { return false };
    let inside = |at: wire::SeqNumber| at >= next && at < edge;
    match (length, edge > next) {
        (0, false) => start != next,
        (0, true) => !inside(start),
        // A window that is closed takes resets, acknowledgements and urgent pointers only.
        (_, false) => true,
        (_, true) => !inside(start) && !inside(start + (length - 1)),
    }
}

/// RFC 5961 section 3.2: a reset counts exactly at RCV.NXT.
fn is_wrong_reset(segment: &Segment<'_>, to: &End) -> bool {
    segment.flags.rst() && segment.seq != to.rcv_nxt
}

/// Section 3.10.7.4, fifth: no acknowledgement, or one of what was never sent.
fn acknowledges_wrongly(segment: &Segment<'_>, to: &End) -> bool {
    !segment.flags.rst() && (!segment.flags.ack() || segment.ack > to.snd_nxt)
}
