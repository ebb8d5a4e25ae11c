//! MPLS label stack entries, RFC 3032 section 2.1.

use crate::ParseError;
use crate::read::fixed;
use nom::number::complete::be_u32;

/// One entry and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mpls<'a> {
    /// Label (20 bits), traffic class (3), bottom of stack (1), TTL (8), as one word.
    pub entry: u32,
    pub payload: &'a [u8],
}

impl<'a> Mpls<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Mpls<'a>, ParseError> {
        let (payload, entry) = fixed("MPLS", "4 bytes of label stack entry", input, be_u32)?;
        Ok(Mpls { entry, payload })
    }

    /// 0..=1048575.
    pub const fn label(&self) -> u32 {
        self.entry >> 12
    }

    pub const fn is_bottom(&self) -> bool {
        self.entry & 0x100 != 0
    }

    pub const fn ttl(&self) -> u8 {
        self.entry as u8
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.entry.to_be_bytes());
        out.extend(self.payload);
    }
}
