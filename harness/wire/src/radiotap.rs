//! Radiotap (radiotap.org): what a wireless card tells of a frame, in front of its IEEE 802.11 header. Little endian.

use crate::ParseError;
use crate::read::{NomError, fixed, part};
use nom::number::complete::{le_u16, u8};

/// Version, padding, length, and the first word of presence bits.
const SHORTEST: u16 = 8;

/// Presence bits: the clock, the flags behind it, and one more word of presence bits.
const TSFT: u32 = 1;
const FLAGS: u32 = 1 << 1;
const MORE: u32 = 1 << 31;

/// The header, its fields as they stand, and the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Radiotap<'a> {
    pub version: u8,
    pub padding: u8,
    /// Presence bits and fields.
    pub fields: &'a [u8],
    pub payload: &'a [u8],
}

/// The Flags field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// A frame check sequence of four octets ends the frame.
    pub const FCS: Flags = Flags(0x10);
    /// The frame's header is padded to a multiple of four octets.
    pub const PADDED: Flags = Flags(0x20);
    /// The frame check sequence was wrong.
    pub const BAD_FCS: Flags = Flags(0x40);

    pub const fn contains(self, flag: Flags) -> bool {
        self.0 & flag.0 != 0
    }
}

impl<'a> Radiotap<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Radiotap<'a>, ParseError> {
        let (rest, (version, padding, length)) = fixed(
            "Radiotap",
            "8 bytes of header",
            input,
            (u8::<_, NomError<'_>>, u8, le_u16),
        )?;
        if length < SHORTEST {
            return Err(ParseError::new("Radiotap", "length", 2, "at least 8"));
        }
        let fields = usize::from(length - 4);
        let (payload, fields) = part("Radiotap", "fields", "as many bytes as the length", input, rest, fields)?;
        Ok(Radiotap {
            version,
            padding,
            fields,
            payload,
        })
    }

    /// None set where there is no such field.
    pub fn flags(&self) -> Flags {
        self.flags_field().unwrap_or_default()
    }

    /// Fields follow the last word of presence bits in the order of the bits, each aligned to its size, counted from the
    /// header's start. Before the flags there can be the clock only, of eight octets.
    fn flags_field(&self) -> Option<Flags> {
        let word = |number: usize| {
            let octets = self.fields.get(number * 4..)?.first_chunk::<4>()?;
            Some(u32::from_le_bytes(*octets))
        };
        let present = word(0).filter(|present| present & FLAGS != 0 && self.version == 0)?;
        let mut words = 1;
        while word(words - 1)? & MORE != 0 {
            words += 1;
        }
        let mut at = 4 + words * 4;
        if present & TSFT != 0 {
            at = at.next_multiple_of(8) + 8;
        }
        self.fields.get(at - 4).copied().map(Flags)
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.version, self.padding]);
        out.extend(((self.fields.len() + 4) as u16).to_le_bytes());
        out.extend(self.fields);
        out.extend(self.payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn with(fields: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Radiotap {
            version: 0,
            padding: 0,
            fields,
            payload: b"frame",
        }
        .emit(&mut out);
        out
    }

    #[rstest]
    #[case::no_flags(&[0, 0, 0, 0], 0)]
    #[case::alone(&[2, 0, 0, 0, 0x10], 0x10)]
    #[case::behind_the_clock(&[3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x50], 0x50)]
    #[case::behind_a_second_word(&[2, 0, 0, 0x80, 0, 0, 0, 0, 0x20], 0x20)]
    #[case::behind_a_second_word_and_the_aligned_clock(
        &[3, 0, 0, 0x80, 0, 0, 0, 0, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0x10],
        0x10
    )]
    #[case::promised_and_not_there(&[2, 0, 0, 0], 0)]
    #[case::words_without_end(&[2, 0, 0, 0x80], 0)]
    fn flags_are_where_the_presence_bits_put_them(#[case] fields: &[u8], #[case] flags: u8) {
        let bytes = with(fields);
        let read = Radiotap::parse(&bytes).unwrap();
        assert_eq!((read.flags(), read.payload), (Flags(flags), &b"frame"[..]));
    }

    #[test]
    fn lengths_that_cannot_be_are_errors() {
        assert_eq!(Radiotap::parse(&[0, 0, 7, 0, 0, 0, 0, 0]).unwrap_err().field, "length");
        assert_eq!(Radiotap::parse(&[0, 0, 9, 0, 0, 0, 0, 0]).unwrap_err().offset, 8);
        assert_eq!(Radiotap::parse(&[0, 0, 8]).unwrap_err().field, "header");
    }
}
