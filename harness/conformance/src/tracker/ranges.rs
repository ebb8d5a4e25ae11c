//! A small sorted set of sequence ranges: the SACK scoreboard, and what a receiver holds beyond a hole.

use wire::SeqNumber;

/// Ranges kept; more than that many holes at once are merged at the far end, and said so.
const MAX_RANGES: usize = 256;

/// A half-open range of sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub start: SeqNumber,
    pub end: SeqNumber,
}

impl Range {
    pub fn len(&self) -> u32 {
        self.end.0.wrapping_sub(self.start.0)
    }
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

/// Disjoint, ascending (modulo 2^32, within a window of less than 2^31), never touching. Empty costs no heap.
#[derive(Debug, Clone, Default)]
pub struct Ranges(Vec<Range>);

impl Ranges {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Range> + '_ {
        self.0.iter().copied()
    }

    pub fn first(&self) -> Option<Range> {
        self.0.first().copied()
    }

    /// The highest range.
    pub fn last(&self) -> Option<Range> {
        self.0.last().copied()
    }

    /// Octets covered.
    pub fn octets(&self) -> u32 {
        self.0.iter().fold(0, |sum: u32, range| sum.saturating_add(range.len()))
    }

    /// Adds `start..end`, merging what it touches.
    pub fn insert(&mut self, start: SeqNumber, end: SeqNumber) {
        if end <= start {
            return;
        }
        let first = self
            .0
            .iter()
            .position(|range| range.end >= start)
            .unwrap_or(self.0.len());
        let mut merged = Range { start, end };
        let mut last = first;
        while let Some(range) = self.0.get(last).filter(|range| range.start <= merged.end) {
            merged = Range {
                start: merged.start.min(range.start),
                end: merged.end.max(range.end),
            };
            last += 1;
        }
        self.0.splice(first..last, [merged]);
        if self.0.len() > MAX_RANGES {
            self.0.pop();
        }
    }

    /// Forgets everything below `edge`.
    #[inline]
    pub fn drop_below(&mut self, edge: SeqNumber) {
        if self.0.is_empty() {
            return;
        }
        self.0.retain_mut(|range| {
            range.start = range.start.max(edge);
            range.end > range.start
        });
    }

    /// Takes the first range out if it begins at or below `edge`, and returns its end: data that has become contiguous.
    pub fn absorb(&mut self, edge: SeqNumber) -> Option<SeqNumber> {
        let first = self.first().filter(|range| range.start <= edge)?;
        self.0.remove(0);
        Some(first.end)
    }

    /// Whether all of `start..end` is covered.
    pub fn covers(&self, start: SeqNumber, end: SeqNumber) -> bool {
        self.0.iter().any(|range| range.start <= start && end <= range.end)
    }

    /// Whether any octet of `start..end` is covered.
    pub fn touches(&self, start: SeqNumber, end: SeqNumber) -> bool {
        self.0.iter().any(|range| range.start < end && start < range.end)
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(list: &[(u32, u32)]) -> Ranges {
        let mut set = Ranges::default();
        list.iter()
            .for_each(|&(start, end)| set.insert(SeqNumber(start), SeqNumber(end)));
        set
    }

    fn flat(set: &Ranges) -> Vec<(u32, u32)> {
        set.iter().map(|range| (range.start.0, range.end.0)).collect()
    }

    #[test]
    fn touching_ranges_merge_even_across_the_wrap() {
        assert_eq!(flat(&ranges(&[(10, 20), (30, 40), (20, 30)])), [(10, 40)]);
        assert_eq!(flat(&ranges(&[(30, 40), (10, 20)])), [(10, 20), (30, 40)]);
        assert_eq!(flat(&ranges(&[(u32::MAX - 9, 0), (0, 5)])), [(u32::MAX - 9, 5)]);
        assert_eq!(flat(&ranges(&[(10, 20), (12, 15), (5, 50)])), [(5, 50)]);
    }

    #[test]
    fn what_lies_below_the_edge_is_forgotten() {
        let mut set = ranges(&[(10, 20), (30, 40)]);
        set.drop_below(SeqNumber(35));
        assert_eq!(flat(&set), [(35, 40)]);
    }

    #[test]
    fn the_first_range_is_absorbed_once_the_hole_before_it_is_filled() {
        let mut set = ranges(&[(10, 20), (30, 40)]);
        assert_eq!(set.absorb(SeqNumber(9)), None);
        assert_eq!(set.absorb(SeqNumber(10)), Some(SeqNumber(20)));
        assert_eq!(flat(&set), [(30, 40)]);
    }
}
