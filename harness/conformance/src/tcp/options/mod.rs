//! Window scale and timestamps (RFC 7323), selective acknowledgement (RFC 2018, RFC 2883).

crate::tcp::check::tcp_checks! {}
