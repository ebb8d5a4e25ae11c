//! Releases of smoltcp behind `stacks::Stack`.
//!
//! - here: which there are, and what they have in common, under one set of names; `played`: that as a stack; `wire`: its packets;
//! - `ethernet`: 0.6 and 0.7, which know Ethernet alone; `owning`: 0.8, whose interface owns the sockets; `lending`: from 0.9 on.

mod ethernet;
mod lending;
mod owning;
mod played;
mod wire;

use self::wire::Wire;
use ::wire::Instant;
use stacks::{Setup, Stack, State, Trouble};
use std::net::IpAddr;

/// Makes a fresh stack.
pub type Open = fn(&Setup) -> Result<Box<dyn Stack>, Trouble>;

/// Every release that is built, the oldest first. Conversations are over IPv4: the oldest know Ethernet alone, and who answers for the
/// neighbours there speaks ARP.
pub const RELEASES: &[(&str, Open)] = &[
    ("0.6.0", played::open::<ethernet::V0_6>),
    ("0.7.0", played::open::<ethernet::V0_7>),
    ("0.8.1", played::open::<owning::V0_8>),
    ("0.9.1", played::open::<lending::V0_9>),
    ("0.10.0", played::open::<lending::V0_10>),
    ("0.11.0", played::open::<lending::V0_11>),
    ("0.12.0", played::open::<lending::V0_12>),
    ("0.13.0", played::open::<lending::V0_13>),
    ("0.14.0", played::open::<lending::V0_14>),
];

/// The keepalive interval that applications commonly choose, in seconds; smoltcp has none of its own.
const KEEPALIVE: u64 = 7200;

/// What every release can do.
trait Release: Sized {
    type Handle: Copy;
    const VERSION: &'static str;
    /// Nagle's algorithm can be switched.
    const NAGLE: bool;

    fn open(setup: &Setup, wire: Wire) -> Self;
    fn wire(&mut self) -> &mut Wire;
    /// Lets it work once.
    fn poll(&mut self, now: Instant);
    fn poll_at(&mut self, now: Instant) -> Option<Instant>;
    /// A socket with buffers of these sizes, to receive and to send.
    fn fresh(&mut self, receive: usize, send: usize) -> Self::Handle;
    fn listen(&mut self, handle: Self::Handle, port: u16) -> bool;
    fn connect(&mut self, handle: Self::Handle, local: (IpAddr, u16), remote: (IpAddr, u16)) -> bool;
    fn state(&mut self, handle: Self::Handle) -> State;
    fn send(&mut self, handle: Self::Handle, data: &[u8]) -> Option<usize>;
    fn receive(&mut self, handle: Self::Handle, data: &mut [u8]) -> Result<usize, NoData>;
    fn close(&mut self, handle: Self::Handle);
    fn abort(&mut self, handle: Self::Handle);
    fn keepalive(&mut self, handle: Self::Handle, on: bool);
    fn nagle(&mut self, handle: Self::Handle, on: bool);
}

/// Why nothing was received.
enum NoData {
    Finished,
    InvalidState,
}

/// The same states, which every release has as a type of its own.
macro_rules! state {
    ($of:path, $state:expr) => {{
        use $of as Its;
        match $state {
            Its::Closed => State::Closed,
            Its::Listen => State::Listen,
            Its::SynSent => State::SynSent,
            Its::SynReceived => State::SynReceived,
            Its::Established => State::Established,
            Its::FinWait1 => State::FinWait1,
            Its::FinWait2 => State::FinWait2,
            Its::CloseWait => State::CloseWait,
            Its::Closing => State::Closing,
            Its::LastAck => State::LastAck,
            Its::TimeWait => State::TimeWait,
        }
    }};
}
use state;
