//! Stimuli that want an answer, and an end that gives none although it lives.

use super::{Ending, Moment};
use wire::{Duration, FrameNumber, Instant};

/// An end that answers does so within this, whatever it delays (RFC 9293 section 3.8.6.3 allows half a second).
const LONG: Duration = Duration::secs(3);
/// So many stimuli without an answer cannot all have been lost.
const ENOUGH: u8 = 3;

/// Counts stimuli since the end last sent anything.
#[derive(Default)]
pub(crate) struct Unanswered {
    count: u8,
    first: FrameNumber,
    last: Instant,
}

/// What became of the stimuli when the end sent something.
pub(crate) enum Fate {
    /// There were none.
    None,
    /// It answered in time.
    Answered,
    /// It spoke only long after: at least three stimuli passed it by. The first of them.
    Ignored(FrameNumber),
    /// Late, but too few stimuli to exclude that they were lost.
    Unclear,
}

impl Unanswered {
    pub fn stimulus(&mut self, at: &Moment<'_>) {
        if self.count == 0 {
            self.first = at.frame();
        }
        self.count = self.count.saturating_add(1);
        self.last = at.now();
    }

    pub fn spoke(&mut self, at: &Moment<'_>) -> Fate {
        let Unanswered { count, first, last } = std::mem::take(self);
        match count {
            0 => Fate::None,
            _ if at.now() - last <= LONG => Fate::Answered,
            ENOUGH.. if at.shared.is_clean() => Fate::Ignored(first),
            _ => Fate::Unclear,
        }
    }

    /// Stimuli are left that nothing answered; an end that fell silent for good may have gone.
    pub fn pending_at(&self, _: &Ending<'_>) -> bool {
        self.count > 0
    }
}
