//! Fragmentation.

use super::NdpSeen;
use crate::example::{Example, NdpDraft, abstains, holds, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::ipv6::Ipv6;
use wire::{FrameNumber, ndp, protocol};

/// RFC 6980 section 5: messages of Neighbour Discovery are not fragmented.
#[derive(Default)]
pub struct NotFragmented {
    /// The latest frame with a fragment header: a message that is read in it was put together.
    fragment: Option<FrameNumber>,
}

impl NetCheck for NotFragmented {
    const REQUIREMENT: Requirement = requirement("ndp/not-fragmented", rfc(6980, "5"), Level::Must)
        .binds(Role::Sender)
        .says("Messages of Neighbour Discovery are sent without IPv6 fragmentation.")
        .judged(
            "Every message, and every first fragment that begins with one. One that has a fragment header and is whole all the same \
             is inconclusive. Messages of SEND are not judged.",
        );

    fn on_ipv6(&mut self, at: &Packet<'_>, ip: &Ipv6<'_>, judge: &mut Judge<'_>) {
        // Most packets have no fragment header in front, and cost no walk.
        if ip.next_header != protocol::FRAGMENT {
            return;
        }
        self.fragment = Some(at.frame);
        let Ok(upper) = ip.upper_layer() else { return };
        let first = upper.fragment.is_some_and(|fragment| fragment.offset == 0);
        let kind = upper.payload.first().copied().filter(|&kind| ndp::is_ndp(kind));
        let (true, protocol::ICMPV6, Some(kind)) = (first, upper.protocol, kind) else {
            return;
        };
        if !upper.is_fragment() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[at.frame],
            "a message in one piece",
            format_args!("a first fragment with ICMPv6 type {kind}"),
        );
    }

    fn on_ndp(&mut self, at: &Packet<'_>, _: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        if self.fragment != Some(at.frame) {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        let draft = NdpDraft::solicitation;
        vec![
            holds("in one piece", move |t| t.ndp(draft())),
            violates("in two", move |t| t.ndp_in_fragments(draft(), 2)),
            abstains("in one, with a fragment header", move |t| {
                t.ndp_in_fragments(draft(), 1)
            }),
        ]
    }
}
