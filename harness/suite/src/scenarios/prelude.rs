//! What nearly every scenario needs.

pub(crate) use crate::conversation::pattern;
pub(crate) use crate::ordinary::{Conversation, Fate, Toward};
pub(crate) use crate::peer::{Offer, Opening, PROMPT, Peer, RTT};
pub(crate) use crate::scenario::scenario;
pub(crate) use crate::scenario::{Step, Stop};
pub(crate) use crate::segment::{Segment, Stamp};
pub(crate) use crate::tester::Tester;
pub(crate) use stacks::{Ability, Received, Setting, State};
pub(crate) use wire::tcp::{Flags, TcpOption};
pub(crate) use wire::{Duration, SeqNumber};
