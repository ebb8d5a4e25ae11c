//! How SACK options are filled: with as many blocks as fit, the most recent ones again (RFC 2018 section 4).

use super::order::{captured_at_sender, surely_latest};
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{AckKind, Range, Vantage};
use crate::verdict::{Judge, Reason};
use wire::tcp::SackBlock;
use wire::{Duration, FrameNumber};

/// RFC 2018 section 3: 40 octets hold all options.
const OPTION_SPACE: usize = 40;
const BLOCK: usize = 8;

/// RFC 2018 section 4: the block that led the option before is repeated.
#[derive(Default)]
pub struct SackRepeatsRecentBlocks {
    /// The first block of its last SACK option, unless that was a D-SACK.
    previous: Option<Range>,
    omitted: Omitted,
}

impl TcpCheck for SackRepeatsRecentBlocks {
    const REQUIREMENT: Requirement = requirement("tcp/sack-repeats-recent-blocks", rfc(2018, "4"), Level::Should)
        .binds(Role::Receiver)
        .says("A SACK option repeats the block that the option before reported first, while its data is still out of order.")
        .judged(
            "Options with room for two blocks, against the first block of the option before, in captures taken at the receiver (--vantage): \
             elsewhere options in between may have been lost. Broken when two in a row leave the block out, and it is acknowledged \
             later without having been sent again: it was not dropped (RFC 2018 section 8).",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.omitted
            .settle(at, judge, "the block that the option before reported first");
        let Some(first) = leading(at) else { return };
        let previous = self.previous.take();
        let reports_duplicate = is_dsack(at, first);
        self.previous = (!reports_duplicate).then_some(range(first));
        if self.omitted.is_open() {
            return self.omitted.look_again(at);
        }
        let Some(previous) = previous.filter(|range| range.start > at.segment.ack && !reports_duplicate) else {
            return;
        };
        let blocks = &at.segment.options.sack;
        if covers(first, previous) {
            return; // it has grown
        }
        if blocks.iter().any(|block| covers(block, previous)) {
            judge.holds();
        } else if (blocks.len() > 1 || has_room(at)) && captured_at_sender(at) {
            self.omitted.note(previous, at.frame());
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the newest block, then the one before", |t| {
                every_second_lost(t, &[&[0], &[1, 0]]);
            }),
            violates("the newest block, then the oldest ones", |t| {
                every_second_lost(t, &[&[0], &[1, 0], &[2, 1, 0], &[3, 1, 0], &[4, 3, 1]]);
                repaired(t, 5);
                // The third is nowhere in an option that has room, too.
                t.also_breaks("tcp/sack-as-many-blocks-as-fit");
            }),
            abstains("no SACK option", |t| t.handshake()),
        ]
    }
}

/// RFC 2018 section 4: no block is left out for which there is room.
#[derive(Default)]
pub struct SackAsManyBlocksAsFit {
    omitted: Omitted,
}

impl TcpCheck for SackAsManyBlocksAsFit {
    const REQUIREMENT: Requirement = requirement("tcp/sack-as-many-blocks-as-fit", rfc(2018, "4"), Level::Should)
        .binds(Role::Receiver)
        .says("A SACK option has as many distinct blocks as fit.")
        .judged(
            "Options with room for one more block, against the blocks that earlier options reported. Broken when two options in a row \
             leave one out, in an order that timestamps or the vantage prove, and it is acknowledged later without having been sent again. Receivers that remember four blocks \
             and no more break this after heavy loss.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.omitted
            .settle(at, judge, "every block that is held, as long as there is room");
        if leading(at).is_none() || at.peer.sacked.is_empty() {
            return;
        }
        if self.omitted.is_open() {
            return self.omitted.look_again(at);
        }
        let blocks = &at.segment.options.sack;
        let missing = at.peer.sacked.iter().find(|held| {
            let touches = |block: &SackBlock| block.left <= held.end && held.start <= block.right;
            held.start > at.segment.ack && !blocks.iter().any(touches)
        });
        match missing {
            Some(held) if has_room(at) && surely_latest(at) => self.omitted.note(held, at.frame()),
            None if blocks.len() > 1 => judge.holds(),
            _ => {}
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("all three of them", |t| {
                every_second_lost(t, &[&[0], &[1, 0], &[2, 1, 0]]);
            }),
            violates("never more than two", |t| {
                every_second_lost(t, &[&[0], &[1, 0], &[2, 1], &[3, 2]]);
                repaired(t, 4);
            }),
            abstains("one left out, but dropped: it is sent again", |t| {
                every_second_lost(t, &[&[0], &[1], &[2]]);
                t.after(Duration::millis(1500));
                t.client().seq(1).data(200);
                t.server().ack(201).sack(&[(501, 601)]);
            }),
        ]
    }
}

