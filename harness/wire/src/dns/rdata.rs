//! The data of records, by type.

use super::edns;
use super::error::{Fault, Problem};
use super::name::Name;
use super::record::{Class, Record, Type, fixed};
use crate::read::array;
use nom::number::complete::{be_u16, be_u32};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data<'a> {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Ns(Name<'a>),
    Cname(Name<'a>),
    Ptr(Name<'a>),
    Soa(Soa<'a>),
    Mx(Mx<'a>),
    Txt(Strings<'a>),
    Srv(Srv<'a>),
    Opt(edns::Opt<'a>),
    Opaque(&'a [u8]),
}

/// RFC 1035 section 3.3.13; times in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Soa<'a> {
    pub mname: Name<'a>,
    pub rname: Name<'a>,
    pub serial: u32,
    pub refresh: u32,
    pub retry: u32,
    pub expire: u32,
    pub minimum: u32,
}

/// RFC 1035 section 3.3.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mx<'a> {
    pub preference: u16,
    pub exchange: Name<'a>,
}

/// RFC 2782. A compressed target is read; [`Name::is_compressed`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Srv<'a> {
    pub priority: u16,
    pub weight: u16,
    pub port: u16,
    pub target: Name<'a>,
}

/// The character-strings of RFC 1035 section 3.3, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strings<'a>(&'a [u8]);

impl<'a> Strings<'a> {
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (&length, after) = rest.split_first()?;
            let (string, after) = after.split_at_checked(usize::from(length))?;
            rest = after;
            Some(string)
        })
    }
}

impl<'a> Data<'a> {
    pub(super) fn parse(record: &Record<'a>) -> Result<Data<'a>, Fault> {
        let mut fields = Fields::new(record);
        // The class of OPT is a size (RFC 6891 section 6.1.2).
        if record.kind == Type::OPT {
            return edns::Opt::parse(record).map(Data::Opt);
        }
        // RFC 2136 section 2.4: in these classes data may be left out.
        if matches!(record.class, Class::NONE | Class::ANY) {
            return Ok(Data::Opaque(record.rdata));
        }
        let data = match record.kind {
            Type::NS => Data::Ns(fields.name("NSDNAME")?),
            Type::CNAME => Data::Cname(fields.name("CNAME")?),
            Type::PTR => Data::Ptr(fields.name("PTRDNAME")?),
            Type::SOA => Data::Soa(fields.soa()?),
            Type::MX => Data::Mx(Mx {
                preference: fields.word("PREFERENCE")?,
                exchange: fields.name("EXCHANGE")?,
            }),
            Type::TXT => Data::Txt(fields.strings()?),
            Type::A if record.class == Class::IN => Data::A(fields.address::<4>("ADDRESS", "4 bytes")?.into()),
            Type::AAAA if record.class == Class::IN => Data::Aaaa(fields.address::<16>("ADDRESS", "16 bytes")?.into()),
            Type::SRV if record.class == Class::IN => Data::Srv(Srv {
                priority: fields.word("Priority")?,
                weight: fields.word("Weight")?,
                port: fields.word("Port")?,
                target: fields.name("Target")?,
            }),
            _ => return Ok(Data::Opaque(record.rdata)),
        };
        fields.end()?;
        Ok(data)
    }
}

/// Reads fields up to the end of the data, pointers being into the whole message.
struct Fields<'a> {
    message: &'a [u8],
    /// The message up to the end of the data.
    upto: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn new(record: &Record<'a>) -> Fields<'a> {
        let end = record.rdata_offset + record.rdata.len();
        Fields {
            message: record.message,
            upto: record.message.get(..end).unwrap_or_default(),
            at: record.rdata_offset,
        }
    }

    fn name(&mut self, field: &'static str) -> Result<Name<'a>, Fault> {
        let (name, at) = Name::parse(self.message, self.at, field)?;
        if at > self.upto.len() {
            return Err(Fault {
                field,
                offset: self.at,
                problem: Problem::Length {
                    expected: "a name that ends with the data",
                },
            });
        }
        self.at = at;
        Ok(name)
    }

    fn word(&mut self, field: &'static str) -> Result<u16, Fault> {
        let value = fixed(self.upto, self.at, field, "2 bytes", be_u16)?;
        self.at += 2;
        Ok(value)
    }

    fn long(&mut self, field: &'static str) -> Result<u32, Fault> {
        let value = fixed(self.upto, self.at, field, "4 bytes", be_u32)?;
        self.at += 4;
        Ok(value)
    }

    fn address<const N: usize>(&mut self, field: &'static str, expected: &'static str) -> Result<[u8; N], Fault> {
        let value = fixed(self.upto, self.at, field, expected, array::<N>)?;
        self.at += N;
        Ok(value)
    }

    fn soa(&mut self) -> Result<Soa<'a>, Fault> {
        Ok(Soa {
            mname: self.name("MNAME")?,
            rname: self.name("RNAME")?,
            serial: self.long("SERIAL")?,
            refresh: self.long("REFRESH")?,
            retry: self.long("RETRY")?,
            expire: self.long("EXPIRE")?,
            minimum: self.long("MINIMUM")?,
        })
    }

    fn strings(&mut self) -> Result<Strings<'a>, Fault> {
        let all = self.upto.get(self.at..).unwrap_or_default();
        // RFC 1035 section 3.3.14: one or more.
        let mut more = true;
        while more {
            let fault = Fault {
                field: "TXT-DATA",
                offset: self.at,
                problem: Problem::Length {
                    expected: "one or more strings that end with the data",
                },
            };
            self.at += 1 + usize::from(*self.upto.get(self.at).ok_or(fault)?);
            if self.at > self.upto.len() {
                return Err(fault);
            }
            more = self.at < self.upto.len();
        }
        Ok(Strings(all))
    }

    fn end(&self) -> Result<(), Fault> {
        if self.at == self.upto.len() {
            return Ok(());
        }
        Err(Fault {
            field: "RDATA",
            offset: self.at,
            problem: Problem::Length {
                expected: "the end of the data, as RDLENGTH gives it",
            },
        })
    }
}
