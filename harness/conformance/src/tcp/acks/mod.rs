//! What a receiver answers: which acknowledgements, when, and the window it offers.

crate::tcp::check::tcp_checks! {}
