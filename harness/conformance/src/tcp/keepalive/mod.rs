//! Keepalives (RFC 9293 section 3.8.4).

crate::tcp::check::tcp_checks! {}
