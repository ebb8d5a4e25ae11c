//! The line before a chunk: RFC 9112 section 7.1.

use super::irregular::{Irregular, line, trim};

/// A chunk's size and extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSize<'a> {
    /// In octets; 0 for the last chunk.
    pub size: u64,
    /// From the first semicolon on, as sent; empty without any.
    pub extensions: &'a [u8],
    pub irregular: Irregular,
}

impl<'a> ChunkSize<'a> {
    /// None where there is no size, one beyond 64 bits, or something else than an extension after it.
    pub fn parse(bytes: &'a [u8]) -> Option<ChunkSize<'a>> {
        let (text, irregular) = line(bytes);
        let digits = text.iter().take_while(|octet| octet.is_ascii_hexdigit()).count();
        let (digits, rest) = text.split_at_checked(digits)?;
        let extensions = trim(rest);
        if digits.is_empty() || !matches!(extensions, [] | [b';', ..]) {
            return None;
        }
        let mut size = 0u64;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16)?;
            size = size.checked_mul(16)? | u64::from(digit);
        }
        Some(ChunkSize {
            size,
            extensions,
            irregular,
        })
    }
}
