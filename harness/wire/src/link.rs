//! Link-layer types.

/// A link-layer header type, as numbered by https://www.tcpdump.org/linktypes.html.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u32);
