//! System calls of Linux by name, so that a script's calls are what they say: wrong flags, odd lengths and null pointers included.
//!
//! Memory is handed over as [`Block`]s. Before the kernel sees a call, `shape` knows for each pointer how many octets the kernel may
//! touch behind it, and the block is made at least that long; a pointer that leads to no block is null. So the kernel writes into
//! blocks alone, and this is the only crate of the workspace that says `unsafe`. Descriptors are the caller's concern.
#![cfg(target_os = "linux")]
#![warn(clippy::undocumented_unsafe_blocks)]

mod shape;

use shape::{Kind, Length, Shape};

/// An argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Number(i64),
    /// The address of a block.
    Block(usize),
}

/// Memory that the kernel may read or write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    pub octets: Vec<u8>,
    /// At these places stands the address of another block.
    pub links: Vec<(usize, usize)>,
}

/// A call that has not been made yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    pub name: String,
    pub words: Vec<Word>,
    pub blocks: Vec<Block>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub result: i64,
    /// 0 where the call did not fail.
    pub errno: i32,
    pub blocks: Vec<Vec<u8>>,
}

/// Octets of one block at most.
const MOST: usize = 64 << 20;

/// Whether there is a call of this name.
pub fn is_known(name: &str) -> bool {
    shape::of(name).is_some()
}

/// Makes the call. None: it is not one of those that are known to be safe, or not in a shape that is.
pub fn perform(mut request: Request) -> Option<Outcome> {
    let shape = shape::of(&request.name)?;
    prepare(shape, &mut request)?;
    let addresses: Vec<u64> = request
        .blocks
        .iter_mut()
        .map(|block| block.octets.as_mut_ptr() as u64)
        .collect();
    for block in &mut request.blocks {
        for (at, to) in std::mem::take(&mut block.links) {
            let address = addresses.get(to)?.to_ne_bytes();
            block.octets.get_mut(at..at + 8)?.copy_from_slice(&address);
        }
    }
    let word = |at: usize| match request.words.get(at) {
        Some(Word::Number(number)) => *number,
        Some(Word::Block(block)) => addresses.get(*block).copied().unwrap_or(0) as i64,
        None => 0,
    };
    // SAFETY: `prepare` has checked the call against its shape: where the kernel takes a word for an address, the word is null or
    // the address of a block that is as long as the kernel may reach, and so is each address inside a message. The blocks live, and
    // nobody else holds them, until the call returns; memory lent by MSG_ZEROCOPY is only read behind that.
    let result = unsafe { libc::syscall(shape.number, word(0), word(1), word(2), word(3), word(4), word(5)) };
    let errno = if result < 0 {
        std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
    } else {
        0
    };
    Some(Outcome {
        result,
        errno,
        blocks: request.blocks.into_iter().map(|block| block.octets).collect(),
    })
}

/// Makes each block as long as the kernel may reach, and refuses what has another shape.
fn prepare(shape: &Shape, request: &mut Request) -> Option<()> {
    let words = request.words.clone();
    (words.len() == shape.words.len()).then_some(())?;
    // An address stands only where this table says so.
    let links: Vec<Vec<(usize, usize)>> = request
        .blocks
        .iter_mut()
        .map(|block| std::mem::take(&mut block.links))
        .collect();
    for (kind, word) in shape.words.iter().zip(&words) {
        match (kind, word) {
            (Kind::Plain, Word::Number(_)) => {}
            (Kind::OneOf(allowed), Word::Number(number)) => allowed.contains(number).then_some(())?,
            (Kind::Memory(_) | Kind::Message, Word::Number(0)) => {}
            (Kind::Memory(length), Word::Block(block)) => {
                let length = reach(*length, &words, &request.blocks)?;
                lengthen(&mut request.blocks, *block, length)?;
            }
            (Kind::Message, Word::Block(block)) => message(&mut request.blocks, &links, *block)?,
            _ => return None,
        }
    }
    shape::is_harmless(shape.name, &words).then_some(())
}

/// How far the kernel may reach behind a pointer.
fn reach(length: Length, words: &[Word], blocks: &[Block]) -> Option<usize> {
    let number = |at: usize| match words.get(at)? {
        Word::Number(number) => usize::try_from(*number).ok(),
        Word::Block(_) => None,
    };
    match length {
        Length::Fixed(octets) => Some(octets),
        Length::Word(at) => number(at),
        Length::Times(at, size) => number(at)?.checked_mul(size),
        Length::Behind(at) => match words.get(at)? {
            Word::Block(block) => Some(u32_at(&blocks.get(*block)?.octets, 0)? as usize),
            Word::Number(_) => Some(0),
        },
    }
}

fn lengthen(blocks: &mut [Block], at: usize, length: usize) -> Option<()> {
    let block = blocks.get_mut(at)?;
    (length <= MOST).then_some(())?;
    if block.octets.len() < length {
        block.octets.resize(length, 0);
    }
    Some(())
}

/// `struct msghdr`: name and its length, vectors and their count, control data and their length, flags. All addresses in it are null
/// but those that lead to blocks.
fn message(blocks: &mut [Block], links: &[Vec<(usize, usize)>], at: usize) -> Option<()> {
    const SIZE: usize = 56;
    const VECTOR: usize = 16;
    lengthen(blocks, at, SIZE)?;
    let header = blocks.get(at)?.octets.clone();
    let (name, count, control) = (u32_at(&header, 8)?, u64_at(&header, 24)?, u64_at(&header, 40)?);
    link(blocks, links, at, 0, usize::try_from(name).ok()?)?;
    link(blocks, links, at, 32, usize::try_from(control).ok()?)?;
    let count = usize::try_from(count).ok()?;
    link(blocks, links, at, 16, count.checked_mul(VECTOR)?)?;
    let Some((_, vectors)) = blocks.get(at)?.links.iter().find(|(place, _)| *place == 16).copied() else {
        return Some(());
    };
    for one in 0..count {
        let length = u64_at(&blocks.get(vectors)?.octets, one * VECTOR + 8)?;
        link(blocks, links, vectors, one * VECTOR, usize::try_from(length).ok()?)?;
    }
    Some(())
}

/// Lets the address at `place` of a block lead where the request says, to so many octets; else it is null.
fn link(blocks: &mut [Block], links: &[Vec<(usize, usize)>], from: usize, place: usize, length: usize) -> Option<()> {
    let wanted = links.get(from)?.iter().find(|(at, _)| *at == place).copied();
    blocks.get_mut(from)?.octets.get_mut(place..place + 8)?.fill(0);
    let Some((_, to)) = wanted else { return Some(()) };
    // A block that leads to itself would be written while it is read.
    (to != from).then_some(())?;
    lengthen(blocks, to, length)?;
    blocks.get_mut(from)?.links.push((place, to));
    Some(())
}

fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    octets.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

fn u64_at(octets: &[u8], at: usize) -> Option<u64> {
    octets.get(at..at + 8)?.try_into().ok().map(u64::from_ne_bytes)
}
