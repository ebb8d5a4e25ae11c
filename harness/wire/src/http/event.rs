//! What the parser tells.

use super::body::{Framing, Method};
use super::chunked::ChunkSize;
use super::field::{Fields, Survey};
use super::irregular::Irregular;
use super::start_line::StartLine;
use crate::ParseError;

/// In the order of the stream. Each `Head` is followed by one `End`, with chunks and trailers between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    Head(Head<'a>),
    /// A chunk begins; size 0 is the last.
    Chunk(ChunkSize<'a>),
    /// The trailer section of a chunked body (RFC 9112 section 7.1.2), if it has fields.
    Trailers(Fields<'a>),
    End(Ended),
    /// What follows is another protocol's: after a 101, or a 2xx answer to CONNECT.
    Tunnel,
    /// Messages cannot be told apart from here on, until a push begins like a message.
    Lost {
        why: Why,
        /// Bytes from the start of the stream.
        offset: u64,
    },
}

/// Start line and fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    pub start: StartLine<'a>,
    /// Of the start line.
    pub irregular: Irregular,
    pub fields: Fields<'a>,
    pub survey: Survey,
    pub framing: Framing,
    /// Of the request that this response answers, as far as the parser was told.
    pub answered: Method,
    /// Bytes from the start of the stream.
    pub offset: u64,
    /// Empty lines passed over before it (RFC 9112 section 2.2).
    pub empty_lines: u32,
    /// The start line and the fields as sent, with the empty line.
    pub bytes: &'a [u8],
}

impl<'a> Head<'a> {
    /// Each Content-Length sent, in fields or in lists, as text.
    pub fn content_lengths(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.fields.list("content-length")
    }

    /// The transfer codings in the order of their application, with parameters, as text.
    pub fn transfer_codings(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.fields
            .list("transfer-encoding")
            .filter(|coding| !coding.is_empty())
    }
}

/// The end of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Octets of body without chunk framing, those that the capture lacks included.
    pub body: u64,
    /// Octets of these that the capture lacks, where known.
    pub missing: u64,
    /// From the start of the stream to the message and to what follows it.
    pub start: u64,
    pub end: u64,
    /// None for a complete message.
    pub incomplete: Option<Why>,
}

/// Why a message is incomplete, or messages cannot be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The capture lacks bytes that were needed.
    Hole,
    /// The stream ended early.
    Closed,
    /// What should be a start line is none.
    StartLine(ParseError),
    /// A request among responses, or the reverse.
    WrongSide,
    /// A version other than 1.x.
    Version,
    /// A start line and fields, a trailer section or a chunk's line of more than [`super::MAX_HEAD`] bytes.
    TooLong,
    /// By rule 4 or 5 of RFC 9112 section 6.3 the body has no length that could be known.
    Framing,
    /// No chunk size where one was due.
    ChunkSize,
    /// No line end after a chunk's data.
    ChunkEnd,
}
