//! The two byte streams of a connection, as far as they come in sequence.

use crate::tracker::{Checksum, Segment};
use wire::SeqNumber;

/// Where each end's stream goes on: the first end's, the second's (none before it has sent data).
#[derive(Debug, Clone, Copy)]
pub(crate) struct InOrder {
    next: [Option<SeqNumber>; 2],
}

/// Octets are missing, or cannot be trusted: nothing is to be read across them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hole;

impl InOrder {
    /// The first end's stream begins at `first`; the other's with the first data seen of it.
    pub fn new(first: SeqNumber) -> InOrder {
        InOrder {
            next: [Some(first), None],
        }
    }

    /// The octets of `segment` that come next in the stream of `side` (0 or 1); empty for copies and retransmissions.
    pub fn fresh<'a>(&mut self, side: usize, segment: &Segment<'a>) -> Result<&'a [u8], Hole> {
        let Some(next) = self.next.get_mut(side) else {
            return Err(Hole);
        };
        let place = next.unwrap_or(segment.seq);
        let behind = place.since(segment.seq);
        if behind < 0 || segment.sliced() || segment.checksum == Checksum::Wrong {
            return Err(Hole);
        }
        let fresh = segment.payload.get(behind as usize..).unwrap_or_default();
        *next = Some(place + fresh.len() as u32);
        Ok(fresh)
    }
}
