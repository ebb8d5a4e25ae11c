//! Agreeing on ECN.

use super::is_setup;
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::tcp::Flags;

/// RFC 3168 section 6.1.1: an offer, never judged.
#[derive(Default)]
pub struct UsesEcn;

impl TcpCheck for UsesEcn {
    const REQUIREMENT: Requirement = requirement("tcp/uses-ecn", rfc(3168, "6.1.1"), Level::May)
        .labels(&["SHLD-8"])
        .says("The end offers explicit congestion notification, or accepts it.")
        .judged("SYNs with ECE and CWR, SYN-ACKs with ECE alone. A capability: recorded where it is seen, broken by nothing.");

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let flags = at.segment.flags;
        if flags.ece() && flags.cwr() != flags.ack() && !flags.contains(Flags::AE) {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("offered", |t| {
                t.client().syn().set(Flags::ECE.with(Flags::CWR));
            }),
            abstains("not offered", |t| {
                t.client().syn();
            }),
        ]
    }
}

/// RFC 3168 section 6.1.1: an ECN-setup SYN-ACK only answers an ECN-setup SYN.
#[derive(Default)]
pub struct SetupSynAckOnlyIfAsked;

impl TcpCheck for SetupSynAckOnlyIfAsked {
    const REQUIREMENT: Requirement = requirement("tcp/ecn-accepted-only-if-offered", rfc(3168, "6.1.1"), Level::Must)
        .by_itself()
        .binds(Role::Server)
        .says("A SYN-ACK accepts ECN only if the SYN offered it.")
        .judged("SYN-ACKs with ECE alone, against the SYN; several SYNs, and Accurate ECN, are inconclusive.");

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let flags = at.segment.flags;
        if !flags.ack() || !flags.ece() || flags.cwr() {
            return;
        }
        match at.peer.offer {
            Some(offer) if is_setup(&offer) && !offer.with_ack => judge.holds(),
            Some(offer) if offer.times == 1 && !flags.contains(Flags::AE) => {
                judge.violated(
                    &[offer.first.frame, at.frame()],
                    "no ECE, as the SYN did not offer ECN",
                    "SYN-ACK with ECE",
                );
            }
            Some(_) => judge.inconclusive(Reason::Ambiguous),
            None => judge.inconclusive(Reason::CaptureIncomplete),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("offered and accepted", |t| {
                t.client().syn().set(Flags::ECE.with(Flags::CWR));
                t.server().syn().set(Flags::ECE);
            }),
            violates("accepted without an offer", |t| {
                t.client().syn();
                t.server().syn().set(Flags::ECE);
            }),
            abstains("neither", |t| t.handshake()),
        ]
    }
}
