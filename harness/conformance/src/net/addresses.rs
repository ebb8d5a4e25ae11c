//! Addresses that a host may send from and to.

use super::{NetCheck, Packet};
use crate::example::{Example, IpHeader, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use std::net::Ipv4Addr;
use wire::ethernet::MacAddress;
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;

/// RFC 1122 section 3.2.1.3 (g): 127/8 does not appear outside a host.
#[derive(Default)]
pub struct LoopbackNotOnWire;

impl NetCheck for LoopbackNotOnWire {
    const REQUIREMENT: Requirement = requirement("ip/loopback-not-on-wire", rfc(1122, "3.2.1.3"), Level::Must)
        .binds(Role::Sender)
        .says("Loopback addresses (127/8) do not appear outside a host.")
        .judged(
            "IPv4 over Ethernet or IEEE 802.11 with addresses of real cards: a loopback interface shows none, or zeros, and is not \
             judged, nor is what a tunnel carries without such a header. Counted once per host that has no loopback address, and for each datagram that has one; under a wrong header checksum it may be \
             damage, and is inconclusive.",
        );

    fn on_ipv4(&mut self, at: &Packet<'_>, ip: &Ipv4<'_>, judge: &mut Judge<'_>) {
        let real = at.ethernet.is_some_and(|&(source, to)| {
            source != MacAddress::default() && to != MacAddress::default() && source != to
        });
        match ip.source.is_loopback() || ip.destination.is_loopback() {
            false if real => judge.holds(),
            false => {}
            true if real && !ip.checksum_ok() => judge.inconclusive(Reason::Ambiguous),
            true if real => {
                judge.violated(
                    &[at.frame],
                    "no 127/8 outside a host",
                    format_args!("{} to {}", ip.source, ip.destination),
                );
            }
            true => judge.inconclusive(Reason::Vantage),
        }
    }

    fn examples() -> Vec<Example> {
        let local = IpHeader {
            source: Ipv4Addr::LOCALHOST,
            destination: Ipv4Addr::LOCALHOST,
            ..IpHeader::default()
        };
        vec![
            abstains("127.0.0.1 on an Ethernet, under a damaged header", move |t| {
                let damaged = IpHeader {
                    wrong_checksum: 1,
                    ..local
                };
                t.ipv4_on_ethernet(damaged, 253, b"x");
            }),
            holds("192.0.2.1 on an Ethernet", |t| {
                t.ipv4_on_ethernet(IpHeader::default(), 253, b"x")
            }),
            violates("127.0.0.1 on an Ethernet", move |t| {
                t.ipv4_on_ethernet(local, 253, b"x")
            }),
            violates("127.0.0.1 on IEEE 802.11", move |t| {
                t.ipv4_on_ieee80211(local, 253, b"x")
            }),
            abstains("127.0.0.1 on no link", move |t| t.ipv4(local, 253, b"x")),
            abstains("127.0.0.1 mirrored through a tunnel", move |t| {
                t.ipv4_in_geneve(local, 253, b"x")
            }),
        ]
    }
}

/// RFC 1122 section 3.2.1.3: a source address is one of the host's own, never broadcast or multicast.
#[derive(Default)]
pub struct SourceIsUnicast;

impl NetCheck for SourceIsUnicast {
    const REQUIREMENT: Requirement = requirement("ip/source-is-unicast", rfc(1122, "3.2.1.3"), Level::Must)
        .binds(Role::Sender)
        .says("The source address of a datagram is neither a multicast nor the limited broadcast address.")
        .judged("Every IPv4 header with a right checksum. Directed broadcasts need the netmask and are not judged; TCP, which knows no multicast, only shows such addresses where a tool has changed them, and is inconclusive.");

    fn on_ipv4(&mut self, at: &Packet<'_>, ip: &Ipv4<'_>, judge: &mut Judge<'_>) {
        if !ip.source.is_multicast() && !ip.source.is_broadcast() {
            judge.holds();
        } else if ip.checksum_ok() && ip.protocol != wire::protocol::TCP {
            judge.violated(&[at.frame], "a unicast source address", format_args!("{}", ip.source));
        } else {
            judge.inconclusive(Reason::Ambiguous);
        }
    }

    fn examples() -> Vec<Example> {
        let group = IpHeader {
            source: Ipv4Addr::new(224, 0, 0, 1),
            ..IpHeader::default()
        };
        vec![
            holds("192.0.2.1", |t| t.udp(1000, 2000, b"x")),
            violates("224.0.0.1", move |t| t.ipv4(group, 253, b"x")),
            abstains("IPv6", |t| {
                t.ipv6();
                t.udp(1000, 2000, b"x");
            }),
        ]
    }
}

/// RFC 4291 section 2.7: multicast is never a source.
#[derive(Default)]
pub struct SourceNotMulticastV6;

impl NetCheck for SourceNotMulticastV6 {
    const REQUIREMENT: Requirement = requirement("ipv6/source-not-multicast", rfc(4291, "2.7"), Level::Must)
        .binds(Role::Sender)
        .says("A multicast address is never the source of an IPv6 packet.")
        .judged("Every IPv6 header.");

    fn on_ipv6(&mut self, at: &Packet<'_>, ip: &Ipv6<'_>, judge: &mut Judge<'_>) {
        judge.require(
            !ip.source.is_multicast(),
            &[at.frame],
            "a unicast source address",
            format_args!("{}", ip.source),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("2001:db8::1", |t| {
                t.ipv6();
                t.udp(1000, 2000, b"x");
            }),
            violates("ff02::1", |t| t.ipv6_from("ff02::1", 253, b"x")),
            abstains("IPv4", |t| t.udp(1000, 2000, b"x")),
        ]
    }
}
