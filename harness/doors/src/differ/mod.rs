//! Ours against independent parsers, where both claim to know. Each file lists what differs by design; whatever else differs
//! is a mistake of one of the two.

pub mod dns;
pub mod http;
pub mod ip;
