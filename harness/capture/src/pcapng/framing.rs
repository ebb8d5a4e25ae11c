//! Where a pcapng block begins and ends: pcap-file decides, once the block is wholly in the buffer.

use byteorder_slice::{BigEndian, LittleEndian};
use pcap_file::pcapng::blocks::block_common::SECTION_HEADER_BLOCK;
use pcap_file::pcapng::{PcapNgFormatError, RawBlock, RawBlockParseError};

use crate::buffer::Buffer;
use crate::error::{Fault, Problem};
use crate::order::Order;
use crate::warning::{Warning, Warnings};

/// A block that is wholly in the buffer.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    pub kind: u32,
    /// The whole of it, its type and lengths included.
    pub len: usize,
    pub offset: u64,
}

/// Brings the next block into the buffer. Never asks the library more than three times: whole, incomplete, unaligned.
#[inline]
pub fn next_block(order: Order, buffer: &mut Buffer, warnings: &mut Warnings) -> Result<Option<Block>, Fault> {
    if !buffer.fill(SHORTEST_BLOCK)? {
        return match buffer.window().len() as u64 {
            0 => Ok(None),
            found => Err(cut_short("block header", SHORTEST_BLOCK as u64, found, buffer.offset())),
        };
    }
    match delimit(order, buffer) {
        Ok(block) => Ok(Some(block)),
        Err(error) => complete_block(error, order, buffer, warnings).map(Some),
    }
}

#[inline]
fn delimit(order: Order, buffer: &Buffer) -> Result<Block, RawBlockParseError> {
    let window = buffer.window();
    let (_, raw) = match order {
        Order::Big => RawBlock::from_slice::<BigEndian>(window),
        Order::Little => RawBlock::from_slice::<LittleEndian>(window),
    }?;
    Ok(Block {
        kind: raw.type_,
        len: raw.initial_len as usize,
        offset: buffer.offset(),
    })
}

fn complete_block(
    error: RawBlockParseError,
    section: Order,
    buffer: &mut Buffer,
    warnings: &mut Warnings,
) -> Result<Block, Fault> {
    let (offset, order) = (buffer.offset(), order_of_block(section, buffer)?);
    let claimed = match error {
        RawBlockParseError::IncompleteBuffer(..)
        | RawBlockParseError::InvalidFormat(PcapNgFormatError::BlockNotAligned(_)) => {
            order.u32_at(buffer.window(), LENGTH_AT).unwrap_or(0)
        }
        RawBlockParseError::InvalidFormat(error) => return Err(Fault::new(offset, refusal(error))),
    };
    let used = claimed.checked_next_multiple_of(4).unwrap_or(u32::MAX);
    if used > LONGEST_BLOCK {
        let (found, most) = (u64::from(used), u64::from(LONGEST_BLOCK));
        return Err(Fault::new(
            offset + 4,
            Problem::TooLarge {
                what: "block length",
                found,
                most,
            },
        ));
    }
    if !buffer.fill(used as usize)? {
        return Err(cut_short(
            "block",
            u64::from(used),
            buffer.window().len() as u64,
            offset,
        ));
    }
    if used != claimed {
        warnings.push(Warning::UnalignedBlock {
            offset,
            found: claimed,
            used,
        });
        align_lengths(buffer.window_mut(), order, used);
    }
    delimit(section, buffer).map_err(|error| {
        let problem = match error {
            RawBlockParseError::InvalidFormat(error) => refusal(error),
            incomplete => Problem::Format(incomplete.to_string()),
        };
        Fault::new(offset, problem)
    })
}

/// A section header says its own byte order, and its length is in it.
fn order_of_block(section: Order, buffer: &Buffer) -> Result<Order, Fault> {
    let window = buffer.window();
    match section.u32_at(window, 0) {
        Some(SECTION_HEADER_BLOCK) => section_order(
            window.get(BLOCK_HEADER_LEN..).unwrap_or_default(),
            buffer.offset() + BLOCK_HEADER_LEN as u64,
        ),
        _ => Ok(section),
    }
}

impl Block {
    /// What lies between the lengths. The block must be the first in the buffer.
    #[inline]
    pub fn body(self, buffer: &Buffer) -> &[u8] {
        buffer.window().get(BLOCK_HEADER_LEN..self.len - 4).unwrap_or_default()
    }

    pub fn too_small(self, what: &'static str, least: u64) -> Fault {
        Fault::new(
            self.offset,
            Problem::TooSmall {
                what,
                found: self.len as u64,
                least,
            },
        )
    }
}

pub fn section_order(body: &[u8], offset: u64) -> Result<Order, Fault> {
    match Order::Big.u32_at(body, 0) {
        Some(BYTE_ORDER_MAGIC) => Ok(Order::Big),
        Some(found) if found.swap_bytes() == BYTE_ORDER_MAGIC => Ok(Order::Little),
        found => Err(Fault::new(
            offset,
            Problem::ByteOrderMagic {
                found: found.unwrap_or(0),
            },
        )),
    }
}

/// Wireshark reads blocks with a length that is not a multiple of 4 as if it were the next one; pcap-file does not.
fn align_lengths(block: &mut [u8], order: Order, used: u32) {
    let last = used as usize - 4;
    for at in [LENGTH_AT, last] {
        let rounded = order.u32_at(block, at).and_then(|len| len.checked_next_multiple_of(4));
        if let (Some(rounded), Some(bytes)) = (rounded, block.get_mut(at..at + 4)) {
            bytes.copy_from_slice(&order.u32_bytes(rounded));
        }
    }
}

fn refusal(error: PcapNgFormatError) -> Problem {
    match error {
        PcapNgFormatError::BlockTooShort(least, found) => Problem::TooSmall {
            what: "block length",
            found: found as u64,
            least: least as u64,
        },
        PcapNgFormatError::BlockLengthMismatch(first, second) => Problem::LengthsDiffer { first, second },
        PcapNgFormatError::InvalidMagicNumber(found) => Problem::ByteOrderMagic { found },
        other => Problem::Format(other.to_string()),
    }
}

fn cut_short(what: &'static str, expected: u64, found: u64, offset: u64) -> Fault {
    Fault::new(offset, Problem::CutShort { what, expected, found })
}

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Type and length.
pub(crate) const BLOCK_HEADER_LEN: usize = 8;
const LENGTH_AT: usize = 4;
/// Type and both lengths.
pub(crate) const SHORTEST_BLOCK: usize = 12;
/// The longest packet that any link type may have, with 128 KiB for options: Wireshark's bound.
const LONGEST_BLOCK: u32 = (128 << 20) + (128 << 10) + 32;
