//! Ours against independent parsers, where both claim to know. Each file lists what differs by design; whatever else differs
//! is a mistake of one of the two.

pub(crate) mod dns;
pub(crate) mod http;
pub(crate) mod ip;
