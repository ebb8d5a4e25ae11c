//! IPv6, RFC 8200. The extension headers are in [`crate::ipv6_extension`].

use crate::ipv6_extension::{Extension, Extensions, FragmentHeader};
use crate::read::{array, fixed, part};
use crate::{ParseError, protocol};
use nom::number::complete::{be_u16, be_u32, u8};
use std::net::Ipv6Addr;

pub const HEADER_LEN: usize = 40;

/// One packet or fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv6<'a> {
    pub traffic_class: u8,
    /// 20 bits.
    pub flow_label: u32,
    /// Bytes behind this header, extension headers included, as sent. 0 for a jumbogram (RFC 2675), and in captures taken
    /// above segmentation offload.
    pub payload_length: u16,
    pub next_header: u8,
    pub hop_limit: u8,
    pub source: Ipv6Addr,
    pub destination: Ipv6Addr,
    /// The 40 bytes of the header.
    pub header: &'a [u8],
    /// Extension headers and what follows, cut at the payload length, or at the jumbo payload length where that is given.
    pub payload: &'a [u8],
    /// Bytes that the length promises and the capture lacks.
    pub missing: u32,
}

/// What lies behind the extension headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpperLayer<'a> {
    /// The protocol of `payload`; for a fragment, of the first header of its fragmentable part.
    pub protocol: u8,
    /// Set when a fragment header was met, an atomic one (RFC 6946) included.
    pub fragment: Option<FragmentHeader>,
    /// Bytes of extension headers walked over.
    pub extensions_len: usize,
    pub payload: &'a [u8],
    /// As in [`Ipv6::missing`].
    pub missing: u32,
}

impl UpperLayer<'_> {
    /// Whether `payload` is only a part of what was sent.
    pub fn is_fragment(&self) -> bool {
        self.fragment.is_some_and(|fragment| !fragment.is_atomic())
    }
}

impl<'a> Ipv6<'a> {
    #[inline]
    pub fn parse(input: &'a [u8]) -> Result<Ipv6<'a>, ParseError> {
        let (rest, (word, payload_length, next_header, hop_limit, source, destination)) = fixed(
            "IPv6",
            "40 bytes of header",
            input,
            (be_u32, be_u16, u8, u8, array::<16>, array::<16>),
        )?;
        if word >> 28 != 6 {
            return Err(ParseError::new("IPv6", "Version", 0, "6"));
        }
        let (_, header) = part("IPv6", "header", "40 bytes of header", input, input, HEADER_LEN)?;
        let promised = match payload_length {
            0 => zero_length(next_header, rest),
            _ => usize::from(payload_length),
        };
        let here = promised.min(rest.len());
        let (_, payload) = part("IPv6", "payload", "payload", input, rest, here)?;
        Ok(Ipv6 {
            traffic_class: (word >> 20) as u8,
            flow_label: word & 0x000f_ffff,
            payload_length,
            next_header,
            hop_limit,
            source: Ipv6Addr::from(source),
            destination: Ipv6Addr::from(destination),
            header,
            payload,
            missing: u32::try_from(promised - here).unwrap_or(u32::MAX),
        })
    }

    /// The differentiated services code point, 0..=63 (RFC 2474 section 3).
    #[inline]
    pub const fn dscp(&self) -> u8 {
        self.traffic_class >> 2
    }

    /// The ECN field, 0..=3 (RFC 3168 section 5).
    #[inline]
    pub const fn ecn(&self) -> u8 {
        self.traffic_class & 3
    }

    /// The extension headers, one by one; the walk ends behind the header of a real fragment.
    pub fn extensions(&self) -> Extensions<'a> {
        Extensions::new(self.next_header, self.payload)
    }

    /// Walks over all extension headers. Fails at one that cannot be delimited.
    #[inline]
    pub fn upper_layer(&self) -> Result<UpperLayer<'a>, ParseError> {
        let mut walk = self.extensions();
        let mut fragment = None;
        for extension in &mut walk {
            fragment = extension?.fragment().or(fragment);
        }
        let (protocol, payload) = walk.rest();
        let extensions_len = self.payload.len() - payload.len();
        Ok(UpperLayer {
            protocol,
            fragment,
            extensions_len,
            payload,
            missing: self.missing,
        })
    }

    /// Appends header and payload, with the fields as they stand.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend((6 << 28 | u32::from(self.traffic_class) << 20 | self.flow_label & 0x000f_ffff).to_be_bytes());
        out.extend(self.payload_length.to_be_bytes());
        out.extend([self.next_header, self.hop_limit]);
        out.extend(self.source.octets());
        out.extend(self.destination.octets());
        out.extend(self.payload);
    }
}

/// RFC 2675 section 2: a hop-by-hop option gives the length of a jumbogram. Without it a zero length comes from a host that
/// leaves segmentation to the hardware, unless nothing is said to follow.
fn zero_length(next_header: u8, rest: &[u8]) -> usize {
    match next_header {
        protocol::NO_NEXT_HEADER => 0,
        protocol::HOP_BY_HOP => {
            let jumbo = Extension::parse(next_header, rest)
                .ok()
                .and_then(|(_, extension)| extension.jumbo_length());
            jumbo.map_or(rest.len(), |length| length as usize)
        }
        _ => rest.len(),
    }
}
