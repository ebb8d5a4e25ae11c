//! The dialects of pcap, told apart and turned into the one that pcap-file reads.
//!
//! pcap-file knows the two ordinary magic numbers and the record header of 16 bytes. The others differ in a few bytes at known
//! places, so that each header is put into the ordinary form where it lies, in the buffer, before the library reads it.

use crate::buffer::Buffer;
use crate::error::Fault;
use crate::order::Order;

/// What a magic number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Magic {
    pub order: Order,
    pub family: Family,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// 0xa1b2c3d4: microseconds, by libpcap and, alas, by three others.
    Standard,
    /// 0xa1b23c4d: nanoseconds.
    Nanoseconds,
    /// 0xa1b2cd34: Alexey Kuznetzov's patches of 1999, of two kinds.
    Patched,
    /// 0x1c0001ac and 0x1c0001ab: Ixia, nanoseconds from hardware and microseconds from software; the file header is
    /// followed by four bytes with the size of the rest.
    IxiaHardware,
    IxiaSoftware,
}

/// What stands in front of each packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordHeader {
    /// Seconds, fraction, captured length, original length.
    Standard,
    /// The same, and 4 bytes that nobody has explained.
    Nokia,
    /// The same, interface index (4 bytes), protocol (2), packet type (1), padding (1).
    Patched,
    /// The same, and 4 bytes more of debugging and padding (SuSE 6.3).
    PatchedLong,
}

/// Whether the captured length comes before the original one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lengths {
    Ordered,
    /// Before version 2.3, and in DG/UX's 543.0.
    Swapped,
    /// Both occur in version 2.3; the captured length is the smaller one.
    Unsure,
}

impl Magic {
    pub fn of(bytes: [u8; 4]) -> Option<Magic> {
        let by_order = |order, value| Family::of(value).map(|family| Magic { order, family });
        by_order(Order::Big, u32::from_be_bytes(bytes)).or_else(|| by_order(Order::Little, u32::from_le_bytes(bytes)))
    }
}

impl Family {
    fn of(magic: u32) -> Option<Family> {
        Some(match magic {
            0xa1b2_c3d4 => Family::Standard,
            0xa1b2_3c4d => Family::Nanoseconds,
            0xa1b2_cd34 => Family::Patched,
            0x1c00_01ac => Family::IxiaHardware,
            0x1c00_01ab => Family::IxiaSoftware,
            _ => return None,
        })
    }

    /// The magic number under which pcap-file reads the same header.
    pub fn ordinary_magic(self) -> u32 {
        match self {
            Family::Nanoseconds | Family::IxiaHardware => 0xa1b2_3c4d,
            Family::Standard | Family::Patched | Family::IxiaSoftware => 0xa1b2_c3d4,
        }
    }

    pub fn file_header_len(self) -> usize {
        match self {
            Family::IxiaHardware | Family::IxiaSoftware => FILE_HEADER_LEN + 4,
            Family::Standard | Family::Nanoseconds | Family::Patched => FILE_HEADER_LEN,
        }
    }
}

impl Lengths {
    pub fn of_version(major: u16, minor: u16) -> Lengths {
        match (major, minor) {
            (2, 0..=2) | (543, _) => Lengths::Swapped,
            (2, 3) => Lengths::Unsure,
            _ => Lengths::Ordered,
        }
    }

    /// Puts the captured length first in the record header at the start of `record`.
    pub fn put_in_order(self, record: &mut [u8], order: Order) {
        let swap = match self {
            Lengths::Ordered => false,
            Lengths::Swapped => true,
            Lengths::Unsure => order.u32_at(record, CAPTURED_AT) > order.u32_at(record, ORIGINAL_AT),
        };
        if swap && let Some(lengths) = record.get_mut(CAPTURED_AT..ORIGINAL_AT + 4) {
            lengths.rotate_left(4);
        }
    }
}

impl RecordHeader {
    pub fn len(self) -> usize {
        match self {
            RecordHeader::Standard => RECORD_HEADER_LEN,
            RecordHeader::Nokia => RECORD_HEADER_LEN + 4,
            RecordHeader::Patched => RECORD_HEADER_LEN + 8,
            RecordHeader::PatchedLong => RECORD_HEADER_LEN + 12,
        }
    }

