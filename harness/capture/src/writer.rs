//! Captures written: pcap for crafted tests and scripts, pcapng where packets carry comments (annotated output).
//!
//! Times are written in nanoseconds. The formats begin in 1970, and pcap ends in 2106: a time outside is written as the
//! nearest that they can hold. Byte order is always little-endian, so that equal input gives equal files everywhere.

use std::borrow::Cow;
use std::io::Write;
use std::time::Duration;

use pcap_file::pcap::{PcapHeader, PcapTsResolution, PcapWriteError, RawPcapPacket};
use pcap_file::pcapng::PcapNgWriteError;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption, InterfaceTsResolution,
};
use pcap_file::pcapng::blocks::opt_common::CommonOption;
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness};
use wire::Instant;
use wire::link::LinkType;

/// Why a capture could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("cannot write pcap: {0}")]
    Pcap(#[from] PcapWriteError),
    #[error("cannot write pcapng: {0}")]
    Pcapng(#[from] PcapNgWriteError),
}

/// Writes a pcap file with nanosecond times. Packets of any length are written as they are.
pub struct PcapWriter<W: Write>(pcap_file::pcap::PcapWriter<W>);

impl<W: Write> PcapWriter<W> {
    pub fn new(writer: W, link: LinkType) -> Result<PcapWriter<W>, WriteError> {
        let header = PcapHeader {
            snaplen: SNAP_LEN,
            datalink: DataLink::from(link.0),
            ts_resolution: PcapTsResolution::NanoSecond,
            endianness: Endianness::Little,
            ..PcapHeader::default()
        };
        Ok(PcapWriter(pcap_file::pcap::PcapWriter::with_header(writer, header)?))
    }

    /// `original_len` is in bytes, `data` what was captured of them.
    pub fn packet(&mut self, time: Instant, original_len: u32, data: &[u8]) -> Result<(), WriteError> {
        let time = since_epoch(time);
        // The raw form: the validated one refuses packets longer than their original length, which captures do contain.
        let packet = RawPcapPacket {
            ts_sec: u32::try_from(time.as_secs()).unwrap_or(u32::MAX),
            ts_frac: time.subsec_nanos(),
            incl_len: captured_len(data),
            orig_len: original_len,
            data: Cow::Borrowed(data),
        };
        self.0.write_raw_packet(&packet)?;
        Ok(())
    }

    /// Flushes, and gives the writer back.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.0.flush()?;
        Ok(self.0.into_inner())
    }
}

/// Writes a pcapng file of one section.
pub struct PcapngWriter<W: Write> {
    inner: pcap_file::pcapng::PcapNgWriter<W>,
}

/// An interface of the file that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InterfaceId(pub u32);

/// A packet to be written to pcapng.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    pub interface: InterfaceId,
    pub time: Instant,
    /// Bytes on the wire; written as the captured length where it is less, which the format forbids.
    pub original_len: u32,
    pub data: &'a [u8],
    /// Shown by Wireshark with the packet. Each is cut at 65,535 bytes, the most that the format holds.
    pub comments: &'a [&'a str],
}

impl<W: Write> PcapngWriter<W> {
    /// `application` is what the file says it was written by.
    pub fn new(writer: W, application: &str) -> Result<PcapngWriter<W>, WriteError> {
        let section = SectionHeaderBlock {
            endianness: Endianness::Little,
            options: vec![SectionHeaderOption::UserApplication(Cow::Borrowed(option_text(
                application,
            )))],
            ..SectionHeaderBlock::default()
        };
        Ok(PcapngWriter {
            inner: pcap_file::pcapng::PcapNgWriter::with_section_header(writer, section)?,
        })
    }

    /// Describes an interface; its packets may follow at any time.
    pub fn interface(&mut self, name: &str, link: LinkType) -> Result<InterfaceId, WriteError> {
        let id = self.inner.interfaces().len() as u32;
        self.inner.write_pcapng_block(InterfaceDescriptionBlock {
            linktype: DataLink::from(link.0),
            snaplen: 0,
            options: vec![
                InterfaceDescriptionOption::IfName(Cow::Borrowed(option_text(name))),
                InterfaceDescriptionOption::IfTsResol(InterfaceTsResolution::NANO),
            ],
        })?;
        Ok(InterfaceId(id))
    }

    pub fn packet(&mut self, packet: Packet<'_>) -> Result<(), WriteError> {
        let comment = |text| EnhancedPacketOption::Common(CommonOption::Comment(Cow::Borrowed(option_text(text))));
        self.inner.write_pcapng_block(EnhancedPacketBlock {
            interface_id: packet.interface.0,
            timestamp: since_epoch(packet.time),
            original_len: packet.original_len.max(captured_len(packet.data)),
            data: Cow::Borrowed(packet.data),
            options: packet.comments.iter().copied().map(comment).collect(),
        })?;
        Ok(())
    }

    /// Flushes, and gives the writer back.
    pub fn finish(self) -> Result<W, WriteError> {
        let mut writer = self.inner.into_inner();
        writer.flush().map_err(PcapNgWriteError::from)?;
        Ok(writer)
    }
}

fn since_epoch(time: Instant) -> Duration {
    Duration::from_nanos(u64::try_from(time.0).unwrap_or(0))
}

fn captured_len(data: &[u8]) -> u32 {
    u32::try_from(data.len()).unwrap_or(u32::MAX)
}

fn option_text(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST_OPTION)).unwrap_or_default()
}

/// What current tools write when asked for whole packets.
const SNAP_LEN: u32 = 262_144;
const LONGEST_OPTION: usize = u16::MAX as usize;
