//! Redirects.

use super::NdpSeen;
use crate::example::{CLIENT_LINK, Example, NdpDraft, SERVER_LINK, abstains, holds, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use std::net::Ipv6Addr;
use wire::ndp::{Message, NdpOption, option};

/// RFC 4861 section 4.5: to a neighbour by its address, to a router by its link-local one.
#[derive(Default)]
pub struct RedirectTarget;

impl NetCheck for RedirectTarget {
    const REQUIREMENT: Requirement = requirement("ndp/redirect-target", rfc(4861, "4.5"), Level::Must)
        .also(&[rfc(4861, "8.2")])
        .binds(Role::Sender)
        .says("The target of a Redirect is the destination itself, or a router's link-local address.")
        .judged("Every Redirect.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        if let Message::Redirect {
            target, destination, ..
        } = seen.ndp.message
        {
            judge.require(
                target == destination || target.is_unicast_link_local(),
                &[at.frame],
                format_args!("{destination} or a link-local target"),
                format_args!("{target}"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("a router", |t| t.ndp(redirect(SERVER_LINK))),
            holds("a neighbour", |t| t.ndp(redirect(global(8)))),
            violates("a third address", |t| t.ndp(redirect(global(9)))),
            abstains("no Redirect", |t| t.ndp(NdpDraft::router())),
        ]
    }
}

/// RFC 4861 section 9: no more of the packet than the minimum MTU has room for.
#[derive(Default)]
pub struct RedirectFits;

/// RFC 8200 section 5.
const MINIMUM_MTU: u32 = 1280;

impl NetCheck for RedirectFits {
    const REQUIREMENT: Requirement = requirement("ndp/redirect-fits-minimum-mtu", rfc(4861, "9"), Level::Must)
        .also(&[rfc(4861, "4.5"), rfc(4861, "4.6.3"), rfc(4861, "8.2")])
        .binds(Role::Sender)
        .says("A Redirect quotes what fits without exceeding the minimum MTU of 1280 octets.")
        .judged("The length of packets with Redirects.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        if let Message::Redirect { .. } = seen.ndp.message {
            let octets = at.ip.total_len;
            judge.require(
                octets <= MINIMUM_MTU,
                &[at.frame],
                "at most 1280 octets",
                format_args!("{octets} octets"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let quoting = |octets: usize| {
            let mut options = Vec::new();
            let data = &vec![0; octets];
            let kind = option::REDIRECTED_HEADER;
            NdpOption { kind, data }.emit(&mut options);
            redirect(SERVER_LINK).options(options)
        };
        vec![
            holds("1000 octets", move |t| t.ndp(quoting(1000))),
            violates("1400 octets", move |t| t.ndp(quoting(1400))),
            abstains("no Redirect", |t| t.ndp(NdpDraft::router())),
        ]
    }
}

/// The server tells the client of `target`, as the way to another node.
fn redirect(target: Ipv6Addr) -> NdpDraft {
    let message = Message::Redirect {
        reserved: 0,
        target,
        destination: global(8),
    };
    NdpDraft::new(SERVER_LINK, CLIENT_LINK, message)
}

const fn global(last: u16) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last)
}
