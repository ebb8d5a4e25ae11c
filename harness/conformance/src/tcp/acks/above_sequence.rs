//! Data above a gap is kept for later.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{FrameNumber, SeqNumber};

/// RFC 2525 section 2.5: a stack may throw such data away now and then, to reclaim memory. So often it does so on principle.
const ON_PRINCIPLE: u8 = 3;

/// RFC 9293 section 3.10.7.4 (SHLD-31): segments above RCV.NXT are held until what comes before them has arrived.
#[derive(Default)]
pub struct AboveSequenceDataKept {
    /// A gap was just filled: where it ended, and where the data above it ends.
    filled: Option<(SeqNumber, SeqNumber, FrameNumber)>,
    /// Acknowledgements of mine since the gap opened: each tells of a segment that arrived.
    told: u8,
    thrown: u8,
    kept: bool,
}

impl TcpCheck for AboveSequenceDataKept {
    const REQUIREMENT: Requirement = requirement("tcp/above-sequence-data-kept", rfc(9293, "3.10.7.4"), Level::Should)
        .labels(&["SHLD-31"])
        .also(&[rfc(2525, "2.5")])
        .binds(Role::Receiver)
        .says("Data that arrives above a gap is kept until the gap is filled.")
        .judged(
            "The first acknowledgement after a gap was filled, where duplicate acknowledgements show that the data above it had \
             arrived: one that reaches beyond the gap is kept. One that stops at its end, three times on a connection that never \
             did otherwise, deviates (RFC 2525 section 2.5 excuses rare losses of memory).",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let above = at.me.beyond.first();
        match above {
            None => self.told = 0,
            Some(above) if at.segment.seq == at.me.rcv_nxt && at.facts.end == above.start && self.told > 0 => {
                self.filled = Some((above.start, above.end, at.frame()));
            }
            Some(_) => {}
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.segment.flags.ack() {
            return;
        }
        if !at.me.beyond.is_empty() && at.segment.is_pure_ack() && at.segment.ack <= at.me.rcv_nxt {
            self.told = self.told.saturating_add(1);
        }
        let Some((gap_end, above_end, frame)) = self.filled.filter(|(gap_end, ..)| at.segment.ack >= *gap_end) else {
            return;
        };
        (self.filled, self.told) = (None, 0);
        if at.segment.ack > gap_end {
            self.kept = true;
            return judge.holds();
        }
        self.thrown = self.thrown.saturating_add(1);
        if self.kept || self.thrown < ON_PRINCIPLE || !at.shared.is_clean() {
            return judge.inconclusive(Reason::TooFew);
        }
        judge.violated(
            &[frame, at.frame()],
            format_args!("an acknowledgement up to {}", at.peer.relative(above_end)),
            format_args!(
                "up to {}, the end of the gap, for the {}th time",
                at.peer.relative(at.segment.ack),
                self.thrown
            ),
        );
    }

    fn examples() -> Vec<Example> {
        // One loss: the gap, data above it that is told of, the gap filled.
        let loss = |t: &mut Trace, start: u32| {
            t.client().seq(start).data(100).unseen();
            t.client().seq(start + 100).data(100);
            t.server().ack(start);
            t.client().seq(start).data(100);
        };
        vec![
            holds("the acknowledgement covers both", move |t| {
                t.plain_handshake();
                loss(t, 1);
                t.server().ack(201);
            }),
            violates("three times it stops at the gap's end", move |t| {
                t.plain_handshake();
                for start in [1, 201, 401] {
                    loss(t, start);
                    t.server().ack(start + 100);
                    t.client().seq(start + 100).data(100);
                    t.server().ack(start + 200);
                }
            }),
            abstains("once", move |t| {
                t.plain_handshake();
                loss(t, 1);
                t.server().ack(101);
            }),
            abstains("no loss", |t| t.handshake()),
        ]
    }
}
