//! What one end has sent and its peer has not yet acknowledged: which octets, when first and last, how often.

use std::collections::VecDeque;
use wire::{FrameNumber, Instant, SeqNumber};

/// Records kept per end. A flight of more segments than this loses its oldest records, and facts about them with it.
const MAX_RECORDS: usize = 4096;

/// A stretch of sequence space that was first sent in one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    pub start: SeqNumber,
    pub end: SeqNumber,
    pub first_time: Instant,
    pub last_time: Instant,
    pub first_frame: FrameNumber,
    pub last_frame: FrameNumber,
    /// How often any of it was sent, the first time included; saturates.
    pub times: u16,
    /// A hash over the data when all of it was captured and it carried some; 0 where unknown.
    pub digest: u16,
    /// TSval of the segment that carried it first; 0 without timestamps.
    pub tsval: u32,
}

/// Unacknowledged records in sequence order.
#[derive(Debug, Clone, Default)]
pub struct SentQueue {
    records: VecDeque<Record>,
    /// Records were dropped for want of room.
    pub overflowed: bool,
}

impl SentQueue {
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter()
    }

    pub fn front(&self) -> Option<&Record> {
        self.records.front()
    }

    pub fn back(&self) -> Option<&Record> {
        self.records.back()
    }

    /// The records that share octets with `start..end`.
    pub fn overlapping(&self, start: SeqNumber, end: SeqNumber) -> impl Iterator<Item = &Record> {
        let from = self.records.partition_point(|record| record.end <= start);
        self.records.range(from..).take_while(move |record| record.start < end)
    }

    /// Adds a record; in order at the back as a rule, elsewhere when a hole is filled.
    #[inline]
    pub fn push(&mut self, record: Record) {
        if self.records.back().is_none_or(|back| back.end <= record.start) {
            self.records.push_back(record);
        } else {
            let at = self.records.partition_point(|other| other.start < record.start);
            self.records.insert(at, record);
        }
        if self.records.len() > MAX_RECORDS {
            self.records.pop_front();
            self.overflowed = true;
        }
    }

    /// Notes that `start..end` was sent again.
    pub fn resent(&mut self, start: SeqNumber, end: SeqNumber, time: Instant, frame: FrameNumber) {
        let from = self.records.partition_point(|record| record.end <= start);
        for record in self.records.range_mut(from..).take_while(|record| record.start < end) {
            record.times = record.times.saturating_add(1);
            record.last_time = time;
            record.last_frame = frame;
        }
    }

    /// Forgets what lies wholly below `edge`, and returns the record whose end is exactly `edge`: the one that an
    /// acknowledgement up to there most likely answers.
    #[inline]
    pub fn acknowledge(&mut self, edge: SeqNumber) -> Option<Record> {
        let mut answered = None;
        while let Some(front) = self.records.front().filter(|front| front.end <= edge) {
            answered = (front.end == edge).then_some(*front);
            self.records.pop_front();
        }
        answered
    }
}
