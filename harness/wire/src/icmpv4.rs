//! ICMP for IPv4: RFC 792, with the MTU of RFC 1191.

use crate::ParseError;
use crate::checksum::Sum;
use crate::read::{array, fixed};
use nom::number::complete::{be_u16, u8};
use std::net::Ipv4Addr;

/// Message types.
pub mod icmp_type {
    pub const ECHO_REPLY: u8 = 0;
    pub const DESTINATION_UNREACHABLE: u8 = 3;
    pub const SOURCE_QUENCH: u8 = 4;
    pub const REDIRECT: u8 = 5;
    pub const ECHO: u8 = 8;
    pub const ROUTER_ADVERTISEMENT: u8 = 9;
    pub const ROUTER_SOLICITATION: u8 = 10;
    pub const TIME_EXCEEDED: u8 = 11;
    pub const PARAMETER_PROBLEM: u8 = 12;
    pub const TIMESTAMP: u8 = 13;
    pub const TIMESTAMP_REPLY: u8 = 14;
    pub const INFORMATION_REQUEST: u8 = 15;
    pub const INFORMATION_REPLY: u8 = 16;
    pub const ADDRESS_MASK_REQUEST: u8 = 17;
    pub const ADDRESS_MASK_REPLY: u8 = 18;
}

/// One message. Every type has the same first eight bytes; [`Icmpv4::message`] reads the second four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icmpv4<'a> {
    pub icmp_type: u8,
    pub code: u8,
    pub checksum: u16,
    /// Bytes 4..8, whose meaning depends on the type.
    pub rest_of_header: [u8; 4],
    /// What follows: data, or the quoted datagram of an error.
    pub payload: &'a [u8],
}

/// What a message says. Where RFC 792 has an "unused" field it is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    Echo {
        reply: bool,
        id: u16,
        sequence: u16,
        data: &'a [u8],
    },
    /// `next_hop_mtu` is RFC 1191's, for code 4; 0 from routers that predate it.
    DestinationUnreachable {
        next_hop_mtu: u16,
        quoted: &'a [u8],
    },
    SourceQuench {
        quoted: &'a [u8],
    },
    Redirect {
        gateway: Ipv4Addr,
        quoted: &'a [u8],
    },
    TimeExceeded {
        quoted: &'a [u8],
    },
    ParameterProblem {
        pointer: u8,
        quoted: &'a [u8],
    },
    /// Milliseconds since midnight UT; none when the message ends before them.
    Timestamp {
        reply: bool,
        id: u16,
        sequence: u16,
        times: Option<[u32; 3]>,
    },
    Information {
        reply: bool,
        id: u16,
        sequence: u16,
    },
    /// RFC 950; none when the message ends before it.
    AddressMask {
        reply: bool,
        id: u16,
        sequence: u16,
        mask: Option<Ipv4Addr>,
    },
    Other,
}

impl<'a> Icmpv4<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Icmpv4<'a>, ParseError> {
        let (payload, (icmp_type, code, checksum, rest_of_header)) =
            fixed("ICMP", "8 bytes of header", input, (u8, u8, be_u16, array))?;
        Ok(Icmpv4 {
            icmp_type,
            code,
            checksum,
            rest_of_header,
            payload,
        })
    }

    pub fn message(&self) -> Message<'a> {
        let [a, b, c, d] = self.rest_of_header;
        let (id, sequence) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let quoted = self.payload;
        let reply = matches!(self.icmp_type, 0 | 14 | 16 | 18);
        match self.icmp_type {
            icmp_type::ECHO | icmp_type::ECHO_REPLY => Message::Echo {
                reply,
                id,
                sequence,
                data: self.payload,
            },
            icmp_type::DESTINATION_UNREACHABLE => Message::DestinationUnreachable {
                next_hop_mtu: sequence,
                quoted,
            },
            icmp_type::SOURCE_QUENCH => Message::SourceQuench { quoted },
            icmp_type::REDIRECT => Message::Redirect {
                gateway: Ipv4Addr::new(a, b, c, d),
                quoted,
            },
            icmp_type::TIME_EXCEEDED => Message::TimeExceeded { quoted },
            icmp_type::PARAMETER_PROBLEM => Message::ParameterProblem { pointer: a, quoted },
            icmp_type::TIMESTAMP | icmp_type::TIMESTAMP_REPLY => Message::Timestamp {
                reply,
                id,
                sequence,
                times: times(self.payload),
            },
            icmp_type::INFORMATION_REQUEST | icmp_type::INFORMATION_REPLY => {
                Message::Information { reply, id, sequence }
            }
            icmp_type::ADDRESS_MASK_REQUEST | icmp_type::ADDRESS_MASK_REPLY => {
                let mask = self.payload.first_chunk::<4>().map(|&octets| Ipv4Addr::from(octets));
                Message::AddressMask {
                    reply,
                    id,
                    sequence,
                    mask,
                }
            }
            _ => Message::Other,
        }
    }

    /// The types that report an error, and therefore quote the datagram at fault (RFC 1122 section 3.2.2).
    pub const fn is_error(&self) -> bool {
        matches!(self.icmp_type, 3 | 4 | 5 | 11 | 12)
    }

    /// The quoted datagram of an error: its IP header and at least eight bytes of its data (RFC 792).
    pub fn quoted(&self) -> Option<&'a [u8]> {
        self.is_error().then_some(self.payload)
    }

    /// Whether the checksum verifies, provided that the payload is whole.
    pub fn checksum_ok(&self) -> bool {
        self.sum().add_u16(self.checksum).fold() == 0xffff
    }

    /// RFC 792: over the message from its type on.
    pub fn correct_checksum(&self) -> u16 {
        self.sum().checksum()
    }

    fn sum(&self) -> Sum {
        Sum::default()
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

/// Originate, receive and transmit timestamp.
fn times(payload: &[u8]) -> Option<[u32; 3]> {
    let &[a, b, c] = payload.as_chunks::<4>().0.first_chunk::<3>()?;
    Some([u32::from_be_bytes(a), u32::from_be_bytes(b), u32::from_be_bytes(c)])
}
