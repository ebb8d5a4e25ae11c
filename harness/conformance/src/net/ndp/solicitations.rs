//! Where Neighbor Solicitations go.

use super::NdpSeen;
use crate::example::{ALL_NODES, CLIENT_LINK, Example, NdpDraft, abstains, holds, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::ndp::{Message, option, solicited_node};

/// RFC 4861 section 4.3: to the target's own group, or to the target; RFC 4862 section 5.4.2: to the group, from ::.
#[derive(Default)]
pub struct SolicitationDestination;

impl NetCheck for SolicitationDestination {
    const REQUIREMENT: Requirement = requirement("ndp/solicitation-destination", rfc(4861, "4.3"), Level::Must)
        .prose()
        .also(&[rfc(4861, "7.1.1"), rfc(4862, "5.4.2")])
        .binds(Role::Sender)
        .says(
            "A Neighbor Solicitation goes to the solicited-node multicast address of its target or, unless it comes from the \
             unspecified address, to the target.",
        )
        .judged("Every Neighbor Solicitation; those that register an address with a router (RFC 6775) have rules of their own.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        let Message::NeighborSolicitation { target, .. } = seen.ndp.message else {
            return;
        };
        // A target that is a group breaks another rule, and has no group of its own.
        if target.is_multicast() || seen.ndp.option(option::ADDRESS_REGISTRATION).is_some() {
            return;
        }
        let group = solicited_node(target);
        let itself = seen.destination == target && !seen.source.is_unspecified();
        judge.require(
            seen.destination == group || itself,
            &[at.frame],
            format_args!("a solicitation to {group}"),
            format_args!("one from {} to {}", seen.source, seen.destination),
        );
    }

    fn examples() -> Vec<Example> {
        let to = |destination| NdpDraft {
            destination,
            ..NdpDraft::duplicate_detection()
        };
        let (everybody, itself) = (to(ALL_NODES), to(CLIENT_LINK));
        vec![
            holds("a neighbour's group", |t| t.ndp(NdpDraft::solicitation())),
            holds("the group of an address to be checked", |t| {
                t.ndp(NdpDraft::duplicate_detection())
            }),
            violates("all nodes", move |t| t.ndp(everybody)),
            violates("from :: to the address itself", move |t| t.ndp(itself)),
            abstains("an advertisement", |t| t.ndp(NdpDraft::advertisement())),
        ]
    }
}
