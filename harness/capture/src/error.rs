//! What is wrong with a capture, and at which of its bytes.

use std::io;

use wire::FrameNumber;

/// Why a capture could not be read, or not be read further. Every frame before the fault has been delivered.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {}{problem}{}", place(*.offset, *.compressed), frame_suffix(*.frame))]
pub struct CaptureError {
    /// The file as the caller named it.
    pub file: String,
    /// Bytes from the start of the file (of the decompressed data when `compressed`); absent when it could not be opened.
    pub offset: Option<u64>,
    /// Whether the file is in gzip or zstd, so that `offset` counts decompressed bytes.
    pub compressed: bool,
    /// The frame that was due, where the fault lies in one.
    pub frame: Option<FrameNumber>,
    /// Part of the message, so that it is no source of its own.
    pub problem: Problem,
}

/// What was found, and what was expected there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    #[error("cannot read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("is empty, expected a pcap or pcapng capture")]
    Empty,
    #[error("starts with {found}, expected the magic number of pcap, pcapng, gzip or zstd")]
    NotACapture {
        /// The first bytes, in hexadecimal.
        found: String,
    },
    #[error("the file ends inside the {what}: expected {expected} bytes, found {found}")]
    CutShort {
        what: &'static str,
        expected: u64,
        found: u64,
    },
    #[error("{format} version {major}.{minor}, expected {expected}")]
    Version {
        format: &'static str,
        major: u16,
        minor: u16,
        expected: &'static str,
    },
    #[error("link-layer field is {found:#010x}, expected its reserved bits (mask 0x03ff0000) to be zero")]
    LinkReserved { found: u32 },
    #[error("{what} is {found}, at most {most}")]
    TooLarge { what: &'static str, found: u64, most: u64 },
    #[error("{what} is {found}, at least {least}")]
    TooSmall { what: &'static str, found: u64, least: u64 },
    #[error("block starts with length {first} and ends with length {second}, expected the same")]
    LengthsDiffer { first: u32, second: u32 },
    #[error("byte-order magic of the section is {found:#010x}, expected 0x1a2b3c4d in either byte order")]
    ByteOrderMagic { found: u32 },
    #[error("packet of interface {found}, but the section has described {known} so far")]
    UnknownInterface { found: u32, known: usize },
    /// A refusal of the format library that none of the others names.
    #[error("{0}")]
    Format(String),
}

/// A problem and its place, before the capture adds its name and the frame.
#[derive(Debug)]
pub(crate) struct Fault {
    pub offset: u64,
    pub problem: Problem,
}

impl Fault {
    pub fn new(offset: u64, problem: Problem) -> Fault {
        Fault { offset, problem }
    }
}

fn place(offset: Option<u64>, compressed: bool) -> String {
    match offset {
        Some(offset) if compressed => format!("byte {offset} of the decompressed data: "),
        Some(offset) => format!("byte {offset}: "),
        None => String::new(),
    }
}

fn frame_suffix(frame: Option<FrameNumber>) -> String {
    frame.map(|number| format!(" (frame {number})")).unwrap_or_default()
}
