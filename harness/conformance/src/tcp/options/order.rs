//! Whether the network may have swapped an end's segments on their way to the capture point.

use crate::tcp::Moment;
use crate::tracker::Vantage;
use wire::Duration;

/// The capture was taken at the judged end, as the user says: what it sent is seen in the order of sending.
pub fn captured_at_sender(at: &Moment<'_>) -> bool {
    at.shared.vantage != Vantage::Auto && at.my_delay() == Some(Duration::ZERO)
}

/// The current segment was sent after all others of its sender that were seen so far: the capture was taken there, or its
/// timestamp (RFC 7323 section 4.1) is the highest.
pub fn surely_latest(at: &Moment<'_>) -> bool {
    let newest = |(tsval, _): (u32, u32)| at.me.tsval_max.is_some_and(|max| tsval.wrapping_sub(max) as i32 > 0);
    captured_at_sender(at) || at.segment.options.timestamps.is_some_and(newest)
}
