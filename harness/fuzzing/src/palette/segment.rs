//! The fields of a segment.

use super::{HALF, Relative};
use wire::SeqNumber;
use wire::tcp::Flags;

/// SEG.SEQ.
pub const SEQ: &[Relative<SeqNumber>] = &[
    ("next", |v| v.snd),
    ("next", |v| v.snd),
    ("RCV.NXT", |v| v.told),
    ("RCV.NXT", |v| v.told),
    ("next", |v| v.snd),
    ("RCV.NXT-1", |v| v.told - 1),
    ("RCV.NXT+1", |v| v.told + 1),
    ("next+MSS", |v| v.snd + v.mss),
    ("next-MSS", |v| v.snd - v.mss),
    ("next+1", |v| v.snd + 1),
    ("next-1", |v| v.snd - 1),
    ("next+2*MSS", |v| v.snd + 2 * v.mss),
    ("next+4*MSS", |v| v.snd + 4 * v.mss),
    ("edge", |v| v.edge),
    ("edge-1", |v| v.edge - 1),
    ("edge+1", |v| v.edge + 1),
    ("edge-MSS", |v| v.edge - v.mss),
    ("ISS", |v| v.iss),
    ("ISS+1", |v| v.iss + 1),
    ("ISS-1", |v| v.iss - 1),
    ("RCV.NXT-window", |v| v.told - v.its_wnd),
    ("RCV.NXT+2^31", |v| v.told + HALF),
    ("RCV.NXT+2^31-1", |v| v.told + (HALF - 1)),
    ("RCV.NXT-2^31+1", |v| v.told - (HALF - 1)),
    ("0", |_| SeqNumber(0)),
    ("1", |_| SeqNumber(1)),
    ("2^32-1", |_| SeqNumber(u32::MAX)),
    ("its ISS", |v| v.irs),
    ("SND.NXT", |v| v.nxt),
    ("next+100", |v| v.snd + 100),
    ("RCV.NXT-100", |v| v.told - 100),
    ("ISS+64000", |v| v.iss + 64_000),
];

/// SEG.ACK.
pub const ACK: &[Relative<SeqNumber>] = &[
    ("all", |v| v.rcv),
    ("all", |v| v.rcv),
    ("all", |v| v.rcv),
    ("SND.UNA", |v| v.una),
    ("SND.UNA", |v| v.una),
    ("SND.NXT", |v| v.nxt),
    ("SND.UNA+1", |v| v.una + 1),
    ("SND.UNA-1", |v| v.una - 1),
    ("SND.UNA+MSS", |v| v.una + v.its_mss),
    ("SND.UNA+2*MSS", |v| v.una + 2 * v.its_mss),
    ("SND.NXT+1", |v| v.nxt + 1),
    ("SND.NXT-1", |v| v.nxt - 1),
    ("SND.NXT-MSS", |v| v.nxt - v.its_mss),
    ("SND.UNA-window", |v| v.una - u32::from(v.wnd)),
    ("SND.UNA-window-1", |v| v.una - u32::from(v.wnd) - 1),
    ("SND.UNA-100000", |v| v.una - 100_000),
    ("SND.NXT+65535", |v| v.nxt + 65_535),
    ("its ISS", |v| v.irs),
    ("its ISS+1", |v| v.irs + 1),
    ("SND.UNA+2^31", |v| v.una + HALF),
    ("SND.UNA+2^31-1", |v| v.una + (HALF - 1)),
    ("SND.NXT-2^31", |v| v.nxt - HALF),
    ("0", |_| SeqNumber(0)),
    ("2^32-1", |_| SeqNumber(u32::MAX)),
];

/// Octets of data.
pub const LENGTH: &[Relative<u32>] = &[
    ("0", |_| 0),
    ("0", |_| 0),
    ("MSS", |v| v.mss),
    ("1", |_| 1),
    ("100", |_| 100),
    ("MSS-1", |v| v.mss - 1),
    ("MSS+1", |v| v.mss + 1),
    ("window", |v| v.its_wnd),
    ("window+1", |v| v.its_wnd + 1),
    ("window-1", |v| v.its_wnd.saturating_sub(1)),
    ("2", |_| 2),
    ("MSS/2", |v| v.mss / 2),
    ("2*MSS", |v| 2 * v.mss),
];

/// SEG.WND, as it stands in the header.
pub const WINDOW: &[Relative<u16>] = &[
    ("as before", |v| v.wnd),
    ("as before", |v| v.wnd),
    ("as before", |v| v.wnd),
    ("0", |_| 0),
    ("65535", |_| 65_535),
    ("1", |_| 1),
    ("MSS", |v| v.its_mss as u16),
    ("MSS-1", |v| v.its_mss.saturating_sub(1) as u16),
    ("MSS+1", |v| (v.its_mss + 1) as u16),
    ("2*MSS", |v| (2 * v.its_mss) as u16),
    ("half", |v| v.wnd / 2),
    ("less by 1", |v| v.wnd.saturating_sub(1)),
    ("32768", |_| 32_768),
    ("4*MSS", |v| (4 * v.its_mss) as u16),
    ("100", |_| 100),
    ("16", |_| 16),
];

