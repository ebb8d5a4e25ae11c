//! Fields that every message has.

use super::NdpSeen;
use crate::example::{Example, NdpDraft, abstains, holds, solicitation_of, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use std::net::Ipv6Addr;
use wire::ndp::Message;

/// RFC 4861 sections 4.1 to 4.5: 255, which no packet that was forwarded can have.
#[derive(Default)]
pub struct HopLimit255;

impl NetCheck for HopLimit255 {
    const REQUIREMENT: Requirement = requirement("ndp/hop-limit-255", rfc(4861, "4.3"), Level::Must)
        .prose()
        .also(&[rfc(4861, "4.1"), rfc(4861, "4.2"), rfc(4861, "4.4"), rfc(4861, "4.5")])
        .binds(Role::Sender)
        .says("Messages of Neighbour Discovery are sent with a Hop Limit of 255.")
        .judged(
            "Every message. Between addresses that routers forward, a router may have forwarded it, and it is inconclusive: only \
             messages of link-local scope, by source or destination, break it.",
        );

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        // RFC 4291 sections 2.5.2, 2.5.6 and 2.7: none of these passes a router.
        let stays = |address: Ipv6Addr| {
            let [first, second, ..] = address.octets();
            address.is_unspecified() || address.is_unicast_link_local() || (first == 0xff && second & 0x0f <= 2)
        };
        match at.ip.ttl {
            255 => judge.holds(),
            _ if !stays(seen.source) && !stays(seen.destination) => judge.inconclusive(Reason::Vantage),
            ttl => judge.violated(
                &[at.frame],
                "a Hop Limit of 255",
                format_args!("{ttl} in a {}", seen.ndp.message.name()),
            ),
        }
    }

    fn examples() -> Vec<Example> {
        let low = NdpDraft {
            hop_limit: 64,
            ..NdpDraft::solicitation()
        };
        let global = |last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last);
        let forwarded = NdpDraft {
            hop_limit: 254,
            ..NdpDraft::new(global(1), global(2), solicitation_of(global(2)))
        };
        vec![
            holds("255", |t| t.ndp(NdpDraft::solicitation())),
            violates("64", move |t| t.ndp(low)),
            abstains("254 between global addresses", move |t| t.ndp(forwarded)),
        ]
    }
}

/// RFC 4861 sections 4.1 to 4.5: the code is zero.
#[derive(Default)]
pub struct CodeZero;

impl NetCheck for CodeZero {
    const REQUIREMENT: Requirement = requirement("ndp/code-zero", rfc(4861, "4.3"), Level::Must)
        .prose()
        .also(&[rfc(4861, "4.1"), rfc(4861, "4.2"), rfc(4861, "4.4"), rfc(4861, "4.5")])
        .binds(Role::Sender)
        .says("The ICMP code of messages of Neighbour Discovery is 0.")
        .judged("Every message.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        let (code, name) = (seen.ndp.code, seen.ndp.message.name());
        judge.require(
            code == 0,
            &[at.frame],
            "code 0",
            format_args!("code {code} in a {name}"),
        );
    }

    fn examples() -> Vec<Example> {
        let other = NdpDraft {
            code: 1,
            ..NdpDraft::solicitation()
        };
        vec![
            holds("0", |t| t.ndp(NdpDraft::solicitation())),
            violates("1", move |t| t.ndp(other)),
            abstains("no such message", |t| {
                t.ipv6_from("2001:db8::1", 58, &[128, 1, 0, 0, 0, 0, 0, 0])
            }),
        ]
    }
}

/// RFC 4861 sections 4.3 and 4.4: no group is resolved.
#[derive(Default)]
pub struct TargetNotMulticast;

impl NetCheck for TargetNotMulticast {
    const REQUIREMENT: Requirement = requirement("ndp/target-not-multicast", rfc(4861, "4.3"), Level::Must)
        .also(&[rfc(4861, "4.4")])
        .binds(Role::Sender)
        .says("The target of a Neighbor Solicitation or Advertisement is no multicast address.")
        .judged("Every such message.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        if let Message::NeighborSolicitation { target, .. } | Message::NeighborAdvertisement { target, .. } =
            seen.ndp.message
        {
            judge.require(
                !target.is_multicast(),
                &[at.frame],
                "a unicast target",
                format_args!("{target}"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
        let draft = NdpDraft::solicitation();
        let wrong = NdpDraft {
            message: solicitation_of(group),
            destination: wire::ndp::solicited_node(group),
            ..draft
        };
        vec![
            holds("a neighbour", |t| t.ndp(NdpDraft::solicitation())),
            violates("a group", move |t| t.ndp(wrong)),
            abstains("a Router Advertisement", |t| t.ndp(NdpDraft::router())),
        ]
    }
}
