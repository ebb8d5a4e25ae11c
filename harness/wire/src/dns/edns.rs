//! EDNS(0): the OPT record, RFC 6891 section 6.1.

use super::error::{Fault, Problem};
use super::record::Record;

/// What an OPT record says; its owner name is in [`Record::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opt<'a> {
    /// The largest UDP message that the sender can take, in bytes; below 512 means 512 (RFC 6891 section 6.2.3).
    pub payload_size: u16,
    /// The upper 8 bits of the 12-bit RCODE.
    pub extended_rcode: u8,
    pub version: u8,
    /// DNSSEC OK and the reserved bits.
    pub flags: u16,
    options: &'a [u8],
}

/// One {attribute, value} pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdnsOption<'a> {
    pub code: u16,
    pub data: &'a [u8],
}

impl<'a> Opt<'a> {
    pub(super) fn parse(record: &Record<'a>) -> Result<Opt<'a>, Fault> {
        let [extended_rcode, version, high, low] = record.ttl.to_be_bytes();
        let mut rest = record.rdata;
        while !rest.is_empty() {
            let offset = record.rdata_offset + (record.rdata.len() - rest.len());
            (_, rest) = option(rest).ok_or(Fault {
                field: "OPTION-LENGTH",
                offset,
                problem: Problem::Length {
                    expected: "options that end with the data",
                },
            })?;
        }
        Ok(Opt {
            payload_size: record.class.0,
            extended_rcode,
            version,
            flags: u16::from_be_bytes([high, low]),
            options: record.rdata,
        })
    }

    /// DNSSEC OK (RFC 3225).
    pub const fn dnssec_ok(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// The reserved bits, to be sent as 0 (RFC 6891 section 6.1.4).
    pub const fn z(&self) -> u16 {
        self.flags & 0x7fff
    }

    pub fn options(&self) -> impl Iterator<Item = EdnsOption<'a>> + use<'a> {
        let mut rest = self.options;
        std::iter::from_fn(move || {
            let (one, after) = option(rest)?;
            rest = after;
            Some(one)
        })
    }
}

fn option(input: &[u8]) -> Option<(EdnsOption<'_>, &[u8])> {
    let ([a, b, c, d], rest) = input.split_first_chunk::<4>()?;
    let (data, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([*c, *d])))?;
    let code = u16::from_be_bytes([*a, *b]);
    Some((EdnsOption { code, data }, rest))
}
