//! The numbers of the three-way handshake, and the crossing of two SYNs.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{State, Transmission};
use crate::verdict::{Judge, Reason};
use wire::FrameNumber;

/// RFC 9293 section 3.10.7.2: a SYN-ACK acknowledges the SYN.
#[derive(Default)]
pub struct SynAckNumbers;

impl TcpCheck for SynAckNumbers {
    const REQUIREMENT: Requirement = requirement("tcp/syn-ack-acknowledges-syn", rfc(9293, "3.10.7.2"), Level::Must).by_itself()
        .prose()
        .also(&[rfc(9293, "3.5"), rfc(7413, "4.2.2")])
        .binds(Role::Server)
        .says("A SYN-ACK acknowledges the peer's initial sequence number plus one, and at most the data on the SYN besides.")
        .judged("Every SYN-ACK whose SYN was seen, once or repeated with the same number.");

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.segment.flags.ack() {
            return;
        }
        let (Some(iss), Some(offer)) = (at.peer.iss, at.peer.offer) else {
            return judge.inconclusive(Reason::CaptureIncomplete);
        };
        let acknowledged = at.segment.ack.since(iss);
        let most = 1 + offer.payload_len as i32;
        if (1..=most).contains(&acknowledged) {
            return judge.holds();
        }
        if at.me.offer.is_some() || at.shared.previous.is_some() {
            return judge.inconclusive(Reason::Ambiguous); // it may answer another SYN on the same four-tuple
        }
        judge.violated(
            &[offer.first.frame, at.frame()],
            format_args!("acknowledgement of {} (ISN + 1)", iss + 1),
            format_args!(
                "{} (ISN {} {})",
                at.segment.ack,
                if acknowledged < 0 { '-' } else { '+' },
                acknowledged.unsigned_abs()
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("ISN + 1", |t| t.handshake()),
            violates("ISN + 2", |t| {
                t.client().syn();
                t.server().syn().ack(2);
            }),
            abstains("the SYN was not captured", |t| {
                t.client().syn().unseen();
                t.server().syn();
            }),
        ]
    }
}

/// RFC 9293 section 3.5: what follows a SYN continues its numbers.
#[derive(Default)]
pub struct FirstSegmentNumbers {
    judged: bool,
}

impl TcpCheck for FirstSegmentNumbers {
    const REQUIREMENT: Requirement = requirement("tcp/handshake-completed-in-sequence", rfc(9293, "3.5"), Level::Must)
        .prose()
        .binds(Role::Client)
        .says("The segment that completes the handshake starts behind the SYN and acknowledges the peer's SYN.")
        .judged(
            "The opening end's first segment after the SYN-ACK, resets excepted: its sequence number is ISN + 1 (plus data on the \
             SYN), its acknowledgement number the peer's ISN + 1. Later numbers are inconclusive: packets may be missing.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.judged || at.segment.flags.syn() || !at.i_am_client() {
            return;
        }
        self.judged = true;
        // RFC 9293 section 3.5, figure 8: the SYN-ACK of SYNs that crossed completes it, and a keepalive may be what follows.
        let probes = matches!(
            at.facts.transmission,
            Transmission::KeepAlive | Transmission::ZeroWindowProbe
        );
        let keepalive = at.shared.simultaneous_open && probes;
        let (Some(mine), Some(theirs), Some(offer)) = (at.me.iss, at.peer.iss, at.me.offer) else {
            return;
        };
        if at.segment.flags.rst() || !at.shared.handshake_seen || keepalive {
            return;
        }
        let sent = at.segment.seq.since(mine);
        let acknowledged = at.segment.ack.since(theirs);
        if (1..=1 + offer.payload_len as i32).contains(&sent) && acknowledged >= 1 {
            return judge.holds();
        }
        // Beyond: earlier segments were missed. Before: nothing explains it.
        if sent > 0 && acknowledged > 0 && !at.shared.vantage.is_live() {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[offer.first.frame, at.frame()],
            "sequence ISN + 1, acknowledgement of the peer's ISN + 1",
            format_args!("sequence ISN {sent:+}, acknowledgement ISN {acknowledged:+}"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("both plus one", |t| t.handshake()),
            violates("the SYN is not acknowledged", |t| {
                t.client().syn();
                t.server().syn();
                t.client().ack(0);
            }),
            abstains("a reset instead", |t| {
                t.client().syn();
                t.server().syn();
                t.client().bare_rst();
            }),
        ]
    }
}

/// RFC 9293 section 3.5 (MUST-10): two SYNs may cross.
#[derive(Default)]
pub struct SimultaneousOpen {
    crossing: Option<FrameNumber>,
    /// The crossing SYN, and the reset that refused it.
    refused: Option<[FrameNumber; 2]>,
}

impl TcpCheck for SimultaneousOpen {
    const REQUIREMENT: Requirement = requirement("tcp/simultaneous-open", rfc(9293, "3.5"), Level::Must)
        .labels(&["MUST-10", "MUST-11"])
        .says("An end that has sent a SYN and receives one answers with SYN and ACK, and both become one connection.")
        .judged(
            "A SYN without ACK on its way to an end in SYN-SENT: its next segment is a SYN-ACK. Broken by a reset after which it sends \
             its own SYN again: it was still opening. A reset alone is inconclusive: the application may have given up.",
        );

    fn on_syn_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.me.state == State::SynSent && !at.segment.flags.ack() {
            self.crossing = Some(at.frame());
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let flags = at.segment.flags;
        let own_syn = flags.syn() && !flags.ack();
        if let Some([crossing, refusal]) = self.refused.filter(|_| own_syn && at.me.iss == Some(at.segment.seq)) {
            self.refused = None;
            return judge.violated(
                &[crossing, refusal, at.frame()],
                "SYN and ACK upon a crossing SYN",
                "a reset that refuses it, and its own SYN again",
            );
        }
        let Some(crossing) = self.crossing else { return };
        if own_syn {
            return; // its own SYN again: the other may have been lost
        }
        self.crossing = None;
        if flags.rst() && flags.ack() && at.peer.iss.is_some_and(|iss| at.segment.ack == iss + 1) {
            self.refused = Some([crossing, at.frame()]);
        }
        if flags.rst() {
            judge.inconclusive(Reason::ApplicationChoice)
        } else {
            judge.holds()
        }
    }

    fn examples() -> Vec<Example> {
        use wire::tcp::Flags;
        vec![
            holds("SYNs cross, both answer SYN-ACK", |t| {
                t.client().syn().mss(1460);
                t.server().flags(Flags::SYN).mss(1460);
                t.client().seq(0).flags(Flags::SYN.with(Flags::ACK)).mss(1460);
                t.server().seq(0).flags(Flags::SYN.with(Flags::ACK)).mss(1460);
            }),
            violates("the crossing SYN is refused", |t| {
                t.client().syn().mss(1460);
                t.server().flags(Flags::SYN).mss(1460);
                t.client().rst();
                t.after(wire::Duration::secs(1));
                t.client().seq(0).syn().mss(1460);
            }),
            abstains("the application has given up meanwhile", |t| {
                t.client().syn().mss(1460);
                t.server().flags(Flags::SYN).mss(1460);
                t.client().rst();
            }),
            abstains("no crossing", |t| t.handshake()),
        ]
    }
}