const fn flags(bits: u16) -> Flags {
    Flags(bits)
}
const FIN: u16 = Flags::FIN.0;
const SYN: u16 = Flags::SYN.0;
const RST: u16 = Flags::RST.0;
const PSH: u16 = Flags::PSH.0;
const ACKS: u16 = Flags::ACK.0;
const URG: u16 = Flags::URG.0;
const ECE: u16 = Flags::ECE.0;
const CWR: u16 = Flags::CWR.0;

/// Control bits.
pub const FLAGS: &[Flags] = &[
    flags(ACKS),
    flags(ACKS | PSH),
    flags(ACKS),
    flags(ACKS | FIN),
    flags(ACKS | PSH),
    flags(SYN),
    flags(SYN | ACKS),
    flags(RST),
    flags(RST | ACKS),
    flags(ACKS | FIN | PSH),
    flags(ACKS | URG),
    flags(0),
    flags(FIN),
    flags(ACKS | ECE),
    flags(ACKS | CWR),
    flags(SYN | ECE | CWR),
    flags(SYN | FIN),
    flags(SYN | RST),
    flags(PSH),
    flags(SYN | ACKS | ECE),
    flags(FIN | SYN | RST | PSH | ACKS | URG | ECE | CWR),
    flags(ACKS | ECE | CWR),
    flags(RST | FIN),
    flags(ACKS | FIN | URG),
];

/// Option soup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Soup {
    /// Timestamps as agreed, and nothing else.
    AsAgreed,
    NoTimestamps,
    /// TSval, relative to the right one; TSecr is right.
    Value(u32),
    /// TSecr, relative to the right one.
    Echo(u32),
    /// Timestamps although they were not agreed on.
    Unagreed,
    /// SACK blocks: where each begins, relative to what is acknowledged, and its length, in segments of the stack.
    Sack(&'static [(i8, i8)]),
    /// What the SYN offers, as offered.
    Offer,
    /// Octets as they are, behind timestamps if those were agreed on.
    Raw(&'static [u8]),
}

pub const OPTIONS: &[Soup] = &[
    Soup::AsAgreed,
    Soup::AsAgreed,
    Soup::AsAgreed,
    Soup::AsAgreed,
    Soup::AsAgreed,
    Soup::NoTimestamps,
    Soup::Value(0_u32.wrapping_sub(1)),
    Soup::Value(0_u32.wrapping_sub(100_000)),
    Soup::Value(1 << 31),
    Soup::Value(100_000),
    Soup::Value((1 << 31) - 1),
    Soup::Echo(1),
    Soup::Echo(0_u32.wrapping_sub(1)),
    Soup::Echo(1 << 31),
    Soup::Unagreed,
    Soup::Sack(&[(1, 1)]),
    Soup::Sack(&[(2, 1)]),
    Soup::Sack(&[(1, 2), (4, 1)]),
    Soup::Sack(&[(3, 1), (1, 1)]),
    // RFC 2883: a duplicate.
    Soup::Sack(&[(-1, 1)]),
    Soup::Sack(&[(-1, 1), (1, 1)]),
    // Nothing, backwards, and more than was sent.
    Soup::Sack(&[(1, 0)]),
    Soup::Sack(&[(2, -1)]),
    Soup::Sack(&[(0, 100)]),
    Soup::Offer,
    // MSS of zero, MSS, window scale 14 and 15, SACK permitted.
    Soup::Raw(&[2, 4, 0, 0]),
    Soup::Raw(&[2, 4, 5, 180]),
    Soup::Raw(&[3, 3, 14, 1]),
    Soup::Raw(&[3, 3, 15, 0]),
    Soup::Raw(&[4, 2, 1, 1]),
    // Unknown kinds, no-operations, an early end of the list.
    Soup::Raw(&[254, 4, 1, 2]),
    Soup::Raw(&[77, 2, 1, 1]),
    Soup::Raw(&[1; 20]),
    Soup::Raw(&[0, 2, 4, 5, 180, 0, 0, 0]),
    // Lengths of zero, one, beyond the header; the last octet a kind alone; known kinds of a wrong length.
    Soup::Raw(&[254, 0, 0, 0]),
    Soup::Raw(&[254, 1, 1, 1]),
    Soup::Raw(&[254, 40, 0, 0]),
    Soup::Raw(&[1, 1, 1, 254]),
    Soup::Raw(&[2, 3, 5, 1]),
    Soup::Raw(&[3, 2, 1, 1]),
    Soup::Raw(&[8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    Soup::Raw(&[5, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]),
    Soup::Raw(&[5, 2, 1, 1]),
];

/// What else is odd about a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    Nothing,
    /// The urgent pointer; URG is set.
    Urgent(u16),
    /// Congestion experienced (RFC 3168).
    Congested,
    BadChecksum,
    /// In words; such a segment carries no data.
    DataOffset(u8),
    /// In IP fragments, the last of them first.
    Fragments,
    /// From another port.
    OtherPort,
}

pub const ODD: &[Odd] = &[
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Urgent(0),
    Odd::Urgent(1),
    Odd::Urgent(65_535),
    Odd::Urgent(100),
    Odd::Congested,
    Odd::Congested,
    Odd::BadChecksum,
    Odd::DataOffset(4),
    Odd::DataOffset(0),
    Odd::DataOffset(15),
    Odd::Fragments,
    Odd::OtherPort,
];
