//! Rebuilds every TCP connection passively, and turns segments into facts. Follows, never judges, never sends.

mod acceptance;
mod connection;
mod duplicates;
mod end;
mod facts;
mod flows;
mod hosts;
mod ids;
mod previous;
mod ranges;
mod rtt;
mod segment;
mod sent;
mod state;
mod strays;
mod update;
mod vantage;

pub use connection::{Connection, Shared, Side};
pub use end::{End, Offer, Seen};
pub use facts::{AckKind, Cause, Facts, Resent, Transmission};
pub use flows::{ConnectionId, Tracker};
pub use hosts::{HostFacts, IsnSeen};
pub use previous::{Previous, PreviousEnd};
pub use ranges::{Range, Ranges};
pub use rtt::Rtt;
pub use segment::{Checksum, Ecn, IpFacts, Segment};
pub use sent::{Record, SentQueue};
pub use state::State;
pub use vantage::{Gap, Vantage};
