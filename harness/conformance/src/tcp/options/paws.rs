//! Protection against wrapped sequence numbers: RFC 7323 section 5.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Checksum;
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// Linux, for one, lets a step of one tick pass.
const SLACK: i32 = 10;
/// Longer than any acknowledgement may be delayed (RFC 9293 section 3.8.6.3: 0.5 s), and than stacks limit their rate.
const PATIENCE: Duration = Duration::secs(1);
/// Old segments without an answer before losses on the way are ruled out.
const REPEATED: u8 = 3;

/// A lower bound of TS.Recent: what an end has echoed, it has recorded (RFC 7323 section 4.3).
#[derive(Default)]
struct Recent(Option<u32>);

impl Recent {
    fn echoed(&mut self, at: &Moment<'_>) {
        let plain = !at.segment.flags.rst() && !at.segment.flags.syn() && at.segment.flags.ack();
        let Some((_, echo)) = at.segment.options.timestamps.filter(|_| at.shared.timestamps && plain) else {
            return;
        };
        // An echo of something that was never sent says nothing.
        let sent = at.peer.tsval_max.is_some_and(|max| max.wrapping_sub(echo) as i32 >= 0);
        if sent && self.0.is_none_or(|recent| echo.wrapping_sub(recent) as i32 > 0) {
            self.0 = Some(echo);
        }
    }

    /// By how much a segment on its way to the end lies below TS.Recent, when it is older for sure.
    fn age(&self, at: &Moment<'_>) -> Option<i32> {
        let ((tsval, _), recent) = at.segment.options.timestamps.zip(self.0)?;
        let age = recent.wrapping_sub(tsval) as i32;
        (age > SLACK && !at.segment.flags.rst() && at.segment.checksum != Checksum::Wrong).then_some(age)
    }
}

/// RFC 7323 section 5.3: segments with an old timestamp are dropped. Whether to do so is the stack's choice.
#[derive(Default)]
pub struct UsesPaws {
    recent: Recent,
    /// New data in sequence that came with an old timestamp: its end.
    old: Option<SeqNumber>,
}

impl TcpCheck for UsesPaws {
    const REQUIREMENT: Requirement = requirement("tcp/uses-paws", rfc(7323, "5.3"), Level::May)
        .prose()
        .binds(Role::Receiver)
        .says("The end drops segments whose timestamps are older than what it received before.")
        .judged(
            "New data in sequence whose TSval is more than 10 ticks below one that the receiver has echoed: not acknowledged, although the \
             receiver answers. A capability: recorded where it is seen, broken by nothing.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let next = at.segment.seq == at.me.rcv_nxt && at.segment.seq == at.peer.snd_una;
        self.old = (next && self.recent.age(at).is_some()).then_some(at.facts.end);
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.recent.echoed(at);
        if let Some(end) = self.old.take().filter(|_| at.segment.flags.ack())
            && at.segment.ack < end
        {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("old data is answered, not accepted", |t| {
                established(t);
                t.client().data(10).ts(6_000, 90_040);
                t.also_breaks("tcp/tsval-monotonic"); // the stimulus itself
                t.server().ack(11).ts(90_060, 7_030);
            }),
            abstains("all timestamps are recent", established),
        ]
    }
}

/// RFC 7323 section 5.3 R1: a segment with an old timestamp is answered.
#[derive(Default)]
pub struct PawsOldSegmentAcked {
    recent: Recent,
    unanswered: u8,
    first: FrameNumber,
    last: FrameNumber,
    time: Instant,
}

impl TcpCheck for PawsOldSegmentAcked {
    const REQUIREMENT: Requirement = requirement("tcp/paws-old-segment-acked", rfc(7323, "5.3"), Level::Must)
        .binds(Role::Receiver)
        .says("A segment that is dropped because its timestamp is old is answered with an acknowledgement.")
        .judged(
            "Data whose TSval is more than 10 ticks below one that the receiver has echoed. An end without PAWS acknowledges it too, so any \
             answer counts. Broken when three such segments, each followed by a second of silence, bring nothing from an end that \
             sends something later; fewer may have been lost on the way.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let live = at.me.state.is_synchronized() && !at.shared.reset;
        if !live || self.recent.age(at).is_none() {
            return;
        }
        if self.unanswered == 0 {
            self.first = at.frame();
        } else if at.now() - self.time < PATIENCE {
            return judge.inconclusive(Reason::TooFew);
        }
        self.unanswered = self.unanswered.saturating_add(1);
        (self.last, self.time) = (at.frame(), at.now());
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.recent.echoed(at);
        let unanswered = std::mem::take(&mut self.unanswered);
        if unanswered == 0 {
            return;
        }
        if at.now() - self.time < PATIENCE {
            return judge.holds();
        }
        if unanswered < REPEATED || !at.shared.is_clean() {
            return judge.inconclusive(Reason::TooFew);
        }
        judge.violated(
            &[self.first, self.last, at.frame()],
            "an acknowledgement of each segment with an old timestamp",
            format_args!("{unanswered} of them, and silence"),
        );
    }

    fn examples() -> Vec<Example> {
        let old = |t: &mut Trace| {
            t.client().seq(11).data(10).ts(6_000, 90_040);
            t.also_breaks("tcp/tsval-monotonic"); // the stimulus itself
        };
        vec![
            holds("it is answered at once", move |t| {
                established(t);
                old(t);
                t.server().ack(11).ts(90_060, 7_030);
            }),
            violates("silence after three, until the server has something to say", move |t| {
                established(t);
                old(t);
                for _ in 0..2 {
                    t.after(Duration::millis(2500));
                    old(t);
                }
                t.after(Duration::millis(2500));
                t.server().ack(11).ts(97_560, 7_030).data(20);
            }),
            abstains("all timestamps are recent", established),
        ]
    }
}

/// Ten octets sent and acknowledged, with timestamps.
fn established(t: &mut Trace) {
    t.handshake_with_timestamps();
    t.client().data(10);
    t.server();
}
