//! Bytes to headers and back: parsers (nom) and matching emitters for everything between a capture's link layer and HTTP.
//!
//! A parser accepts whatever can be delimited and reports it; it never judges. Views borrow from the input, nothing is
//! copied. No I/O, no clock, no thread.
#![forbid(unsafe_code)]

pub mod arp;
pub mod checksum;
pub mod dns;
pub mod error;
pub mod ether_type;
pub mod ethernet;
pub mod frame;
pub mod geneve;
pub mod gre;
pub mod http;
pub mod icmpv4;
pub mod icmpv6;
pub mod ieee80211;
pub mod ipv4;
pub mod ipv4_options;
pub mod ipv6;
pub mod ipv6_extension;
pub mod link;
pub mod llc;
pub mod mpls;
pub mod ndp;
pub mod null_loop;
pub mod ppp;
pub mod protocol;
pub mod radiotap;
mod read;
pub mod reassembly;
pub mod seq;
pub mod sll;
pub mod tcp;
pub mod teredo;
pub mod time;
pub mod udp;
pub mod vlan;
pub mod vxlan;

pub use error::{ParseError, Parsed};
pub use ether_type::EtherType;
pub use seq::SeqNumber;
pub use time::{Duration, Instant};

/// A frame's number in its capture, counted from 1, as Wireshark shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FrameNumber(pub u32);

impl std::fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
