//! IPv4 options: RFC 791 section 3.1, and RFC 2113's router alert.

use crate::ParseError;
use crate::ipv4::HEADER_LEN;
use crate::read::NomError;
use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::u8;
use std::net::Ipv4Addr;

/// Option types, copied flag and class included.
pub mod kind {
    pub const END_OF_LIST: u8 = 0;
    pub const NO_OPERATION: u8 = 1;
    pub const RECORD_ROUTE: u8 = 7;
    pub const TIMESTAMP: u8 = 68;
    pub const SECURITY: u8 = 130;
    pub const LOOSE_SOURCE_ROUTE: u8 = 131;
    pub const STREAM_ID: u8 = 136;
    pub const STRICT_SOURCE_ROUTE: u8 = 137;
    pub const ROUTER_ALERT: u8 = 148;
}

/// One option as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ipv4Option<'a> {
    EndOfList,
    NoOperation,
    RecordRoute(Route<'a>),
    LooseSourceRoute(Route<'a>),
    StrictSourceRoute(Route<'a>),
    Timestamp(Timestamp<'a>),
    /// The bytes behind type and length.
    Security(&'a [u8]),
    StreamId(u16),
    /// RFC 2113: 0 asks every router to look.
    RouterAlert(u16),
    /// A type without a reader here, or a known type with a length that its RFC does not give it.
    Other {
        kind: u8,
        data: &'a [u8],
    },
}

/// Record route and both source routes share this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<'a> {
    /// Counted from the option's first octet, 1 being that octet; the smallest legal value is 4.
    pub pointer: u8,
    /// Four bytes per address; a rest of fewer is kept as sent.
    pub raw: &'a [u8],
}

impl Route<'_> {
    pub fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.raw.as_chunks::<4>().0.iter().map(|&octets| Ipv4Addr::from(octets))
    }
}

/// RFC 791 section 3.1, "Internet Timestamp".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp<'a> {
    pub pointer: u8,
    /// Hosts that found no room, 0..=15.
    pub overflow: u8,
    /// 0: timestamps only, 1: each behind its address, 3: addresses given in advance.
    pub flag: u8,
    pub raw: &'a [u8],
}

/// Walks options in order; stops behind the end-of-list option and after the first that cannot be delimited.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Options<'a> {
    pub fn new(raw: &'a [u8]) -> Options<'a> {
        Options { all: raw, at: 0 }
    }

    /// Bytes consumed so far; may exceed the length once the walk has ended.
    pub fn offset(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<Ipv4Option<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.all.get(self.at..)?;
        let &kind = rest.first()?;
        let at = self.at;
        self.at = self.all.len() + 1;
        match kind {
            kind::END_OF_LIST => Some(Ok(Ipv4Option::EndOfList)),
            kind::NO_OPERATION => {
                self.at = at + 1;
                Some(Ok(Ipv4Option::NoOperation))
            }
            _ => Some(match delimit(rest) {
                Ok((after, data)) => {
                    self.at = self.all.len() - after.len();
                    Ok(interpret(kind, data))
                }
                Err(expected) => Err(ParseError::new("IPv4", "option length", HEADER_LEN + at + 1, expected)),
            }),
        }
    }
}

/// RFC 791 section 3.1: the length counts type and length octets too.
fn delimit(option: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let (rest, (_, length)) = (u8::<_, NomError<'_>>, u8)
        .parse(option)
        .map_err(|_| "a length octet before the end of the options")?;
    let data = usize::from(length).checked_sub(2).ok_or("at least 2")?;
    take::<_, _, NomError<'_>>(data)(rest).map_err(|_| "no more than the bytes left in the options")
}

fn interpret(kind: u8, data: &[u8]) -> Ipv4Option<'_> {
    match (kind, data) {
        (kind::RECORD_ROUTE, &[pointer, ref raw @ ..]) => Ipv4Option::RecordRoute(Route { pointer, raw }),
        (kind::LOOSE_SOURCE_ROUTE, &[pointer, ref raw @ ..]) => Ipv4Option::LooseSourceRoute(Route { pointer, raw }),
        (kind::STRICT_SOURCE_ROUTE, &[pointer, ref raw @ ..]) => Ipv4Option::StrictSourceRoute(Route { pointer, raw }),
        (kind::TIMESTAMP, &[pointer, overflow_flag, ref raw @ ..]) => Ipv4Option::Timestamp(Timestamp {
            pointer,
            overflow: overflow_flag >> 4,
            flag: overflow_flag & 0x0f,
            raw,
        }),
        (kind::SECURITY, data) => Ipv4Option::Security(data),
        (kind::STREAM_ID, &[a, b]) => Ipv4Option::StreamId(u16::from_be_bytes([a, b])),
        (kind::ROUTER_ALERT, &[a, b]) => Ipv4Option::RouterAlert(u16::from_be_bytes([a, b])),
        (kind, data) => Ipv4Option::Other { kind, data },
    }
}

impl Ipv4Option<'_> {
    /// Appends the option as it stands on the wire, without padding.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let mut tlv = |kind: u8, head: &[u8], data: &[u8]| {
            out.extend([kind, (2 + head.len() + data.len()).min(255) as u8]);
            out.extend(head);
            out.extend(data);
        };
        match *self {
            Ipv4Option::EndOfList => out.push(kind::END_OF_LIST),
            Ipv4Option::NoOperation => out.push(kind::NO_OPERATION),
            Ipv4Option::RecordRoute(route) => tlv(kind::RECORD_ROUTE, &[route.pointer], route.raw),
            Ipv4Option::LooseSourceRoute(route) => tlv(kind::LOOSE_SOURCE_ROUTE, &[route.pointer], route.raw),
            Ipv4Option::StrictSourceRoute(route) => tlv(kind::STRICT_SOURCE_ROUTE, &[route.pointer], route.raw),
            Ipv4Option::Timestamp(Timestamp {
                pointer,
                overflow,
                flag,
                raw,
            }) => {
                tlv(kind::TIMESTAMP, &[pointer, overflow << 4 | flag & 0x0f], raw);
            }
            Ipv4Option::Security(data) => tlv(kind::SECURITY, &[], data),
            Ipv4Option::StreamId(id) => tlv(kind::STREAM_ID, &id.to_be_bytes(), &[]),
            Ipv4Option::RouterAlert(value) => tlv(kind::ROUTER_ALERT, &value.to_be_bytes(), &[]),
            Ipv4Option::Other { kind, data } => tlv(kind, &[], data),
        }
    }
}
