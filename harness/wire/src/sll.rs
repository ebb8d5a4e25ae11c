//! Linux "cooked" captures, versions 1 and 2 (LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2): what a capture on the `any`
//! device gives in place of a link-layer header.

use crate::read::{array, fixed};
use crate::{EtherType, ParseError};
use nom::number::complete::{be_u16, be_u32, u8};

/// Protocol values that are no EtherType (Linux's if_ether.h): an 802.3 frame without LLC, and one with LLC.
pub const NOVELL_802_3: u16 = 1;
pub const LLC_802_2: u16 = 4;

/// Version 1: 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sll<'a> {
    /// 0 to us, 1 broadcast, 2 multicast, 3 to somebody else, 4 from us.
    pub packet_type: u16,
    /// ARPHRD_ value.
    pub hardware_type: u16,
    /// Bytes of `address` that count.
    pub address_length: u16,
    pub address: [u8; 8],
    pub protocol: u16,
    pub payload: &'a [u8],
}

impl<'a> Sll<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Sll<'a>, ParseError> {
        let (payload, (packet_type, hardware_type, address_length, address, protocol)) = fixed(
            "Linux cooked",
            "16 bytes of header",
            input,
            (be_u16, be_u16, be_u16, array, be_u16),
        )?;
        Ok(Sll {
            packet_type,
            hardware_type,
            address_length,
            address,
            protocol,
            payload,
        })
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        for word in [self.packet_type, self.hardware_type, self.address_length] {
            out.extend(word.to_be_bytes());
        }
        out.extend(self.address);
        out.extend(self.protocol.to_be_bytes());
        out.extend(self.payload);
    }
}

/// Version 2: 20 bytes, with the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sll2<'a> {
    pub protocol: u16,
    pub reserved: u16,
    pub interface: u32,
    pub hardware_type: u16,
    pub packet_type: u8,
    pub address_length: u8,
    pub address: [u8; 8],
    pub payload: &'a [u8],
}

impl<'a> Sll2<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Sll2<'a>, ParseError> {
        let parser = (be_u16, be_u16, be_u32, be_u16, u8, u8, array);
        let (payload, (protocol, reserved, interface, hardware_type, packet_type, address_length, address)) =
            fixed("Linux cooked v2", "20 bytes of header", input, parser)?;
        Ok(Sll2 {
            protocol,
            reserved,
            interface,
            hardware_type,
            packet_type,
            address_length,
            address,
            payload,
        })
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.protocol.to_be_bytes());
        out.extend(self.reserved.to_be_bytes());
        out.extend(self.interface.to_be_bytes());
        out.extend(self.hardware_type.to_be_bytes());
        out.extend([self.packet_type, self.address_length]);
        out.extend(self.address);
        out.extend(self.payload);
    }
}

/// The EtherType in a protocol field; none for the two values that are none.
pub const fn ether_type(protocol: u16) -> Option<EtherType> {
    if protocol > crate::ethernet::MAX_LENGTH {
        Some(EtherType(protocol))
    } else {
        None
    }
}
