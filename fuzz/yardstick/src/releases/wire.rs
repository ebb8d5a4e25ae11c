//! Packets on their way to a release, and those that it has sent.

use std::collections::VecDeque;

/// Packets that one poll may leave; more is a stack that never stops.
pub const MAX_QUEUED: usize = 4096;

pub struct Wire {
    /// Octets of the largest packet, its link header included.
    pub mtu: usize,
    pub arrived: VecDeque<Vec<u8>>,
    pub sent: VecDeque<Vec<u8>>,
}

impl Wire {
    pub fn new(mtu: u16) -> Wire {
        Wire {
            mtu: usize::from(mtu),
            arrived: VecDeque::new(),
            sent: VecDeque::new(),
        }
    }

    pub fn is_full(&self) -> bool {
        self.sent.len() >= MAX_QUEUED
    }
}

/// Tokens, which every release has as traits of its own.
pub struct Arrived(pub Vec<u8>);
pub struct Sending<'a>(pub &'a mut VecDeque<Vec<u8>>);

impl Sending<'_> {
    pub fn write<R>(self, len: usize, write: impl FnOnce(&mut [u8]) -> R) -> R {
        let mut packet = vec![0; len];
        let result = write(&mut packet);
        self.0.push_back(packet);
        result
    }
}
