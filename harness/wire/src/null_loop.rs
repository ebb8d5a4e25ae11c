//! BSD loopback captures: four bytes of address family (LINKTYPE_NULL in the byte order of the capturing host, LINKTYPE_LOOP
//! in network byte order).

use crate::ParseError;
use crate::read::{array, fixed};

/// The header and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Null<'a> {
    /// As it stands in the file; [`Null::family`] reads it.
    pub raw_family: [u8; 4],
    pub payload: &'a [u8],
}

/// What an address family stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Ipv4,
    Ipv6,
    Other(u32),
}

impl<'a> Null<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Null<'a>, ParseError> {
        let (payload, raw_family) = fixed("BSD loopback", "4 bytes of address family", input, array)?;
        Ok(Null { raw_family, payload })
    }

    /// Families are small numbers, so that the byte order shows by itself. AF_INET6 is 24 on NetBSD and OpenBSD, 28 on
    /// FreeBSD, 30 on macOS, 10 on Linux, 23 on Windows; AF_INET is 2 everywhere.
    pub fn family(&self) -> Family {
        let big = u32::from_be_bytes(self.raw_family);
        let family = if big >= 1 << 16 { big.swap_bytes() } else { big };
        match family {
            2 => Family::Ipv4,
            10 | 23 | 24 | 28 | 30 => Family::Ipv6,
            other => Family::Other(other),
        }
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.raw_family);
        out.extend(self.payload);
    }
}
