//! IPv4, RFC 791. The options are in [`crate::ipv4_options`].

use crate::ParseError;
use crate::checksum::Sum;
use crate::ipv4_options::Options;
use crate::read::{NomError, array, fixed, part};
use nom::Parser;
use nom::number::complete::{be_u16, u8};
use std::net::Ipv4Addr;

/// The header without its options: 20 bytes.
pub const HEADER_LEN: usize = 20;

/// One datagram or fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv4<'a> {
    /// Bytes, 20..=60, from the IHL field.
    pub header_len: u8,
    /// The "Type of Service" octet, as RFC 2474 and RFC 3168 divide it.
    pub dscp_ecn: u8,
    /// Header and data in bytes, as sent. 0 in captures taken above segmentation offload.
    pub total_length: u16,
    pub id: u16,
    pub flags: Flags,
    /// In bytes, a multiple of 8.
    pub fragment_offset: u16,
    pub ttl: u8,
    pub protocol: u8,
    pub checksum: u16,
    pub source: Ipv4Addr,
    pub destination: Ipv4Addr,
    pub raw_options: &'a [u8],
    /// The header's bytes, options included.
    pub header: &'a [u8],
    /// The captured data, cut at `total_length` (everything when that is 0).
    pub payload: &'a [u8],
    /// Bytes that `total_length` promises and the capture lacks.
    pub missing: u32,
}

/// The three bits in front of the fragment offset, RFC 791 section 3.1, in the low bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub u8);

impl Flags {
    pub const RESERVED: Flags = Flags(4);
    pub const DONT_FRAGMENT: Flags = Flags(2);
    pub const MORE_FRAGMENTS: Flags = Flags(1);

    #[inline]
    pub const fn reserved(self) -> bool {
        self.0 & Flags::RESERVED.0 != 0
    }
    #[inline]
    pub const fn dont_fragment(self) -> bool {
        self.0 & Flags::DONT_FRAGMENT.0 != 0
    }
    #[inline]
    pub const fn more_fragments(self) -> bool {
        self.0 & Flags::MORE_FRAGMENTS.0 != 0
    }
}

impl<'a> Ipv4<'a> {
    #[inline]
    pub fn parse(input: &'a [u8]) -> Result<Ipv4<'a>, ParseError> {
        // Of an array the compiler knows the length, and asks once, not for each field, whether there are octets left.
        let (_, first) = fixed("IPv4", "20 bytes of header", input, array::<8>)?;
        let (_, (version_ihl, dscp_ecn, total_length, id, flags_offset)) = fixed(
            "IPv4",
            "20 bytes of header",
            &first[..],
            (u8, u8, be_u16, be_u16, be_u16),
        )?;
        let header_len = header_len(version_ihl)?;
        let (rest, header) = part(
            "IPv4",
            "header",
            "as many bytes as the IHL says",
            input,
            input,
            header_len,
        )?;
        let short = |_: nom::Err<NomError<'_>>| ParseError::new("IPv4", "header", input.len(), "20 bytes of header");
        let (raw_options, fields) = array::<HEADER_LEN>(header).map_err(short)?;
        let (_, (_, ttl, protocol, checksum, source, destination)) =
            (array::<8>, u8, u8, be_u16, array::<4>, array::<4>)
                .parse(&fields[..])
                .map_err(short)?;
        let promised = data_len(total_length, header_len, rest.len())?;
        let here = promised.min(rest.len());
        let (_, payload) = part("IPv4", "data", "data", input, rest, here)?;
        Ok(Ipv4 {
            header_len: header_len as u8,
            dscp_ecn,
            total_length,
            id,
            flags: Flags((flags_offset >> 13) as u8),
            fragment_offset: flags_offset << 3,
            ttl,
            protocol,
            checksum,
            source: Ipv4Addr::from(source),
            destination: Ipv4Addr::from(destination),
            raw_options,
            header,
            payload,
            missing: (promised - here) as u32,
        })
    }

    /// The differentiated services code point, 0..=63 (RFC 2474 section 3).
    #[inline]
    pub const fn dscp(&self) -> u8 {
        self.dscp_ecn >> 2
    }

    /// The ECN field, 0..=3 (RFC 3168 section 5).
    #[inline]
    pub const fn ecn(&self) -> u8 {
        self.dscp_ecn & 3
    }

    #[inline]
    pub const fn dont_fragment(&self) -> bool {
        self.flags.dont_fragment()
    }

    #[inline]
    pub const fn more_fragments(&self) -> bool {
        self.flags.more_fragments()
    }

    /// Whether this is a part of a datagram only: RFC 791 section 3.2.
    #[inline]
    pub const fn is_fragment(&self) -> bool {
        self.flags.more_fragments() || self.fragment_offset != 0
    }

    /// The options, one by one.
    pub fn options(&self) -> Options<'a> {
        Options::new(self.raw_options)
    }

    /// Whether the header checksum verifies (RFC 791 section 3.1: over the header only).
    #[inline]
    pub fn checksum_ok(&self) -> bool {
        Sum::default().add(self.header).fold() == 0xffff
    }

    /// The checksum that the fields as they stand call for.
    pub fn correct_checksum(&self) -> u16 {
        self.header_words()
            .iter()
            .fold(Sum::default(), |sum, &word| sum.add_u16(word))
            .add(self.raw_options)
            .checksum()
    }

    /// Appends header, options and payload, with the fields as they stand. `header` is what was read and is not written;
    /// `raw_options` are padded with zeros to a multiple of four.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let mut words = self.header_words();
        words[5] = self.checksum;
        let mut header = [0; 20];
        for (field, word) in header.as_chunks_mut().0.iter_mut().zip(words) {
            *field = word.to_be_bytes();
        }
        out.extend_from_slice(&header);
        out.extend(self.raw_options);
        out.resize(
            out.len() + self.raw_options.len().next_multiple_of(4) - self.raw_options.len(),
            0,
        );
        out.extend(self.payload);
    }

    /// The fixed part of the header with a checksum of zero.
    fn header_words(&self) -> [u16; 10] {
        let pair = |high: u8, low: u8| u16::from_be_bytes([high, low]);
        let ([a, b, c, d], [e, f, g, h]) = (self.source.octets(), self.destination.octets());
        [
            pair(0x40 | (self.header_len / 4) & 0x0f, self.dscp_ecn),
            self.total_length,
            self.id,
            u16::from(self.flags.0) << 13 | self.fragment_offset >> 3,
            pair(self.ttl, self.protocol),
            0,
            pair(a, b),
            pair(c, d),
            pair(e, f),
            pair(g, h),
        ]
    }
}

#[inline]
fn header_len(version_ihl: u8) -> Result<usize, ParseError> {
    if version_ihl >> 4 != 4 {
        return Err(ParseError::new("IPv4", "Version", 0, "4"));
    }
    match usize::from(version_ihl & 0x0f) * 4 {
        length if length >= HEADER_LEN => Ok(length),
        _ => Err(ParseError::new("IPv4", "IHL", 0, "at least 5 words")),
    }
}

/// How much data the header promises. A total length of 0 is written by hosts that leave segmentation to the hardware.
#[inline]
fn data_len(total_length: u16, header_len: usize, available: usize) -> Result<usize, ParseError> {
    match total_length {
        0 => Ok(available),
        _ => usize::from(total_length).checked_sub(header_len).ok_or(ParseError::new(
            "IPv4",
            "Total Length",
            2,
            "0, or at least the length of the header",
        )),
    }
}
