//! A capture as its readers see it: frame after frame, whatever the format.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use wire::link::LinkType;
use wire::{FrameNumber, Instant};

use crate::buffer::Buffer;
use crate::error::{CaptureError, Fault, Problem};
use crate::pcap::Pcap;
use crate::pcapng::Pcapng;
use crate::source::decompressed;
use crate::warning::Warnings;

/// An open capture. Memory: 256 KiB, or twice the longest record.
pub struct Capture {
    name: String,
    compressed: bool,
    buffer: Buffer,
    reader: Reader,
    frames: u32,
    warnings: Warnings,
    ended: bool,
}

/// One captured packet. The bytes are valid until the next one is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// As Wireshark shows it.
    pub number: FrameNumber,
    /// None for a Simple Packet Block, which has no time. Times may run backwards; those beyond the range of [`Instant`]
    /// (years 1677 to 2262) are held at its ends.
    pub time: Option<Instant>,
    pub link: LinkType,
    /// The interface that saw it, as numbered within its pcapng section; 0 for pcap.
    pub interface: u32,
    /// Bytes that the packet had on the wire, as the file says.
    pub original_len: u32,
    /// What was captured of it, from the link-layer header on.
    pub data: &'a [u8],
    /// Whether the capture holds less than the packet had.
    pub snapped: bool,
}

/// The file format of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Pcap,
    Pcapng,
}

impl Capture {
    /// Opens a file. It is recognised by its first bytes, never by its name.
    pub fn open(path: impl AsRef<Path>) -> Result<Capture, CaptureError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Capture::from_reader(name, file),
            Err(error) => Err(unopened(name, error.into())),
        }
    }

    /// Reads a capture from wherever it comes, such as standard input. `name` is what errors call it.
    pub fn from_reader(name: impl Into<String>, source: impl Read + Send + 'static) -> Result<Capture, CaptureError> {
        let name = name.into();
        let (source, compressed) = match decompressed(source) {
            Ok(opened) => opened,
            Err(error) => return Err(unopened(name, error.into())),
        };
        let mut buffer = Buffer::new(source);
        match Reader::open(&mut buffer) {
            Ok(reader) => {
                let warnings = Warnings::default();
                Ok(Capture {
                    name,
                    compressed,
                    buffer,
                    reader,
                    frames: 0,
                    warnings,
                    ended: false,
                })
            }
            Err(Fault { offset, problem }) => Err(CaptureError {
                file: name,
                offset: Some(offset),
                compressed,
                frame: None,
                problem,
            }),
        }
    }

    /// The next packet, or None at the end. After an error there is nothing more: what could be read has been delivered.
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        if self.ended {
            return Ok(None);
        }
        let next = match &mut self.reader {
            Reader::Pcap(pcap) => pcap.next_record(&mut self.buffer, &mut self.frames, &mut self.warnings),
            Reader::Pcapng(pcapng) => pcapng.next_record(&mut self.buffer, &mut self.frames, &mut self.warnings),
        };
        match next {
            Ok(Some(record)) => Ok(Some(self.frame(record))),
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(fault) => Err(self.fail(fault)),
        }
    }

    /// The file as the caller named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn format(&self) -> Format {
        match self.reader {
            Reader::Pcap(_) => Format::Pcap,
            Reader::Pcapng(_) => Format::Pcapng,
        }
    }

    /// Frames numbered so far. More than were delivered where a pcapng file has records that Wireshark numbers though they
    /// are no packets (journal entries, custom blocks, system calls).
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// Bytes read so far, decompressed: for progress.
    pub fn offset(&self) -> u64 {
        self.buffer.offset()
    }

    /// What was odd so far, though readable.
    pub fn warnings(&self) -> &Warnings {
        &self.warnings
    }

    #[inline]
    fn frame(&self, record: Record) -> Frame<'_> {
        let data = self.buffer.get(record.data);
        Frame {
            number: FrameNumber(self.frames),
            time: record.time,
            link: record.link,
            interface: record.interface,
            original_len: record.original_len,
            data,
            snapped: data.len() < record.original_len as usize,
        }
    }

    #[cold]
    fn fail(&mut self, fault: Fault) -> CaptureError {
        self.ended = true;
        CaptureError {
            file: self.name.clone(),
            offset: Some(fault.offset),
            compressed: self.compressed,
            frame: Some(FrameNumber(self.frames.saturating_add(1))),
            problem: fault.problem,
        }
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Capture");
        debug
            .field("name", &self.name)
            .field("format", &self.format())
            .field("frames", &self.frames);
        debug.field("offset", &self.offset()).finish_non_exhaustive()
    }
}

/// A packet as its format's reader found it.
pub(crate) struct Record {
    pub time: Option<Instant>,
    pub link: LinkType,
    pub interface: u32,
    pub original_len: u32,
    /// Where its bytes lie in the buffer.
    pub data: Range<usize>,
}

/// The most captured bytes that a packet may claim: Wireshark's bounds, which tell a packet from a damaged length.
pub(crate) fn longest_packet(link: LinkType) -> u32 {
    match link.0 {
        // D-Bus, USBPcap, EBHSCR: https://www.tcpdump.org/linktypes.html
        231 | 249 => 128 << 20,
        279 => 32 << 20,
        _ => 262_144,
    }
}

enum Reader {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Reader {
    fn open(buffer: &mut Buffer) -> Result<Reader, Fault> {
        buffer.fill(4)?;
        match buffer.window() {
            [] => Err(Fault::new(0, Problem::Empty)),
            // The block type of a Section Header Block reads the same in both byte orders.
            [0x0a, 0x0d, 0x0d, 0x0a, ..] => Pcapng::open(buffer).map(Reader::Pcapng),
            _ => Pcap::open(buffer).map(Reader::Pcap),
        }
    }
}

fn unopened(file: String, problem: Problem) -> CaptureError {
    CaptureError {
        file,
        offset: None,
        compressed: false,
        frame: None,
        problem,
    }
}
