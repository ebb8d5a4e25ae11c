//! The known implementation problems of RFC 2525, one file each, named as there.

crate::tcp::check::tcp_checks! {}
