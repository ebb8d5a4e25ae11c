//! What fast recovery leaves of the congestion window.

use super::segment_size;
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Cause, Transmission};
use crate::verdict::{Judge, Reason};
use wire::{FrameNumber, SeqNumber};

/// RFC 5681 section 3.1, equation (4): the window shrinks upon a loss.
#[derive(Default)]
pub struct ReducedAfterLoss {
    /// FlightSize at the loss, where recovery ends (RFC 6582's `recover`), and the fast retransmission.
    loss: Option<(u32, SeqNumber, FrameNumber)>,
    /// Recovery is over: the limit until everything sent by then is acknowledged.
    after: Option<(u32, SeqNumber, FrameNumber)>,
}

impl TcpCheck for ReducedAfterLoss {
    const REQUIREMENT: Requirement = requirement("tcp/window-reduced-after-loss", rfc(5681, "3.2"), Level::Must)
        .also(&[rfc(5681, "3.1"), rfc(5681, "4.3"), rfc(2525, "2.8"), rfc(6582, "3.2")])
        .labels(&["MUST-19"])
        .binds(Role::Sender)
        .says("After a loss was repaired by fast retransmit, the flight stays below what it was when the loss was found.")
        .judged(
            "The flight during the first round trip after the acknowledgement of all that was outstanding at a fast retransmission. \
             The RFC halves it; other standards reduce less (RFC 9438 by three tenths), so only a flight larger than at the loss \
             breaks it. With timestamps or D-SACK a sender may find the retransmission spurious and take it back: inconclusive.",
        );

    fn on_retransmitted(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        match at.facts.transmission {
            Transmission::Retransmission(Cause::FastRetransmit) if self.loss.is_none() => {
                self.loss = Some((at.me.flight(), at.me.snd_nxt, at.frame()));
                self.after = None;
            }
            // The sender's timer may have a shorter round trip in mind than the one that was seen; what a router called too big may
            // have been lost as well.
            Transmission::Retransmission(Cause::Timeout | Cause::Unknown | Cause::TooBig) => {
                *self = ReducedAfterLoss::default();
            }
            _ => {}
        }
    }

    fn on_acked(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.after.is_some_and(|(_, until, _)| at.segment.ack >= until) {
            self.after = None;
            judge.holds();
        }
        if let Some((flight, _, frame)) = self.loss.take_if(|(_, recover, _)| at.segment.ack >= *recover) {
            let until = at.me.snd_nxt.max(at.segment.ack + 1);
            self.after = Some((flight, until, frame));
        }
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((flight, _, frame)) = self.after else { return };
        let now = at.me.flight() + at.facts.new_octets;
        let Some(mss) = segment_size(at) else { return };
        // RFC 5681 equation (4) never goes below two segments, and what was sent during recovery may be several windows of that: each
        // that is acknowledged adds a segment (section 3.1). One that passes over the peer's MSS counts in its own.
        let limit = flight.max(6 * mss.max(at.me.largest_payload));
        if at.facts.new_octets == 0 || now <= limit {
            return;
        }
        self.after = None;
        // Duplicates inflate the window (RFC 5681 section 3.2 step 4); a retransmission may turn out spurious, and be taken back.
        let may_undo = at.shared.timestamps || at.shared.sack || at.me.duplicate_acks > 0;
        if may_undo || !at.shared.is_clean() || at.me.has_holes() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[frame, at.frame()],
            format_args!("a flight of {limit} octets at most in the first round trip after the loss of {flight}"),
            format_args!("{now} octets"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("half the flight", |t| {
                repaired(t);
                for _ in 0..5 {
                    t.client().data(1000);
                }
                t.server();
                t.client().data(1000);
                t.server();
            }),
            violates("more than the flight", |t| {
                repaired(t);
                for _ in 0..12 {
                    t.client().data(1000);
                }
                t.server();
            }),
            abstains("no loss", |t| t.handshake()),
        ]
    }
}

/// Ten segments of which the first is lost, found by three duplicates, repaired.
fn repaired(t: &mut Trace) {
    t.plain_handshake();
    t.step(wire::Duration::millis(1));
    for _ in 0..10 {
        t.client().data(1000);
    }
    for _ in 0..9 {
        t.server().ack(1);
    }
    t.client().seq(1).data(1000);
    t.server().ack(10_001);
}
