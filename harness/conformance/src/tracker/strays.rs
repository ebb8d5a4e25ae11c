//! Where TS.Recent (RFC 7323 section 4.3) of an end may be, other than where what it took has put it.

use super::segment::Segment;
use arrayvec::ArrayVec;

/// More than a peer that contradicts itself so often would tell nobody.
const MOST: usize = 6;

/// TSvals that came at or below RCV.NXT on what was dropped, and was not old: section 5.3 (R3) may have TS.Recent at any of them, before anything else
/// that was wrong with their segments was seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Strays(ArrayVec<u32, MOST>);

impl Strays {
    /// A segment with `tsval` was dropped. What fails R1, wherever TS.Recent is, changes nothing.
    pub fn note(&mut self, recent: Option<u32>, tsval: u32) {
        let passes = recent.iter().chain(&self.0).any(|&base| !is_older(tsval, base));
        if !passes || self.0.contains(&tsval) {
            return;
        }
        // The earliest and the latest tell most.
        if self.0.is_full() {
            self.0.remove(MOST / 2);
        }
        self.0.push(tsval);
        let base = recent.unwrap_or(tsval);
        self.0.sort_unstable_by_key(|one| one.wrapping_sub(base));
    }

    /// Wherever TS.Recent was, it is at `tsval` now, unless it was later already.
    pub fn settle(&mut self, tsval: u32) {
        self.0.retain(|stray| is_older(tsval, *stray));
    }

    /// It may be where this segment is old.
    pub fn may_refuse(&self, segment: &Segment<'_>) -> bool {
        let value = segment.options.timestamps.map(|(value, _)| value);
        value.is_some_and(|value| self.0.iter().any(|&stray| is_older(value, stray)))
    }

    /// It may be where this segment is not old.
    pub fn may_pass(&self, segment: &Segment<'_>) -> bool {
        let value = segment.options.timestamps.map(|(value, _)| value);
        value.is_some_and(|value| self.0.iter().any(|&stray| !is_older(value, stray)))
    }
}

/// Modulo 2^32, as RFC 7323 section 5.2 compares them.
pub(super) fn is_older(tsval: u32, base: u32) -> bool {
    (tsval.wrapping_sub(base) as i32) < 0
}
