//! What a check below and beside TCP is: a monitor over what one host sends as IP, UDP, ICMP and ARP.

use super::arp::ArpSeen;
use super::ndp::NdpSeen;
use crate::example::Example;
use crate::requirement::Requirement;
use crate::tracker::IpFacts;
use crate::verdict::Judge;
use wire::ethernet::MacAddress;
use wire::icmpv4::Icmpv4;
use wire::icmpv6::Icmpv6;
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::udp::Udp;
use wire::{FrameNumber, Instant};

/// A datagram of the judged host (the source address), at the moment when it is seen.
#[derive(Clone, Copy)]
pub struct Packet<'a> {
    pub frame: FrameNumber,
    pub time: Instant,
    pub ip: &'a IpFacts,
    /// Addresses of the Ethernet or IEEE 802.11 header right in front of the IP header, source and destination, where there is one.
    pub ethernet: Option<&'a (MacAddress, MacAddress)>,
    /// The capture, or the link below it, has all of the datagram.
    pub whole: bool,
}

impl Packet<'_> {
    pub(crate) fn when(&self) -> (FrameNumber, Instant) {
        (self.frame, self.time)
    }
}

/// A check and its requirement, one instance per host and capture. Handlers get what the host sent; a handler that is not
/// written costs nothing.
pub trait NetCheck: Default {
    const REQUIREMENT: Requirement;

    fn on_ipv4(&mut self, _at: &Packet<'_>, _ip: &Ipv4<'_>, _judge: &mut Judge<'_>) {}
    fn on_ipv6(&mut self, _at: &Packet<'_>, _ip: &Ipv6<'_>, _judge: &mut Judge<'_>) {}
    fn on_udp(&mut self, _at: &Packet<'_>, _udp: &Udp<'_>, _judge: &mut Judge<'_>) {}
    fn on_icmpv4(&mut self, _at: &Packet<'_>, _icmp: &Icmpv4<'_>, _judge: &mut Judge<'_>) {}
    fn on_icmpv6(&mut self, _at: &Packet<'_>, _icmp: &Icmpv6<'_>, _judge: &mut Judge<'_>) {}
    /// An ARP packet whose sender protocol address is the host's.
    fn on_arp(&mut self, _at: &ArpSeen<'_>, _judge: &mut Judge<'_>) {}
    /// A message of Neighbour Discovery that was captured whole and has the right checksum, after `on_icmpv6`.
    fn on_ndp(&mut self, _at: &Packet<'_>, _seen: &NdpSeen<'_>, _judge: &mut Judge<'_>) {}
    /// An ICMP message on its way to the host.
    fn on_icmpv4_received(&mut self, _at: &Packet<'_>, _icmp: &Icmpv4<'_>, _judge: &mut Judge<'_>) {}

    /// As for TCP: at least one each that holds, violates (and breaks nothing else) and abstains.
    fn examples() -> Vec<Example>;
}

/// Declares the checks: a struct with the state of each, and the fan-out of every event.
macro_rules! net_checks {
    ($($module:ident :: $check:ident),* $(,)?) => {
        /// Every check of this family for one host.
        #[derive(Default)]
        #[allow(non_snake_case)]
        pub struct NetChecks { $($check: $module::$check),* }

        #[repr(u16)]
        enum Place { $($check,)* Count }

        static REQUIREMENTS: [Requirement; Place::Count as usize] = [$(<$module::$check as NetCheck>::REQUIREMENT),*];

        pub(crate) fn examples() -> Vec<Vec<Example>> {
            vec![$(<$module::$check as NetCheck>::examples()),*]
        }

        impl NetChecks {
            net_event!(on_ipv4, Ipv4, $($check)*);
            net_event!(on_ipv6, Ipv6, $($check)*);
            net_event!(on_udp, Udp, $($check)*);
            net_event!(on_icmpv4, Icmpv4, $($check)*);
            net_event!(on_icmpv6, Icmpv6, $($check)*);
            net_event!(on_ndp, NdpSeen, $($check)*);
            net_event!(on_icmpv4_received, Icmpv4, $($check)*);

            pub(crate) fn on_arp(&mut self, at: &ArpSeen<'_>, judge: &mut Judge<'_>) {
                $(
                    judge.turn_to(crate::tcp::TOTAL + Place::$check as u16);
                    self.$check.on_arp(at, judge);
                )*
            }
        }
    };
}

/// One event to every check, each told to speak for its own requirement.
macro_rules! net_event {
    ($event:ident, $what:ident, $($check:ident)*) => {
        #[inline]
        pub(crate) fn $event(&mut self, at: &Packet<'_>, what: &$what<'_>, judge: &mut Judge<'_>) {
            $(
                judge.turn_to(crate::tcp::TOTAL + Place::$check as u16);
                self.$check.$event(at, what, judge);
            )*
        }
    };
}

pub(crate) use {net_checks, net_event};
