//! The 12 bytes that start every message, RFC 1035 section 4.1.1.

use super::error::{Fault, Problem};
use crate::read::NomError;
use nom::Parser;
use nom::number::complete::be_u16;

pub const HEADER_LEN: usize = 12;

/// Identifier, flags and counts as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Header {
    pub id: u16,
    /// The second word: QR to RCODE.
    pub flags: u16,
    pub qdcount: u16,
    pub ancount: u16,
    pub nscount: u16,
    pub arcount: u16,
}

impl Header {
    pub const QR: u16 = 0x8000;
    pub const AA: u16 = 0x0400;
    pub const TC: u16 = 0x0200;
    pub const RD: u16 = 0x0100;
    pub const RA: u16 = 0x0080;
    pub const Z: u16 = 0x0040;
    /// RFC 4035 section 3.2.3.
    pub const AD: u16 = 0x0020;
    /// RFC 4035 section 3.2.2.
    pub const CD: u16 = 0x0010;

    pub(super) fn parse(message: &[u8]) -> Result<Header, Fault> {
        let fields: nom::IResult<_, _, NomError<'_>> = (be_u16, be_u16, be_u16, be_u16, be_u16, be_u16).parse(message);
        let (_, (id, flags, qdcount, ancount, nscount, arcount)) = fields.map_err(|_| Fault {
            field: "header",
            offset: message.len(),
            problem: Problem::Length {
                expected: "12 bytes of header",
            },
        })?;
        Ok(Header {
            id,
            flags,
            qdcount,
            ancount,
            nscount,
            arcount,
        })
    }

    /// Whether this is a response.
    pub const fn qr(&self) -> bool {
        self.flags & Header::QR != 0
    }

    pub const fn opcode(&self) -> Opcode {
        Opcode((self.flags >> 11 & 0xf) as u8)
    }

    pub const fn aa(&self) -> bool {
        self.flags & Header::AA != 0
    }

    pub const fn tc(&self) -> bool {
        self.flags & Header::TC != 0
    }

    pub const fn rd(&self) -> bool {
        self.flags & Header::RD != 0
    }

    pub const fn ra(&self) -> bool {
        self.flags & Header::RA != 0
    }

    /// The one bit that is still reserved.
    pub const fn z(&self) -> bool {
        self.flags & Header::Z != 0
    }

    pub const fn ad(&self) -> bool {
        self.flags & Header::AD != 0
    }

    pub const fn cd(&self) -> bool {
        self.flags & Header::CD != 0
    }

    /// The header's four bits alone; [`super::Message::rcode`] adds those of EDNS.
    pub const fn rcode(&self) -> Rcode {
        Rcode(self.flags & 0xf)
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        for word in [
            self.id,
            self.flags,
            self.qdcount,
            self.ancount,
            self.nscount,
            self.arcount,
        ] {
            out.extend(word.to_be_bytes());
        }
    }
}

/// The kind of query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opcode(pub u8);

impl Opcode {
    pub const QUERY: Opcode = Opcode(0);
    pub const IQUERY: Opcode = Opcode(1);
    pub const STATUS: Opcode = Opcode(2);
    /// RFC 1996.
    pub const NOTIFY: Opcode = Opcode(4);
    /// RFC 2136.
    pub const UPDATE: Opcode = Opcode(5);
}

/// The response code: 4 bits in the header, 12 with EDNS (RFC 6891 section 6.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rcode(pub u16);

impl Rcode {
    pub const NO_ERROR: Rcode = Rcode(0);
    pub const FORMAT_ERROR: Rcode = Rcode(1);
    pub const SERVER_FAILURE: Rcode = Rcode(2);
    pub const NAME_ERROR: Rcode = Rcode(3);
    pub const NOT_IMPLEMENTED: Rcode = Rcode(4);
    pub const REFUSED: Rcode = Rcode(5);
    /// RFC 6891 section 9.
    pub const BADVERS: Rcode = Rcode(16);
}
