//! What a sender does that is told of congestion.

use super::agreed;
use super::marking::with_ecn;
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{AckKind, Transmission};
use crate::verdict::{Judge, Reason};
use wire::tcp::Flags;
use wire::{FrameNumber, SeqNumber};

/// New data segments without CWR before a sender is said to ignore ECE: more than any window that was on its way already.
const ENOUGH: u8 = 3;

/// RFC 3168 section 6.1.2: the first new data after the window was reduced has CWR.
#[derive(Default)]
pub struct CwrAnswersEce {
    /// ECE came: SND.NXT at that time, and the frame.
    told: Option<(SeqNumber, FrameNumber)>,
    /// What was on its way then is acknowledged: the sender must have heard of it.
    heard: bool,
    without: u8,
}

impl TcpCheck for CwrAnswersEce {
    const REQUIREMENT: Requirement = requirement("tcp/cwr-answers-ece", rfc(3168, "6.1.2"), Level::Must)
        .prose()
        .also(&[rfc(3168, "6.1.1"), rfc(3168, "6.1.6")])
        .binds(Role::Sender)
        .says("A sender that receives ECE sets CWR on the first new data it sends after reducing its window.")
        .judged(
            "On connections that agreed on ECN: new data with CWR after an ECE is kept. Three segments of new data without it, sent \
             after everything that was on its way when ECE came has been acknowledged, break it.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // What was sent before the latest acknowledgement, and what is dropped, need not have been heard (RFC 5961 section 5.2).
        let options = &at.segment.options;
        let broken = options.irregular || options.malformed.is_some();
        let passed_over =
            at.facts.dropped || at.facts.ack == AckKind::Old || broken || at.segment.lacks_timestamps(at.shared);
        if !at.segment.flags.ack() || at.segment.flags.syn() || passed_over {
            return;
        }
        match self.told {
            None if at.segment.flags.ece() && agreed(at.shared, at.me.offer, at.peer.offer) == Some(true) => {
                *self = CwrAnswersEce {
                    told: Some((at.me.snd_nxt, at.frame())),
                    ..CwrAnswersEce::default()
                };
            }
            Some((nxt, _)) if at.segment.ack >= nxt && at.segment.flags.ece() => self.heard = true,
            _ => {}
        }
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((_, frame)) = self.told else { return };
        if at.segment.flags.cwr() {
            *self = CwrAnswersEce::default();
            return judge.holds();
        }
        // Section 6.1.6: window probes have none.
        let probe = at.facts.transmission == Transmission::ZeroWindowProbe;
        if !self.heard || at.facts.new_octets == 0 || probe {
            return;
        }
        self.without = self.without.saturating_add(1);
        if self.without < ENOUGH {
            return;
        }
        *self = CwrAnswersEce::default();
        if !at.shared.is_clean() || at.me.has_holes() {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[frame, at.frame()],
            "CWR on the first new data after ECE",
            "three segments of new data without it, a round trip later",
        );
    }

    fn examples() -> Vec<Example> {
        let told = |t: &mut Trace| {
            with_ecn(t);
            t.client().data(100).tos(3);
            t.server().set(Flags::ECE);
        };
        vec![
            holds("CWR on the next segment", move |t| {
                told(t);
                t.client().data(100).tos(2).set(Flags::CWR);
                t.server();
            }),
            violates("never", move |t| {
                told(t);
                for _ in 0..5 {
                    t.client().data(100).tos(2);
                    t.server().set(Flags::ECE);
                }
            }),
            abstains("ECE came with broken options alone", |t| {
                t.also_breaks("tcp/option-length-correct");
                with_ecn(t);
                for _ in 0..5 {
                    t.client().data(100).tos(2);
                    t.server().set(Flags::ECE).raw_options(&[254, 40, 0, 0]);
                }
            }),
            abstains("no congestion", with_ecn),
        ]
    }
}

/// RFC 3168 section 6.1.2: CWR is not for retransmissions; section 6.1.6: nor for window probes.
#[derive(Default)]
pub struct CwrOnNewDataOnly;

impl TcpCheck for CwrOnNewDataOnly {
    const REQUIREMENT: Requirement = requirement("tcp/cwr-on-new-data-only", rfc(3168, "6.1.2"), Level::Should).by_itself()
        .also(&[rfc(3168, "6.1.6")])
        .binds(Role::Sender)
        .says("CWR is set on new data, not on retransmissions or window probes.")
        .judged("Every data segment with CWR on connections that agreed on ECN: one whose octets were all sent before deviates.");

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let agreed = agreed(at.shared, at.me.offer, at.peer.offer) == Some(true);
        if !at.segment.flags.cwr() || at.segment.flags.syn() || !agreed {
            return;
        }
        match at.facts.transmission {
            Transmission::New => judge.holds(),
            _ if at.facts.is_retransmission() => judge.violated(
                &[
                    at.facts.resent.map_or(at.frame(), |resent| resent.last.frame),
                    at.frame(),
                ],
                "CWR on new data only",
                "CWR on a retransmission",
            ),
            _ => judge.inconclusive(Reason::Ambiguous),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("on new data", |t| {
                with_ecn(t);
                t.client().data(100).tos(2).set(Flags::CWR);
                t.server();
            }),
            violates("on a retransmission", |t| {
                with_ecn(t);
                t.client().data(100).tos(2);
                t.after(wire::Duration::millis(1200));
                t.client().seq(1).data(100).set(Flags::CWR);
                t.server();
            }),
            abstains("no CWR", with_ecn),
        ]
    }
}
