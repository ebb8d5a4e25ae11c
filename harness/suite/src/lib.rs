//! The [`Tester`], and the scenarios that it plays at a stack.
//!
//! - `tester`: time, packets, calls of the stack's application;
//! - `peer`: the Tester's side of a connection; `segment`: what it sends and hears; `ordinary`: a correct peer across a link;
//! - `scenario`: what a scenario is; `scenarios`: all of them, a file each;
//! - `replay`: one side of a captured connection, in place of a scenario;
//! - `guard`: ends runs at stacks that hand out octets without end;
//! - `hearing`: segments out of the stack's packets;
//! - `interop`: two stacks across a simulated network;
//! - `run`: plays one, judges it; `log`: what happened, as a diagram or a capture.
//!
//! A scenario provokes; the checks of `conformance` judge. What only the application can see a scenario judges by
//! [`Tester::require`], under a requirement of `conformance::live`.
#![forbid(unsafe_code)]

mod conversation;
mod flight;
mod guard;
mod hearing;
pub mod interop;
pub mod log;
mod messages;
mod opening;
mod ordinary;
mod peer;
pub mod replay;
mod run;
mod scenario;
mod scenarios;
mod segment;
mod tester;

pub use peer::{Offer, Peer};
pub use run::{Case, CaseReport, Family, Outcome, cases, play, play_slow};
pub use scenario::{Scenario, Step, Stop};
pub use scenarios::all as scenarios;
pub use segment::{Draft, Segment, Stamp, fragments, ip_packet};
pub use tester::{PATIENT_IN_REAL_TIME, TOLERANCE, Tester};
