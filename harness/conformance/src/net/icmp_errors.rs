//! ICMP errors: what they quote, and what they must not be about.

use super::{NetCheck, Packet};
use crate::example::{Example, IpHeader, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use std::net::Ipv4Addr;
use wire::icmpv4::{Icmpv4, icmp_type};
use wire::icmpv6::Icmpv6;
use wire::ipv4::Ipv4;

/// RFC 1122 section 3.2.2: the IP header and at least eight octets of data come back.
#[derive(Default)]
pub struct ErrorQuotesEnough;

impl NetCheck for ErrorQuotesEnough {
    const REQUIREMENT: Requirement = requirement("icmp/error-quotes-enough", rfc(1122, "3.2.2"), Level::Must)
        .binds(Role::Sender)
        .says("An ICMP error quotes the IP header and at least the first eight octets of the data that caused it.")
        .judged("Errors captured whole: the quotation's octets against the quoted header's own lengths.");

    fn on_icmpv4(&mut self, at: &Packet<'_>, icmp: &Icmpv4<'_>, judge: &mut Judge<'_>) {
        let Some(quoted) = icmp.quoted() else { return };
        if !at.whole {
            return judge.inconclusive(Reason::Sliced);
        }
        let Ok(ip) = Ipv4::parse(quoted) else {
            return judge.violated(
                &[at.frame],
                "a whole IP header quoted",
                format_args!("{} octets", quoted.len()),
            );
        };
        let there = usize::from(ip.total_length).saturating_sub(usize::from(ip.header_len));
        let wanted = usize::from(ip.header_len) + there.min(8);
        judge.require(
            quoted.len() >= wanted,
            &[at.frame],
            format_args!("at least {wanted} octets quoted"),
            format_args!("{}", quoted.len()),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("header and eight octets", |t| t.icmp_error(3, 3)),
            violates("the header alone", |t| {
                t.icmp_error_about(3, 1, IpHeader::default(), 253, 0)
            }),
            abstains("no error", |t| t.icmp(icmp_type::ECHO, 0, b"data")),
        ]
    }
}

/// RFC 1122 section 3.2.2: no error about an error.
#[derive(Default)]
pub struct NoErrorAboutError;

impl NetCheck for NoErrorAboutError {
    const REQUIREMENT: Requirement = requirement("icmp/no-error-about-error", rfc(1122, "3.2.2"), Level::Must)
        .binds(Role::Sender)
        .says("No ICMP error is sent about an ICMP error.")
        .judged("What errors quote: an ICMP message of a type that reports an error breaks it.");

    fn on_icmpv4(&mut self, at: &Packet<'_>, icmp: &Icmpv4<'_>, judge: &mut Judge<'_>) {
        let Some(ip) = icmp.quoted().and_then(|quoted| Ipv4::parse(quoted).ok()) else {
            return;
        };
        if ip.fragment_offset != 0 {
            return; // what it carries does not begin with a header
        }
        let kind = ip.payload.first().filter(|_| ip.protocol == wire::protocol::ICMPV4);
        match kind {
            Some(&kind @ (3..=5 | 11 | 12)) => {
                judge.violated(
                    &[at.frame],
                    "no error about an error",
                    format_args!("an error about ICMP type {kind}"),
                );
            }
            _ => judge.holds(),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("about a datagram", |t| t.icmp_error(3, 3)),
            violates("about a time-exceeded message", |t| {
                t.icmp_error_about(3, 1, IpHeader::default(), 1, 11)
            }),
            abstains("no error", |t| t.icmp(icmp_type::ECHO, 0, b"data")),
        ]
    }
}

/// RFC 1122 section 3.2.2: none about a datagram to many, or from nobody in particular.
#[derive(Default)]
pub struct NoErrorAboutMulticast;

impl NetCheck for NoErrorAboutMulticast {
    const REQUIREMENT: Requirement = requirement("icmp/no-error-about-multicast", rfc(1122, "3.2.2"), Level::Must)
        .binds(Role::Sender)
        .says("No ICMP error is sent about a datagram to a broadcast or multicast address, or from an address that is no single host's.")
        .judged("The addresses that errors quote: multicast, limited broadcast, and as source also zero, loopback and class E.");

    fn on_icmpv4(&mut self, at: &Packet<'_>, icmp: &Icmpv4<'_>, judge: &mut Judge<'_>) {
        let Some(ip) = icmp.quoted().and_then(|quoted| Ipv4::parse(quoted).ok()) else {
            return;
        };
        let many = ip.destination.is_multicast() || ip.destination.is_broadcast();
        let nobody = ip.source.is_unspecified() || ip.source.is_multicast() || ip.source.octets()[0] >= 240;
        judge.require(
            !many && !nobody,
            &[at.frame],
            "an error only about a datagram between single hosts",
            format_args!("one about {} to {}", ip.source, ip.destination),
        );
    }

    fn examples() -> Vec<Example> {
        let group = IpHeader {
            destination: Ipv4Addr::new(239, 1, 1, 1),
            ..IpHeader::default()
        };
        vec![
            holds("between two hosts", |t| t.icmp_error(3, 3)),
            violates("to a group", move |t| t.icmp_error_about(3, 3, group, 253, 8)),
            abstains("no error", |t| t.icmp(icmp_type::ECHO, 0, b"data")),
        ]
    }
}

/// RFC 1122 section 3.2.2: none about a fragment but the first.
#[derive(Default)]
pub struct NoErrorAboutFragment;

impl NetCheck for NoErrorAboutFragment {
    const REQUIREMENT: Requirement = requirement("icmp/no-error-about-later-fragment", rfc(1122, "3.2.2"), Level::Must)
        .binds(Role::Sender)
        .says("No ICMP error is sent about a fragment other than the first.")
        .judged("The fragment offset that errors quote.");

    fn on_icmpv4(&mut self, at: &Packet<'_>, icmp: &Icmpv4<'_>, judge: &mut Judge<'_>) {
        let Some(ip) = icmp.quoted().and_then(|quoted| Ipv4::parse(quoted).ok()) else {
            return;
        };
        judge.require(
            ip.fragment_offset == 0,
            &[at.frame],
            "an error only about a first fragment",
            format_args!("one about the fragment at octet {}", ip.fragment_offset),
        );
    }

    fn examples() -> Vec<Example> {
        let later = IpHeader {
            offset: 1480,
            ..IpHeader::default()
        };
        vec![
            holds("about a whole datagram", |t| t.icmp_error(3, 3)),
            violates("about a later fragment", move |t| {
                t.icmp_error_about(3, 3, later, 253, 8)
            }),
            abstains("no error", |t| t.icmp(icmp_type::ECHO, 0, b"data")),
        ]
    }
}

/// RFC 4443 section 2.4 (c): an ICMPv6 error fits the minimum MTU.
#[derive(Default)]
pub struct ErrorFitsMinimumMtu;

/// RFC 8200 section 5.
const MINIMUM_MTU: u32 = 1280;

impl NetCheck for ErrorFitsMinimumMtu {
    const REQUIREMENT: Requirement = requirement("icmpv6/error-fits-minimum-mtu", rfc(4443, "2.4"), Level::Must)
        .binds(Role::Sender)
        .says("An ICMPv6 error quotes as much as fits without exceeding the minimum MTU of 1280 octets.")
        .judged("The length of packets with ICMPv6 errors.");

    fn on_icmpv6(&mut self, at: &Packet<'_>, icmp: &Icmpv6<'_>, judge: &mut Judge<'_>) {
        if icmp.quoted().is_some() {
            let octets = at.ip.total_len;
            judge.require(
                octets <= MINIMUM_MTU,
                &[at.frame],
                "at most 1280 octets",
                format_args!("{octets} octets"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let error = |octets: usize| [&[1u8, 4, 0, 0, 0, 0, 0, 0][..], &vec![0x60; octets]].concat();
        vec![
            holds("1000 octets", move |t| t.ipv6_from("2001:db8::1", 58, &error(1000))),
            violates("1400 octets", move |t| t.ipv6_from("2001:db8::1", 58, &error(1400))),
            abstains("no error", |t| t.udp(1000, 2000, b"x")),
        ]
    }
}
