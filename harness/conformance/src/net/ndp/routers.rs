//! Router Advertisements: who sends them, and their fields.

use super::NdpSeen;
use crate::example::{Example, NdpDraft, abstains, holds, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use std::net::Ipv6Addr;
use wire::ndp::Message;

/// RFC 4861 sections 4.2 and 4.5: routers are known by their link-local address.
#[derive(Default)]
pub struct SourceLinkLocal;

impl NetCheck for SourceLinkLocal {
    const REQUIREMENT: Requirement = requirement("ndp/router-source-link-local", rfc(4861, "4.2"), Level::Must)
        .also(&[rfc(4861, "4.5"), rfc(4861, "6.1.2")])
        .binds(Role::Sender)
        .says("Router Advertisements and Redirects come from a link-local address.")
        .judged("Every such message.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        if let Message::RouterAdvertisement { .. } | Message::Redirect { .. } = seen.ndp.message {
            judge.require(
                seen.source.is_unicast_link_local(),
                &[at.frame],
                "a link-local source address",
                format_args!("{}", seen.source),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let global = NdpDraft {
            source: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1),
            ..NdpDraft::router()
        };
        vec![
            holds("link-local", |t| t.ndp(NdpDraft::router())),
            violates("global", move |t| t.ndp(global)),
            abstains("a solicitation", |t| t.ndp(NdpDraft::solicitation())),
        ]
    }
}

/// RFC 4861 section 6.2.1: AdvReachableTime is an hour at most.
#[derive(Default)]
pub struct ReachableTime;

/// RFC 4861 section 6.2.1, in milliseconds.
const AN_HOUR: u32 = 3_600_000;

impl NetCheck for ReachableTime {
    const REQUIREMENT: Requirement = requirement("ndp/reachable-time-at-most-an-hour", rfc(4861, "6.2.1"), Level::Must)
        .also(&[rfc(4861, "6.2.3")])
        .binds(Role::Sender)
        .says("A router advertises a Reachable Time of an hour at most.")
        .judged("Every Router Advertisement; one that leaves it unspecified keeps the rule.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        if let Message::RouterAdvertisement { reachable_time, .. } = seen.ndp.message {
            judge.require(
                reachable_time <= AN_HOUR,
                &[at.frame],
                "at most 3600000 ms",
                format_args!("{reachable_time} ms"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let time = |reachable_time| NdpDraft {
            message: Message::RouterAdvertisement {
                hop_limit: 64,
                flags: 0,
                router_lifetime: 1800,
                reachable_time,
                retrans_timer: 0,
            },
            ..NdpDraft::router()
        };
        vec![
            holds("an hour", move |t| t.ndp(time(AN_HOUR))),
            violates("more", move |t| t.ndp(time(AN_HOUR + 1))),
            abstains("a solicitation", |t| t.ndp(NdpDraft::solicitation())),
        ]
    }
}
