//! TCP: the header of RFC 9293 section 3.1 and its options.

use crate::read::array;
use crate::{ParseError, Parsed, SeqNumber};
use arrayvec::ArrayVec;
use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u32, u8};

/// The header without its options: 20 bytes.
pub const HEADER_LEN: usize = 20;

/// The control bits of RFC 9293 section 3.1, with AE of RFC 9768 (once NS, RFC 3540) as bit 8 and the three reserved bits above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub u16);

impl Flags {
    pub const FIN: Flags = Flags(0x001);
    pub const SYN: Flags = Flags(0x002);
    pub const RST: Flags = Flags(0x004);
    pub const PSH: Flags = Flags(0x008);
    pub const ACK: Flags = Flags(0x010);
    pub const URG: Flags = Flags(0x020);
    pub const ECE: Flags = Flags(0x040);
    pub const CWR: Flags = Flags(0x080);
    pub const AE: Flags = Flags(0x100);

    #[inline]
    pub const fn contains(self, bits: Flags) -> bool {
        self.0 & bits.0 == bits.0
    }
    #[inline]
    pub const fn intersects(self, bits: Flags) -> bool {
        self.0 & bits.0 != 0
    }
    pub const fn with(self, bits: Flags) -> Flags {
        Flags(self.0 | bits.0)
    }
    #[inline]
    pub const fn fin(self) -> bool {
        self.contains(Flags::FIN)
    }
    #[inline]
    pub const fn syn(self) -> bool {
        self.contains(Flags::SYN)
    }
    #[inline]
    pub const fn rst(self) -> bool {
        self.contains(Flags::RST)
    }
    #[inline]
    pub const fn psh(self) -> bool {
        self.contains(Flags::PSH)
    }
    #[inline]
    pub const fn ack(self) -> bool {
        self.contains(Flags::ACK)
    }
    #[inline]
    pub const fn urg(self) -> bool {
        self.contains(Flags::URG)
    }
    #[inline]
    pub const fn ece(self) -> bool {
        self.contains(Flags::ECE)
    }
    #[inline]
    pub const fn cwr(self) -> bool {
        self.contains(Flags::CWR)
    }
    /// The reserved bits, 0..=7 (RFC 9293: three bits once AE is taken from the original four).
    pub const fn reserved(self) -> u8 {
        (self.0 >> 9) as u8 & 7
    }
}

impl std::fmt::Display for Flags {
    /// As tcpdump users know it: `SYN,ACK`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NAMES: [&str; 12] = [
            "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE", "reserved", "reserved", "reserved",
        ];
        let mut separator = "";
        for (bit, name) in NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1) {
            let _ = bit;
            write!(f, "{separator}{name}")?;
            separator = ",";
        }
        if separator.is_empty() {
            f.write_str("none")
        } else {
            Ok(())
        }
    }
}

/// One segment's header and what follows it. `raw_options` are the bytes between byte 20 and the data offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tcp<'a> {
    pub source_port: u16,
    pub destination_port: u16,
    pub seq: SeqNumber,
    pub ack: SeqNumber,
    /// In 32-bit words as sent, 5..=15 (a smaller value is a parse error).
    pub data_offset: u8,
    pub flags: Flags,
    pub window: u16,
    pub checksum: u16,
    pub urgent_pointer: u16,
    pub raw_options: &'a [u8],
    /// The captured part of the payload.
    pub payload: &'a [u8],
}

