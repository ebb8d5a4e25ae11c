//! Ethernet: the II frame of RFC 894 and the 802.3 frame of RFC 1042, told apart by the type or length field.

use crate::read::{array, fixed, part};
use crate::{EtherType, ParseError};
use nom::number::complete::be_u16;

/// Both addresses and the type or length field.
pub const HEADER_LEN: usize = 14;

/// The largest value of the type or length field that is a length (IEEE 802.3 section 3.2.6); EtherTypes begin at 0x600.
pub const MAX_LENGTH: u16 = 1500;

/// A 48-bit link address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    pub const BROADCAST: MacAddress = MacAddress([0xff; 6]);

    /// The group bit: multicast, broadcast included.
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl std::fmt::Display for MacAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// One frame without preamble and frame check sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ethernet<'a> {
    pub destination: MacAddress,
    pub source: MacAddress,
    /// An [`EtherType`] from 0x600 up, a length in bytes up to [`MAX_LENGTH`].
    pub type_or_length: u16,
    /// For an 802.3 frame cut at its length; for an II frame everything, padding included: only the payload knows its end.
    pub payload: &'a [u8],
    /// What follows an 802.3 frame's length: padding, perhaps a frame check sequence.
    pub trailer: &'a [u8],
}

impl<'a> Ethernet<'a> {
    #[inline]
    pub fn parse(input: &'a [u8]) -> Result<Ethernet<'a>, ParseError> {
        let (rest, (destination, source, type_or_length)) =
            fixed("Ethernet", "14 bytes of header", input, (array, array, be_u16))?;
        let length = if type_or_length <= MAX_LENGTH {
            usize::from(type_or_length).min(rest.len())
        } else {
            rest.len()
        };
        let (trailer, payload) = part("Ethernet", "Length", "no more than the frame", input, rest, length)?;
        Ok(Ethernet {
            destination: MacAddress(destination),
            source: MacAddress(source),
            type_or_length,
            payload,
            trailer,
        })
    }

    /// The EtherType of an II frame; none for an 802.3 frame, whose payload begins with LLC.
    #[inline]
    pub const fn ether_type(&self) -> Option<EtherType> {
        if self.type_or_length > MAX_LENGTH {
            Some(EtherType(self.type_or_length))
        } else {
            None
        }
    }

    /// Appends the frame with its fields as they stand, without padding it to the minimum size.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.destination.0);
        out.extend(self.source.0);
        out.extend(self.type_or_length.to_be_bytes());
        out.extend(self.payload);
        out.extend(self.trailer);
    }
}
