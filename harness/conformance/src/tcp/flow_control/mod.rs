//! Zero windows, probes and window updates (RFC 9293 section 3.8.6).

mod probe_answered;
mod probes;

crate::tcp::check::tcp_checks! {
    probes::ZeroWindowProbed,
    probes::ProbeBackoff,
    probe_answered::ProbeAnswered,
}
