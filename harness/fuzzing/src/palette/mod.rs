//! What the indices of a record mean. Numbers are relative to the live conversation; the first entry of each palette is what an
//! ordinary peer would send.
//!
//! - `segment`: the fields of a segment; `events`: of every other event; `header`: what is settled before.

mod events;
mod header;
mod segment;

pub use events::*;
pub use header::*;
pub use segment::*;

use wire::SeqNumber;

/// The entry of an index.
pub fn pick<T: Copy>(palette: &[T], index: u8) -> T {
    palette[usize::from(index) % palette.len()]
}

/// Where the conversation stands, as the peer knows it.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The peer's ISS, and what it sends next.
    pub iss: SeqNumber,
    pub snd: SeqNumber,
    /// What the stack expects next: its RCV.NXT, as it has said.
    pub told: SeqNumber,
    /// The right edge of its window.
    pub edge: SeqNumber,
    /// The stack's ISS.
    pub irs: SeqNumber,
    /// What the peer expects next.
    pub rcv: SeqNumber,
    /// What the peer has acknowledged: the stack's SND.UNA.
    pub una: SeqNumber,
    /// The stack's SND.NXT.
    pub nxt: SeqNumber,
    /// Octets of a full segment towards the stack, and of one from it.
    pub mss: u32,
    pub its_mss: u32,
    /// The window that the stack offers, and the one that the peer has offered, as it stands in the header.
    pub its_wnd: u32,
    pub wnd: u16,
}

/// A number of the conversation, with a name for people.
pub type Relative<T> = (&'static str, fn(&View) -> T);

/// Half of the sequence space.
const HALF: u32 = 1 << 31;
