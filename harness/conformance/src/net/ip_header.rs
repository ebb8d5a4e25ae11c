//! The IPv4 header by itself.

use super::wrong_sums::WrongSums;
use super::{NetCheck, Packet};
use crate::example::{Example, IpHeader, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::ipv4::Ipv4;

/// RFC 791 section 3.1: the header checksum.
#[derive(Default)]
pub struct HeaderChecksumCorrect(WrongSums);

impl NetCheck for HeaderChecksumCorrect {
    const REQUIREMENT: Requirement = requirement("ip/header-checksum-correct", rfc(791, "3.1"), Level::Must)
        .prose()
        .also(&[rfc(1122, "3.2.1.2")])
        .binds(Role::Sender)
        .says("The IPv4 header carries the right checksum.")
        .judged(
            "Every IPv4 header. Zero is left to the network card; a wrong sum among right ones is damage on the way, and sums \
             all off by the same come from a tool that changed addresses. Broken when a host's headers, at least three, are all wrong.",
        );

    fn on_ipv4(&mut self, at: &Packet<'_>, ip: &Ipv4<'_>, judge: &mut Judge<'_>) {
        if ip.checksum_ok() {
            self.0.right(judge);
        } else if ip.checksum == 0 {
            judge.inconclusive(Reason::ChecksumOffload);
        } else {
            self.0
                .wrong(ip.checksum, ip.correct_checksum(), at.frame, judge, "header checksum");
        }
    }

    fn examples() -> Vec<Example> {
        let wrong = |t: &mut crate::example::Trace, count| {
            for n in 1..=count {
                t.ipv4(
                    IpHeader {
                        wrong_checksum: 0x1111 * n,
                        ..IpHeader::default()
                    },
                    253,
                    b"anything",
                );
            }
        };
        vec![
            holds("a right one", |t| t.udp(1000, 2000, b"x")),
            violates("three wrong ones", move |t| wrong(t, 3)),
            abstains("a single wrong one", move |t| wrong(t, 1)),
        ]
    }
}

/// RFC 1122 section 3.2.1.7: no datagram leaves with a Time-to-Live of zero.
#[derive(Default)]
pub struct TtlNotZero;

impl NetCheck for TtlNotZero {
    const REQUIREMENT: Requirement = requirement("ip/ttl-not-zero", rfc(1122, "3.2.1.7"), Level::Must)
        .binds(Role::Sender)
        .says("No datagram is sent with a Time-to-Live of zero.")
        .judged("Every IPv4 header; no router passes a zero on (RFC 791 section 3.2), so it is the sender's.");

    fn on_ipv4(&mut self, at: &Packet<'_>, ip: &Ipv4<'_>, judge: &mut Judge<'_>) {
        if ip.ttl > 0 {
            judge.holds();
        } else if ip.checksum_ok() {
            judge.violated(&[at.frame], "a Time-to-Live of at least 1", "0");
        } else {
            judge.inconclusive(Reason::Ambiguous);
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("64", |t| t.udp(1000, 2000, b"x")),
            violates("0", |t| {
                t.ipv4(
                    IpHeader {
                        ttl: 0,
                        ..IpHeader::default()
                    },
                    253,
                    b"anything",
                )
            }),
            abstains("IPv6", |t| {
                t.ipv6();
                t.udp(1000, 2000, b"x");
            }),
        ]
    }
}

/// RFC 791 section 3.1: bit 0 of the flags is reserved and zero.
#[derive(Default)]
pub struct ReservedFlagZero;

impl NetCheck for ReservedFlagZero {
    const REQUIREMENT: Requirement = requirement("ip/reserved-flag-zero", rfc(791, "3.1"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("The reserved bit of the IPv4 flags is zero.")
        .judged("Every IPv4 header with a right checksum.");

    fn on_ipv4(&mut self, at: &Packet<'_>, ip: &Ipv4<'_>, judge: &mut Judge<'_>) {
        if !ip.flags.reserved() {
            judge.holds();
        } else if ip.checksum_ok() {
            judge.violated(&[at.frame], "reserved flag 0", "1");
        } else {
            judge.inconclusive(Reason::Ambiguous);
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("zero", |t| t.udp(1000, 2000, b"x")),
            violates("one", |t| {
                t.ipv4(
                    IpHeader {
                        flags: 0b100,
                        ..IpHeader::default()
                    },
                    253,
                    b"anything",
                )
            }),
            abstains("IPv6", |t| {
                t.ipv6();
                t.udp(1000, 2000, b"x");
            }),
        ]
    }
}
