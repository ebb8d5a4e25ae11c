//! The form of options.

use super::NdpSeen;
use crate::example::{CLIENT_MAC, Example, NdpDraft, abstains, holds, link_layer, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::ndp::option;

/// RFC 4861 section 4.6: a length counts eight octets, and is not zero.
#[derive(Default)]
pub struct OptionsDelimited;

impl NetCheck for OptionsDelimited {
    const REQUIREMENT: Requirement = requirement("ndp/option-length", rfc(4861, "4.6"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("The length of an option, in units of eight octets, is not zero, and the option ends within its message.")
        .judged("The options of every message, up to the first that cannot be delimited.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        for found in seen.ndp.options() {
            match found {
                Ok(_) => judge.holds(),
                Err(error) => judge.violated(
                    &[at.frame],
                    error.expected,
                    format_args!("another length at octet {} of the options", error.offset),
                ),
            }
        }
    }

    fn examples() -> Vec<Example> {
        let own = || link_layer(option::SOURCE_LINK_LAYER, CLIENT_MAC);
        let then = move |more: &[u8]| NdpDraft::solicitation().options([&own()[..], more].concat());
        let (zero, beyond) = (
            then(&[option::MTU, 0, 0, 0, 0, 0, 5, 0]),
            then(&[option::MTU, 2, 0, 0, 0, 0, 5, 0]),
        );
        vec![
            holds("one unit", |t| t.ndp(NdpDraft::solicitation())),
            violates("none", move |t| t.ndp(zero)),
            violates("more than there is", move |t| t.ndp(beyond)),
            abstains("no option", |t| t.ndp(NdpDraft::duplicate_detection())),
        ]
    }
}
