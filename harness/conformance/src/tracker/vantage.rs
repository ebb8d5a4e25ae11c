//! Where a capture was taken, and what that leaves uncertain.

use std::net::IpAddr;
use wire::Duration;

/// Where the capture was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vantage {
    /// Estimated from each side's shortest response.
    #[default]
    Auto,
    /// At the end that opened the connection.
    Client,
    /// At the end that listened.
    Server,
    /// In between: delays are estimated for both.
    Middle,
    /// At a stack that the harness itself drives, of this address: nothing lies in between, nothing is missed, nothing is seen twice.
    Live(IpAddr),
}

impl Vantage {
    pub fn is_live(self) -> bool {
        matches!(self, Vantage::Live(_))
    }

    /// At the stack of this address, which the harness drives.
    #[inline]
    pub(super) fn is_at(&self, stack: &IpAddr) -> bool {
        matches!(self, Vantage::Live(at) if at == stack)
    }
}

/// An interval that certainly contains a gap as an endpoint experienced it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub at_least: Duration,
    pub at_most: Duration,
    /// As the capture shows it.
    pub seen: Duration,
}

impl Gap {
    pub fn surely_below(&self, limit: Duration) -> bool {
        self.at_most < limit
    }
    pub fn surely_above(&self, limit: Duration) -> bool {
        self.at_least > limit
    }
}
