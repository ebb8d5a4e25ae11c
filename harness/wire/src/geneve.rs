//! Geneve, RFC 8926 section 3.

use crate::read::{NomError, fixed, part};
use crate::{EtherType, ParseError};
use nom::number::complete::{be_u16, be_u32, u8};

/// RFC 8926 section 3.3: the assigned UDP port, of the destination.
pub const PORT: u16 = 6081;

/// RFC 8926 section 3.4: a control message, and options that the tunnel's end must understand.
const CONTROL: u8 = 0x80;
const CRITICAL: u8 = 0x40;

/// The header and its options; what [`Geneve::protocol`] names follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geneve<'a> {
    /// 0..=3. Of any but 0 nothing is known, the header's form included (RFC 8926 section 3.4).
    pub version: u8,
    /// Two flags and six reserved bits.
    pub flags: u8,
    /// An EtherType; that of transparent bridging where an Ethernet frame follows.
    pub protocol: EtherType,
    /// VNI (24 bits) and reserved bits.
    pub identifier: u32,
    /// Options as they stand (RFC 8926 section 3.5): whole words, 63 at most.
    pub options: &'a [u8],
    pub payload: &'a [u8],
}

impl<'a> Geneve<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Geneve<'a>, ParseError> {
        let (rest, (first, flags, protocol, identifier)) = fixed(
            "Geneve",
            "8 bytes of header",
            input,
            (u8::<_, NomError<'_>>, u8, be_u16, be_u32),
        )?;
        let length = usize::from(first & 0x3f) * 4;
        let (payload, options) = part(
            "Geneve",
            "options",
            "as many words as Opt Len says",
            input,
            rest,
            length,
        )?;
        Ok(Geneve {
            version: first >> 6,
            flags,
            protocol: EtherType(protocol),
            identifier,
            options,
            payload,
        })
    }

    /// The network identifier, 0..=16777215.
    pub const fn vni(&self) -> u32 {
        self.identifier >> 8
    }

    /// A message between the tunnel's ends, which nobody on the way may interpret.
    pub const fn is_control(&self) -> bool {
        self.flags & CONTROL != 0
    }

    pub const fn has_critical_options(&self) -> bool {
        self.flags & CRITICAL != 0
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.version << 6 | (self.options.len() / 4) as u8 & 0x3f);
        out.push(self.flags);
        out.extend(self.protocol.0.to_be_bytes());
        out.extend(self.identifier.to_be_bytes());
        out.extend(self.options);
        out.extend(self.payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_stand_between_header_and_frame() {
        let bytes = [
            0x02, 0x40, 0x65, 0x58, 0, 0x12, 0x34, 0, 1, 2, 0x83, 1, 9, 9, 9, 9, 0xaa, 0xbb,
        ];
        let read = Geneve::parse(&bytes).unwrap();
        assert_eq!((read.version, read.vni(), read.protocol.0), (0, 0x1234, 0x6558));
        assert!(read.has_critical_options() && !read.is_control());
        assert_eq!((read.options, read.payload), (&bytes[8..16], &bytes[16..]));
        let mut written = Vec::new();
        read.emit(&mut written);
        assert_eq!(written, bytes);
    }

    #[test]
    fn a_header_or_options_that_are_cut_are_told_where() {
        let short = Geneve::parse(&[0, 0, 8, 0]).unwrap_err();
        assert_eq!((short.field, short.offset), ("header", 4));
        let short = Geneve::parse(&[1, 0, 8, 0, 0, 0, 0, 0, 1]).unwrap_err();
        assert_eq!((short.field, short.offset), ("options", 9));
    }
}
