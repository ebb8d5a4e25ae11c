//! pcapng: blocks, in sections that each have their byte order and their interfaces.
//!
//! pcap-file delimits the blocks. What is inside packet blocks is read here: the library refuses damaged ones that
//! Wireshark reads (a packet longer than its original length, a comment that is not UTF-8, an early time), and collects
//! the options of every packet in a new vector.

mod framing;
mod interface;

use framing::{BLOCK_HEADER_LEN, Block, SHORTEST_BLOCK, next_block, section_order};
use interface::Interface;
use pcap_file::pcapng::blocks::block_common::{
    CUSTOM_BLOCK_COPIABLE, CUSTOM_BLOCK_NON_COPIABLE, ENHANCED_PACKET_BLOCK, INTERFACE_DESCRIPTION_BLOCK, PACKET_BLOCK,
    SECTION_HEADER_BLOCK, SIMPLE_PACKET_BLOCK, SYSTEMD_JOURNAL_EXPORT_BLOCK,
};
use wire::{FrameNumber, Instant};

use crate::buffer::Buffer;
use crate::capture::{Record, longest_packet};
use crate::error::{Fault, Problem};
use crate::order::Order;
use crate::warning::{Warning, Warnings};

pub(crate) struct Pcapng {
    /// Of the section; the one in force when the next block is read.
    order: Order,
    interfaces: Vec<Interface>,
    snap_len_warned: bool,
}

impl Pcapng {
    /// The caller has seen that the first block is a Section Header Block; it is read as any other.
    pub fn open(buffer: &mut Buffer) -> Result<Pcapng, Fault> {
        let mut reader = Pcapng {
            order: Order::Little,
            interfaces: Vec::new(),
            snap_len_warned: false,
        };
        if let Some(block) = next_block(reader.order, buffer, &mut Warnings::default())? {
            reader.start_section(block.body(buffer), block)?;
            buffer.consume(block.len);
        }
        Ok(reader)
    }

    #[inline]
    pub fn next_record(
        &mut self,
        buffer: &mut Buffer,
        frames: &mut u32,
        warnings: &mut Warnings,
    ) -> Result<Option<Record>, Fault> {
        while let Some(block) = next_block(self.order, buffer, warnings)? {
            let number = FrameNumber(frames.saturating_add(1));
            let packet = match block.kind {
                ENHANCED_PACKET_BLOCK => self.enhanced_packet(block.body(buffer), block)?,
                PACKET_BLOCK => self.old_packet(block.body(buffer), block)?,
                SIMPLE_PACKET_BLOCK => self.simple_packet(block.body(buffer), block)?,
                other => {
                    self.read_other(other, buffer, block, warnings)?;
                    buffer.consume(block.len);
                    *frames = frames.saturating_add(u32::from(is_numbered(other)));
                    continue;
                }
            };
            self.check(&packet, number, warnings);
            *frames = number.0;
            buffer.consume(BLOCK_HEADER_LEN + packet.data_at);
            let data = buffer.consume(packet.captured as usize);
            buffer.consume(block.len - BLOCK_HEADER_LEN - packet.data_at - packet.captured as usize);
            let (time, link) = (packet.time, packet.interface.link);
            return Ok(Some(Record {
                time,
                link,
                interface: packet.interface_id,
                original_len: packet.original,
                data,
            }));
        }
        Ok(None)
    }

    fn read_other(&mut self, kind: u32, buffer: &Buffer, block: Block, warnings: &mut Warnings) -> Result<(), Fault> {
        match kind {
            SECTION_HEADER_BLOCK => self.start_section(block.body(buffer), block),
            INTERFACE_DESCRIPTION_BLOCK => {
                if self.interfaces.len() >= MOST_INTERFACES {
                    let (found, most) = (MOST_INTERFACES as u64 + 1, MOST_INTERFACES as u64);
                    let what = "number of interfaces in the section";
                    return Err(Fault::new(block.offset, Problem::TooLarge { what, found, most }));
                }
                let interface = Interface::read(block.body(buffer), self.order, block.offset, warnings)?;
                self.interfaces.push(interface);
                Ok(())
            }
            // Names, statistics, secrets, and whatever else there is or will be: nothing about packets.
            _ => Ok(()),
        }
    }

