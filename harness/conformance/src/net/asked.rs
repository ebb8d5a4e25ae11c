//! What was asked lately on the link, of ARP and of Neighbour Discovery: answers are judged against it.
//!
//! It is kept beside the hosts, not with them: whoever is asked for may not exist, and a scan of a network would fill the book.

use wire::{Duration, Instant};

/// Questions that are remembered; a later answer finds nobody who asked, and is not judged.
const KEPT: usize = 64;

/// Two equal packets this close may be one that was seen twice.
pub(super) const COPIES_WITHIN: Duration = Duration::millis(500);

/// The last questions of kind `Q`, in a ring.
#[derive(Debug)]
pub struct Asked<Q> {
    questions: Vec<Kept<Q>>,
    next: usize,
}

#[derive(Debug)]
struct Kept<Q> {
    time: Instant,
    settled: bool,
    question: Q,
}

impl<Q> Default for Asked<Q> {
    fn default() -> Asked<Q> {
        Asked {
            questions: Vec::new(),
            next: 0,
        }
    }
}

impl<Q> Asked<Q> {
    /// Questions of at most `within` before `now` that are not settled.
    pub fn open(&self, now: Instant, within: Duration) -> impl Iterator<Item = &Q> {
        self.questions
            .iter()
            .filter(move |kept| !kept.settled && kept.time <= now && now - kept.time <= within)
            .map(|kept| &kept.question)
    }

    pub(super) fn ask(&mut self, time: Instant, question: Q) {
        let kept = Kept {
            time,
            settled: false,
            question,
        };
        match self.questions.get_mut(self.next) {
            Some(place) => *place = kept,
            None => self.questions.push(kept),
        }
        self.next = (self.next + 1) % KEPT;
    }

    /// What these questions were about is known now.
    pub(super) fn settle(&mut self, which: impl Fn(&Q) -> bool) {
        for kept in &mut self.questions {
            kept.settled |= which(&kept.question);
        }
    }
}
