//! The retransmission timer (RFC 6298), fast retransmit (RFC 5681), SACK-based recovery (RFC 6675), RACK-TLP (RFC 8985), giving up.

crate::tcp::check::tcp_checks! {}
