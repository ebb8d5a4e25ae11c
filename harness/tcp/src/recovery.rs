//! How much may be outstanding, and what is taken for lost: RFC 5681, 6582, 6675 and 2018.

use crate::fault::{Fault, Faults};
use wire::SeqNumber;
use wire::tcp::SackBlock;

/// RFC 5681 section 3.2: the third duplicate tells of a loss.
const DUP_THRESH: u32 = 3;

#[derive(Debug)]
pub(crate) struct Recovery {
    pub cwnd: u32,
    ssthresh: u32,
    /// SMSS: data octets of a full segment.
    smss: u32,
    pub dup_acks: u32,
    /// Segments beyond the congestion window that limited transmit allows (RFC 3042).
    pub limited: u32,
    /// RFC 6582's `recover`, RFC 6675's RecoveryPoint, while recovery lasts.
    recover: Option<SeqNumber>,
    /// No recovery begins below this: where the last one, or the last timeout, left off (RFC 6582 section 4.1).
    not_before: Option<SeqNumber>,
    /// What the peer reported, in order, apart from one another.
    sacked: Vec<(SeqNumber, SeqNumber)>,
    pub faults: Faults,
    /// HighRxt: how far this recovery has retransmitted.
    high_rxt: SeqNumber,
    /// RACK tells what is lost, and RFC 6675's pipe what is in the network: the window is not inflated.
    pub by_pipe: bool,
}

/// What an acknowledgement leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    Nothing,
    /// Retransmit the segment at SND.UNA at once.
    Resend,
}

impl Recovery {
    /// RFC 6928 section 2: ten segments, and no more than 14600 octets or two segments.
    pub fn new(smss: u32) -> Recovery {
        Recovery {
            cwnd: (10 * smss).min((2 * smss).max(14_600)),
            ssthresh: u32::MAX / 4,
            smss,
            dup_acks: 0,
            limited: 0,
            recover: None,
            not_before: None,
            sacked: Vec::new(),
            faults: Faults::default(),
            high_rxt: SeqNumber(0),
            by_pipe: false,
        }
    }

    /// RFC 5681 section 3.1: a lost SYN or SYN-ACK leaves one segment.
    pub fn syn_was_lost(&mut self) {
        self.cwnd = self.smss;
    }

    /// RFC 5681 section 4.1: nothing was sent for longer than an RTO.
    pub fn idle(&mut self) {
        if self.faults.has(Fault::NoRestart) {
            return;
        }
        self.cwnd = self.cwnd.min((10 * self.smss).min((2 * self.smss).max(14_600)));
    }

    /// RFC 2018 section 5: remembers what the peer holds.
    pub fn note_sack(&mut self, blocks: &[SackBlock], una: SeqNumber, max: SeqNumber) {
        for block in blocks
            .iter()
            .filter(|block| block.left >= una && block.right <= max && block.left < block.right)
        {
            let (mut left, mut right) = (block.left, block.right);
            self.sacked.retain(|&(l, r)| {
                let apart = r < left || l > right;
                if !apart {
                    (left, right) = (left.min(l), right.max(r));
                }
                apart
            });
            let at = self.sacked.partition_point(|&(l, _)| l < left);
            self.sacked.insert(at, (left, right));
        }
    }

    /// RFC 5681 section 3.1: smaller segments, a window smaller in proportion.
    pub fn segments_shrink(&mut self, smss: u32) {
        let window = u64::from(self.cwnd) * u64::from(smss) / u64::from(self.smss.max(1));
        (self.cwnd, self.smss) = ((window as u32).max(smss), smss);
    }

    /// RFC 3168 section 6.1.2: as for a loss, but nothing is retransmitted.
    pub fn congestion_reported(&mut self, una: SeqNumber, max: SeqNumber) {
        if self.recover.is_none() {
            self.ssthresh = self.half_of(max.since(una).max(0) as u32);
            // One segment, after a timeout or a lost SYN, is not made two.
            self.cwnd = self.cwnd.min(self.ssthresh);
        }
    }

    /// `octets` up to `una` are acknowledged for the first time; `flight` was outstanding before.
    pub fn acked(&mut self, octets: u32, una: SeqNumber) -> Reaction {
        (self.dup_acks, self.limited) = (0, 0);
        self.sacked.retain(|&(_, right)| right > una);
        match self.recover {
            // RFC 5681 section 3.2 step 6, RFC 6582 section 3.2 step 3: all that was outstanding is repaired.
            Some(recover) if una >= recover => {
                self.recover = None;
                self.cwnd = self.ssthresh;
                Reaction::Nothing
            }
            Some(_) if self.by_pipe => Reaction::Nothing,
            // RFC 6582 section 3.2 step 3: a partial acknowledgement; deflate by what it acknowledges, and add one segment back
            // where it is at least that.
            Some(_) => {
                let back = if octets >= self.smss { self.smss } else { 0 };
                self.cwnd = self.cwnd.saturating_sub(octets) + back;
                self.high_rxt = self.high_rxt.max(una);
                Reaction::Resend
            }
            None => {
                self.grow(octets);
                Reaction::Nothing
            }
        }
    }

