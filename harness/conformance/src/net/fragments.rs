//! Fragments.

use super::{NetCheck, Packet};
use crate::example::{Example, IpHeader, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;

/// RFC 791 section 3.2: offsets count eight octets, so every fragment but the last is a multiple of them.
#[derive(Default)]
pub struct FragmentLengthV4;

impl NetCheck for FragmentLengthV4 {
    const REQUIREMENT: Requirement = requirement("ip/fragment-multiple-of-eight", rfc(791, "3.2"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("Every fragment but the last carries a multiple of eight octets.")
        .judged(
            "Fragments with More Fragments set. A router may have made them: the source address is accused all the same. Where the \
             header checksum is wrong as well the header was damaged on the way: inconclusive.",
        );

    fn on_ipv4(&mut self, at: &Packet<'_>, ip: &Ipv4<'_>, judge: &mut Judge<'_>) {
        if !ip.more_fragments() {
            return;
        }
        if !at.whole && ip.total_length == 0 {
            return judge.inconclusive(Reason::Sliced);
        }
        let octets = u32::from(ip.total_length).saturating_sub(u32::from(ip.header_len));
        if !octets.is_multiple_of(8) && !ip.checksum_ok() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.require(
            octets.is_multiple_of(8),
            &[at.frame],
            "a multiple of 8 octets",
            format_args!("{octets} octets, and more to come"),
        );
    }

    fn examples() -> Vec<Example> {
        let first = IpHeader {
            flags: 0b001,
            ..IpHeader::default()
        };
        vec![
            holds("sixteen octets", move |t| t.ipv4(first, 253, &[0; 16])),
            violates("ten octets", move |t| t.ipv4(first, 253, &[0; 10])),
            abstains("ten octets under a damaged header", move |t| {
                let damaged = IpHeader {
                    wrong_checksum: 1,
                    ..first
                };
                t.ipv4(damaged, 253, &[0; 10]);
            }),
            abstains("no fragment", |t| t.udp(1000, 2000, b"x")),
        ]
    }
}

/// RFC 8200 section 4.5: the same of IPv6.
#[derive(Default)]
pub struct FragmentLengthV6;

impl NetCheck for FragmentLengthV6 {
    const REQUIREMENT: Requirement = requirement("ipv6/fragment-multiple-of-eight", rfc(8200, "4.5"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("Every fragment but the last carries a multiple of eight octets.")
        .judged("Fragments with the M flag set, captured whole. Only sources fragment.");

    fn on_ipv6(&mut self, at: &Packet<'_>, ip: &Ipv6<'_>, judge: &mut Judge<'_>) {
        // Octet 6 of the header: most packets have no fragment header in front, and cost no walk.
        if ip.next_header != wire::protocol::FRAGMENT {
            return;
        }
        let Ok(upper) = ip.upper_layer() else { return };
        if !upper.fragment.is_some_and(|fragment| fragment.more_fragments) {
            return;
        }
        let octets = upper.payload.len() + upper.missing as usize;
        judge.require(
            octets.is_multiple_of(8),
            &[at.frame],
            "a multiple of 8 octets",
            format_args!("{octets} octets, and more to come"),
        );
    }

    fn examples() -> Vec<Example> {
        // Next header 253, reserved, offset 0 and M, identification 7.
        let fragment = |octets: usize| [&[253, 0, 0, 1, 0, 0, 0, 7][..], &vec![0; octets]].concat();
        vec![
            holds("sixteen octets", move |t| t.ipv6_from("2001:db8::1", 44, &fragment(16))),
            violates("ten octets", move |t| t.ipv6_from("2001:db8::1", 44, &fragment(10))),
            abstains("no fragment", |t| {
                t.ipv6();
                t.udp(1000, 2000, b"x");
            }),
        ]
    }
}
