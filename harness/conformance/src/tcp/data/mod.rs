//! What a sender sends: contiguity, the peer's window, segment sizes, PSH, Nagle, urgent data.

crate::tcp::check::tcp_checks! {}
