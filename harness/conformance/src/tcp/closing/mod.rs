//! FIN, half-close, TIME-WAIT, RST and what may follow it.

crate::tcp::check::tcp_checks! {}
