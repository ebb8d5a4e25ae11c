//! When wrong checksums are their sender's fault, and when they are damage, or an artefact of the capture.

use crate::verdict::{Judge, Reason};
use std::fmt::Display;
use wire::FrameNumber;
use wire::checksum::Sum;

/// Wrong sums, and not one right one, before the network is ruled out as their cause.
const NO_ACCIDENT: u16 = 3;

/// The sums of one host so far.
#[derive(Default)]
pub(super) struct WrongSums {
    right: bool,
    wrong: u16,
    /// How far the first wrong one was off, and whether all the others were off by as much.
    first: u16,
    scattered: bool,
}

impl WrongSums {
    pub fn right(&mut self, judge: &mut Judge<'_>) {
        self.right = true;
        judge.holds();
    }

    /// Tools that change addresses without mending checksums leave all of them off by the same amount (one's complement): that
    /// is the capture's doing. A sender that computes wrongly is off by another amount each time.
    pub fn wrong(&mut self, field: u16, correct: u16, frame: FrameNumber, judge: &mut Judge<'_>, what: impl Display) {
        let off = Sum::default().add_u16(field).add_u16(!correct).fold();
        if self.wrong == 0 {
            self.first = off;
        }
        self.scattered |= off != self.first;
        self.wrong = self.wrong.saturating_add(1);
        if self.right || self.wrong < NO_ACCIDENT || !self.scattered {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[frame],
            format_args!("{what} {correct:#06x}"),
            format_args!("{field:#06x}; {} wrong ones so far and none right", self.wrong),
        );
    }
}
