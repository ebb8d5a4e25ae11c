//! Why bytes could not be read as a header.

/// The unread rest of the input, and what was read from its start.
pub type Parsed<'a, T> = Result<(&'a [u8], T), ParseError>;

/// Which field of which header could not be read, where, and what was expected there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    /// The header, as users know it: `TCP`, `IPv4`, `DNS`.
    pub layer: &'static str,
    /// The field, as its RFC names it: `Data Offset`.
    pub field: &'static str,
    /// Bytes from the start of the header (of the message, for DNS and HTTP).
    pub offset: usize,
    /// What would have been acceptable: `at least 5 words`, `20 bytes`.
    pub expected: &'static str,
}

impl ParseError {
    pub const fn new(layer: &'static str, field: &'static str, offset: usize, expected: &'static str) -> ParseError {
        ParseError {
            layer,
            field,
            offset,
            expected,
        }
    }
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} at byte {}: expected {}",
            self.layer, self.field, self.offset, self.expected
        )
    }
}

impl std::error::Error for ParseError {}
