//! Packets that an end sent and the capture never showed, told by the gaps between IP identifications.

use super::end::End;
use super::facts::Facts;
use super::segment::Segment;

/// A gap of more than this is another counter, or a stretch that tells its absence otherwise.
const MAX_GAP: u16 = 64;
/// How an end's identifications went on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct IdRun {
    highest: Option<u16>,
    steps: u32,
    gaps: u32,
}

impl IdRun {
    /// Notes the next segment of `from`. A gap behind which data is missing as well is not counted: acknowledgements tell of
    /// that loss, and whether the capture's or the network's.
    #[inline]
    pub fn note(&mut self, segment: &Segment<'_>, facts: &Facts, from: &End) {
        let Some(id) = segment.ip.id.filter(|&id| id != 0) else {
            return;
        };
        let Some(highest) = self.highest.replace(id) else {
            return;
        };
        match id.wrapping_sub(highest) {
            1 => self.steps = self.steps.saturating_add(1),
            2..=MAX_GAP if !facts.leaves_hole => self.gaps = self.gaps.saturating_add(1),
            // An older one, late: the gap that it left is filled.
            0xff00.. => {
                self.highest = Some(highest);
                self.gaps = self.gaps.saturating_sub(1);
            }
            _ => {}
        }
        // Hardware splits such a segment into several packets, each with an identification.
        let merged =
            segment.ip.total_len > 1500 || segment.payload_len > from.largest_payload && segment.payload_len > 1460;
        if merged {
            self.highest = None;
        }
    }

    /// Packets without data of their own were sent that the capture lacks. More steps of one than gaps make a counter of the
    /// connection's own, as most stacks have today (RFC 6864 section 4.1 leaves the choice to them); a busy host's counter for
    /// all its connections has more gaps, and they mean nothing.
    pub fn tells_of_unseen_packets(&self) -> bool {
        self.gaps > 0 && self.steps >= self.gaps
    }
}
