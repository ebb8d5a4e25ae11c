//! When SACK blocks are sent, and in which order: RFC 2018 section 4.

use super::order::surely_latest;
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{AckKind, Range, Vantage};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber};

/// RFC 2018 section 3: 40 octets of options, less kind, length, one block and two of padding.
const ROOM_FOR_ONE_BLOCK: usize = 28;

/// RFC 2018 section 4: every acknowledgement that leaves queued data unmentioned carries blocks.
#[derive(Default)]
pub struct SackForOutOfOrder {
    /// It has sent SACK options on this connection.
    uses: bool,
}

impl TcpCheck for SackForOutOfOrder {
    const REQUIREMENT: Requirement = requirement("tcp/sack-sent-for-queued-data", rfc(2018, "4"), Level::Should)
        .binds(Role::Receiver)
        .says("A receiver that uses SACK includes it in every acknowledgement below the highest data it holds.")
        .judged(
            "Duplicate acknowledgements of an end that has sent SACK options before, while data beyond a hole was reported and \
             nothing has filled the hole since. The acknowledgement may have been overtaken by one that was sent later: broken only \
             where timestamps, or a capture taken at the receiver, rule that out.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.shared.sack {
            return;
        }
        if !at.segment.options.sack.is_empty() {
            self.uses = true;
            return judge.holds();
        }
        // What the peer's scoreboard knows was reported, so it is held (RFC 2018 section 8 allows to drop it, but rarely).
        let reported = !at.peer.sacked.is_empty();
        if at.segment.raw_options.len() > ROOM_FOR_ONE_BLOCK {
            return;
        }
        if !self.uses || !reported || at.facts.ack != AckKind::Duplicate || at.segment.ack != at.peer.snd_una {
            return;
        }
        if !at.shared.is_clean() || at.segment.options.signed || at.segment.options.malformed.is_some() {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        if !surely_latest(at) {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let last = at.me.last_sent.map_or(at.frame(), |last| last.frame);
        judge.violated(
            &[last, at.frame()],
            "a SACK option: data beyond a hole is held",
            format_args!(
                "a duplicate acknowledgement of {} without one",
                at.peer.relative(at.segment.ack)
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("each duplicate acknowledgement has blocks", |t| {
                lost_first(t);
                t.server().ack(1).sack(&[(101, 201)]);
                repair(t);
            }),
            violates("the second one has none", |t| {
                t.vantage(Vantage::Server);
                lost_first(t);
                t.server().ack(1).sack(&[(101, 201)]);
                t.client().data(100);
                t.server().ack(1);
                repair(t);
            }),
            abstains("nothing is out of order", |t| t.handshake()),
        ]
    }
}

/// Acknowledgements are held back no longer than this in recovery (Linux: 1 ms), with a margin.
const BUNDLED: Duration = Duration::millis(50);

/// RFC 2018 section 4: the first block holds the segment that triggered the acknowledgement.
#[derive(Default)]
pub struct SackFirstBlockNewest {
    /// The last segment beyond a hole on its way here, until it is answered.
    newest: Option<(Range, FrameNumber)>,
    /// Nothing came for a while before it, so it alone can have triggered what reports it.
    alone: bool,
}

impl TcpCheck for SackFirstBlockNewest {
    const REQUIREMENT: Requirement = requirement("tcp/sack-first-block-newest", rfc(2018, "4"), Level::Must)
        .also(&[rfc(2018, "8")])
        .binds(Role::Receiver)
        .says("The first SACK block contains the segment that triggered the acknowledgement.")
        .judged(
            "A segment beyond a hole that nothing else came near to, followed by a duplicate acknowledgement with at least two blocks \
             that contain it: it is in the first. When others came within 50 ms, or four times the delay between capture and receiver, \
             any of them may be the trigger: stacks hold back and bundle acknowledgements in recovery.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.newest = None;
        if at.segment.seq <= at.me.rcv_nxt || !at.shared.sack || at.facts.new_octets != at.facts.len || at.facts.dropped
        {
            return;
        }
        let beyond = Range {
            start: at.segment.seq,
            end: at.facts.end,
        };
        self.newest = Some((beyond, at.frame()));
        self.alone = at.my_delay().zip(at.me.last_received).is_some_and(|(delay, last)| {
            let apart = BUNDLED.max(delay * 4);
            at.now() - last.time > apart
        });
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((newest, frame)) = self.newest else {
            return;
        };
        let blocks = &at.segment.options.sack;
        let holds = |block: &wire::tcp::SackBlock| block.left <= newest.start && newest.end <= block.right;
        let place = blocks.iter().position(holds);
        if place.is_none() && at.segment.ack < newest.end {
            return; // still on its way, or lost there
        }
        self.newest = None;
        if matches!(at.facts.ack, AckKind::New(_) | AckKind::Beyond(_) | AckKind::Old) {
            return; // RFC 2018 section 4: unless the segment advanced the acknowledgement number
        }
        match place {
            Some(0) => judge.holds(),
            Some(_) if !self.alone => judge.inconclusive(Reason::Ambiguous),
            // A copy that the tracker left out as seen twice may have been received twice, and be the trigger.
            Some(_) if at.shared.seen_twice > 0 => judge.inconclusive(Reason::SeenTwice),
            Some(nth) => judge.violated(
                &[frame, at.frame()],
                "the segment that triggered the acknowledgement in the first SACK block",
                format_args!("it is in block {}", nth + 1),
            ),
            None => {}
        }
    }

    fn examples() -> Vec<Example> {
        let two_holes = |t: &mut Trace| {
            lost_first(t);
            t.server().ack(1).sack(&[(101, 201)]);
            t.after(Duration::millis(200));
            t.client().data(100).unseen();
            t.client().data(100);
        };
        vec![
            holds("the newest block leads", move |t| {
                two_holes(t);
                t.server().ack(1).sack(&[(301, 401), (101, 201)]);
            }),
            violates("the oldest block leads", move |t| {
                two_holes(t);
                t.server().ack(1).sack(&[(101, 201), (301, 401)]);
            }),
            abstains("nothing is out of order", |t| t.handshake()),
        ]
    }
}

/// Two segments, the first of them lost.
fn lost_first(t: &mut Trace) {
    t.handshake();
    t.client().data(100).unseen();
    t.client().data(100);
}

fn repair(t: &mut Trace) {
    t.after(Duration::millis(1500));
    t.client().seq(1).data(100);
    t.server();
}
