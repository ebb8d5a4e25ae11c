//! One direction's octets, by their place: 0 is the one behind the SYN.

use wire::SeqNumber;

/// How far ahead of everything known a segment may lie and still belong to the stream: the largest windows in use.
const MAX_AHEAD: u64 = 16 << 20;
/// Octets that nobody captured, in all: memory that no input has paid for.
const MAX_LACKING: u64 = 32 << 20;

/// Octets put together from segments in any order. Of octets that came twice the first ones stay.
#[derive(Debug, Clone, Default)]
pub struct Stream {
    /// Zeros where nothing is known.
    octets: Vec<u8>,
    /// Places that are known: sorted, apart from each other.
    known: Vec<(u64, u64)>,
    given: u64,
    /// Some octet came twice, and differed.
    pub ambiguous: bool,
}

impl Stream {
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Behind the last octet.
    pub fn len(&self) -> u64 {
        self.octets.len() as u64
    }

    /// Behind the last octet that has all before it.
    pub fn contiguous(&self) -> u64 {
        self.known
            .first()
            .filter(|range| range.0 == 0)
            .map_or(0, |range| range.1)
    }

    /// Octets `from..to`, as far as there are any.
    pub fn range(&self, from: u64, to: u64) -> &[u8] {
        let end = to.min(self.len()) as usize;
        self.octets.get((from as usize).min(end)..end).unwrap_or_default()
    }

    /// Adds octets. False when they lie so far ahead that they are no part of the stream.
    pub fn add(&mut self, at: u64, octets: &[u8]) -> bool {
        let end = at + octets.len() as u64;
        let far = at > self.len() + MAX_AHEAD || end > self.given + octets.len() as u64 + MAX_LACKING;
        if octets.is_empty() || far {
            return !far;
        }
        self.given += octets.len() as u64;
        if self.len() < end {
            self.octets.resize(end as usize, 0);
        }
        let mut from = at;
        let first = self.known.partition_point(|range| range.1 <= at);
        // What is new is taken, what is known is compared.
        for &(known, behind) in self.known.iter().skip(first).take_while(|range| range.0 < end) {
            copy(&mut self.octets, at, octets, from, known);
            let (a, b) = (known.max(at), behind.min(end));
            self.ambiguous |=
                self.octets.get(a as usize..b as usize) != octets.get((a - at) as usize..(b - at) as usize);
            from = behind;
        }
        copy(&mut self.octets, at, octets, from, end);
        self.know(at, end);
        true
    }

    fn know(&mut self, at: u64, end: u64) {
        let first = self.known.partition_point(|range| range.1 < at);
        let last = self.known.partition_point(|range| range.0 <= end);
        let merged = self.known.get(first..last).unwrap_or_default();
        let from = merged.first().map_or(at, |range| range.0.min(at));
        let to = merged.last().map_or(end, |range| range.1.max(end));
        self.known.splice(first..last.max(first), [(from, to)]);
    }

    /// Places below `until` that nobody sent, as far as the capture shows.
    pub fn gaps(&self, until: u64) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut from = 0;
        for &(known, behind) in self.known.iter().chain(&[(until, until)]) {
            if from < known.min(until) {
                gaps.push((from, known.min(until)));
            }
            from = from.max(behind);
        }
        gaps
    }
}

/// `octets` stand at `at`: copies those of `from..to`.
fn copy(all: &mut [u8], at: u64, octets: &[u8], from: u64, to: u64) {
    let from = from.max(at);
    let source = octets.get((from - at) as usize..to.saturating_sub(at) as usize);
    if let Some((target, source)) = all.get_mut(from as usize..to as usize).zip(source) {
        target.copy_from_slice(source);
    }
}

/// The place of `seq` in the stream behind `isn`, the one nearest to `near`; negative before its first octet.
pub fn place(seq: SeqNumber, isn: SeqNumber, near: u64) -> i64 {
    let there = isn + 1 + near as u32;
    near as i64 + i64::from(seq.since(there))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn octets_are_put_together_in_any_order() {
        let mut stream = Stream::default();
        assert!(stream.add(6, b"ghi") && stream.add(0, b"abc") && stream.add(2, b"cdefg"));
        assert_eq!(stream.octets(), b"abcdefghi");
        assert_eq!((stream.contiguous(), stream.ambiguous), (9, false));
        assert!(stream.gaps(9).is_empty());
    }

    #[test]
    fn gaps_are_what_nobody_sent() {
        let mut stream = Stream::default();
        stream.add(2, b"ab");
        stream.add(6, b"c");
        assert_eq!(stream.gaps(9), [(0, 2), (4, 6), (7, 9)]);
        assert_eq!(stream.contiguous(), 0);
    }

    #[test]
    fn the_first_copy_of_an_octet_stays_and_another_is_noticed() {
        let mut stream = Stream::default();
        stream.add(0, b"abc");
        stream.add(1, b"bcd");
        assert!(!stream.ambiguous);
        stream.add(2, b"XYZ");
        assert_eq!((stream.octets(), stream.ambiguous), (&b"abcdZ"[..], true));
    }

    #[test]
    fn what_lies_far_ahead_costs_nothing() {
        let mut stream = Stream::default();
        assert!(!stream.add(1 << 30, b"a"));
        assert_eq!(stream.len(), 0);
    }

    #[rstest]
    #[case(0x0000_0005, 0xffff_fff0, 0, 20)]
    #[case(0xffff_fff0, 0xffff_fff0, 0, -1)]
    #[case(0x0000_0001, 0x0000_0000, 0xffff_fff0, 0x1_0000_0000)]
    fn places_are_found_across_the_wrap(#[case] seq: u32, #[case] isn: u32, #[case] near: u64, #[case] at: i64) {
        assert_eq!(place(SeqNumber(seq), SeqNumber(isn), near), at);
    }
}
