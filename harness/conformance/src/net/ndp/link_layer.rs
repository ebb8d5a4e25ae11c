//! The sender's link-layer address in solicitations.

use super::NdpSeen;
use crate::example::{CLIENT_MAC, Example, NdpDraft, abstains, holds, link_layer, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::ndp::{Message, option};

/// RFC 4861 sections 4.1 and 4.3: nobody's link-layer address is told without an address.
#[derive(Default)]
pub struct NoLinkLayerFromUnspecified;

impl NetCheck for NoLinkLayerFromUnspecified {
    const REQUIREMENT: Requirement = requirement("ndp/no-link-layer-from-unspecified", rfc(4861, "4.3"), Level::Must)
        .also(&[rfc(4861, "4.1")])
        .binds(Role::Sender)
        .says("A solicitation from the unspecified address has no source link-layer address option.")
        .judged("Router and Neighbor Solicitations from ::, which is a row of its own: the finding's frame tells who sent it.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        let solicitation = matches!(
            seen.ndp.message,
            Message::RouterSolicitation { .. } | Message::NeighborSolicitation { .. }
        );
        if solicitation && seen.source.is_unspecified() {
            judge.require(
                seen.ndp.option(option::SOURCE_LINK_LAYER).is_none(),
                &[at.frame],
                "no source link-layer address",
                "one, from ::",
            );
        }
    }

    fn examples() -> Vec<Example> {
        let own = || link_layer(option::SOURCE_LINK_LAYER, CLIENT_MAC);
        vec![
            holds("none", |t| t.ndp(NdpDraft::duplicate_detection())),
            violates("one", move |t| t.ndp(NdpDraft::duplicate_detection().options(own()))),
            abstains("from an address", |t| t.ndp(NdpDraft::solicitation())),
        ]
    }
}

/// RFC 4861 section 4.3: who is asked by multicast must know where to answer.
#[derive(Default)]
pub struct SolicitationCarriesLinkLayer;

impl NetCheck for SolicitationCarriesLinkLayer {
    const REQUIREMENT: Requirement = requirement("ndp/solicitation-carries-link-layer", rfc(4861, "4.3"), Level::Must)
        .also(&[rfc(4861, "7.2.2")])
        .binds(Role::Sender)
        .says("A multicast Neighbor Solicitation carries its sender's link-layer address, where the link has such addresses.")
        .judged(
            "Neighbor Solicitations from an address to a group, in an Ethernet frame to that group. Elsewhere nobody knows whether the \
             link has addresses: inconclusive.",
        );

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        let solicitation = matches!(seen.ndp.message, Message::NeighborSolicitation { .. });
        if !solicitation || seen.source.is_unspecified() || !seen.destination.is_multicast() {
            return;
        }
        if !seen.on_ethernet {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.require(
            seen.ndp.option(option::SOURCE_LINK_LAYER).is_some(),
            &[at.frame],
            "a source link-layer address",
            "none",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("one", |t| t.ndp(NdpDraft::solicitation())),
            violates("none", |t| t.ndp(NdpDraft::solicitation().options(Vec::new()))),
            abstains("from ::", |t| t.ndp(NdpDraft::duplicate_detection())),
        ]
    }
}
