//! At most one acknowledgement for each segment.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Vantage;
use crate::verdict::{Judge, Reason};
use wire::tcp::Flags;
use wire::{Duration, FrameNumber, SeqNumber};

/// Superfluous acknowledgements in a row: so many copies of a segment the network does not make out of sight.
const ENOUGH: u8 = 3;

/// RFC 5681 section 4.2: an incoming segment makes one acknowledgement, not several.
#[derive(Default)]
pub struct OneAckPerSegment {
    /// The last acknowledgement: number, window, frame.
    last: Option<(SeqNumber, u16, FrameNumber)>,
    /// Segments received that may still be answered: several may come before their answers go.
    received: u8,
    superfluous: u8,
}

impl TcpCheck for OneAckPerSegment {
    const REQUIREMENT: Requirement = requirement("tcp/one-ack-per-segment", rfc(5681, "4.2"), Level::Must)
        .binds(Role::Receiver)
        .says("An incoming segment is answered by one acknowledgement at most, window updates apart.")
        .judged(
            "Pure acknowledgements that repeat the one before, its window included, although every segment received was answered: three \
             in a row, seen next to the receiver, break it. Keepalives and probes are no acknowledgements.",
        );

    fn on_received(&mut self, _: &Moment<'_>, _: &mut Judge<'_>) {
        self.received = self.received.saturating_add(1);
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let plain = at.segment.is_pure_ack() && !at.segment.flags.intersects(Flags::ECE.with(Flags::CWR));
        // An old sequence number makes it a probe of some kind (RFC 9293 sections 3.8.4 and 3.8.6.1).
        if !plain || at.segment.seq != at.me.snd_nxt {
            self.last = None;
            return;
        }
        let now = (at.segment.ack, at.segment.wnd);
        let unanswered = self.received;
        // An acknowledgement of all that was seen to come leaves nothing to be answered but copies.
        let nothing_waits = at.segment.ack == at.me.rcv_nxt && at.me.beyond.is_empty();
        let all = nothing_waits && self.last.is_none_or(|(ack, ..)| ack != at.segment.ack);
        self.received = if all { 0 } else { unanswered.saturating_sub(1) };
        let before = self.last.replace((now.0, now.1, at.frame()));
        let Some((.., frame)) = before.filter(|&(ack, wnd, _)| (ack, wnd) == now) else {
            self.superfluous = 0;
            return;
        };
        if unanswered > 0 {
            self.superfluous = 0;
            return judge.holds();
        }
        self.superfluous = self.superfluous.saturating_add(1);
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if self.superfluous < ENOUGH || !near || !at.shared.is_clean() || at.shared.seen_twice > 0 {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[frame, at.frame()],
            "no acknowledgement without a segment that asks for it",
            format_args!("the same one sent {} times more", self.superfluous),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("a duplicate acknowledgement for each segment above a gap", |t| {
                t.plain_handshake();
                t.client().data(100).unseen();
                for _ in 0..3 {
                    t.client().data(100);
                    t.server().ack(1);
                }
            }),
            violates("four acknowledgements of one segment", |t| {
                t.vantage(Vantage::Server);
                t.plain_handshake();
                t.client().data(100);
                for _ in 0..4 {
                    t.server();
                }
            }),
            abstains("each acknowledgement says something new", |t| {
                t.plain_handshake();
                t.client().data(100);
                t.server();
            }),
        ]
    }
}