impl<'a> Tcp<'a> {
    /// Reads a header and takes everything behind it as payload. The header must be whole; options cut short by the
    /// capture are an error at the byte where the input ends.
    #[inline]
    pub fn parse(input: &'a [u8]) -> Result<Tcp<'a>, ParseError> {
        let (payload, mut tcp) = header(input)?;
        tcp.payload = payload;
        Ok(tcp)
    }

    /// The options, parsed. Never fails: what cannot be read is reported in [`Options::malformed`].
    #[inline]
    pub fn options(&self) -> Options {
        Options::parse(self.raw_options)
    }

    /// Appends header, options and payload to `out`, with the fields as they stand (`checksum` included).
    /// `raw_options` are padded with zeros to a multiple of four; the data offset is written as it stands.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let offset_flags = u16::from(self.data_offset) << 12 | self.flags.0 & 0x0fff;
        let mut header = [0; HEADER_LEN];
        header[0..2].copy_from_slice(&self.source_port.to_be_bytes());
        header[2..4].copy_from_slice(&self.destination_port.to_be_bytes());
        header[4..8].copy_from_slice(&self.seq.0.to_be_bytes());
        header[8..12].copy_from_slice(&self.ack.0.to_be_bytes());
        header[12..14].copy_from_slice(&offset_flags.to_be_bytes());
        header[14..16].copy_from_slice(&self.window.to_be_bytes());
        header[16..18].copy_from_slice(&self.checksum.to_be_bytes());
        header[18..20].copy_from_slice(&self.urgent_pointer.to_be_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(self.raw_options);
        out.resize(
            out.len() + self.raw_options.len().next_multiple_of(4) - self.raw_options.len(),
            0,
        );
        out.extend_from_slice(self.payload);
    }
}

fn header(input: &[u8]) -> Parsed<'_, Tcp<'_>> {
    let short =
        |_: nom::Err<nom::error::Error<&[u8]>>| ParseError::new("TCP", "header", input.len(), "20 bytes of header");
    // Of an array the compiler knows the length, and asks once, not for each field, whether there are octets left.
    let (rest, fields) = array::<HEADER_LEN>(input).map_err(short)?;
    let (fields, (source_port, destination_port, seq, ack)) =
        (be_u16, be_u16, be_u32, be_u32).parse(&fields[..]).map_err(short)?;
    let (_, (offset_flags, window, checksum, urgent_pointer)) =
        (be_u16, be_u16, be_u16, be_u16).parse(fields).map_err(short)?;
    let data_offset = (offset_flags >> 12) as u8;
    let options_len = (usize::from(data_offset) * 4)
        .checked_sub(HEADER_LEN)
        .ok_or(ParseError::new("TCP", "Data Offset", 12, "at least 5 words"))?;
    let (payload, raw_options) = take::<_, _, nom::error::Error<&[u8]>>(options_len)(rest)
        .map_err(|_| ParseError::new("TCP", "Options", input.len(), "as many bytes as the Data Offset says"))?;
    Ok((
        payload,
        Tcp {
            source_port,
            destination_port,
            seq: SeqNumber(seq),
            ack: SeqNumber(ack),
            data_offset,
            flags: Flags(offset_flags & 0x0fff),
            window,
            checksum,
            urgent_pointer,
            raw_options,
            payload: &[],
        },
    ))
}

/// Option kinds, from the registry that RFC 9293 section 6 describes.
pub mod kind {
    pub const EOL: u8 = 0;
    pub const NOP: u8 = 1;
    pub const MSS: u8 = 2;
    pub const WINDOW_SCALE: u8 = 3;
    pub const SACK_PERMITTED: u8 = 4;
    pub const SACK: u8 = 5;
    pub const TIMESTAMPS: u8 = 8;
    pub const MD5: u8 = 19;
    pub const USER_TIMEOUT: u8 = 28;
    pub const AO: u8 = 29;
    pub const MPTCP: u8 = 30;
    pub const FAST_OPEN: u8 = 34;
    pub const EXPERIMENT_1: u8 = 253;
    pub const EXPERIMENT_2: u8 = 254;
}

/// One option as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcpOption<'a> {
    EndOfList,
    NoOperation,
    /// RFC 9293 section 3.7.1; octets.
    MaximumSegmentSize(u16),
    /// RFC 7323 section 2.2; the shift count as sent, which may exceed 14.
    WindowScale(u8),
    /// RFC 2018 section 2.
    SackPermitted,
    /// RFC 2018 section 3: 8 bytes per block, as sent.
    Sack(&'a [u8]),
    /// RFC 7323 section 3.2.
    Timestamps {
        value: u32,
        echo: u32,
    },
    /// RFC 2385: the digest.
    Md5(&'a [u8]),
    /// RFC 5482: granularity bit (true: minutes) and 15-bit timeout.
    UserTimeout {
        minutes: bool,
        timeout: u16,
    },
    /// RFC 5925: key id, receive-next key id, MAC.
    Authentication {
        key_id: u8,
        rnext_key_id: u8,
        mac: &'a [u8],
    },
    /// RFC 8684: the bytes behind kind and length.
    Mptcp(&'a [u8]),
    /// RFC 7413: the cookie; empty asks for one.
    FastOpen(&'a [u8]),
    /// RFC 6994: kinds 253 and 254; the bytes behind kind and length.
    Experimental {
        kind: u8,
        data: &'a [u8],
    },
    /// A kind without a reader here, or a known kind with a length that its RFC does not give it.
    Other {
        kind: u8,
        data: &'a [u8],
    },
}

/// Walks options one by one, in order; stops behind the end-of-list option and after the first that cannot be delimited.
#[derive(Debug, Clone)]
pub struct OptionsIter<'a> {
    all: &'a [u8],
    at: usize,
}

/// The options of `raw`, one by one.
pub fn options(raw: &[u8]) -> OptionsIter<'_> {
    OptionsIter { all: raw, at: 0 }
}

impl<'a> OptionsIter<'a> {
    /// Bytes consumed so far.
    pub fn offset(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for OptionsIter<'a> {
    type Item = Result<TcpOption<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.all.get(self.at..)?;
        let &kind = rest.first()?;
        match kind {
            kind::EOL => {
                self.at = self.all.len() + 1;
                return Some(Ok(TcpOption::EndOfList));
            }
            kind::NOP => {
                self.at += 1;
                return Some(Ok(TcpOption::NoOperation));
            }
            _ => {}
        }
        let at = HEADER_LEN + self.at;
        match delimit(rest) {
            Ok((after, data)) => {
                self.at = self.all.len() - after.len();
                Some(Ok(interpret(kind, data)))
            }
            Err(expected) => {
                self.at = self.all.len() + 1;
                Some(Err(ParseError::new("TCP", "option length", at + 1, expected)))
            }
        }
    }
}

/// RFC 9293 section 3.1: the length counts kind and length octets too.
fn delimit(option: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let (rest, (_, length)) = (u8::<_, nom::error::Error<&[u8]>>, u8)
        .parse(option)
        .map_err(|_| "a length octet before the end of the options")?;
    let data = usize::from(length).checked_sub(2).ok_or("at least 2")?;
    take::<_, _, nom::error::Error<&[u8]>>(data)(rest).map_err(|_| "no more than the bytes left in the options")
}

fn interpret(kind: u8, data: &[u8]) -> TcpOption<'_> {
    match (kind, data) {
        (kind::MSS, &[a, b]) => TcpOption::MaximumSegmentSize(u16::from_be_bytes([a, b])),
        (kind::WINDOW_SCALE, &[shift]) => TcpOption::WindowScale(shift),
        (kind::SACK_PERMITTED, []) => TcpOption::SackPermitted,
        (kind::SACK, blocks) if !blocks.is_empty() && blocks.len() % 8 == 0 => TcpOption::Sack(blocks),
        (kind::TIMESTAMPS, &[a, b, c, d, e, f, g, h]) => TcpOption::Timestamps {
            value: u32::from_be_bytes([a, b, c, d]),
            echo: u32::from_be_bytes([e, f, g, h]),
        },
        (kind::MD5, digest) if digest.len() == 16 => TcpOption::Md5(digest),
        (kind::USER_TIMEOUT, &[a, b]) => {
            let word = u16::from_be_bytes([a, b]);
            TcpOption::UserTimeout {
                minutes: word >> 15 == 1,
                timeout: word & 0x7fff,
            }
        }
        (kind::AO, &[key_id, rnext_key_id, ref mac @ ..]) => TcpOption::Authentication {
            key_id,
            rnext_key_id,
            mac,
        },
        (kind::MPTCP, data) if !data.is_empty() => TcpOption::Mptcp(data),
        (kind::FAST_OPEN, cookie) => TcpOption::FastOpen(cookie),
        (kind::EXPERIMENT_1 | kind::EXPERIMENT_2, data) => TcpOption::Experimental { kind, data },
        (kind, data) => TcpOption::Other { kind, data },
    }
}

impl TcpOption<'_> {
    /// Appends the option as it stands on the wire, without padding.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let mut tlv = |kind: u8, parts: &[&[u8]]| {
            let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
            out.extend([kind, length.min(255) as u8]);
            parts.iter().for_each(|part| out.extend(*part));
        };
        match *self {
            TcpOption::EndOfList => out.push(kind::EOL),
            TcpOption::NoOperation => out.push(kind::NOP),
            TcpOption::MaximumSegmentSize(mss) => tlv(kind::MSS, &[&mss.to_be_bytes()]),
            TcpOption::WindowScale(shift) => tlv(kind::WINDOW_SCALE, &[&[shift]]),
            TcpOption::SackPermitted => tlv(kind::SACK_PERMITTED, &[]),
            TcpOption::Sack(blocks) => tlv(kind::SACK, &[blocks]),
            TcpOption::Timestamps { value, echo } => {
                tlv(kind::TIMESTAMPS, &[&value.to_be_bytes(), &echo.to_be_bytes()]);
            }
            TcpOption::Md5(digest) => tlv(kind::MD5, &[digest]),
            TcpOption::UserTimeout { minutes, timeout } => {
                tlv(
                    kind::USER_TIMEOUT,
                    &[&(u16::from(minutes) << 15 | timeout & 0x7fff).to_be_bytes()],
                );
            }
            TcpOption::Authentication {
                key_id,
                rnext_key_id,
                mac,
            } => tlv(kind::AO, &[&[key_id, rnext_key_id], mac]),
            TcpOption::Mptcp(data) => tlv(kind::MPTCP, &[data]),
            TcpOption::FastOpen(cookie) => tlv(kind::FAST_OPEN, &[cookie]),
            TcpOption::Experimental { kind, data } | TcpOption::Other { kind, data } => tlv(kind, &[data]),
        }
    }
}

