//! IEEE 802.11 data frames (IEEE 802.11-2020 clause 9). Numbers are little endian but for an MSDU's length.

use crate::ParseError;
use crate::ethernet::MacAddress;
use crate::llc::sap;
use crate::read::{NomError, array, fixed};
use nom::Parser;
use nom::combinator::cond;
use nom::number::complete::{be_u16, le_u16, le_u32};

/// First octet of Frame Control: version and type; two bits of the data subtypes.
const VERSION_AND_TYPE: u8 = 0x0f;
const DATA: u8 = 0x08;
const NO_DATA: u8 = 0x40;
const QOS: u8 = 0x80;

/// Second octet: flags.
const TO_DS: u8 = 0x01;
const FROM_DS: u8 = 0x02;
const BOTH_DS: u8 = TO_DS | FROM_DS;
const MORE_FRAGMENTS: u8 = 0x04;
const RETRY: u8 = 0x08;
const PROTECTED: u8 = 0x40;
const HT_CONTROL: u8 = 0x80;

/// QoS Control: the payload is an A-MSDU.
const A_MSDU: u16 = 0x80;

/// Octets of the frame check sequence at the end of a frame, where the capture has it.
pub const FCS_LEN: usize = 4;

/// One data frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ieee80211<'a> {
    /// Frame Control: version, type and subtype; flags.
    pub control: [u8; 2],
    pub duration: u16,
    /// Receiver, transmitter, and what the flags make of the third and fourth.
    pub address1: MacAddress,
    pub address2: MacAddress,
    pub address3: MacAddress,
    /// Fragment number (4 bits) and sequence number.
    pub sequence_control: u16,
    pub address4: Option<MacAddress>,
    pub qos_control: Option<u16>,
    pub ht_control: Option<u32>,
    /// Everything behind the header; a frame check sequence included, where there is one.
    pub payload: &'a [u8],
}

/// Whether a frame is one that can be read here: neither management nor control, nor of another version.
pub const fn is_data(frame: &[u8]) -> bool {
    matches!(frame, [first, ..] if *first & VERSION_AND_TYPE == DATA)
}

impl<'a> Ieee80211<'a> {
    pub fn parse(input: &'a [u8]) -> Result<Ieee80211<'a>, ParseError> {
        let (rest, (control, duration, address1, address2, address3, sequence_control)) = fixed(
            "IEEE 802.11",
            "24 bytes of header",
            input,
            (array::<2>, le_u16, array, array, array, le_u16),
        )?;
        let [kind, flags] = control;
        if kind & VERSION_AND_TYPE != DATA {
            return Err(ParseError::new(
                "IEEE 802.11",
                "Frame Control",
                0,
                "a data frame of version 0",
            ));
        }
        let qos = kind & QOS != 0;
        let (payload, (address4, qos_control, ht_control)) = (
            cond(flags & BOTH_DS == BOTH_DS, array),
            cond(qos, le_u16),
            cond(qos && flags & HT_CONTROL != 0, le_u32),
        )
            .parse(rest)
            .map_err(|_: nom::Err<NomError<'_>>| {
                let expected = "address 4, QoS Control and HT Control as Frame Control says";
                ParseError::new("IEEE 802.11", "header", input.len(), expected)
            })?;
        Ok(Ieee80211 {
            control,
            duration,
            address1: MacAddress(address1),
            address2: MacAddress(address2),
            address3: MacAddress(address3),
            sequence_control,
            address4: address4.map(MacAddress),
            qos_control,
            ht_control,
            payload,
        })
    }

    /// Who sent the MSDU first, and who is to have it last (the table of address fields of data frames); each MSDU of an A-MSDU tells for itself.
    pub fn ends(&self) -> (MacAddress, MacAddress) {
        match (self.control[1] & BOTH_DS, self.address4) {
            (FROM_DS, _) => (self.address3, self.address1),
            (TO_DS, _) => (self.address2, self.address3),
            (_, Some(source)) => (source, self.address3),
            _ => (self.address2, self.address1),
        }
    }

    /// Whether the payload is LLC, or an A-MSDU, from its first octet to its last: not empty, encrypted, or in pieces.
    pub const fn has_whole_msdu(&self) -> bool {
        let [kind, flags] = self.control;
        kind & NO_DATA == 0 && flags & (PROTECTED | MORE_FRAGMENTS) == 0 && self.sequence_control & 0x0f == 0
    }

    /// Nothing follows the header.
    pub const fn is_null(&self) -> bool {
        self.control[0] & NO_DATA != 0
    }

    pub fn is_a_msdu(&self) -> bool {
        self.qos_control.is_some_and(|control| control & A_MSDU != 0)
    }

    /// Sent before, with the same sequence number.
    pub const fn is_retry(&self) -> bool {
        self.control[1] & RETRY != 0
    }

    pub fn header_len(&self) -> usize {
        let optional = [
            (self.address4.is_some(), 6),
            (self.qos_control.is_some(), 2),
            (self.ht_control.is_some(), 4),
        ];
        24 + optional
            .iter()
            .filter(|(there, _)| *there)
            .map(|(_, octets)| octets)
            .sum::<usize>()
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.control);
        out.extend(self.duration.to_le_bytes());
        for address in [self.address1, self.address2, self.address3] {
            out.extend(address.0);
        }
        out.extend(self.sequence_control.to_le_bytes());
        out.extend(self.address4.iter().flat_map(|address| address.0));
        out.extend(self.qos_control.iter().flat_map(|control| control.to_le_bytes()));
        out.extend(self.ht_control.iter().flat_map(|control| control.to_le_bytes()));
        out.extend(self.payload);
    }
}

