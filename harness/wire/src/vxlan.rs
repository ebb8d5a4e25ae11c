//! VXLAN, RFC 7348 section 5.

use crate::ParseError;
use crate::read::fixed;
use nom::number::complete::be_u32;

/// RFC 7348 section 5: the assigned UDP port.
pub const PORT: u16 = 4789;

/// The header; an Ethernet frame follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vxlan<'a> {
    /// Flags (8 bits) and reserved bits.
    pub flags: u32,
    /// VNI (24 bits) and reserved bits.
    pub identifier: u32,
    pub payload: &'a [u8],
}

impl<'a> Vxlan<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Vxlan<'a>, ParseError> {
        let (payload, (flags, identifier)) = fixed("VXLAN", "8 bytes of header", input, (be_u32, be_u32))?;
        Ok(Vxlan {
            flags,
            identifier,
            payload,
        })
    }

    /// The network identifier, 0..=16777215.
    pub const fn vni(&self) -> u32 {
        self.identifier >> 8
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.flags.to_be_bytes());
        out.extend(self.identifier.to_be_bytes());
        out.extend(self.payload);
    }
}
