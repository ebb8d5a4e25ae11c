//! The reference TCP: RFC 9293 section 3.10 and its companions as a state machine, to be read next to the RFC.
//!
//! No clock, no I/O, no thread: segments, calls and times come in, segments and the next wake-up go out. [`Host`] keeps the
//! connections and listeners of one address; [`Connection`] is one transmission control block and what is done with it:
//!
//! - `state`: the eleven states of section 3.3.2;
//! - `arrival`: SEGMENT ARRIVES, section 3.10.7, in its order of checks;
//! - `receive`: the receive buffer, what arrives out of order, the window that is offered;
//! - `send`: what goes out next: data, FIN, acknowledgements, probes;
//! - `recovery`: duplicate acknowledgements, SACK, the congestion window (RFC 5681, 6582, 6675, 2018);
//! - `rack` and `tlp`: losses told by time, and probes of the last segment, where SACK is agreed on (RFC 8985);
//! - `rto`: the retransmission timeout (RFC 6298); `timers`: every timeout of section 3.10.8 and RFC 1122's;
//! - `user_timeout`: R2 by the user and the peer (RFC 5482); `cookie`: handshakes of a listener whose queue is full (RFC 4987);
//! - `ecn`: explicit congestion notification (RFC 3168); `keepalive`: section 3.8.4;
//! - `incoming`: what an IP packet turns out to be; `icmp` and `udp`: as far as RFC 1122 asks of a host;
//! - `isn`: initial sequence numbers (RFC 6528);
//! - `fault`: deliberate deviations, by name, that prove the checks; `deviate` and `mishear` do those that lie on the way out or in.
#![forbid(unsafe_code)]

mod arrival;
mod config;
mod connection;
mod cookie;
mod deviate;
mod ecn;
mod fault;
mod host;
mod icmp;
mod incoming;
mod isn;
mod keepalive;
mod mishear;
mod rack;
mod receive;
mod recovery;
mod rto;
mod segment;
mod send;
mod state;
mod timers;
mod tlp;
mod udp;
mod user_timeout;

pub use config::Config;
pub use connection::{Connection, Ended};
pub use fault::{Fault, Faults};
pub use host::{CallError, Host, SocketId};
pub use keepalive::Keepalive;
pub use state::State;
pub use udp::Datagram;
