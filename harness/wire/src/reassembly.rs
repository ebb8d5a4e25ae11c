//! Reassembly of IPv4 (RFC 791 section 3.2) and IPv6 (RFC 8200 section 4.5) fragments.
//!
//! Overlaps: over IPv4, where RFC 791 leaves the choice, the octets that arrived first stand and the overlap is reported; over
//! IPv6 the datagram is dropped, and with it the fragments still to come (RFC 5722 section 4). A fragment that repeats
//! another exactly is no overlap.
//!
//! Memory: at most [`MAX_DATAGRAMS`] unfinished datagrams and [`MAX_OCTETS`] of data; beyond that the oldest is dropped.

use crate::ipv4::Ipv4;
use crate::ipv6::Ipv6;
use crate::{Duration, FrameNumber, Instant};
use std::net::IpAddr;

pub const MAX_DATAGRAMS: usize = 128;
pub const MAX_OCTETS: usize = 4 << 20;

/// RFC 8200 section 4.5: 60 seconds from the first fragment; RFC 1122 section 3.3.2 asks for 60 to 120.
pub const TIMEOUT: Duration = Duration::secs(60);

/// The largest datagram that offsets and lengths can describe.
const MAX_DATAGRAM: usize = 1 << 17;

/// What tells the fragments of one datagram from those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub identification: u32,
    /// IPv4 counts the protocol in (RFC 791 section 3.2); IPv6 does not, and this is that of the first fragment seen.
    pub protocol: u8,
}

impl Identity {
    fn same_datagram(&self, other: &Identity) -> bool {
        (self.source, self.destination, self.identification) == (other.source, other.destination, other.identification)
            && (self.source.is_ipv6() || self.protocol == other.protocol)
    }
}

/// One fragment out of its IP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    pub identity: Identity,
    /// In bytes.
    pub offset: usize,
    pub more: bool,
    pub data: &'a [u8],
    /// The capture lacks some of its data: the datagram can never be completed.
    pub sliced: bool,
}