    /// RFC 5681 section 3.1: slow start below ssthresh (equation 2's bound), congestion avoidance above (equation 3).
    fn grow(&mut self, octets: u32) {
        let more = if self.faults.has(Fault::GrowsTooFast) {
            8 * octets
        } else if self.cwnd < self.ssthresh {
            octets.min(self.smss)
        } else {
            (u64::from(self.smss) * u64::from(self.smss) / u64::from(self.cwnd.max(1))).max(1) as u32
        };
        self.cwnd = self.cwnd.saturating_add(more);
    }

    /// A duplicate acknowledgement (RFC 5681 section 2), while `una..max` is outstanding.
    pub fn duplicate(&mut self, una: SeqNumber, max: SeqNumber) -> Reaction {
        self.dup_acks = self.dup_acks.saturating_add(1);
        if self.recover.is_some() {
            // Step 4: each further duplicate is a segment that has left the network.
            self.cwnd = self.cwnd.saturating_add(self.smss);
            return Reaction::Nothing;
        }
        if self.dup_acks < DUP_THRESH || self.not_before.is_some_and(|point| una < point) {
            return Reaction::Nothing;
        }
        self.begin(una, max);
        self.cwnd = self.ssthresh + DUP_THRESH * self.smss;
        Reaction::Resend
    }

    /// RFC 6675 section 5, steps (4.1) and (4.2): fast recovery begins, of `una..max`.
    pub fn begin(&mut self, una: SeqNumber, max: SeqNumber) {
        self.ssthresh = self.half_of(max.since(una).max(0) as u32);
        self.cwnd = self.ssthresh;
        (self.recover, self.not_before, self.high_rxt) = (Some(max), Some(max), una);
    }

    /// Fast or RTO recovery is under way.
    pub fn is_recovering(&self, una: SeqNumber) -> bool {
        self.recover.is_some() || self.not_before.is_some_and(|point| una < point)
    }

    /// RFC 5681 section 3.1 equation (4), and the loss window; RFC 2018 section 5: what was SACKed counts no more.
    pub fn timed_out(&mut self, una: SeqNumber, max: SeqNumber, first: bool) {
        if first {
            self.ssthresh = self.half_of(max.since(una).max(0) as u32);
        }
        self.cwnd = self.smss;
        (self.dup_acks, self.limited) = (0, 0);
        if !self.faults.has(Fault::ForgetsSacked) {
            self.sacked.clear();
        }
        (self.recover, self.not_before) = (None, Some(max));
    }

    fn half_of(&self, flight: u32) -> u32 {
        if self.faults.has(Fault::NoReduction) {
            return 4 * flight;
        }
        (flight / 2).max(2 * self.smss)
    }

    /// RFC 6675 section 4, NextSeg rule (1): the next hole below what was SACKed that this recovery has not filled yet.
    pub fn next_hole(&self, una: SeqNumber) -> Option<(SeqNumber, SeqNumber)> {
        self.recover?;
        let mut from = self.high_rxt.max(una);
        for &(left, right) in &self.sacked {
            if from < left {
                return Some((from, left));
            }
            from = from.max(right);
        }
        None
    }

    /// The end of the reported block that holds `seq`; `seq` itself where none does.
    pub fn beyond_sacked(&self, seq: SeqNumber) -> SeqNumber {
        self.sacked
            .iter()
            .find(|&&(left, right)| left <= seq && seq < right)
            .map_or(seq, |&(_, right)| right)
    }

    /// Where the first reported block above `seq` begins.
    pub fn next_sacked(&self, seq: SeqNumber) -> Option<SeqNumber> {
        self.sacked.iter().map(|&(left, _)| left).find(|&left| left > seq)
    }

    /// `from..to` was retransmitted.
    pub fn resent(&mut self, to: SeqNumber) {
        self.high_rxt = self.high_rxt.max(to);
    }

    /// What SACK has reported, in order.
    pub fn sacked(&self) -> &[(SeqNumber, SeqNumber)] {
        &self.sacked
    }

    /// Octets of `una..max` that SACK says have left the network.
    pub fn sacked_octets(&self) -> u32 {
        self.sacked
            .iter()
            .map(|&(left, right)| right.since(left).max(0) as u32)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_acknowledgement_brings_a_segment_back_only_where_it_is_one() {
        for (octets, back) in [(100, 0), (999, 0), (1000, 1000), (2000, 1000)] {
            let mut recovery = Recovery::new(1000);
            let (una, max) = (SeqNumber(5000), SeqNumber(9100));
            for _ in 0..DUP_THRESH {
                recovery.duplicate(una, max);
            }
            let before = recovery.cwnd;
            assert_eq!(recovery.acked(octets, una + octets), Reaction::Resend);
            assert_eq!(recovery.cwnd, before - octets + back);
        }
    }
}
