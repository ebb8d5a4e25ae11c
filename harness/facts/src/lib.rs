//! What is in a capture, counted: packets, streams, flags, resends, bad checksums, DNS and HTTP messages.
//!
//! Counts and their names are those that Wireshark's field filters give, so that anyone can check them with a tool that
//! they know. Nothing here judges; the verdicts are the business of `conformance`.
#![forbid(unsafe_code)]

mod analysis;
mod checksums;
mod dns;
mod encapsulation;
mod facts;
mod http;
mod streams;
mod survey;

pub use facts::{COLUMNS, Facts};
pub use streams::Flow;

use capture::{Capture, CaptureError};

/// Reads a capture to its end. Counts stand for what could be read, also when an error ended the reading.
pub fn count(capture: &mut Capture) -> (Facts, Option<CaptureError>) {
    let (facts, _, error) = count_with_flows(capture);
    (facts, error)
}

/// The same, with the counts of every TCP stream, in the order in which they began.
pub fn count_with_flows(capture: &mut Capture) -> (Facts, Vec<Flow>, Option<CaptureError>) {
    let mut survey = survey::Survey::default();
    let error = loop {
        match capture.next_frame() {
            Ok(Some(frame)) => survey.frame(&frame),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let numbered = capture.frames();
    let (facts, flows) = survey.finish(numbered);
    (facts, flows, error)
}
