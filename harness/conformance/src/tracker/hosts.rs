//! What is remembered of a host beyond single connections.

use arrayvec::ArrayVec;
use std::net::IpAddr;
use wire::{Instant, SeqNumber};

use super::end::Seen;

/// An initial sequence number that a host chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsnSeen {
    pub iss: SeqNumber,
    pub seen: Seen,
    pub local_port: u16,
    pub peer: (IpAddr, u16),
    /// With a SYN-ACK, as the listening end.
    pub listening: bool,
}

/// Across connections: the ISNs chosen last, oldest first.
#[derive(Debug, Clone, Default)]
pub struct HostFacts {
    pub isns: ArrayVec<IsnSeen, 8>,
    /// This row stands for several hosts (there were too many to tell apart): nothing here compares.
    pub crowd: bool,
}

impl HostFacts {
    /// Adds a chosen ISN; the oldest gives way.
    pub(super) fn chose(&mut self, isn: IsnSeen) {
        if self.isns.is_full() {
            self.isns.remove(0);
        }
        let _ = self.isns.try_push(isn);
    }

    /// ISNs chosen at or after `since`.
    pub fn isns_since(&self, since: Instant) -> impl Iterator<Item = &IsnSeen> {
        self.isns.iter().filter(move |isn| isn.seen.time >= since)
    }
}
