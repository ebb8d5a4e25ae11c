//! pcap: a file header, then records of one link type. The dialects that the library does not know are next door.

mod dialect;

use dialect::{FILE_HEADER_LEN, Family, Lengths, Limits, Magic, RECORD_HEADER_LEN, RecordHeader};
use pcap_file::pcap::{PcapParseError, PcapParser, PcapTsResolution, RawPcapPacket};
use wire::link::LinkType;
use wire::{FrameNumber, Instant};

use crate::buffer::Buffer;
use crate::capture::{Record, longest_packet};
use crate::error::{Fault, Problem};
use crate::order::Order;
use crate::warning::{Warning, Warnings};

pub(crate) struct Pcap {
    parser: PcapParser,
    order: Order,
    record_header: RecordHeader,
    lengths: Lengths,
    link: LinkType,
    limits: Limits,
    /// Nanoseconds in a unit of the fraction field.
    fraction_ns: i64,
    /// Padding that AIX puts in front of FDDI frames, counted in both lengths.
    padding: usize,
    snap_len_warned: bool,
}

impl Pcap {
    pub fn open(buffer: &mut Buffer) -> Result<Pcap, Fault> {
        let magic = recognise(buffer)?;
        let header_len = magic.family.file_header_len();
        if !buffer.fill(header_len)? {
            let found = buffer.window().len() as u64;
            return Err(Fault::new(0, cut_short("file header", header_len as u64, found)));
        }
        put_ordinary_magic(buffer.window_mut(), magic);
        let ordinary = buffer.window().get(..FILE_HEADER_LEN).unwrap_or_default();
        let (_, parser) = PcapParser::new(ordinary).map_err(|error| Fault::new(0, unexpected(error)))?;
        buffer.consume(header_len);

        let header = parser.header();
        if header.version_major < 2 {
            let (major, minor) = (header.version_major, header.version_minor);
            return Err(Fault::new(
                4,
                Problem::Version {
                    format: "pcap",
                    major,
                    minor,
                    expected: "2.0 or later",
                },
            ));
        }
        let network = Network::read(
            u32::from(header.datalink),
            magic.family,
            header.version_major,
            header.version_minor,
        )?;
        let limits = Limits {
            snap_len: header.snaplen,
            longest: longest_packet(network.link),
        };
        let lengths = Lengths::of_version(header.version_major, header.version_minor);
        // The versions with other orders of the lengths are older than the other record headers.
        let record_header = match (magic.family, lengths) {
            (Family::Standard, Lengths::Swapped | Lengths::Unsure) => RecordHeader::Standard,
            (family, _) => RecordHeader::of_file(family, buffer, magic.order, limits)?,
        };
        let nanoseconds = header.ts_resolution == PcapTsResolution::NanoSecond || network.aix;
        Ok(Pcap {
            parser,
            order: magic.order,
            record_header,
            lengths,
            link: network.link,
            limits,
            fraction_ns: if nanoseconds { 1 } else { 1_000 },
            padding: if network.aix && network.link == FDDI {
                AIX_FDDI_PADDING
            } else {
                0
            },
            snap_len_warned: false,
        })
    }

    #[inline]
    pub fn next_record(
        &mut self,
        buffer: &mut Buffer,
        frames: &mut u32,
        warnings: &mut Warnings,
    ) -> Result<Option<Record>, Fault> {
        let header_len = self.record_header.len();
        if !buffer.fill(header_len)? {
            return match buffer.window().len() {
                0 => Ok(None),
                had => Err(Fault::new(
                    buffer.offset(),
                    cut_short("packet header", header_len as u64, had as u64),
                )),
            };
        }
        let offset = buffer.offset();
        self.put_ordinary_header(buffer);
        let header = self.read_record(buffer, offset)?;
        *frames = frames.saturating_add(1);
        if header.captured > self.limits.snap_len
            || header.captured > header.original
            || i64::from(header.fraction) * self.fraction_ns >= 1_000_000_000
        {
            self.warn(header, FrameNumber(*frames), warnings);
        }
        buffer.consume(RECORD_HEADER_LEN);
        let mut data = buffer.consume(header.captured as usize);
        data.start = data.end.min(data.start + self.padding);
        Ok(Some(Record {
            time: Some(Instant(
                i64::from(header.seconds) * 1_000_000_000 + i64::from(header.fraction) * self.fraction_ns,
            )),
            link: self.link,
            interface: 0,
            original_len: header.original.saturating_sub(self.padding as u32),
            data,
        }))
    }

    /// Drops what a dialect adds to the record header, by moving the ordinary part over it, and orders the lengths.
    #[inline]
    fn put_ordinary_header(&self, buffer: &mut Buffer) {
        let extra = self.record_header.len() - RECORD_HEADER_LEN;
        if extra > 0 {
            buffer.window_mut().copy_within(..RECORD_HEADER_LEN, extra);
            buffer.consume(extra);
        }
        if self.lengths != Lengths::Ordered {
            self.lengths.put_in_order(buffer.window_mut(), self.order);
        }
    }

