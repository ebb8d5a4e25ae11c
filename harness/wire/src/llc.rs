//! IEEE 802.2 LLC, with the SNAP extension of RFC 1042.

use crate::read::{NomError, array, fixed};
use crate::{EtherType, ParseError};
use nom::Parser;
use nom::number::complete::{be_u16, u8};

/// Service access points that carry IP.
pub mod sap {
    /// RFC 1042: the SNAP header follows.
    pub const SNAP: u8 = 0xaa;
    /// IPv4 without SNAP, reserved by IEEE and still seen.
    pub const IPV4: u8 = 0x06;
}

/// One LLC header and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Llc<'a> {
    pub dsap: u8,
    pub ssap: u8,
    /// One octet for unnumbered frames (low two bits set), else two, the first in the low byte.
    pub control: u16,
    pub snap: Option<Snap>,
    pub payload: &'a [u8],
}

/// The organisation and its protocol number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snap {
    pub organisation: [u8; 3],
    pub protocol: u16,
}

impl<'a> Llc<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Llc<'a>, ParseError> {
        let (mut rest, (dsap, ssap, first)) = fixed("LLC", "3 bytes of header", input, (u8, u8, u8))?;
        let mut control = u16::from(first);
        if first & 3 != 3 {
            let short = |_: nom::Err<NomError<'_>>| {
                ParseError::new("LLC", "control", input.len(), "two octets for a numbered frame")
            };
            let (after, second) = u8(rest).map_err(short)?;
            (rest, control) = (after, control | u16::from(second) << 8);
        }
        let mut snap = None;
        if (dsap, ssap) == (sap::SNAP, sap::SNAP) {
            let short =
                |_: nom::Err<NomError<'_>>| ParseError::new("LLC", "SNAP", input.len(), "5 bytes of SNAP header");
            let (after, (organisation, protocol)) = (array, be_u16).parse(rest).map_err(short)?;
            (rest, snap) = (after, Some(Snap { organisation, protocol }));
        }
        Ok(Llc {
            dsap,
            ssap,
            control,
            snap,
            payload: rest,
        })
    }

    /// The EtherType, where the organisation is one that uses EtherTypes: zero (RFC 1042) or the bridge tunnel's 00-00-F8.
    pub fn ether_type(&self) -> Option<EtherType> {
        match self.snap?.organisation {
            [0, 0, 0] | [0, 0, 0xf8] => self.snap.map(|snap| EtherType(snap.protocol)),
            _ => None,
        }
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.dsap, self.ssap]);
        let [second, first] = self.control.to_be_bytes();
        out.push(first);
        if first & 3 != 3 {
            out.push(second);
        }
        if let Some(snap) = self.snap {
            out.extend(snap.organisation);
            out.extend(snap.protocol.to_be_bytes());
        }
        out.extend(self.payload);
    }
}
