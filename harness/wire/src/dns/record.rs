//! Questions and resource records, RFC 1035 sections 4.1.2 and 4.1.3.

use super::error::{Error, Fault, Problem, Section};
use super::name::Name;
use super::rdata::Data;
use crate::read::NomError;
use nom::Parser;
use nom::number::complete::{be_u16, be_u32};
use std::fmt;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    pub name: Name<'a>,
    pub kind: Type,
    pub class: Class,
    /// Bytes from the start of the message.
    pub offset: usize,
}

impl<'a> Question<'a> {
    pub(super) fn parse(message: &'a [u8], offset: usize) -> Result<(Question<'a>, usize), Fault> {
        let (name, at) = Name::parse(message, offset, "QNAME")?;
        let (kind, class) = fixed(message, at, "QTYPE and QCLASS", "4 bytes", (be_u16, be_u16))?;
        let question = Question {
            name,
            kind: Type(kind),
            class: Class(class),
            offset,
        };
        Ok((question, at + 4))
    }
}

/// One resource record. Its data is read on demand.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    pub section: Section,
    /// Within its section, from 0.
    pub index: u16,
    pub name: Name<'a>,
    pub kind: Type,
    pub class: Class,
    /// As sent, in seconds; more than 2^31 - 1 is to be read as 0 (RFC 2181 section 8).
    pub ttl: u32,
    /// As sent; pointers in it refer to the message, see [`Record::data`].
    pub rdata: &'a [u8],
    /// Of the record and of its data, in bytes from the start of the message.
    pub offset: usize,
    pub rdata_offset: usize,
    pub(super) message: &'a [u8],
}

impl<'a> Record<'a> {
    pub(super) fn parse(
        message: &'a [u8],
        offset: usize,
        section: Section,
        index: u16,
    ) -> Result<(Record<'a>, usize), Fault> {
        let (name, at) = Name::parse(message, offset, "NAME")?;
        let fields = (be_u16, be_u16, be_u32, be_u16);
        let (kind, class, ttl, length) = fixed(message, at, "TYPE to RDLENGTH", "10 bytes", fields)?;
        let rdata_offset = at + 10;
        let end = rdata_offset + usize::from(length);
        let rdata = message.get(rdata_offset..end).ok_or(Fault {
            field: "RDLENGTH",
            offset: rdata_offset - 2,
            problem: Problem::Length {
                expected: "no more than what is left of the message",
            },
        })?;
        let record = Record {
            section,
            index,
            name,
            kind: Type(kind),
            class: Class(class),
            ttl,
            rdata,
            offset,
            rdata_offset,
            message,
        };
        Ok((record, end))
    }

    /// The data by its type; opaque when the type or the class is not known here (RFC 3597 section 3).
    pub fn data(&self) -> Result<Data<'a>, Error> {
        Data::parse(self).map_err(|fault| fault.at(self.section, self.index))
    }
}

pub(super) fn fixed<'a, O>(
    message: &'a [u8],
    at: usize,
    field: &'static str,
    expected: &'static str,
    mut parser: impl Parser<&'a [u8], Output = O, Error = NomError<'a>>,
) -> Result<O, Fault> {
    let (_, value) = parser.parse(message.get(at..).unwrap_or_default()).map_err(|_| Fault {
        field,
        offset: at,
        problem: Problem::Length { expected },
    })?;
    Ok(value)
}

/// TYPE or QTYPE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Type(pub u16);

impl Type {
    pub const A: Type = Type(1);
    pub const NS: Type = Type(2);
    pub const CNAME: Type = Type(5);
    pub const SOA: Type = Type(6);
    pub const PTR: Type = Type(12);
    pub const MX: Type = Type(15);
    pub const TXT: Type = Type(16);
    /// RFC 3596.
    pub const AAAA: Type = Type(28);
    /// RFC 2782.
    pub const SRV: Type = Type(33);
    /// RFC 6891.
    pub const OPT: Type = Type(41);
    pub const AXFR: Type = Type(252);
    pub const ANY: Type = Type(255);
}

/// `TYPE257` for types that have no name here (RFC 3597 section 5).
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Type::A => "A",
            Type::NS => "NS",
            Type::CNAME => "CNAME",
            Type::SOA => "SOA",
            Type::PTR => "PTR",
            Type::MX => "MX",
            Type::TXT => "TXT",
            Type::AAAA => "AAAA",
            Type::SRV => "SRV",
            Type::OPT => "OPT",
            Type::AXFR => "AXFR",
            Type::ANY => "ANY",
            Type(other) => return write!(f, "TYPE{other}"),
        })
    }
}

/// CLASS or QCLASS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u16);

impl Class {
    pub const IN: Class = Class(1);
    pub const CH: Class = Class(3);
    pub const HS: Class = Class(4);
    /// RFC 2136 section 2.4.
    pub const NONE: Class = Class(254);
    pub const ANY: Class = Class(255);
}

/// `CLASS42` for classes that have no name here (RFC 3597 section 5).
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Class::IN => "IN",
            Class::CH => "CH",
            Class::HS => "HS",
            Class::NONE => "NONE",
            Class::ANY => "ANY",
            Class(other) => return write!(f, "CLASS{other}"),
        })
    }
}
