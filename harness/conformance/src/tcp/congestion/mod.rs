//! Bounds on the flight: initial window, slow start, congestion avoidance, reaction to loss (RFC 5681, 6582, 6928).

crate::tcp::check::tcp_checks! {}