/// A SACK block: the octets from `left` up to, not including, `right` (RFC 2018 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SackBlock {
    pub left: SeqNumber,
    pub right: SeqNumber,
}

/// What the options of one segment say, gathered in one pass. Of an option that occurs twice the first is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub mss: Option<u16>,
    pub window_scale: Option<u8>,
    pub sack_permitted: bool,
    /// TSval and TSecr, RFC 7323 section 3.2.
    pub timestamps: Option<(u32, u32)>,
    /// At most four fit into 40 bytes (RFC 2018 section 3).
    pub sack: ArrayVec<SackBlock, 4>,
    pub fast_open: bool,
    /// MD5 (kind 19) or AO (kind 29).
    pub signed: bool,
    pub mptcp: bool,
    /// The list was ended by its option, not by the data offset.
    pub end_of_list: bool,
    /// Set once an option could not be delimited; the options before it stand.
    pub malformed: Option<ParseError>,
    /// Some known kind came with a length its RFC does not give it, or some kind came twice.
    pub irregular: bool,
}

impl Options {
    #[inline]
    pub fn parse(raw: &[u8]) -> Options {
        // What nearly every segment of a modern connection carries: NOP NOP timestamps (RFC 7323 appendix A).
        let (timestamps, at) = match *raw {
            [1, 1, 8, 10, a, b, c, d, e, f, g, h, ..] => {
                let echo = u32::from_be_bytes([e, f, g, h]);
                (Some((u32::from_be_bytes([a, b, c, d]), echo)), 12)
            }
            _ => (None, 0),
        };
        let mut all = Options {
            timestamps,
            ..Options::default()
        };
        if at < raw.len() {
            all.gather(OptionsIter { all: raw, at });
        }
        all
    }

