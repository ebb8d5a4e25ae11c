//! UDP's header.

use super::wrong_sums::WrongSums;
use super::{NetCheck, Packet};
use crate::example::{Example, IpHeader, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::checksum::Sum;
use wire::udp::Udp;

/// RFC 768: the length counts header and data.
#[derive(Default)]
pub struct UdpLength;

impl NetCheck for UdpLength {
    const REQUIREMENT: Requirement = requirement("udp/length-within-datagram", rfc(768, "Fields"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("The UDP length counts the header and the data that is there.")
        .judged("Datagrams captured whole: the length reaches no further than the IP payload. Zero is a jumbogram's (RFC 2675).");

    fn on_udp(&mut self, at: &Packet<'_>, udp: &Udp<'_>, judge: &mut Judge<'_>) {
        if !at.whole {
            return judge.inconclusive(Reason::Sliced);
        }
        let there = 8 + udp.payload.len() + udp.surplus.len();
        judge.require(
            udp.missing == 0,
            &[at.frame],
            format_args!("a length of at most {there}"),
            format_args!("{}", udp.length),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("eight and the data", |t| t.udp(1000, 2000, b"x")),
            violates("more than there is", |t| {
                t.udp_changed(b"hello", |udp| udp.length += 20)
            }),
            abstains("no UDP", |t| {
                t.client().syn();
            }),
        ]
    }
}

/// RFC 768 and RFC 1122 section 4.1.3.4: the checksum.
#[derive(Default)]
pub struct UdpChecksumCorrect(WrongSums);

impl NetCheck for UdpChecksumCorrect {
    const REQUIREMENT: Requirement = requirement("udp/checksum-correct", rfc(1122, "4.1.3.4"), Level::Must)
        .also(&[rfc(768, "Fields")])
        .binds(Role::Sender)
        .says("A UDP checksum, where one is sent, is right.")
        .judged(
            "Datagrams captured whole with a non-zero field. The pseudo-header's sum alone is left to the network card; a wrong sum \
             among right ones is damage on the way, and sums all off by the same come from a tool that changed addresses. Broken when \
             at least three are wrong and none is right.",
        );

    fn on_udp(&mut self, at: &Packet<'_>, udp: &Udp<'_>, judge: &mut Judge<'_>) {
        let Some(correct) = udp.checksum_ok(at.ip.source, at.ip.destination).filter(|_| at.whole) else {
            return;
        };
        if correct {
            return self.0.right(judge);
        }
        let (source, destination) = (at.ip.source, at.ip.destination);
        let pseudo = Sum::default()
            .pseudo_header(source, destination, 17, u32::from(udp.length))
            .fold();
        if udp.checksum == pseudo || udp.checksum == !pseudo {
            return judge.inconclusive(Reason::ChecksumOffload);
        }
        self.0.wrong(
            udp.checksum,
            udp.correct_checksum(source, destination),
            at.frame,
            judge,
            "checksum",
        );
    }

    fn examples() -> Vec<Example> {
        let wrong = |t: &mut crate::example::Trace, count| {
            for n in 1..=count {
                t.udp_changed(b"hello", |udp| udp.checksum ^= 0x1111 * n);
            }
        };
        vec![
            holds("a right one", |t| t.udp(1000, 2000, b"x")),
            violates("three wrong ones", move |t| wrong(t, 3)),
            abstains("not computed", |t| t.udp_changed(b"hello", |udp| udp.checksum = 0)),
        ]
    }
}

/// RFC 8200 section 8.1: over IPv6 the checksum is not optional.
#[derive(Default)]
pub struct UdpChecksumOverIpv6;

/// Tunnels over UDP may leave it out (RFC 6935, RFC 6936): VXLAN, Geneve, GTP-U, LISP, Teredo, AMT, MPLS, GUE.
const TUNNELS: [u16; 9] = [4789, 6081, 2152, 4341, 3544, 2268, 6635, 6080, 4754];

impl NetCheck for UdpChecksumOverIpv6 {
    const REQUIREMENT: Requirement = requirement("udp/checksum-over-ipv6", rfc(8200, "8.1"), Level::Must)
        .prose()
        .also(&[rfc(6935, "5")])
        .binds(Role::Sender)
        .says("Over IPv6 every UDP datagram carries a checksum, those of tunnels excepted.")
        .judged("UDP over IPv6: the field is not zero. Ports of tunnel protocols, at either end, are not judged.");

    fn on_udp(&mut self, at: &Packet<'_>, udp: &Udp<'_>, judge: &mut Judge<'_>) {
        if !at.ip.source.is_ipv6() {
            return;
        }
        if udp.checksum == 0
            && [udp.source_port, udp.destination_port]
                .iter()
                .any(|port| TUNNELS.contains(port))
        {
            return judge.inconclusive(Reason::ApplicationChoice);
        }
        judge.require(udp.checksum != 0, &[at.frame], "a checksum", "zero over IPv6");
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("computed", |t| {
                t.ipv6();
                t.udp(1000, 2000, b"x");
            }),
            violates("zero", |t| {
                t.ipv6();
                t.udp_changed(b"hello", |udp| udp.checksum = 0);
            }),
            abstains("IPv4", |t| t.udp(1000, 2000, b"x")),
            abstains("zero, in front of Geneve", |t| {
                t.ipv4_in_geneve(IpHeader::default(), 253, b"x");
            }),
        ]
    }
}
