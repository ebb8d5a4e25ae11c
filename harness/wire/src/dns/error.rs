//! Why, and where, the reading of a message stopped.

use crate::ParseError;
use std::fmt;

/// The parts of a message, in order (RFC 1035 section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    Header,
    Question,
    Answer,
    Authority,
    Additional,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Section::Header => "header",
            Section::Question => "question",
            Section::Answer => "answer",
            Section::Authority => "authority",
            Section::Additional => "additional",
        })
    }
}

/// What stood in the way. Each form that an RFC refuses has its own, so that a check can tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The message, or the record's data, ends within the field.
    Truncated,
    /// A label that starts with bits 01 or 10: reserved (RFC 1035 section 4.1.4).
    ReservedLabel { octet: u8 },
    /// A pointer to itself or to what comes after it, not to a prior occurrence (RFC 1035 section 4.1.4).
    ForwardPointer { target: u16 },
    /// A pointer to the labels that lead to it: the name never ends.
    CyclicPointer { target: u16 },
    /// A pointer beyond the end of the message.
    PointerOutside { target: u16 },
    /// More pointers in one name than it can have labels.
    PointerChain,
    /// More than 255 octets in all (RFC 1035 section 2.3.4).
    NameTooLong,
    /// The field ends before or after the end that its length gives.
    Length { expected: &'static str },
}

impl Problem {
    /// What would have been acceptable.
    pub const fn expected(self) -> &'static str {
        match self {
            Problem::Truncated => "more bytes",
            Problem::ReservedLabel { .. } => "a label of up to 63 octets, or a pointer (bits 00 or 11)",
            Problem::ForwardPointer { .. } => "a pointer to an earlier name",
            Problem::CyclicPointer { .. } => "a pointer to before this name",
            Problem::PointerOutside { .. } => "a pointer into the message",
            Problem::PointerChain => "at most 127 pointers in one name",
            Problem::NameTooLong => "at most 255 octets of name",
            Problem::Length { expected } => expected,
        }
    }
}

/// What could not be read, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error {
    pub section: Section,
    /// The question or record within its section, from 0.
    pub index: u16,
    /// As the RFC names it: `NAME`, `RDLENGTH`, `MNAME`.
    pub field: &'static str,
    /// Bytes from the start of the message.
    pub offset: usize,
    pub problem: Problem,
}

impl From<Error> for ParseError {
    fn from(error: Error) -> ParseError {
        ParseError::new("DNS", error.field, error.offset, error.problem.expected())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DNS: {}", self.section)?;
        if self.section != Section::Header {
            write!(f, " {}", self.index)?;
        }
        write!(
            f,
            ": {} at byte {}: expected {}",
            self.field,
            self.offset,
            self.problem.expected()
        )
    }
}

impl std::error::Error for Error {}

/// An error within a field, before its place in the message is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub field: &'static str,
    pub offset: usize,
    pub problem: Problem,
}

impl Fault {
    pub const fn at(self, section: Section, index: u16) -> Error {
        Error {
            section,
            index,
            field: self.field,
            offset: self.offset,
            problem: self.problem,
        }
    }
}