    fn gather(&mut self, options: OptionsIter<'_>) {
        for option in options {
            match option {
                Ok(option) => self.add(option),
                Err(error) => self.malformed = Some(error),
            }
        }
    }

    fn add(&mut self, option: TcpOption<'_>) {
        let mut twice = false;
        match option {
            TcpOption::MaximumSegmentSize(mss) => twice = !set(&mut self.mss, mss),
            TcpOption::WindowScale(shift) => twice = !set(&mut self.window_scale, shift),
            TcpOption::SackPermitted => twice = std::mem::replace(&mut self.sack_permitted, true),
            TcpOption::Timestamps { value, echo } => twice = !set(&mut self.timestamps, (value, echo)),
            TcpOption::Sack(blocks) => {
                twice = !self.sack.is_empty();
                for block in blocks.chunks_exact(8) {
                    let edge =
                        |i: usize| SeqNumber(u32::from_be_bytes([block[i], block[i + 1], block[i + 2], block[i + 3]]));
                    let _ = self.sack.try_push(SackBlock {
                        left: edge(0),
                        right: edge(4),
                    });
                }
            }
            TcpOption::FastOpen(_) => twice = std::mem::replace(&mut self.fast_open, true),
            TcpOption::Md5(_) | TcpOption::Authentication { .. } => self.signed = true,
            TcpOption::Mptcp(_) => self.mptcp = true,
            TcpOption::Other { kind, .. } => {
                twice = matches!(
                    kind,
                    2..=5 | kind::TIMESTAMPS | kind::MD5 | kind::USER_TIMEOUT | kind::AO | kind::MPTCP
                );
            }
            TcpOption::EndOfList => self.end_of_list = true,
            TcpOption::NoOperation | TcpOption::UserTimeout { .. } | TcpOption::Experimental { .. } => {}
        }
        self.irregular |= twice;
    }
}

fn set<T>(slot: &mut Option<T>, value: T) -> bool {
    let free = slot.is_none();
    if free {
        *slot = Some(value);
    }
    free
}
