//! Stacks under test behind one trait, [`Stack`]: deliver a packet, take what it sends, make a call, move its clock.
//!
//! One file per stack. [`open`] finds one by the name that users give it; [`ADAPTERS`] lists them all.
#![forbid(unsafe_code)]

mod adapter;
#[cfg(unix)]
mod child;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(unix)]
mod lwip;
#[cfg(unix)]
mod process;
mod reference;
mod smoltcp;
mod stack;
mod sums;
#[cfg(target_os = "linux")]
mod tun;

pub use adapter::{ADAPTERS, Adapter, Trouble, open};
#[cfg(target_os = "linux")]
pub use linux::agent::serve as serve_linux;
pub use stack::START;
pub use stack::{
    Abilities, Ability, CallError, Clock, Identity, Lateness, Received, Services, Setting, Setup, Socket, Stack, Status,
};
pub use tcp::{Fault, Faults, State};
