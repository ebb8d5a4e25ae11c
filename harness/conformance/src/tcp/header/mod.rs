//! The fixed header (RFC 9293 section 3.1) and the options that it defines itself.

mod reserved_bits;

crate::tcp::check::tcp_checks! {
    reserved_bits::ReservedBits,
}
