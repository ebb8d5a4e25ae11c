//! IPv6 extension headers: RFC 8200 section 4, AH (RFC 4302), Mobility (RFC 6275), HIP (RFC 7401) and Shim6 (RFC 5533).
//!
//! ESP (RFC 4303) is not walked: nothing behind it can be read without its key.

use crate::read::{NomError, part};
use crate::{ParseError, Parsed, protocol};
use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u32, u8};
use std::net::Ipv6Addr;

/// Whether a Next Header value announces a header that can be walked over.
#[inline]
pub const fn is_extension(protocol: u8) -> bool {
    matches!(
        protocol,
        protocol::HOP_BY_HOP
            | protocol::ROUTING
            | protocol::FRAGMENT
            | protocol::AUTHENTICATION
            | protocol::DESTINATION_OPTIONS
            | protocol::MOBILITY
            | protocol::HIP
            | protocol::SHIM6
    )
}

/// One extension header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Which header this is: the value of the Next Header field in front of it.
    pub protocol: u8,
    pub next_header: u8,
    /// The whole header, its Next Header field first.
    pub bytes: &'a [u8],
}

impl<'a> Extension<'a> {
    /// Delimits the header of kind `protocol` at the start of `input`; gives it and what follows.
    pub fn parse(protocol: u8, input: &'a [u8]) -> Parsed<'a, Extension<'a>> {
        let short = |_: nom::Err<NomError<'_>>| {
            ParseError::new(
                "IPv6",
                "extension header",
                input.len(),
                "a next header and a length octet",
            )
        };
        let (_, (next_header, length)) = (u8, u8).parse(input).map_err(short)?;
        let length = usize::from(length);
        let whole = match protocol {
            // RFC 8200 section 4.5: the second octet is reserved.
            protocol::FRAGMENT => 8,
            // RFC 4302 section 2.2: in 4-octet units, minus 2.
            protocol::AUTHENTICATION => (length + 2) * 4,
            // RFC 8200 section 4.3: in 8-octet units, not counting the first.
            _ => (length + 1) * 8,
        };
        let (rest, bytes) = part(
            "IPv6",
            "extension header",
            "as many bytes as Hdr Ext Len says",
            input,
            input,
            whole,
        )?;
        Ok((
            rest,
            Extension {
                protocol,
                next_header,
                bytes,
            },
        ))
    }

    /// The fields of a fragment header.
    pub fn fragment(&self) -> Option<FragmentHeader> {
        if self.protocol != protocol::FRAGMENT {
            return None;
        }
        let (_, (_, _, offset, identification)) = (u8::<_, NomError<'_>>, u8, be_u16, be_u32).parse(self.bytes).ok()?;
        Some(FragmentHeader {
            next_header: self.next_header,
            offset: offset & 0xfff8,
            more_fragments: offset & 1 == 1,
            identification,
        })
    }

    /// The fields of a routing header.
    pub fn routing(&self) -> Option<Routing<'a>> {
        match (self.protocol, self.bytes) {
            (protocol::ROUTING, &[_, _, routing_type, segments_left, ref data @ ..]) => Some(Routing {
                routing_type,
                segments_left,
                data,
            }),
            _ => None,
        }
    }

    /// The options of a hop-by-hop or destination options header; none of any other.
    pub fn options(&self) -> Options<'a> {
        match (self.protocol, self.bytes) {
            (protocol::HOP_BY_HOP | protocol::DESTINATION_OPTIONS, [_, _, options @ ..]) => {
                Options { rest: options, at: 2 }
            }
            _ => Options { rest: &[], at: 2 },
        }
    }

    /// RFC 2675 section 2: the length of everything behind the IPv6 header.
    pub fn jumbo_length(&self) -> Option<u32> {
        self.options()
            .find_map(|option| match (option.ok()?.kind, option.ok()?.data) {
                (JUMBO_PAYLOAD, &[a, b, c, d]) => Some(u32::from_be_bytes([a, b, c, d])),
                _ => None,
            })
    }

    /// Appends the header as it stands.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.bytes);
    }
}

