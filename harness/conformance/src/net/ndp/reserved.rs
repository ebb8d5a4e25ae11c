//! Reserved fields, of messages and of options.

use super::NdpSeen;
use crate::example::{Example, NdpDraft, abstains, holds, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::ndp::{Message, NdpOption, option};

/// RFC 4861 sections 4.1 to 4.6: what is reserved is zero.
#[derive(Default)]
pub struct ReservedZero;

impl NetCheck for ReservedZero {
    const REQUIREMENT: Requirement = requirement("ndp/reserved-zero", rfc(4861, "4.3"), Level::Must)
        .also(&[
            rfc(4861, "4.1"),
            rfc(4861, "4.4"),
            rfc(4861, "4.5"),
            rfc(4861, "4.6.2"),
            rfc(4861, "4.6.3"),
            rfc(4861, "4.6.4"),
        ])
        .binds(Role::Sender)
        .says(
            "The reserved fields of solicitations, Neighbor Advertisements and Redirects are zero, and so are those of options with a \
             prefix, an MTU or a redirected header.",
        )
        .judged(
            "Every such field. Of the flags of Router Advertisements and of prefixes later documents took the reserved bits: they are \
             not judged.",
        );

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        let name = seen.ndp.message.name();
        let mut require = |zero: bool, place: &dyn std::fmt::Display| {
            let expected = "zeros in the reserved field";
            judge.require(zero, &[at.frame], expected, format_args!("others in {place}"));
        };
        match seen.ndp.message {
            Message::RouterSolicitation { reserved }
            | Message::NeighborSolicitation { reserved, .. }
            | Message::Redirect { reserved, .. } => require(reserved == 0, &name),
            Message::NeighborAdvertisement { flags, .. } => require(flags.reserved() == 0, &name),
            Message::RouterAdvertisement { .. } => {}
        }
        for option in seen.ndp.options().flatten() {
            if let Some(field) = reserved(&option) {
                let zero = field.iter().all(|&octet| octet == 0);
                require(zero, &format_args!("option {} of a {name}", option.kind));
            }
        }
    }

    fn examples() -> Vec<Example> {
        let set = NdpDraft {
            message: Message::RouterSolicitation { reserved: 1 },
            ..NdpDraft::solicitation()
        };
        let mtu = |reserved| NdpDraft::router().options(vec![option::MTU, 1, 0, reserved, 0, 0, 5, 220]);
        vec![
            holds("zeros", |t| t.ndp(NdpDraft::solicitation())),
            holds("zeros before an MTU", move |t| t.ndp(mtu(0))),
            violates("a bit of a Router Solicitation", move |t| t.ndp(set)),
            violates("a bit before an MTU", move |t| t.ndp(mtu(1))),
            abstains("a Router Advertisement without options", |t| t.ndp(NdpDraft::router())),
        ]
    }
}

/// The reserved octets of an option, where it has a field of them.
fn reserved<'a>(option: &NdpOption<'a>) -> Option<&'a [u8]> {
    match option.kind {
        // RFC 4861 sections 4.6.2 to 4.6.4, counted behind type and length.
        option::PREFIX_INFORMATION => option.data.get(10..14),
        option::REDIRECTED_HEADER => option.data.get(..6),
        option::MTU => option.data.get(..2),
        _ => None,
    }
}
