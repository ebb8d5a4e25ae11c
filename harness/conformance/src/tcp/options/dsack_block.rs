//! What follows a D-SACK block: RFC 2883 section 4 (4).

use super::order::surely_latest;
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Range;
use crate::verdict::{Judge, Reason};
use wire::tcp::SackBlock;
use wire::{Duration, FrameNumber};

/// Octets of options, less one block's eight.
const ROOM_FOR_ANOTHER: usize = 32;

/// RFC 2883 section 4 (4): a D-SACK above the acknowledgement is followed by the block that holds the duplicate.
#[derive(Default)]
pub struct DsackFollowedByBlock {
    /// The segment that came last, if all of it had been reported before, and the block that it was reported in.
    duplicate: Option<(Range, Range, FrameNumber)>,
    /// A block that was left out, by which frame, after which: kept as soon as it is reported again.
    left_out: Option<(Range, FrameNumber, FrameNumber)>,
}

impl TcpCheck for DsackFollowedByBlock {
    const REQUIREMENT: Requirement = requirement("tcp/dsack-followed-by-its-block", rfc(2883, "4"), Level::Should)
        .prose()
        .binds(Role::Receiver)
        .says("A D-SACK of data above the acknowledgement number is followed by the block that this data is part of.")
        .judged(
            "A segment that lies within a larger block reported before, answered by an option whose first block is just that segment: \
             the second block contains it. Another second block, or none where there was room, deviates once a later option reports \
             the larger block (it was not dropped meanwhile, as RFC 2018 section 8 allows), and only where timestamps, or a capture \
             taken at the receiver, rule out that an older acknowledgement was overtaken.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let segment = Range {
            start: at.segment.seq,
            end: at.facts.end,
        };
        let block = at.peer.sacked.iter().find(|block| within(segment, *block));
        self.duplicate = block.map(|block| (segment, block, at.frame()));
        // It may hold the rest again only now.
        self.left_out = self.left_out.filter(|(block, ..)| !within(segment, *block));
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let blocks: Vec<Range> = at.segment.options.sack.iter().map(range).collect();
        if let Some((_, trigger, answer)) = self.left_out.take_if(|(block, ..)| reports(&blocks, *block)) {
            judge.violated(
                &[trigger, answer, at.frame()],
                "the block that the duplicate is part of behind its D-SACK",
                "the D-SACK without it, and the block again later",
            );
        }
        let Some((segment, block, trigger)) = self.duplicate.take() else {
            return;
        };
        // A duplicate that is the whole block looks like an ordinary first block.
        if blocks.first() != Some(&segment) || block == segment && blocks.len() < 2 {
            return;
        }
        if blocks.get(1).is_some_and(|second| within(segment, *second)) {
            return judge.holds();
        }
        if block == segment || blocks.len() < 2 && at.segment.raw_options.len() > ROOM_FOR_ANOTHER {
            return;
        }
        if !surely_latest(at) || !at.shared.is_clean() || at.shared.seen_twice > 0 {
            return judge.inconclusive(Reason::Ambiguous);
        }
        self.left_out = Some((block, trigger, at.frame()));
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the larger block comes second", |t| {
                duplicate_above_gap(t);
                t.server().ack(1).sack(&[(201, 301), (101, 301)]);
            }),
            violates("the D-SACK stands alone", |t| {
                duplicate_above_gap(t);
                t.server().ack(1).sack(&[(201, 301)]);
                t.client().data(100);
                t.server().ack(1).sack(&[(101, 401)]);
            }),
            abstains("the D-SACK stands alone, and the rest is never reported again", |t| {
                duplicate_above_gap(t);
                t.server().ack(1).sack(&[(201, 301)]);
            }),
            abstains("an older acknowledgement was overtaken", |t| {
                t.vantage(crate::tracker::Vantage::Auto);
                lost_first(t);
                t.server().ack(1).sack(&[(101, 301)]);
                t.client().seq(201).data(100);
                t.server().ack(1).sack(&[(201, 301)]);
                t.server().ack(1).sack(&[(101, 301)]);
            }),
            abstains("no duplicate", |t| t.handshake()),
        ]
    }
}

fn range(block: &SackBlock) -> Range {
    Range {
        start: block.left,
        end: block.right,
    }
}

fn within(inner: Range, outer: Range) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn reports(blocks: &[Range], wanted: Range) -> bool {
    blocks.iter().any(|block| within(wanted, *block))
}

fn duplicate_above_gap(t: &mut Trace) {
    t.vantage(crate::tracker::Vantage::Server);
    lost_first(t);
    t.server().ack(1).sack(&[(101, 301)]);
    t.after(Duration::millis(1200));
    t.client().seq(201).data(100);
}

/// Three segments, the first of them lost.
fn lost_first(t: &mut Trace) {
    t.handshake();
    t.client().data(100).unseen();
    t.client().data(100);
    t.client().data(100);
}
