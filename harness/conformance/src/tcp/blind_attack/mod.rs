//! Defences against blind attacks: challenge ACKs (RFC 5961).

crate::tcp::check::tcp_checks! {}
