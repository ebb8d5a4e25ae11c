//! What nearly every scenario needs.

pub(crate) use crate::peer::{Offer, PROMPT, Peer, RTT, pattern};
pub(crate) use crate::scenario::scenario;
pub use crate::scenario::{Step, Stop};
pub(crate) use crate::segment::Segment;
pub(crate) use crate::tester::Tester;
pub(crate) use stacks::{Ability, Received, State};
pub(crate) use wire::tcp::Flags;
pub(crate) use wire::{Duration, SeqNumber};