impl<'a> Fragment<'a> {
    /// None for a whole datagram.
    #[inline]
    pub fn of_ipv4(ip: &Ipv4<'a>) -> Option<Fragment<'a>> {
        ip.is_fragment().then(|| Fragment {
            identity: Identity {
                source: IpAddr::V4(ip.source),
                destination: IpAddr::V4(ip.destination),
                identification: u32::from(ip.id),
                protocol: ip.protocol,
            },
            offset: usize::from(ip.fragment_offset),
            more: ip.more_fragments(),
            data: ip.payload,
            sliced: ip.missing > 0,
        })
    }

    /// None for a whole datagram, for an atomic fragment (RFC 6946), and where extension headers cannot be read.
    #[inline]
    pub fn of_ipv6(ip: &Ipv6<'a>) -> Option<Fragment<'a>> {
        let upper = ip.upper_layer().ok().filter(|upper| upper.is_fragment())?;
        let header = upper.fragment?;
        Some(Fragment {
            identity: Identity {
                source: IpAddr::V6(ip.source),
                destination: IpAddr::V6(ip.destination),
                identification: header.identification,
                protocol: header.next_header,
            },
            offset: usize::from(header.offset),
            more: header.more_fragments,
            data: upper.payload,
            sliced: upper.missing > 0,
        })
    }
}

/// What a fragment led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<'r> {
    /// More are needed.
    Pending,
    /// All octets are here; `protocol` is what the payload begins with.
    Complete {
        protocol: u8,
        payload: &'r [u8],
        frames: &'r [FrameNumber],
        overlapped: bool,
    },
    /// IPv6: the fragment overlaps another; the datagram is dropped.
    Overlap,
    /// The fragment reaches beyond what a datagram can hold, or behind the end that another announced.
    Inconsistent,
}

#[derive(Debug)]
struct Datagram {
    identity: Identity,
    started: Instant,
    data: Vec<u8>,
    /// Filled stretches, ascending, disjoint, not touching.
    filled: Vec<(usize, usize)>,
    /// Known once the last fragment was seen.
    length: Option<usize>,
    frames: Vec<FrameNumber>,
    overlapped: bool,
    /// Dropped for an overlap (IPv6): swallows what still comes.
    poisoned: bool,
}

/// Unfinished datagrams, oldest first.
#[derive(Debug, Default)]
pub struct Reassembler {
    pending: Vec<Datagram>,
    octets: usize,
    /// The datagram completed last, kept for the borrow in [`Outcome::Complete`].
    done: Option<Datagram>,
    /// Datagrams dropped for want of room or time.
    pub dropped: u64,
}

impl Reassembler {
    /// Takes one fragment, in the order of the capture.
    pub fn push(&mut self, time: Instant, frame: FrameNumber, fragment: Fragment<'_>) -> Outcome<'_> {
        self.expire(time);
        let end = fragment.offset + fragment.data.len();
        if end > MAX_DATAGRAM {
            return Outcome::Inconsistent;
        }
        let at = self.find_or_begin(time, &fragment);
        let Some(datagram) = self.pending.get_mut(at) else {
            return Outcome::Pending;
        };
        let before = datagram.data.len();
        let verdict = datagram.take(frame, &fragment, end);
        self.octets = self.octets + datagram.data.len() - before;
        match verdict {
            Taken::Overlap => return Outcome::Overlap,
            Taken::Inconsistent => return Outcome::Inconsistent,
            Taken::Yes if !datagram.is_complete() => {
                self.make_room();
                return Outcome::Pending;
            }
            Taken::Yes => {}
        }
        let datagram = self.remove(at);
        let done = self.done.insert(datagram);
        Outcome::Complete {
            protocol: done.identity.protocol,
            payload: &done.data,
            frames: &done.frames,
            overlapped: done.overlapped,
        }
    }

    /// Unfinished datagrams, those included whose remaining fragments are to be swallowed.
    pub fn datagrams(&self) -> usize {
        self.pending.len()
    }

    /// Octets of data held for them.
    pub fn octets(&self) -> usize {
        self.octets
    }

    fn find_or_begin(&mut self, time: Instant, fragment: &Fragment<'_>) -> usize {
        let known = self
            .pending
            .iter()
            .position(|datagram| datagram.identity.same_datagram(&fragment.identity));
        known.unwrap_or_else(|| {
            if self.pending.len() >= MAX_DATAGRAMS {
                self.remove(0);
                self.dropped += 1;
            }
            self.pending.push(Datagram {
                identity: fragment.identity,
                started: time,
                data: Vec::new(),
                filled: Vec::new(),
                length: None,
                frames: Vec::new(),
                overlapped: false,
                poisoned: false,
            });
            self.pending.len() - 1
        })
    }

    fn expire(&mut self, now: Instant) {
        while self
            .pending
            .first()
            .is_some_and(|oldest| now - oldest.started > TIMEOUT)
        {
            self.remove(0);
            self.dropped += 1;
        }
    }

    fn make_room(&mut self) {
        while self.octets > MAX_OCTETS && !self.pending.is_empty() {
            self.remove(0);
            self.dropped += 1;
        }
    }

    fn remove(&mut self, at: usize) -> Datagram {
        let datagram = self.pending.remove(at);
        self.octets -= datagram.data.len();
        datagram
    }
}

enum Taken {
    Yes,
    Overlap,
    Inconsistent,
}

impl Datagram {
    fn take(&mut self, frame: FrameNumber, fragment: &Fragment<'_>, end: usize) -> Taken {
        if self.poisoned {
            return Taken::Overlap;
        }
        // The capture does not say where the data of a sliced fragment end, only that it is not before `end`.
        let last = !fragment.more && !fragment.sliced;
        let beyond = self
            .length
            .is_some_and(|length| end > length || (last && end != length));
        let cuts = last && self.filled.last().is_some_and(|&(_, filled)| filled > end);
        if beyond || cuts {
            return Taken::Inconsistent;
        }
        if self.frames.len() < 64 {
            self.frames.push(frame);
        }
        if last {
            self.length = Some(end);
        }
        // RFC 8200 section 4.5: the next header of the first fragment counts.
        if fragment.offset == 0 {
            self.identity.protocol = fragment.identity.protocol;
        }
        if fragment.sliced {
            return Taken::Yes; // its stretch stays open
        }
        self.fill(fragment, end)
    }

    fn fill(&mut self, fragment: &Fragment<'_>, end: usize) -> Taken {
        let start = fragment.offset;
        if self.data.len() < end {
            self.data.resize(end, 0);
        }
        if self.filled.iter().any(|&(from, to)| from < end && start < to) {
            if self.data.get(start..end) == Some(fragment.data)
                && self.filled.iter().any(|&(from, to)| from <= start && end <= to)
            {
                return Taken::Yes; // an exact repetition
            }
            if self.identity.source.is_ipv6() {
                (self.poisoned, self.data, self.filled) = (true, Vec::new(), Vec::new());
                return Taken::Overlap;
            }
            self.overlapped = true;
        }
        self.copy_into_gaps(start, fragment.data);
        self.mark(start, end);
        Taken::Yes
    }

    /// The octets that arrived first stand.
    fn copy_into_gaps(&mut self, start: usize, octets: &[u8]) {
        let end = start + octets.len();
        let mut at = start;
        for &(from, to) in self.filled.iter().chain([&(end, end)]) {
            let until = from.clamp(at, end);
            if let (Some(place), Some(new)) = (self.data.get_mut(at..until), octets.get(at - start..until - start)) {
                place.copy_from_slice(new);
            }
            at = at.max(to).min(end);
        }
    }

    fn mark(&mut self, start: usize, end: usize) {
        let (mut start, mut end) = (start, end);
        self.filled.retain(|&(from, to)| {
            let touches = from <= end && start <= to;
            if touches {
                (start, end) = (start.min(from), end.max(to));
            }
            !touches
        });
        let at = self.filled.partition_point(|&(from, _)| from < start);
        self.filled.insert(at, (start, end));
    }

