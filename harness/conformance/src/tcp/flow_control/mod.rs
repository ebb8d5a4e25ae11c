//! Zero windows, probes and window updates (RFC 9293 section 3.8.6).

crate::tcp::check::tcp_checks! {}
