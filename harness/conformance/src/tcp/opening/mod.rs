//! The handshake: order, numbers, initial sequence numbers (RFC 6528), SYN retransmission.

crate::tcp::check::tcp_checks! {}
