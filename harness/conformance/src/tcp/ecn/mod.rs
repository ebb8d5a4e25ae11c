//! Explicit congestion notification (RFC 3168).

crate::tcp::check::tcp_checks! {}
