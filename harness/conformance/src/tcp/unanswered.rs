//! Stimuli that want an answer, and an end that gives none although it lives.

use super::Moment;
use crate::tracker::{AckKind, Checksum};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// An end that answers does so within this, whatever it delays (RFC 9293 section 3.8.6.3 allows half a second).
const LONG: Duration = Duration::secs(3);
/// The capture was taken beside the judged end.
const NEAR: Duration = Duration::millis(1);
/// What asks for an acknowledgement more often than that may be throttled (RFC 5961 section 7, whose interval is an example).
const APART: Duration = Duration::secs(1);
/// So many stimuli without an answer cannot all have been lost.
const ENOUGH: u8 = 3;

/// Counts stimuli since the end last sent anything.
#[derive(Default)]
pub(crate) struct Unanswered {
    count: u8,
    first: FrameNumber,
    last: Instant,
    /// When the last one came that counts.
    counted: Instant,
}

/// What became of the stimuli when the end sent something.
enum Fate {
    /// It answered in time.
    Answered,
    /// It spoke only long after: at least three stimuli passed it by. The first of them.
    Ignored(FrameNumber),
    /// Late, but too few stimuli to exclude that they were lost.
    Unclear,
}

impl Unanswered {
    /// Whether it is one that a correct end answers.
    pub fn stimulus(&mut self, at: &Moment<'_>) -> bool {
        if !wants_answer(at) {
            return false;
        }
        if self.count == 0 {
            self.first = at.frame();
        }
        // Of those that come at once all but one may be passed over.
        if self.count == 0 || at.now() - self.counted >= APART {
            self.count = self.count.saturating_add(1);
            self.counted = at.now();
        }
        self.last = at.now();
        true
    }

    /// Whatever is sent now may answer.
    pub fn is_recent(&self, at: &Moment<'_>) -> bool {
        at.now() - self.last <= LONG
    }

    fn spoke(&mut self, at: &Moment<'_>) -> Fate {
        let Unanswered { count, first, last, .. } = std::mem::take(self);
        match count {
            _ if at.now() - last <= LONG => Fate::Answered,
            // Far from the judged end a path that was down looks the same: the stimuli may never have arrived.
            ENOUGH.. if at.shared.is_clean() && at.my_delay().is_some_and(|delay| delay <= NEAR) => {
                Fate::Ignored(first)
            }
            _ => Fate::Unclear,
        }
    }

    /// The end sent something: judges the stimuli before it. `due` is what they asked for, `none` that it did not come.
    #[inline]
    pub fn judge(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>, due: &str, none: &str) {
        if self.count > 0 {
            self.judge_stimuli(at, judge, due, none);
        }
    }

    fn judge_stimuli(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>, due: &str, none: &str) {
        match self.spoke(at) {
            Fate::Answered => judge.holds(),
            Fate::Unclear => judge.inconclusive(Reason::CaptureIncomplete),
            Fate::Ignored(first) => judge.violated(&[first, at.frame()], due, none),
        }
    }

    /// Stimuli are left that nothing answered; an end that fell silent for good may have gone.
    pub fn judge_end(&self, judge: &mut Judge<'_>) {
        if self.count > 0 {
            judge.inconclusive(Reason::CaptureEnded);
        }
    }
}

/// False for what is dropped without a word: damaged segments (RFC 9293 MUST-3), perhaps those with illegal options (MUST-7), those without ACK (section 3.10.7.4, fifth), those
/// without the timestamps agreed on, and of those with old ones, or that acknowledge what was never sent, all that come too fast
/// (RFC 5961 section 7). What has a SYN or a reset is answered, or not, for their sake, and its text is not looked at (RFC 5961 sections 3.2, 4.2).
pub(crate) fn wants_answer(at: &Moment<'_>) -> bool {
    let times = at.segment.options.timestamps.zip(at.me.ts_recent);
    let old = times.is_some_and(|((value, _), recent)| (value.wrapping_sub(recent) as i32) < 0);
    let throttled = old || matches!(at.facts.ack, AckKind::Beyond(_));
    let options = &at.segment.options;
    // What a live test sends never leaves a checksum to the hardware.
    let unfilled = at.segment.checksum == Checksum::LeftToHardware && at.shared.vantage.is_live();
    let damaged =
        unfilled || at.segment.checksum == Checksum::Wrong || options.irregular || options.malformed.is_some();
    // Section 3.10.7.4, seventh: behind the peer's FIN text is ignored.
    let ignored = at.peer.fin.is_some_and(|fin| at.me.rcv_nxt > fin) && at.segment.seq >= at.me.rcv_nxt;
    let text = at.segment.flags.ack() && !at.segment.flags.syn() && !at.segment.flags.rst();
    text && !damaged && !at.segment.lacks_timestamps(at.shared) && !throttled && !ignored
}
