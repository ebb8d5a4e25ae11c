//! Which packets are ECN-capable.

use super::agreed;
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Ecn, Transmission};
use crate::verdict::{Judge, Reason};
use wire::tcp::Flags;

/// ECT as its sender set it: CE may be a router's.
fn is_ect(at: &Moment<'_>) -> bool {
    matches!(at.segment.ip.ecn(), Ecn::Ect0 | Ecn::Ect1)
}

/// A SYN of Accurate ECN, or one marked as RFC 8257 section 3.6 asks DCTCP to: RFC 3168 alone does not bind what follows.
fn is_experiment(at: &Moment<'_>) -> bool {
    at.segment.flags.contains(Flags::AE) || at.segment.ip.ecn() != Ecn::NotEct
}

/// RFC 3168 section 6.1.1: no ECT unless both ends agreed.
#[derive(Default)]
pub struct EctOnlyIfNegotiated {
    marked: u8,
    /// Some SYN of either end was an experiment's: its flags mean something else.
    experiment: bool,
}

impl TcpCheck for EctOnlyIfNegotiated {
    const REQUIREMENT: Requirement = requirement("tcp/ect-only-if-agreed", rfc(3168, "6.1.1"), Level::Must).by_itself()
        .binds(Role::Sender)
        .says("Data is sent as ECN-capable only on connections whose handshake agreed on ECN.")
        .judged(
            "Data segments after a handshake that was seen. The bits once belonged to the type of service, and routers rewrite them: \
             broken only by three segments with ECT whose other six bits are zero. After a SYN with AE or ECT (Accurate ECN, DCTCP) \
             inconclusive.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.experiment |= is_experiment(at);
    }

    fn on_syn_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.experiment |= is_experiment(at);
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !is_ect(at) || at.segment.flags.syn() {
            return;
        }
        match agreed(at.shared, at.me.offer, at.peer.offer) {
            Some(true) => judge.holds(),
            Some(false) if at.segment.ip.dscp_ecn >> 2 == 0 && !self.experiment => {
                self.marked = self.marked.saturating_add(1);
                // Routers rewrite the octet: only what was seen next to its sender is the sender's.
                let near = at.my_delay().is_some_and(|delay| delay <= wire::Duration::millis(1));
                if !near {
                    return judge.inconclusive(Reason::Vantage);
                }
                if self.marked < 3 {
                    return judge.inconclusive(Reason::TooFew);
                }
                judge.violated(
                    &[at.frame()],
                    "not ECT: the handshake did not agree on ECN",
                    "ECT on a data segment",
                );
            }
            Some(false) => judge.inconclusive(Reason::Ambiguous),
            None => judge.inconclusive(Reason::MidStream),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("agreed", |t| {
                with_ecn(t);
                t.client().data(10).tos(2);
                t.server();
            }),
            abstains("Accurate ECN, whose flags count otherwise", |t| {
                t.client().syn().set(Flags::ECE.with(Flags::CWR).with(Flags::AE));
                t.server().syn().set(Flags::CWR);
                t.client();
                for _ in 0..3 {
                    t.client().data(10).tos(2);
                    t.server();
                }
            }),
            violates("three segments, not agreed", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.handshake();
                for _ in 0..3 {
                    t.client().data(10).tos(2);
                    t.server();
                }
            }),
            abstains("no ECT", |t| t.handshake()),
        ]
    }
}

/// RFC 3168 section 6.1.1: not on SYN and SYN-ACK. A MUST NOT there, from which RFC 8311 section 4.3 frees experiments; which
/// of them a stack takes part in cannot be seen, so that breaking it is a deviation here. The same holds for the next two.
#[derive(Default)]
pub struct EctNotOnSyn;

