//! The sender's hardware address.

use super::ArpSeen;
use crate::example::{ArpDraft, Example, abstains, holds, violates};
use crate::net::NetCheck;
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::ethernet::MacAddress;

/// RFC 826, Packet Generation: ar$sha is the sender's own address.
#[derive(Default)]
pub struct SenderHardwareOwn;

impl NetCheck for SenderHardwareOwn {
    const REQUIREMENT: Requirement = requirement("arp/sender-hardware-own", rfc(826, "Packet Generation"), Level::Must)
        .prose()
        .also(&[rfc(826, "Packet Reception")])
        .binds(Role::Sender)
        .says("The sender hardware address of an ARP packet is the sender's own, so neither zero nor the broadcast address.")
        .judged(
            "Requests and replies on Ethernet that name a sender protocol address. Some load balancers name a group address: \
             inconclusive. That it differs from the Ethernet source may be a bridge's or a proxy's doing, and is not judged.",
        );

    fn on_arp(&mut self, at: &ArpSeen<'_>, judge: &mut Judge<'_>) {
        let sender = at.packet.addresses.sender_hardware;
        let real = at
            .packet
            .ethernet
            .is_some_and(|(source, _)| source != MacAddress::default());
        if !real {
            return judge.inconclusive(Reason::Vantage);
        }
        if sender == MacAddress::default() || sender == MacAddress::BROADCAST {
            return judge.violated(
                &[at.packet.frame],
                "a hardware address of the sender's own",
                format_args!("{sender}"),
            );
        }
        if sender.is_multicast() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.holds();
    }

    fn examples() -> Vec<Example> {
        let from = |sender_hardware| ArpDraft {
            sender_hardware,
            ..ArpDraft::request()
        };
        vec![
            holds("a request", |t| t.arp(ArpDraft::request())),
            violates("zeros", move |t| t.arp(from([0; 6]))),
            violates("the broadcast address", move |t| t.arp(from([0xff; 6]))),
            abstains("a group address", move |t| t.arp(from([3, 0xbf, 0, 0, 0, 1]))),
        ]
    }
}
