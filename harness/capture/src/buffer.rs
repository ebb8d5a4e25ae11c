//! A window onto the stream, wide enough for the record that is being read.
//!
//! pcap-file's own readers are not used: their window is fixed at 8 MB, so that a longer record ends the file with a
//! misleading error, and it is zeroed anew for each of a thousand small files.

use std::io::{ErrorKind, Read};
use std::ops::Range;

use crate::error::{Fault, Problem};

pub(crate) struct Buffer {
    source: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Where `start` is in the stream.
    offset: u64,
    ended: bool,
}

impl Buffer {
    pub fn new(source: Box<dyn Read + Send>) -> Buffer {
        Buffer {
            source,
            bytes: vec![0; INITIAL_SIZE],
            start: 0,
            end: 0,
            offset: 0,
            ended: false,
        }
    }

    /// Bytes of the stream before the window: those consumed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What has been read and not consumed.
    #[inline]
    pub fn window(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    pub fn window_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..self.end).unwrap_or_default()
    }

    /// Gives up the first `count` bytes and says where they lie: they stay readable by `get` until the next `fill`.
    #[inline]
    pub fn consume(&mut self, count: usize) -> Range<usize> {
        let from = self.start;
        self.start = from.saturating_add(count).min(self.end);
        self.offset += (self.start - from) as u64;
        from..self.start
    }

    #[inline]
    pub fn get(&self, consumed: Range<usize>) -> &[u8] {
        self.bytes.get(consumed).unwrap_or_default()
    }

    /// Makes the window at least `want` bytes wide; false when the stream ends before.
    #[inline]
    pub fn fill(&mut self, want: usize) -> Result<bool, Fault> {
        if self.end - self.start >= want {
            Ok(true)
        } else {
            self.read_until(want)
        }
    }

    #[cold]
    fn read_until(&mut self, want: usize) -> Result<bool, Fault> {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        while self.end < want && !self.ended {
            if self.end == self.bytes.len() {
                // Grows only when full, and at most twofold: what a length field claims is believed as the bytes arrive.
                self.bytes.resize(self.bytes.len().saturating_mul(2), 0);
            }
            match self.source.read(self.bytes.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end = self.end.saturating_add(count).min(self.bytes.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    return Err(Fault::new(self.offset + self.end as u64, Problem::Unreadable(error)));
                }
            }
        }
        Ok(self.end >= want)
    }
}

/// Large enough that a system call costs nothing per packet, small enough to stay in the second-level cache.
const INITIAL_SIZE: usize = 256 * 1024;
