//! Generic Routing Encapsulation: RFC 2784 with the key and sequence fields of RFC 2890, the source routes of RFC 1701, and
//! the enhanced form of PPTP (RFC 2637).

use crate::read::{NomError, fixed, part};
use crate::{EtherType, ParseError};
use nom::number::complete::{be_u16, be_u32};

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// RFC 2637 section 4.1: version 1 only.
const ACKNOWLEDGMENT: u16 = 0x0080;

/// One header and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gre<'a> {
    /// Flags and version.
    pub flags: u16,
    pub protocol: EtherType,
    /// Checksum and offset, when either is present.
    pub checksum_offset: Option<u32>,
    pub key: Option<u32>,
    pub sequence: Option<u32>,
    pub acknowledgment: Option<u32>,
    pub payload: &'a [u8],
}

impl<'a> Gre<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Gre<'a>, ParseError> {
        let (mut rest, (flags, protocol)) = fixed("GRE", "4 bytes of header", input, (be_u16, be_u16))?;
        let mut field = |present: bool| -> Result<Option<u32>, ParseError> {
            if !present {
                return Ok(None);
            }
            let (after, bytes) = part("GRE", "optional field", "4 bytes for each flag", input, rest, 4)?;
            rest = after;
            let (_, value) = fixed("GRE", "4 bytes", bytes, be_u32::<_, NomError<'_>>)?;
            Ok(Some(value))
        };
        let checksum_offset = field(flags & (CHECKSUM | ROUTING) != 0)?;
        let key = field(flags & KEY != 0)?;
        let sequence = field(flags & SEQUENCE != 0)?;
        let acknowledgment = field(flags & 7 == 1 && flags & ACKNOWLEDGMENT != 0)?;
        Ok(Gre {
            flags,
            protocol: EtherType(protocol),
            checksum_offset,
            key,
            sequence,
            acknowledgment,
            payload: rest,
        })
    }

    /// 0, or 1 for PPTP.
    pub const fn version(&self) -> u8 {
        (self.flags & 7) as u8
    }

    /// RFC 1701 source route entries stand between header and payload: not stepped into.
    pub const fn has_routing(&self) -> bool {
        self.flags & ROUTING != 0
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.flags.to_be_bytes());
        out.extend(self.protocol.0.to_be_bytes());
        for field in [self.checksum_offset, self.key, self.sequence, self.acknowledgment]
            .into_iter()
            .flatten()
        {
            out.extend(field.to_be_bytes());
        }
        out.extend(self.payload);
    }
}
