//! ARP, RFC 826, for any hardware and protocol; reverse ARP shares the format.

use crate::ParseError;
use crate::ethernet::MacAddress;
use crate::read::{fixed, part};
use nom::number::complete::{be_u16, u8};
use std::net::Ipv4Addr;

/// Operations, RFC 826 and the registry of RFC 5494.
pub mod operation {
    pub const REQUEST: u16 = 1;
    pub const REPLY: u16 = 2;
}

/// ar$hrd of Ethernet, RFC 826.
pub const HARDWARE_ETHERNET: u16 = 1;

/// One packet; the names in quotes are those of RFC 826.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arp<'a> {
    /// "ar$hrd".
    pub hardware_type: u16,
    /// "ar$pro", an EtherType.
    pub protocol_type: u16,
    /// "ar$hln", bytes.
    pub hardware_length: u8,
    /// "ar$pln", bytes.
    pub protocol_length: u8,
    /// "ar$op".
    pub operation: u16,
    pub sender_hardware: &'a [u8],
    pub sender_protocol: &'a [u8],
    pub target_hardware: &'a [u8],
    pub target_protocol: &'a [u8],
    /// Link padding.
    pub trailer: &'a [u8],
}

/// The addresses of a packet that resolves IPv4 on Ethernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EthernetIpv4 {
    pub sender_hardware: MacAddress,
    pub sender_protocol: Ipv4Addr,
    pub target_hardware: MacAddress,
    pub target_protocol: Ipv4Addr,
}

impl<'a> Arp<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Arp<'a>, ParseError> {
        let (rest, (hardware_type, protocol_type, hardware_length, protocol_length, operation)) = fixed(
            "ARP",
            "8 bytes before the addresses",
            input,
            (be_u16, be_u16, u8, u8, be_u16),
        )?;
        let (hardware, protocol) = (usize::from(hardware_length), usize::from(protocol_length));
        let address = |field, rest, length| part("ARP", field, "an address of the given length", input, rest, length);
        let (rest, sender_hardware) = address("ar$sha", rest, hardware)?;
        let (rest, sender_protocol) = address("ar$spa", rest, protocol)?;
        let (rest, target_hardware) = address("ar$tha", rest, hardware)?;
        let (trailer, target_protocol) = address("ar$tpa", rest, protocol)?;
        Ok(Arp {
            hardware_type,
            protocol_type,
            hardware_length,
            protocol_length,
            operation,
            sender_hardware,
            sender_protocol,
            target_hardware,
            target_protocol,
            trailer,
        })
    }

    /// The addresses, when hardware and protocol addresses have the sizes of Ethernet's and IPv4's, and IPv4 is asked for.
    pub fn ethernet_ipv4(&self) -> Option<EthernetIpv4> {
        let mac = |bytes: &[u8]| Some(MacAddress(bytes.try_into().ok()?));
        let ip = |bytes: &[u8]| Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?));
        if self.protocol_type != crate::EtherType::IPV4.0 {
            return None;
        }
        Some(EthernetIpv4 {
            sender_hardware: mac(self.sender_hardware)?,
            sender_protocol: ip(self.sender_protocol)?,
            target_hardware: mac(self.target_hardware)?,
            target_protocol: ip(self.target_protocol)?,
        })
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.hardware_type.to_be_bytes());
        out.extend(self.protocol_type.to_be_bytes());
        out.extend([self.hardware_length, self.protocol_length]);
        out.extend(self.operation.to_be_bytes());
        for part in [
            self.sender_hardware,
            self.sender_protocol,
            self.target_hardware,
            self.target_protocol,
            self.trailer,
        ] {
            out.extend(part);
        }
    }
}
