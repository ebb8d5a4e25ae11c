//! VLAN tags: IEEE 802.1Q, and 802.1ad and older stacks of them.

use crate::read::fixed;
use crate::{EtherType, ParseError};
use nom::number::complete::be_u16;

/// One tag, without the EtherType that announced it, and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vlan<'a> {
    /// Priority, drop-eligible bit and VLAN identifier as one word.
    pub control: u16,
    /// The type of what follows, or an 802.3 length.
    pub type_or_length: u16,
    pub payload: &'a [u8],
}

impl<'a> Vlan<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Vlan<'a>, ParseError> {
        let (payload, (control, type_or_length)) = fixed("VLAN", "4 bytes of tag", input, (be_u16, be_u16))?;
        Ok(Vlan {
            control,
            type_or_length,
            payload,
        })
    }

    /// The type of what follows; none when LLC follows.
    pub const fn ether_type(&self) -> Option<EtherType> {
        if self.type_or_length > crate::ethernet::MAX_LENGTH {
            Some(EtherType(self.type_or_length))
        } else {
            None
        }
    }

    /// 0..=4095.
    pub const fn identifier(&self) -> u16 {
        self.control & 0x0fff
    }

    pub const fn drop_eligible(&self) -> bool {
        self.control & 0x1000 != 0
    }

    /// 0..=7.
    pub const fn priority(&self) -> u8 {
        (self.control >> 13) as u8
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.control.to_be_bytes());
        out.extend(self.type_or_length.to_be_bytes());
        out.extend(self.payload);
    }
}