impl TcpCheck for EctNotOnSyn {
    const REQUIREMENT: Requirement = requirement("tcp/ect-not-on-syn", rfc(3168, "6.1.1"), Level::Should).by_itself()
        .also(&[rfc(8311, "4.3")])
        .binds(Role::Sender)
        .says("SYN and SYN-ACK are not sent as ECN-capable.")
        .judged(
            "SYNs that offer or accept ECN. Experiments that RFC 8311 admits may do otherwise, so this MUST NOT counts as a SHOULD; a \
             SYN with AE (Accurate ECN) is inconclusive. Bits set without any ECN are a type of service.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let flags = at.segment.flags;
        if !flags.ece() {
            return;
        }
        if !is_ect(at) {
            judge.holds();
        } else if flags.contains(Flags::AE) || at.segment.ip.dscp_ecn >> 2 != 0 {
            judge.inconclusive(Reason::Ambiguous);
        } else {
            judge.violated(&[at.frame()], "not ECT", format_args!("ECT on {flags}"));
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("not ECT", with_ecn),
            violates("ECT on the SYN", |t| {
                t.client().syn().set(Flags::ECE.with(Flags::CWR)).tos(2);
            }),
            abstains("no ECN", |t| t.handshake()),
        ]
    }
}

/// RFC 3168 section 6.1.4: pure acknowledgements are not ECN-capable.
#[derive(Default)]
pub struct EctNotOnPureAck;

impl TcpCheck for EctNotOnPureAck {
    const REQUIREMENT: Requirement = requirement("tcp/ect-not-on-pure-ack", rfc(3168, "6.1.4"), Level::Should).by_itself()
        .also(&[rfc(8311, "4.3")])
        .binds(Role::Sender)
        .says("Acknowledgements without data are not sent as ECN-capable.")
        .judged(
            "Pure acknowledgements on connections that agreed on ECN by the bits of RFC 3168. A MUST there, a SHOULD here: RFC 8311 \
             admits experiments that do otherwise.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.segment.is_pure_ack() || agreed(at.shared, at.me.offer, at.peer.offer) != Some(true) {
            return;
        }
        judge.require(
            !is_ect(at),
            &[at.frame()],
            "not ECT",
            "ECT on an acknowledgement without data",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("not ECT", with_ecn),
            violates("ECT", |t| {
                with_ecn(t);
                t.client().data(10).tos(2);
                t.server().tos(2);
            }),
            abstains("no ECN", |t| t.handshake()),
        ]
    }
}

/// RFC 3168 section 6.1.5: retransmissions are not ECN-capable.
#[derive(Default)]
pub struct EctNotOnRetransmission;

impl TcpCheck for EctNotOnRetransmission {
    const REQUIREMENT: Requirement = requirement("tcp/ect-not-on-retransmission", rfc(3168, "6.1.5"), Level::Should).by_itself()
        .also(&[rfc(8311, "4.3")])
        .binds(Role::Sender)
        .says("Retransmitted data is not sent as ECN-capable.")
        .judged(
            "Retransmissions on connections that agreed on ECN by the bits of RFC 3168; copies of one packet are told apart. A MUST \
             NOT there, a SHOULD here: RFC 8311 admits experiments that do otherwise.",
        );

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let again = matches!(at.facts.transmission, Transmission::Retransmission(_));
        if !again || at.segment.payload_len == 0 || agreed(at.shared, at.me.offer, at.peer.offer) != Some(true) {
            return;
        }
        if is_ect(at) && at.shared.seen_twice > 0 {
            return judge.inconclusive(Reason::SeenTwice);
        }
        let first = at.facts.resent.map_or(at.frame(), |resent| resent.first.frame);
        judge.require(!is_ect(at), &[first, at.frame()], "not ECT", "ECT on a retransmission");
    }

    fn examples() -> Vec<Example> {
        let again = |t: &mut Trace, tos| {
            with_ecn(t);
            t.client().data(10).tos(2);
            t.after(wire::Duration::millis(1200));
            t.client().seq(1).data(10).tos(tos);
            t.server();
        };
        vec![
            holds("not ECT", move |t| again(t, 0)),
            violates("ECT", move |t| again(t, 2)),
            abstains("nothing is sent again", with_ecn),
        ]
    }
}

/// A handshake that agrees on ECN.
pub(super) fn with_ecn(t: &mut Trace) {
    t.client().syn().mss(1460).set(Flags::ECE.with(Flags::CWR));
    t.server().syn().mss(1460).set(Flags::ECE);
    t.client();
}
