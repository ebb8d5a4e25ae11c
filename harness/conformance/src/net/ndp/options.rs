//! The form of options.

use super::NdpSeen;
use crate::example::{CLIENT_MAC, Example, NdpDraft, abstains, holds, link_layer, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::ndp::option;

/// The units of options whose size is fixed: RFC 4861 sections 4.6.2 and 4.6.4.
const FIXED: [(u8, usize); 2] = [(option::PREFIX_INFORMATION, 4), (option::MTU, 1)];

/// RFC 4861 section 4.6: a length counts eight octets, and is not zero.
#[derive(Default)]
pub struct OptionsDelimited;

impl NetCheck for OptionsDelimited {
    const REQUIREMENT: Requirement = requirement("ndp/option-length", rfc(4861, "4.6"), Level::Must)
        .prose()
        .also(&[rfc(4861, "4.6.2"), rfc(4861, "4.6.4")])
        .binds(Role::Sender)
        .says("The length of an option, in units of eight octets, is not zero, and the option ends within its message; a prefix has \
             four units, an MTU one.")
        .judged("The options of every message, up to the first that cannot be delimited.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        for found in seen.ndp.options() {
            match found {
                Ok(option) => {
                    let units = (option.data.len() + 2) / 8;
                    let fixed = FIXED.iter().find(|(kind, _)| *kind == option.kind);
                    let wanted = fixed.map_or(units, |&(_, units)| units);
                    judge.require(
                        units == wanted,
                        &[at.frame],
                        format_args!("length {wanted} of option {}", option.kind),
                        format_args!("{units}"),
                    );
                }
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
        let long = then(&[&[option::MTU, 2, 0, 0, 0, 0, 5, 0][..], &[0; 8]].concat());
        vec![
            holds("one unit", |t| t.ndp(NdpDraft::solicitation())),
            violates("none", move |t| t.ndp(zero)),
            violates("more than there is", move |t| t.ndp(beyond)),
            violates("an MTU of two units", move |t| t.ndp(long)),
            abstains("no option", |t| t.ndp(NdpDraft::duplicate_detection())),
        ]
    }
}