/// RFC 8200 section 4.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FragmentHeader {
    pub next_header: u8,
    /// In bytes, a multiple of 8.
    pub offset: u16,
    pub more_fragments: bool,
    pub identification: u32,
}

impl FragmentHeader {
    /// A packet in one piece that carries a fragment header all the same: RFC 6946.
    pub const fn is_atomic(&self) -> bool {
        self.offset == 0 && !self.more_fragments
    }

    /// Appends the eight bytes with both reserved fields zero.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.next_header, 0]);
        out.extend((self.offset & 0xfff8 | u16::from(self.more_fragments)).to_be_bytes());
        out.extend(self.identification.to_be_bytes());
    }
}

/// RFC 8200 section 4.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Routing<'a> {
    pub routing_type: u8,
    pub segments_left: u8,
    /// Type-specific.
    pub data: &'a [u8],
}

impl Routing<'_> {
    /// The last address of a type 0 or type 2 header that is still under way: the destination that checksums of the upper
    /// layer use (RFC 8200 section 8.1).
    pub fn final_destination(&self) -> Option<Ipv6Addr> {
        match (self.routing_type, self.segments_left) {
            (0 | 2, 1..) => self
                .data
                .get(4..)?
                .as_chunks::<16>()
                .0
                .last()
                .map(|&octets| Ipv6Addr::from(octets)),
            // RFC 8754 section 2: the segment list runs backwards.
            (4, 1..) => self
                .data
                .get(4..)?
                .first_chunk::<16>()
                .map(|&octets| Ipv6Addr::from(octets)),
            _ => None,
        }
    }
}

/// Option types, RFC 8200 section 4.2 and the registry it founds.
const PAD_1: u8 = 0;
const JUMBO_PAYLOAD: u8 = 0xc2;

/// One option; padding is reported too. The two high bits of `kind` say what a node that does not know it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv6Option<'a> {
    pub kind: u8,
    pub data: &'a [u8],
}

/// Walks the options of a hop-by-hop or destination options header; stops after the first that cannot be delimited.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<Ipv6Option<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let &kind = self.rest.first()?;
        if kind == PAD_1 {
            self.rest = self.rest.get(1..)?;
            self.at += 1;
            return Some(Ok(Ipv6Option { kind, data: &[] }));
        }
        let before = std::mem::take(&mut self.rest);
        let delimited = (u8::<_, NomError<'_>>, u8)
            .parse(before)
            .and_then(|(rest, (_, length))| take::<_, _, NomError<'_>>(usize::from(length))(rest));
        let Ok((rest, data)) = delimited else {
            let expected = "no more than the bytes left in the header";
            return Some(Err(ParseError::new("IPv6", "Opt Data Len", self.at + 1, expected)));
        };
        self.at += before.len() - rest.len();
        self.rest = rest;
        Some(Ok(Ipv6Option { kind, data }))
    }
}

/// Walks extension headers in order; ends in front of the upper layer, behind the header of a real fragment, and after the
/// first that cannot be delimited.
#[derive(Debug, Clone)]
pub struct Extensions<'a> {
    protocol: u8,
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Extensions<'a> {
    /// Begins at a header of kind `protocol` at the start of `rest`.
    pub fn new(protocol: u8, rest: &'a [u8]) -> Extensions<'a> {
        Extensions {
            protocol,
            rest,
            ended: false,
        }
    }

    /// The kind of the next header, and the bytes from it on.
    pub fn rest(&self) -> (u8, &'a [u8]) {
        (self.protocol, self.rest)
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Result<Extension<'a>, ParseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || !is_extension(self.protocol) {
            return None;
        }
        let parsed = Extension::parse(self.protocol, self.rest);
        let Ok((rest, extension)) = parsed else {
            self.ended = true;
            return Some(parsed.map(|(_, extension)| extension));
        };
        self.ended = extension.fragment().is_some_and(|fragment| !fragment.is_atomic());
        (self.protocol, self.rest) = (extension.next_header, rest);
        Some(Ok(extension))
    }
}
