//! Bounds on the flight: initial window, slow start, reaction to loss (RFC 5681, 6928). Bounds only, never a demand for one algorithm.

mod idle_restart;
mod initial_window;
mod loss_window;
mod slow_start;
mod syn_loss_window;
mod timeout_window;

crate::tcp::check::tcp_checks! {
    initial_window::InitialWindow,
    syn_loss_window::SynLossWindow,
    slow_start::SlowStartBound,
    timeout_window::TimeoutWindow,
    idle_restart::IdleRestart,
    loss_window::ReducedAfterLoss,
}

use crate::tcp::Moment;

/// RFC 6928 section 2: min(10 * MSS, max(2 * MSS, 14600)), the largest initial window that any RFC allows (RFC 5681 section
/// 3.1 alone allows 2 to 4 segments). None while the segment size is unknown.
fn largest_initial_window(at: &Moment<'_>) -> Option<u32> {
    let mss = segment_size(at)?;
    Some((10 * mss).min((2 * mss).max(14_600)))
}

/// SMSS at most: what the peer announced, or RFC 9293 section 3.7.1's default.
fn segment_size(at: &Moment<'_>) -> Option<u32> {
    if !at.shared.handshake_seen {
        return None;
    }
    let default = if at.me.address.is_ipv4() { 536 } else { 1220 };
    // An MSS of zero cannot be meant: stacks take another for it, their own for example (lwIP).
    let announced = match at.peer.offer.and_then(|offer| offer.mss) {
        Some(0) => u32::from(u16::MAX),
        announced => announced.map_or(default, u32::from),
    };
    // A peer that announces next to nothing is sent to in larger segments by every stack (RFC 6691's ancestors set floors).
    let sent = at.me.largest_payload.max(at.segment.payload_len);
    Some(announced.max(sent.min(default)))
}
