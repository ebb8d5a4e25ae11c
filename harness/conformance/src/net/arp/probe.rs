//! Probes, judged once the address that was probed for is in use.

use super::{ArpPacket, ArpSeen};
use crate::example::{ArpDraft, Example, Trace, abstains, holds, violates};
use crate::net::NetCheck;
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::Duration;
use wire::ethernet::MacAddress;

/// From probe to first use: three probes at most two seconds apart, and two more to wait (RFC 5227 section 1.1), with time for
/// the configuring agent.
const USED_WITHIN: Duration = Duration::secs(30);

/// The probes by which the sender of this packet found its address free.
fn probes<'a>(at: &ArpSeen<'a>) -> impl Iterator<Item = &'a ArpPacket> {
    let now = at.packet;
    at.asked
        .open(now.time, USED_WITHIN)
        .filter(move |question| question.is_probe_of_sender_of(&now))
}

/// RFC 5227 section 2.1.1: the sender hardware address of a probe is the interface's.
#[derive(Default)]
pub struct ProbeSenderHardware;

impl NetCheck for ProbeSenderHardware {
    const REQUIREMENT: Requirement = requirement("arp/probe-sender-hardware", rfc(5227, "2.1.1"), Level::Must)
        .binds(Role::Sender)
        .says("A probe carries the hardware address of the interface that sends it.")
        .judged(
            "Probes (requests without a sender protocol address) from an Ethernet address that within 30 s uses the probed address, \
             its hardware address and the Ethernet source being one.",
        );

    fn on_arp(&mut self, at: &ArpSeen<'_>, judge: &mut Judge<'_>) {
        let mine = at.packet.addresses.sender_hardware;
        for probe in probes(at) {
            let named = probe.addresses.sender_hardware;
            judge.require(
                named == mine,
                &[probe.frame, at.packet.frame],
                format_args!("a probe with sender hardware address {mine}"),
                format_args!("{named}"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let other = ArpDraft {
            sender_hardware: [2, 0, 0, 0, 0, 9],
            ..ArpDraft::probe()
        };
        vec![
            holds("its own", |t| claim(t, ArpDraft::probe())),
            violates("another", move |t| claim(t, other)),
            abstains("an address that is never used", |t| t.arp(ArpDraft::probe())),
        ]
    }
}

/// RFC 5227 section 2.1.1: the target hardware address of a probe is zero.
#[derive(Default)]
pub struct ProbeTargetHardware;

impl NetCheck for ProbeTargetHardware {
    const REQUIREMENT: Requirement = requirement("arp/probe-target-hardware-zero", rfc(5227, "2.1.1"), Level::Should)
        .binds(Role::Sender)
        .says("The target hardware address of a probe is zero.")
        .judged("Probes from an Ethernet address that within 30 s uses the probed address, as for the sender hardware address.");

    fn on_arp(&mut self, at: &ArpSeen<'_>, judge: &mut Judge<'_>) {
        for probe in probes(at) {
            let target = probe.addresses.target_hardware;
            judge.require(
                target == MacAddress::default(),
                &[probe.frame],
                "zeros as target hardware address",
                format_args!("{target}"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let filled = ArpDraft {
            target_hardware: [0xff; 6],
            ..ArpDraft::probe()
        };
        vec![
            holds("zeros", |t| claim(t, ArpDraft::probe())),
            violates("the broadcast address", move |t| claim(t, filled)),
            abstains("an address that is never used", |t| t.arp(ArpDraft::probe())),
        ]
    }
}

/// A probe, and the announcement two seconds later.
fn claim(t: &mut Trace, probe: ArpDraft) {
    t.arp(probe);
    t.after(Duration::secs(2));
    t.arp(ArpDraft::announcement());
}
