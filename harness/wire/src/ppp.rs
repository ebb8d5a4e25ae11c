//! PPP (RFC 1661) with its HDLC-like framing (RFC 1662), and PPPoE (RFC 2516).

use crate::ParseError;
use crate::read::{NomError, fixed, part};
use nom::number::complete::{be_u16, u8};

/// Protocol numbers of RFC 1661 that are stepped into.
pub mod protocol {
    pub const IPV4: u16 = 0x0021;
    pub const IPV6: u16 = 0x0057;
    pub const MPLS: u16 = 0x0281;
}

/// One packet, framing removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ppp<'a> {
    /// Whether the address and control octets (ff 03) stood in front (RFC 1662 section 3.1).
    pub framed: bool,
    /// A protocol below 0x100 was sent in one octet (RFC 1661 section 6.5).
    pub compressed: bool,
    pub protocol: u16,
    pub payload: &'a [u8],
}

impl<'a> Ppp<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Ppp<'a>, ParseError> {
        let (framed, rest) = match input {
            [0xff, 0x03, rest @ ..] => (true, rest),
            _ => (false, input),
        };
        // RFC 1661 section 2: protocol numbers are odd in their last octet, even in the octet before it.
        let compressed = rest.first().is_some_and(|octet| octet & 1 == 1);
        let (payload, protocol) = if compressed {
            let (payload, protocol) = fixed("PPP", "a protocol field", rest, u8)?;
            (payload, u16::from(protocol))
        } else {
            fixed("PPP", "a protocol field", rest, be_u16)?
        };
        Ok(Ppp {
            framed,
            compressed,
            protocol,
            payload,
        })
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        if self.framed {
            out.extend([0xff, 0x03]);
        }
        let [high, low] = self.protocol.to_be_bytes();
        if !self.compressed {
            out.push(high);
        }
        out.push(low);
        out.extend(self.payload);
    }
}

/// A PPPoE header; code 0 is session data, anything else discovery (RFC 2516 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pppoe<'a> {
    /// Version and type: 0x11.
    pub version_type: u8,
    pub code: u8,
    pub session: u16,
    /// Bytes of payload as the header says.
    pub length: u16,
    /// Cut at `length`.
    pub payload: &'a [u8],
    /// Link padding behind it.
    pub trailer: &'a [u8],
}

impl<'a> Pppoe<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Pppoe<'a>, ParseError> {
        let (rest, (version_type, code, session, length)) = fixed(
            "PPPoE",
            "6 bytes of header",
            input,
            (u8::<_, NomError<'_>>, u8, be_u16, be_u16),
        )?;
        let here = usize::from(length).min(rest.len());
        let (trailer, payload) = part("PPPoE", "payload", "payload", input, rest, here)?;
        Ok(Pppoe {
            version_type,
            code,
            session,
            length,
            payload,
            trailer,
        })
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.version_type, self.code]);
        out.extend(self.session.to_be_bytes());
        out.extend(self.length.to_be_bytes());
        out.extend(self.payload);
        out.extend(self.trailer);
    }
}
