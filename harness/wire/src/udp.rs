//! UDP, RFC 768.

use crate::checksum::{self, Sum};
use crate::read::{fixed, part};
use crate::{ParseError, protocol};
use nom::number::complete::be_u16;
use std::net::IpAddr;

pub const HEADER_LEN: usize = 8;

/// One datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Udp<'a> {
    pub source_port: u16,
    pub destination_port: u16,
    /// Header and data in bytes, as sent. 0 stands for "longer than this field can say" (RFC 2675 section 4).
    pub length: u16,
    /// 0 means "not computed" (RFC 768), which IPv6 forbids but for tunnels (RFC 8200 section 8.1).
    pub checksum: u16,
    /// The captured data, cut at `length`.
    pub payload: &'a [u8],
    /// What the IP payload holds beyond `length`.
    pub surplus: &'a [u8],
    /// Bytes that `length` promises and the input lacks.
    pub missing: u32,
}

impl<'a> Udp<'a> {
    #[inline]
    pub fn parse(input: &'a [u8]) -> Result<Udp<'a>, ParseError> {
        let (rest, (source_port, destination_port, length, checksum)) =
            fixed("UDP", "8 bytes of header", input, (be_u16, be_u16, be_u16, be_u16))?;
        let promised = match length {
            0 => rest.len(),
            _ => usize::from(length).checked_sub(HEADER_LEN).ok_or(ParseError::new(
                "UDP",
                "Length",
                4,
                "0, or at least 8 bytes",
            ))?,
        };
        let here = promised.min(rest.len());
        let (surplus, payload) = part("UDP", "data", "data", input, rest, here)?;
        let missing = (promised - here) as u32;
        Ok(Udp {
            source_port,
            destination_port,
            length,
            checksum,
            payload,
            surplus,
            missing,
        })
    }

    /// Whether the checksum verifies; none when it was not computed or not all bytes are here.
    pub fn checksum_ok(&self, source: IpAddr, destination: IpAddr) -> Option<bool> {
        if self.checksum == 0 || self.missing > 0 {
            return None;
        }
        Some(self.sum(source, destination).add_u16(self.checksum).fold() == 0xffff)
    }

    /// The checksum this datagram should carry. A computed 0 is sent as 0xffff (RFC 768).
    pub fn correct_checksum(&self, source: IpAddr, destination: IpAddr) -> u16 {
        match self.sum(source, destination).checksum() {
            0 => 0xffff,
            checksum => checksum,
        }
    }

    fn sum(&self, source: IpAddr, destination: IpAddr) -> Sum {
        let length = (HEADER_LEN + self.payload.len()) as u32;
        checksum::Sum::default()
            .pseudo_header(source, destination, protocol::UDP, length)
            .add_u16(self.source_port)
            .add_u16(self.destination_port)
            .add_u16(self.length)
            .add(self.payload)
    }

    /// Appends the datagram with its fields as they stand.
    pub fn emit(&self, out: &mut Vec<u8>) {
        for word in [self.source_port, self.destination_port, self.length, self.checksum] {
            out.extend(word.to_be_bytes());
        }
        out.extend(self.payload);
        out.extend(self.surplus);
    }
}
