//! ICMPv6, RFC 4443. Neighbour Discovery is in [`crate::ndp`].

use crate::checksum::Sum;
use crate::read::{array, fixed};
use crate::{ParseError, protocol};
use nom::number::complete::{be_u16, u8};
use std::net::Ipv6Addr;

/// Message types: RFC 4443 section 2.1, RFC 4861 section 4, RFC 2710, RFC 3810.
pub mod icmp_type {
    pub const DESTINATION_UNREACHABLE: u8 = 1;
    pub const PACKET_TOO_BIG: u8 = 2;
    pub const TIME_EXCEEDED: u8 = 3;
    pub const PARAMETER_PROBLEM: u8 = 4;
    pub const ECHO_REQUEST: u8 = 128;
    pub const ECHO_REPLY: u8 = 129;
    pub const LISTENER_QUERY: u8 = 130;
    pub const LISTENER_REPORT: u8 = 131;
    pub const LISTENER_DONE: u8 = 132;
    pub const ROUTER_SOLICITATION: u8 = 133;
    pub const ROUTER_ADVERTISEMENT: u8 = 134;
    pub const NEIGHBOR_SOLICITATION: u8 = 135;
    pub const NEIGHBOR_ADVERTISEMENT: u8 = 136;
    pub const REDIRECT: u8 = 137;
    pub const LISTENER_REPORT_V2: u8 = 143;
}

/// One message. Nearly every type uses bytes 4..8 apart from its body; [`Icmpv6::message`] reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icmpv6<'a> {
    pub icmp_type: u8,
    pub code: u8,
    pub checksum: u16,
    /// Bytes 4..8, whose meaning depends on the type.
    pub rest_of_header: [u8; 4],
    pub payload: &'a [u8],
}

/// What a message of RFC 4443 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    DestinationUnreachable {
        quoted: &'a [u8],
    },
    PacketTooBig {
        mtu: u32,
        quoted: &'a [u8],
    },
    TimeExceeded {
        quoted: &'a [u8],
    },
    ParameterProblem {
        pointer: u32,
        quoted: &'a [u8],
    },
    Echo {
        reply: bool,
        id: u16,
        sequence: u16,
        data: &'a [u8],
    },
    Other,
}

impl<'a> Icmpv6<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Icmpv6<'a>, ParseError> {
        let (payload, (icmp_type, code, checksum, rest_of_header)) =
            fixed("ICMPv6", "8 bytes of header", input, (u8, u8, be_u16, array))?;
        Ok(Icmpv6 {
            icmp_type,
            code,
            checksum,
            rest_of_header,
            payload,
        })
    }

    pub fn message(&self) -> Message<'a> {
        let [a, b, c, d] = self.rest_of_header;
        let (word, quoted) = (u32::from_be_bytes([a, b, c, d]), self.payload);
        match self.icmp_type {
            icmp_type::DESTINATION_UNREACHABLE => Message::DestinationUnreachable { quoted },
            icmp_type::PACKET_TOO_BIG => Message::PacketTooBig { mtu: word, quoted },
            icmp_type::TIME_EXCEEDED => Message::TimeExceeded { quoted },
            icmp_type::PARAMETER_PROBLEM => Message::ParameterProblem { pointer: word, quoted },
            icmp_type::ECHO_REQUEST | icmp_type::ECHO_REPLY => Message::Echo {
                reply: self.icmp_type == icmp_type::ECHO_REPLY,
                id: u16::from_be_bytes([a, b]),
                sequence: u16::from_be_bytes([c, d]),
                data: self.payload,
            },
            _ => Message::Other,
        }
    }

    /// RFC 4443 section 2.1: a high bit of zero marks an error.
    pub const fn is_error(&self) -> bool {
        self.icmp_type < 128
    }

    /// The quoted packet of the four errors that RFC 4443 defines.
    pub fn quoted(&self) -> Option<&'a [u8]> {
        matches!(self.icmp_type, 1..=4).then_some(self.payload)
    }

    /// Whether the checksum verifies, provided that the payload is whole.
    pub fn checksum_ok(&self, source: Ipv6Addr, destination: Ipv6Addr) -> bool {
        self.sum(source, destination).add_u16(self.checksum).fold() == 0xffff
    }

    /// RFC 4443 section 2.3: over the pseudo-header and the message.
    pub fn correct_checksum(&self, source: Ipv6Addr, destination: Ipv6Addr) -> u16 {
        self.sum(source, destination).checksum()
    }

    fn sum(&self, source: Ipv6Addr, destination: Ipv6Addr) -> Sum {
        Sum::default()
            .pseudo_header(
                source.into(),
                destination.into(),
                protocol::ICMPV6,
                (8 + self.payload.len()) as u32,
            )
            .add_u16(u16::from_be_bytes([self.icmp_type, self.code]))
            .add(&self.rest_of_header)
            .add(self.payload)
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.icmp_type, self.code]);
        out.extend(self.checksum.to_be_bytes());
        out.extend(self.rest_of_header);
        out.extend(self.payload);
    }
}