    /// The record headers of a file, as far as its magic number leaves them open, judged by the first records.
    pub fn of_file(family: Family, buffer: &mut Buffer, order: Order, limits: Limits) -> Result<RecordHeader, Fault> {
        let mut judge = |header: RecordHeader| header.judge(buffer, order, limits);
        match family {
            Family::Nanoseconds | Family::IxiaHardware | Family::IxiaSoftware => Ok(RecordHeader::Standard),
            Family::Patched => {
                let (short, long) = (judge(RecordHeader::Patched)?, judge(RecordHeader::PatchedLong)?);
                let long_is_likelier = long.absurdities < short.absurdities;
                Ok(if long_is_likelier {
                    RecordHeader::PatchedLong
                } else {
                    RecordHeader::Patched
                })
            }
            // Wireshark takes the least absurd here too, and so reads a sound packet as a strange one where the second is
            // damaged. The others are relics of 1999: they must make perfect sense where the standard makes none.
            Family::Standard if judge(RecordHeader::Standard)?.absurdities == 0 => Ok(RecordHeader::Standard),
            Family::Standard => {
                for relic in [RecordHeader::Patched, RecordHeader::Nokia] {
                    let judged = judge(relic)?;
                    if judged.absurdities == 0 && judged.whole_records >= 2 {
                        return Ok(relic);
                    }
                }
                Ok(RecordHeader::Standard)
            }
        }
    }

    /// How the first three records look, if their headers are of this kind.
    fn judge(self, buffer: &mut Buffer, order: Order, limits: Limits) -> Result<Judged, Fault> {
        let mut judged = Judged::default();
        let mut at = 0;
        while judged.whole_records < RECORDS_TO_TRY {
            if !buffer.fill(at + self.len())? {
                judged.absurdities += u32::from(buffer.window().len() > at);
                break;
            }
            let header = buffer.window().get(at..).unwrap_or_default();
            let captured = order.u32_at(header, CAPTURED_AT).unwrap_or(0);
            judged.absurdities += self.absurdities(header, order, limits);
            if captured > limits.longest {
                break;
            }
            at += self.len() + captured as usize;
            if !buffer.fill(at)? {
                judged.absurdities += 1;
                break;
            }
            judged.whole_records += 1;
        }
        Ok(judged)
    }

    fn absurdities(self, header: &[u8], order: Order, limits: Limits) -> u32 {
        let field = |offset| order.u32_at(header, offset).unwrap_or(0);
        let (captured, original) = (field(CAPTURED_AT), field(ORIGINAL_AT));
        u32::from(field(FRACTION_AT) >= 1_000_000)
            + u32::from(captured > limits.longest)
            + u32::from(captured > limits.snap_len)
            + u32::from(original > LONGEST_CREDIBLE)
            + u32::from(captured > original)
            + self.absurdities_of_extra(header.get(RECORD_HEADER_LEN..).unwrap_or_default(), order)
    }

    fn absurdities_of_extra(self, extra: &[u8], order: Order) -> u32 {
        match self {
            RecordHeader::Standard => 0,
            RecordHeader::Nokia => u32::from(!is_nokia(extra)),
            RecordHeader::Patched | RecordHeader::PatchedLong => {
                let interface = order.u32_at(extra, 0).unwrap_or(u32::MAX);
                let protocol = order.u16_at(extra, 4).unwrap_or(u16::MAX);
                let packet_type = extra.get(6).copied().unwrap_or(u8::MAX);
                // Linux of 1999: no 10,000 interfaces; ETH_P_ values; PACKET_HOST to PACKET_OUTGOING.
                u32::from(interface > 10_000)
                    + u32::from(!matches!(protocol, 0..=0x17 | 0x60 | 0x200 | 0x400 | 0x600..))
                    + u32::from(packet_type > 4)
            }
        }
    }
}

/// The four bytes of Nokia, as far as they have been seen: 9f or bf, bf, b or d with 6 or 9, 01 or 02.
fn is_nokia(extra: &[u8]) -> bool {
    let [Some(first), Some(second), Some(third), Some(fourth)] = [0, 1, 2, 3].map(|at| extra.get(at).copied()) else {
        return false;
    };
    matches!(
        (first, second, third, fourth),
        (0x9f | 0xbf, 0xbf, 0xb6 | 0xb9 | 0xd6 | 0xd9, 1 | 2) | (1 | 2, 0xb6 | 0xb9 | 0xd6 | 0xd9, 0xbf, 0x9f | 0xbf)
    )
}

#[derive(Default)]
struct Judged {
    absurdities: u32,
    whole_records: u32,
}

/// What the file header says about the packets to come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub snap_len: u32,
    pub longest: u32,
}

pub(crate) const FILE_HEADER_LEN: usize = 24;
pub(crate) const RECORD_HEADER_LEN: usize = 16;
const FRACTION_AT: usize = 4;
const CAPTURED_AT: usize = 8;
const ORIGINAL_AT: usize = 12;
const RECORDS_TO_TRY: u32 = 3;
/// 128 MiB: no packet on any wire is longer.
const LONGEST_CREDIBLE: u32 = 128 << 20;
