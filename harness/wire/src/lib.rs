//! Bytes to headers and back: parsers (nom) and matching emitters for everything between a capture's link layer and HTTP.
//!
//! A parser accepts whatever can be delimited and reports it; it never judges. Views borrow from the input, nothing is
//! copied. No I/O, no clock, no thread.
#![forbid(unsafe_code)]

pub mod checksum;
pub mod error;
pub mod link;
pub mod seq;
pub mod tcp;
pub mod time;

pub use error::{ParseError, Parsed};
pub use seq::SeqNumber;
pub use time::{Duration, Instant};

/// A frame's number in its capture, counted from 1, as Wireshark shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FrameNumber(pub u32);

impl std::fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