/// A block that was left out, until its acknowledgement shows that it was held all the time.
#[derive(Default)]
struct Omitted(Option<Box<Omission>>);

struct Omission {
    range: Range,
    frames: [FrameNumber; 2],
    times: u8,
}

impl Omitted {
    fn is_open(&self) -> bool {
        self.0.is_some()
    }

    #[cold]
    fn note(&mut self, range: Range, frame: FrameNumber) {
        self.0 = Some(Box::new(Omission {
            range,
            frames: [frame; 2],
            times: 1,
        }));
    }

    /// Another option: the block is there after all, or left out again although it would fit.
    fn look_again(&mut self, at: &Moment<'_>) {
        let Some(omission) = &mut self.0 else { return };
        if at
            .segment
            .options
            .sack
            .iter()
            .any(|block| covers(block, omission.range))
        {
            self.0 = None;
        } else if has_room(at) && surely_latest(at) {
            omission.times = omission.times.saturating_add(1);
            omission.frames[1] = at.frame();
        }
    }

    fn settle(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>, expected: &str) {
        let acknowledged =
            |omission: &mut Box<Omission>| at.segment.flags.ack() && at.segment.ack >= omission.range.end;
        let Some(omission) = self.0.take_if(acknowledged) else {
            return;
        };
        let Omission { range, frames, times } = *omission;
        let mut sent = at.peer.sent.overlapping(range.start, range.end).peekable();
        let kept = sent.peek().is_some() && sent.all(|record| record.times == 1);
        if times < 2 || !kept || !at.shared.is_clean() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &frames,
            expected,
            format_args!(
                "block {}..{} left out of {times} options in a row",
                at.peer.relative(range.start),
                at.peer.relative(range.end)
            ),
        );
    }
}

/// The first block of an option that can be judged.
fn leading<'a>(at: &Moment<'a>) -> Option<&'a SackBlock> {
    let options = &at.segment.options;
    let usable = at.segment.flags.ack() && at.facts.ack != AckKind::Old && options.malformed.is_none();
    options.sack.first().filter(|_| usable)
}

/// RFC 2883 section 4: below the acknowledgement, or part of the second block.
fn is_dsack(at: &Moment<'_>, first: &SackBlock) -> bool {
    let second = at.segment.options.sack.get(1);
    first.left < at.segment.ack || second.is_some_and(|second| covers(second, range(first)))
}

fn range(block: &SackBlock) -> Range {
    Range {
        start: block.left,
        end: block.right,
    }
}

fn covers(block: &SackBlock, range: Range) -> bool {
    block.left <= range.start && range.end <= block.right
}

fn has_room(at: &Moment<'_>) -> bool {
    at.segment.raw_options.len() + BLOCK <= OPTION_SPACE
}

/// Segments of 100 octets, of which the first, third, fifth ... are lost. After each that arrives the server reports the given
/// ones of those that have, counted from 0.
fn every_second_lost(t: &mut Trace, reports: &[&[u32]]) {
    t.vantage(Vantage::Server);
    t.handshake();
    for report in reports {
        t.client().data(100).unseen();
        t.client().data(100);
        let blocks: Vec<(u32, u32)> = report.iter().map(|nth| (101 + 200 * nth, 201 + 200 * nth)).collect();
        t.server().ack(1).sack(&blocks);
    }
}

/// What was lost is sent again, and all is acknowledged at once.
fn repaired(t: &mut Trace, holes: u32) {
    t.after(Duration::millis(1500));
    for hole in 0..holes {
        t.client().seq(1 + 200 * hole).data(100);
    }
    t.server();
}