    /// Reads the record at the start of the window, of which the header is known to be there. Never asks the library more
    /// than twice: it says "incomplete" for as long as bytes are missing, however many they are.
    #[inline]
    fn read_record(&self, buffer: &mut Buffer, offset: u64) -> Result<RecordFields, Fault> {
        let fields = match self.parser.next_raw_packet(buffer.window()) {
            Ok((_, packet)) => RecordFields::of(&packet),
            Err(PcapParseError::IncompleteBuffer(captured, _)) => {
                self.check_length(captured as u64, offset)?;
                if !buffer.fill(RECORD_HEADER_LEN + captured)? {
                    let found = buffer.window().len().saturating_sub(RECORD_HEADER_LEN) as u64;
                    return Err(Fault::new(offset, cut_short("packet", captured as u64, found)));
                }
                match self.parser.next_raw_packet(buffer.window()) {
                    Ok((_, packet)) => RecordFields::of(&packet),
                    Err(error) => return Err(Fault::new(offset, unexpected(error))),
                }
            }
            Err(error) => return Err(Fault::new(offset, unexpected(error))),
        };
        self.check_length(u64::from(fields.captured), offset)?;
        Ok(fields)
    }

    #[inline]
    fn check_length(&self, captured: u64, offset: u64) -> Result<(), Fault> {
        let most = u64::from(self.limits.longest);
        if captured <= most {
            return Ok(());
        }
        Err(Fault::new(
            offset,
            Problem::TooLarge {
                what: "captured length in the packet header",
                found: captured,
                most,
            },
        ))
    }

    #[cold]
    fn warn(&mut self, header: RecordFields, frame: FrameNumber, warnings: &mut Warnings) {
        let RecordFields {
            fraction,
            captured,
            original,
            ..
        } = header;
        let snap_len = self.limits.snap_len;
        // A snap length of 0 stands for "none" in many files.
        if captured > snap_len && snap_len != 0 && !self.snap_len_warned {
            self.snap_len_warned = true;
            warnings.push(Warning::LongerThanSnapLength {
                frame,
                found: captured,
                snap_len,
            });
        }
        if captured > original {
            warnings.push(Warning::LongerThanOriginal {
                frame,
                captured,
                original,
            });
        }
        let most = (1_000_000_000 / self.fraction_ns - 1) as u32;
        if fraction > most {
            warnings.push(Warning::FractionOfSecond {
                frame,
                found: fraction,
                most,
            });
        }
    }
}

#[derive(Clone, Copy)]
struct RecordFields {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

impl RecordFields {
    #[inline]
    fn of(packet: &RawPcapPacket<'_>) -> RecordFields {
        RecordFields {
            seconds: packet.ts_sec,
            fraction: packet.ts_frac,
            captured: packet.incl_len,
            original: packet.orig_len,
        }
    }
}

/// The link-layer field of the file header.
struct Network {
    link: LinkType,
    aix: bool,
}

impl Network {
    /// The type is in the low 16 bits; of the high ones, six give the length of the frame check sequence and the rest is zero
    /// (draft-ietf-opsawg-pcap section 4). AIX writes version 2.2 and SNMP interface types, known by their values.
    fn read(field: u32, family: Family, major: u16, minor: u16) -> Result<Network, Fault> {
        if (family, major, minor) == (Family::Standard, 2, 2) {
            let aix = |link| {
                Ok(Network {
                    link: LinkType(link),
                    aix: true,
                })
            };
            match field {
                6 => return aix(1),
                9 => return aix(6),
                15 => return aix(FDDI.0),
                24 => return aix(0),
                _ => {}
            }
        }
        if field & 0x03ff_0000 != 0 {
            return Err(Fault::new(20, Problem::LinkReserved { found: field }));
        }
        Ok(Network {
            link: LinkType(field & 0xffff),
            aix: false,
        })
    }
}

fn recognise(buffer: &mut Buffer) -> Result<Magic, Fault> {
    buffer.fill(4)?;
    let first = buffer.window();
    first.first_chunk().and_then(|bytes| Magic::of(*bytes)).ok_or_else(|| {
        let found = first
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .join(" ");
        Fault::new(0, Problem::NotACapture { found })
    })
}

fn put_ordinary_magic(header: &mut [u8], magic: Magic) {
    if let Some(bytes) = header.first_chunk_mut() {
        *bytes = magic.order.u32_bytes(magic.family.ordinary_magic());
    }
}

fn cut_short(what: &'static str, expected: u64, found: u64) -> Problem {
    Problem::CutShort { what, expected, found }
}

fn unexpected(error: PcapParseError) -> Problem {
    Problem::Format(error.to_string())
}

const FDDI: LinkType = LinkType(10);
const AIX_FDDI_PADDING: usize = 3;
