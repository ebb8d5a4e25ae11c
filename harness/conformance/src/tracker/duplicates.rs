//! Packets that the capture point saw twice: a mirror port that copies both directions, a capture on both sides of a router.

use super::segment::Segment;
use wire::{Duration, Instant};

/// Copies without an IP identification of their own come this soon after the original. A stack that sends a segment again
/// has waited for a round trip or a timer.
const SOON: Duration = Duration::millis(5);
/// With the same IP identification, and everything else the same, a segment is a copy even this late (RFC 6864 section 4.3:
/// identifications do not repeat within a datagram's lifetime).
const LATE: Duration = Duration::millis(500);
/// Segments of one end that are remembered.
const KEPT: usize = 16;

/// The last few segments of one end, by everything that two sightings of one packet share.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    prints: [u64; KEPT],
    times: [Instant; KEPT],
    next: u8,
}

impl Recent {
    /// Notes `segment`, and tells what it is.
    ///
    /// The IP identification tells a copy from a retransmission. Where it is absent or zero (IPv6, RFC 6864 atomic datagrams)
    /// data within [`SOON`] is still a copy, but equal pure acknowledgements may be real duplicates (RFC 5681 section 4.2):
    /// they are copies only on a capture that `copies` already.
    #[inline]
    pub(super) fn sight(&mut self, segment: &Segment<'_>, copies: bool) -> Sighting {
        let print = fingerprint(segment);
        let mut sighting = Sighting::First;
        if self.prints.contains(&print) {
            sighting = self.again(print, segment, copies);
        }
        if sighting == Sighting::Copy {
            return sighting;
        }
        let place = usize::from(self.next) % KEPT;
        (self.prints[place], self.times[place]) = (print, segment.time);
        self.next = (self.next + 1) % KEPT as u8;
        sighting
    }

    #[cold]
    fn again(&self, print: u64, segment: &Segment<'_>, copies: bool) -> Sighting {
        let identified = segment.ip.id.is_some_and(|id| id != 0);
        let patience = if identified { LATE } else { SOON };
        let earlier = self.prints.iter().zip(&self.times).find(|(other, _)| **other == print);
        let soon = earlier.is_some_and(|(_, &time)| (segment.time - time).abs() <= patience);
        match (soon && (identified || !segment.is_empty() || copies), identified) {
            (true, _) => Sighting::Copy,
            (false, true) => Sighting::First,
            (false, false) => Sighting::Perhaps,
        }
    }
}

/// Whether a segment was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sighting {
    First,
    /// The same packet once more.
    Copy,
    /// Equal in everything, without an identification that would tell: sent again, or copied by the network on its way here.
    Perhaps,
}

fn fingerprint(segment: &Segment<'_>) -> u64 {
    let (tsval, tsecr) = segment.options.timestamps.unwrap_or_default();
    let words = [
        u64::from(segment.seq.0) << 32 | u64::from(segment.ack.0),
        u64::from(segment.checksum_field) << 48 | u64::from(segment.flags.0) << 32 | u64::from(segment.payload_len),
        u64::from(segment.ip.id.unwrap_or(0)) << 32 | u64::from(segment.wnd),
        u64::from(tsval) << 32 | u64::from(tsecr),
    ];
    // A multiplicative mix; a collision would only matter between neighbours of one connection.
    words.iter().fold(0, |hash: u64, word| {
        (hash.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}
