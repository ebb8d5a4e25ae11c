//! Sequence numbers: RFC 9293 section 3.4, arithmetic modulo 2^32.

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Sub};

/// A TCP sequence number. Comparison is modulo 2^32: `a < b` when `b` lies at most 2^31 - 1 ahead of `a`.
///
/// That order is not transitive over the whole circle, so the type is deliberately not `Ord` and cannot key a sorted map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SeqNumber(pub u32);

impl SeqNumber {
    /// How far `self` lies ahead of `earlier`, in octets; negative when it lies behind.
    #[inline]
    pub const fn since(self, earlier: SeqNumber) -> i32 {
        self.0.wrapping_sub(earlier.0) as i32
    }

    #[inline]
    pub fn max(self, other: SeqNumber) -> SeqNumber {
        if self < other { other } else { self }
    }

    #[inline]
    pub fn min(self, other: SeqNumber) -> SeqNumber {
        if other < self { other } else { self }
    }
}

impl PartialOrd for SeqNumber {
    #[inline]
    fn partial_cmp(&self, other: &SeqNumber) -> Option<Ordering> {
        Some(self.since(*other).cmp(&0))
    }
}

impl Add<u32> for SeqNumber {
    type Output = SeqNumber;
    #[inline]
    fn add(self, octets: u32) -> SeqNumber {
        SeqNumber(self.0.wrapping_add(octets))
    }
}

impl AddAssign<u32> for SeqNumber {
    #[inline]
    fn add_assign(&mut self, octets: u32) {
        *self = *self + octets;
    }
}

impl Sub<u32> for SeqNumber {
    type Output = SeqNumber;
    #[inline]
    fn sub(self, octets: u32) -> SeqNumber {
        SeqNumber(self.0.wrapping_sub(octets))
    }
}

impl std::fmt::Display for SeqNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_modulo_two_to_the_thirty_two() {
        assert!(SeqNumber(0xffff_fff0) < SeqNumber(0x10));
        assert!(SeqNumber(0x10) > SeqNumber(0xffff_fff0));
        assert_eq!(SeqNumber(0x10).since(SeqNumber(0xffff_fff0)), 0x20);
        assert_eq!(SeqNumber(u32::MAX) + 1, SeqNumber(0));
    }
}