    fn is_complete(&self) -> bool {
        !self.poisoned
            && self
                .length
                .is_some_and(|length| length > 0 && self.filled.first() == Some(&(0, length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn identity(v6: bool) -> Identity {
        let address = |last: u8| match v6 {
            true => IpAddr::V6(Ipv6Addr::from(u128::from(last))),
            false => IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)),
        };
        Identity {
            source: address(1),
            destination: address(2),
            identification: 7,
            protocol: 17,
        }
    }

    fn fragment(v6: bool, offset: usize, more: bool, data: &[u8]) -> Fragment<'_> {
        Fragment {
            identity: identity(v6),
            offset,
            more,
            data,
            sliced: false,
        }
    }

    fn push<'r>(to: &'r mut Reassembler, second: i64, fragment: Fragment<'_>) -> Outcome<'r> {
        to.push(Instant(second * 1_000_000_000), FrameNumber(1), fragment)
    }

    #[rstest]
    #[case(&[0, 8, 16])]
    #[case(&[16, 8, 0])]
    #[case(&[8, 16, 0])]
    fn fragments_join_in_any_order(#[case] order: &[usize]) {
        let whole: Vec<u8> = (0..20).collect();
        let mut all = Reassembler::default();
        for (nth, &offset) in order.iter().enumerate() {
            let end = (offset + 8).min(20);
            let outcome = push(&mut all, 0, fragment(false, offset, end < 20, &whole[offset..end]));
            match outcome {
                Outcome::Complete { payload, .. } => assert_eq!((payload, nth), (&whole[..], 2)),
                other => assert!(other == Outcome::Pending && nth < 2, "{other:?}"),
            }
        }
    }

    #[test]
    fn over_ipv4_the_octets_that_came_first_stand() {
        let mut all = Reassembler::default();
        push(&mut all, 0, fragment(false, 0, true, &[1; 16]));
        let Outcome::Complete {
            payload, overlapped, ..
        } = push(&mut all, 0, fragment(false, 8, false, &[2; 16]))
        else {
            panic!("not complete")
        };
        assert!(overlapped);
        assert_eq!(payload, [[1; 8], [1; 8], [2; 8]].concat());
    }

    #[test]
    fn over_ipv6_an_overlap_drops_the_datagram_and_what_still_comes() {
        let mut all = Reassembler::default();
        push(&mut all, 0, fragment(true, 0, true, &[1; 16]));
        assert_eq!(push(&mut all, 0, fragment(true, 8, true, &[2; 16])), Outcome::Overlap);
        assert_eq!(push(&mut all, 0, fragment(true, 24, false, &[2; 8])), Outcome::Overlap);
    }

    #[test]
    fn an_exact_repetition_is_no_overlap() {
        let mut all = Reassembler::default();
        push(&mut all, 0, fragment(true, 0, true, &[1; 16]));
        assert_eq!(push(&mut all, 0, fragment(true, 0, true, &[1; 16])), Outcome::Pending);
        assert!(matches!(
            push(&mut all, 0, fragment(true, 16, false, &[2; 8])),
            Outcome::Complete { overlapped: false, .. }
        ));
    }

    #[test]
    fn after_a_minute_a_datagram_begins_anew() {
        let mut all = Reassembler::default();
        push(&mut all, 0, fragment(false, 0, true, &[1; 16]));
        assert_eq!(
            push(&mut all, 61, fragment(false, 16, false, &[2; 8])),
            Outcome::Pending
        );
        assert_eq!(all.dropped, 1);
    }

    #[test]
    fn memory_is_bounded_whatever_arrives() {
        let mut all = Reassembler::default();
        for identification in 0..10_000 {
            let mut one = fragment(false, 60_000, true, &[0; 1400]);
            one.identity.identification = identification;
            push(&mut all, 0, one);
        }
        assert!(all.datagrams() <= MAX_DATAGRAMS && all.octets() <= MAX_OCTETS);
    }

    #[test]
    fn a_last_fragment_that_the_capture_cut_off_does_not_end_the_datagram() {
        let mut all = Reassembler::default();
        let mut cut_off = fragment(false, 8, false, &[]);
        cut_off.sliced = true;
        push(&mut all, 0, cut_off);
        assert_eq!(push(&mut all, 0, fragment(false, 0, true, &[1; 8])), Outcome::Pending);
        assert!(matches!(
            push(&mut all, 0, fragment(false, 8, false, &[2; 8])),
            Outcome::Complete {
                payload: [1, .., 2],
                ..
            }
        ));
    }

    #[test]
    fn an_end_that_moves_is_inconsistent() {
        let mut all = Reassembler::default();
        push(&mut all, 0, fragment(false, 16, false, &[1; 8]));
        assert_eq!(
            push(&mut all, 0, fragment(false, 24, false, &[1; 8])),
            Outcome::Inconsistent
        );
    }
}