/// One MSDU of an A-MSDU (its format stands beside that of data frames), and everything behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subframe<'a> {
    pub destination: MacAddress,
    pub source: MacAddress,
    /// Of the MSDU, in octets.
    pub length: u16,
    /// The MSDU, which begins with LLC; cut where the capture ends.
    pub payload: &'a [u8],
    /// Padding and the subframes behind it.
    pub rest: &'a [u8],
}

impl<'a> Subframe<'a> {
    const HEADER_LEN: usize = 14;

    pub fn parse(input: &'a [u8]) -> Result<Subframe<'a>, ParseError> {
        let (rest, (destination, source, length)) =
            fixed("A-MSDU", "14 bytes of header", input, (array, array, be_u16))?;
        let (payload, rest) = rest.split_at_checked(length.into()).unwrap_or((rest, &[]));
        Ok(Subframe {
            destination: MacAddress(destination),
            source: MacAddress(source),
            length,
            payload,
            rest,
        })
    }

    /// An LLC header where the destination should be: the frame is an MSDU whose flag was set on the way, which a receiver drops.
    pub fn is_msdu(&self) -> bool {
        self.destination.0.starts_with(&[sap::SNAP, sap::SNAP, 3])
    }

    /// What stands where the next subframe would: each but the last is padded to four octets.
    pub fn next(&self) -> Option<&'a [u8]> {
        let padding = (Self::HEADER_LEN + usize::from(self.length)).wrapping_neg() % 4;
        self.rest.get(padding..).filter(|next| next.len() >= Self::HEADER_LEN)
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.destination.0);
        out.extend(self.source.0);
        out.extend(self.length.to_be_bytes());
        out.extend(self.payload);
        out.extend(self.rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn address(last: u8) -> MacAddress {
        MacAddress([2, 0, 0, 0, 0, last])
    }

    fn frame(control: [u8; 2]) -> Ieee80211<'static> {
        let [kind, flags] = control;
        let qos = kind & QOS != 0;
        Ieee80211 {
            control,
            duration: 0x2c,
            address1: address(1),
            address2: address(2),
            address3: address(3),
            sequence_control: 0x120,
            address4: (flags & BOTH_DS == BOTH_DS).then_some(address(4)),
            qos_control: qos.then_some(6),
            ht_control: (qos && flags & HT_CONTROL != 0).then_some(7),
            payload: b"payload",
        }
    }

    #[rstest]
    #[case::between_stations([0x08, 0], 24, (2, 1))]
    #[case::to_the_access_point([0x08, TO_DS], 24, (2, 3))]
    #[case::from_the_access_point([0x88, FROM_DS], 26, (3, 1))]
    #[case::between_access_points([0x88, BOTH_DS], 32, (4, 3))]
    #[case::with_ht_control([0x88, BOTH_DS | HT_CONTROL], 36, (4, 3))]
    #[case::ordered_without_qos([0x08, TO_DS | HT_CONTROL], 24, (2, 3))]
    fn headers_of_each_length_are_read_and_written(
        #[case] control: [u8; 2],
        #[case] length: usize,
        #[case] ends: (u8, u8),
    ) {
        let before = frame(control);
        let mut written = Vec::new();
        before.emit(&mut written);
        assert_eq!((written.len(), before.header_len()), (length + 7, length));
        let read = Ieee80211::parse(&written).unwrap();
        assert_eq!(read, before);
        assert_eq!(read.ends(), (address(ends.0), address(ends.1)));
        assert!(read.has_whole_msdu());
        let short = Ieee80211::parse(&written[..length - 1]).unwrap_err();
        assert_eq!((short.field, short.offset), ("header", length - 1));
    }

    #[rstest]
    #[case::without_data([0x48, 0], 0)]
    #[case::qos_without_data([0xc8, 0], 0)]
    #[case::encrypted([0x08, PROTECTED], 0)]
    #[case::the_first_fragment([0x08, MORE_FRAGMENTS], 0)]
    #[case::the_last_fragment([0x08, 0], 2)]
    fn what_is_no_whole_msdu_is_told(#[case] control: [u8; 2], #[case] fragment: u16) {
        let frame = Ieee80211 {
            sequence_control: 0x120 | fragment,
            ..frame(control)
        };
        assert!(!frame.has_whole_msdu());
    }

    #[test]
    fn frames_of_other_types_are_not_read() {
        for first in [0x80, 0xd4, 0x0c, 0x09] {
            let bytes = [first; 40];
            assert!(!is_data(&bytes));
            assert_eq!(Ieee80211::parse(&bytes).unwrap_err().field, "Frame Control");
        }
    }

    #[test]
    fn msdus_are_found_behind_the_padding_of_those_before() {
        let subframe = |length: u16, payload: &'static [u8]| Subframe {
            destination: address(1),
            source: address(2),
            length,
            payload,
            rest: &[],
        };
        let mut bytes = Vec::new();
        subframe(5, b"first").emit(&mut bytes);
        bytes.push(0);
        subframe(6, b"second").emit(&mut bytes);
        bytes.extend([1, 2, 3, 4]);
        let first = Subframe::parse(&bytes).unwrap();
        assert_eq!(first.payload, b"first");
        let second = Subframe::parse(first.next().unwrap()).unwrap();
        assert_eq!((second.payload, second.next()), (&b"second"[..], None));
        let cut = Subframe::parse(&bytes[..16]).unwrap();
        assert_eq!((cut.payload, cut.next()), (&b"fi"[..], None));
    }
}