    /// draft-ietf-opsawg-pcapng section 4.1: interfaces and byte order are those of the section.
    fn start_section(&mut self, body: &[u8], block: Block) -> Result<(), Fault> {
        let order = section_order(body, block.offset + BLOCK_HEADER_LEN as u64)?;
        let (Some(major), Some(minor)) = (order.u16_at(body, 4), order.u16_at(body, 6)) else {
            return Err(block.too_small("length of the section header block", 28));
        };
        if !matches!((major, minor), (1, 0 | 2)) {
            let offset = block.offset + BLOCK_HEADER_LEN as u64 + 4;
            return Err(Fault::new(
                offset,
                Problem::Version {
                    format: "pcapng",
                    major,
                    minor,
                    expected: "1.0 or 1.2",
                },
            ));
        }
        self.order = order;
        self.interfaces.clear();
        Ok(())
    }

    #[inline]
    fn enhanced_packet(&self, body: &[u8], block: Block) -> Result<Packet, Fault> {
        let interface_id = self.order.u32_at(body, 0).unwrap_or(0);
        self.timed_packet("length of the enhanced packet block", interface_id, body, block)
    }

    fn old_packet(&self, body: &[u8], block: Block) -> Result<Packet, Fault> {
        let interface_id = u32::from(self.order.u16_at(body, 0).unwrap_or(0));
        self.timed_packet("length of the packet block", interface_id, body, block)
    }

    /// Enhanced and old packet blocks differ in their first word only.
    #[inline]
    fn timed_packet(&self, what: &'static str, interface_id: u32, body: &[u8], block: Block) -> Result<Packet, Fault> {
        let field = |at| self.order.u32_at(body, at);
        let (Some(high), Some(low), Some(captured), Some(original)) = (field(4), field(8), field(12), field(16)) else {
            return Err(block.too_small(what, 32));
        };
        let interface = self.interface(interface_id, block)?;
        let time = Some(interface.time(u64::from(high) << 32 | u64::from(low)));
        Packet {
            interface,
            interface_id,
            time,
            original,
            captured,
            data_at: 20,
        }
        .within(body, what, block)
    }

    fn simple_packet(&self, body: &[u8], block: Block) -> Result<Packet, Fault> {
        let what = "length of the simple packet block";
        let original = self.order.u32_at(body, 0).ok_or_else(|| block.too_small(what, 16))?;
        let interface = self.interface(0, block)?;
        let captured = if interface.snap_len == 0 {
            original
        } else {
            original.min(interface.snap_len)
        };
        Packet {
            interface,
            interface_id: 0,
            time: None,
            original,
            captured,
            data_at: 4,
        }
        .within(body, what, block)
    }

    #[inline]
    fn interface(&self, id: u32, block: Block) -> Result<Interface, Fault> {
        self.interfaces.get(id as usize).copied().ok_or_else(|| {
            let problem = Problem::UnknownInterface {
                found: id,
                known: self.interfaces.len(),
            };
            Fault::new(block.offset + BLOCK_HEADER_LEN as u64, problem)
        })
    }

    #[inline]
    fn check(&mut self, packet: &Packet, frame: FrameNumber, warnings: &mut Warnings) {
        let (captured, original, snap_len) = (packet.captured, packet.original, packet.interface.snap_len);
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
    }
}

/// What a packet block says, its data checked to lie within it.
struct Packet {
    interface: Interface,
    interface_id: u32,
    time: Option<Instant>,
    original: u32,
    captured: u32,
    /// From the start of the block's body.
    data_at: usize,
}

impl Packet {
    #[inline]
    fn within(self, body: &[u8], what: &'static str, block: Block) -> Result<Packet, Fault> {
        let most = longest_packet(self.interface.link);
        let captured = u64::from(self.captured);
        if captured > u64::from(most) {
            let what = "captured length in the packet block";
            return Err(Fault::new(
                block.offset,
                Problem::TooLarge {
                    what,
                    found: captured,
                    most: u64::from(most),
                },
            ));
        }
        let least = self.data_at as u64 + captured.next_multiple_of(4);
        if (body.len() as u64) < least {
            return Err(block.too_small(what, least + SHORTEST_BLOCK as u64));
        }
        Ok(self)
    }
}

/// Blocks that are no packets but have a frame number in Wireshark: log entries, whatever a custom block holds, and the
/// system calls of sysdig.
fn is_numbered(kind: u32) -> bool {
    matches!(
        kind,
        SYSTEMD_JOURNAL_EXPORT_BLOCK
            | CUSTOM_BLOCK_COPIABLE
            | CUSTOM_BLOCK_NON_COPIABLE
            | 0x204
            | 0x208
            | 0x216
            | 0x217
            | 0x221
            | 0x222
    )
}

/// So that a stream of nothing but interfaces cannot fill the memory.
const MOST_INTERFACES: usize = 1 << 20;
