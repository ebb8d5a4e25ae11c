//! RACK: what was sent before something that has arrived, and has not arrived for long enough, is lost (RFC 8985 section 6).

use crate::connection::Connection;
use crate::fault::{Fault, Faults};
use crate::segment::Arrived;
use std::collections::VecDeque;
use wire::{Duration, Instant, SeqNumber};

/// RFC 8985 section 4: DupThresh.
const DUP_THRESH: u32 = 3;
/// Section 6.2, step 4: recoveries without a D-SACK before the reordering window is taken back.
const PERSIST: u8 = 16;
/// Section 6.2, step 1: a minimum is forgotten after one to two of these, so that a longer path shows.
const MIN_RTT_AGES: Duration = Duration::minutes(5);

/// Section 5.2: what is known of a segment that was sent and is not acknowledged.
#[derive(Debug, Clone, Copy)]
struct Segment {
    seq: SeqNumber,
    end_seq: SeqNumber,
    xmit_ts: Instant,
    /// TSval of that transmission, which TSecr is compared with.
    tsval: u32,
    retransmitted: bool,
    lost: bool,
    sacked: bool,
    /// It was SACKed once, whatever a timeout made of that (RFC 2018 section 5).
    reported: bool,
}

impl Segment {
    fn len(&self) -> u32 {
        self.end_seq.since(self.seq).max(0) as u32
    }

    fn in_flight(&self) -> u32 {
        if self.sacked || self.lost { 0 } else { self.len() }
    }
}

/// The variables of section 5.3, and the segments of `SND.UNA..SND.NXT`.
#[derive(Debug, Default)]
pub(crate) struct Rack {
    /// SACK was agreed on, and RACK-TLP is not switched off.
    pub on: bool,
    segments: VecDeque<Segment>,
    /// Octets sent that are neither acknowledged, SACKed nor lost: RFC 6675's pipe.
    pipe: u32,
    segs_sacked: u32,
    segs_lost: u32,
    /// RACK.xmit_ts and RACK.end_seq, once something has arrived.
    latest: Option<(Instant, SeqNumber)>,
    fack: Option<SeqNumber>,
    rtt: Duration,
    /// The least of this stretch of time, and of the one before; when this one began.
    min_rtt: (Option<Duration>, Option<Duration>),
    min_rtt_since: Instant,
    reordering_seen: bool,
    reo_wnd_mult: u32,
    reo_wnd_persist: u8,
    dsack_round: Option<SeqNumber>,
    pub faults: Faults,
}

/// What an acknowledgement brought, once SND.UNA has moved.
pub(crate) struct News<'a> {
    pub now: Instant,
    pub una: SeqNumber,
    pub nxt: SeqNumber,
    pub echo: Option<u32>,
    /// What SACK has reported, in order.
    pub sacked: &'a [(SeqNumber, SeqNumber)],
    pub dsack: bool,
    /// Fast or RTO recovery ended with it.
    pub leaves_recovery: bool,
}

/// RACK_sent_after() of section 6.2.
fn sent_after(one: (Instant, SeqNumber), other: (Instant, SeqNumber)) -> bool {
    one.0 > other.0 || one.0 == other.0 && one.1 > other.1
}

impl Rack {
    /// Section 6.1: `seq..end_seq` goes out; `again` where some of it went out before.
    pub fn transmitted(&mut self, now: Instant, tsval: u32, (seq, end_seq): (SeqNumber, SeqNumber), again: bool) {
        if self.segments.back().is_none_or(|last| last.end_seq <= seq) {
            return self.push(now, tsval, (seq, end_seq), again);
        }
        self.split(seq);
        self.split(end_seq);
        let from = self.segments.partition_point(|one| one.seq < seq);
        for one in self.segments.range_mut(from..).take_while(|one| one.end_seq <= end_seq) {
            self.pipe += one.len() - one.in_flight();
            self.segs_lost -= u32::from(one.lost);
            self.segs_sacked -= u32::from(one.sacked);
            (one.xmit_ts, one.tsval) = (now, tsval);
            (one.retransmitted, one.lost, one.sacked) = (true, false, false);
        }
        let known = self.segments.back().map_or(seq, |last| last.end_seq.max(seq));
        if known < end_seq {
            self.push(now, tsval, (known, end_seq), again);
        }
    }

    fn push(&mut self, now: Instant, tsval: u32, (seq, end_seq): (SeqNumber, SeqNumber), again: bool) {
        let one = Segment {
            seq,
            end_seq,
            xmit_ts: now,
            tsval,
            retransmitted: again,
            lost: false,
            sacked: false,
            reported: false,
        };
        self.pipe += one.len();
        self.segments.push_back(one);
    }

    /// A segment that reaches across `at` becomes two.
    fn split(&mut self, at: SeqNumber) {
        let index = self.segments.partition_point(|one| one.end_seq <= at);
        let Some(low) = self.segments.get_mut(index).filter(|one| one.seq < at) else {
            return;
        };
        let high = Segment { seq: at, ..*low };
        low.end_seq = at;
        self.segs_lost += u32::from(high.lost);
        self.segs_sacked += u32::from(high.sacked);
        self.segments.insert(index + 1, high);
    }

    /// Nothing counts as sent any more: SND.NXT has gone back to SND.UNA.
    pub fn forget_segments(&mut self) {
        self.segments.clear();
        (self.pipe, self.segs_sacked, self.segs_lost) = (0, 0, 0);
    }

    /// RFC 6675 section 4: octets that are taken to be in the network.
    pub fn pipe(&self) -> u32 {
        self.pipe
    }

    pub fn segs_sacked(&self) -> u32 {
        self.segs_sacked
    }

    /// Whether one segment at most is outstanding.
    pub fn one_outstanding(&self) -> bool {
        self.segments.len() == 1
    }

    /// The last segment sent.
    pub fn last(&self) -> Option<(SeqNumber, SeqNumber)> {
        self.segments.back().map(|one| (one.seq, one.end_seq))
    }

    /// The first lost stretch that has not been sent again.
    pub fn next_lost(&self) -> Option<(SeqNumber, SeqNumber)> {
        if self.segs_lost == 0 {
            return None;
        }
        let mut lost = self
            .segments
            .iter()
            .skip_while(|one| !one.lost)
            .take_while(|one| one.lost);
        let first = lost.next()?;
        Some((first.seq, lost.last().unwrap_or(first).end_seq))
    }

    /// Section 6.2, steps 1 to 3.
    pub fn acknowledged(&mut self, news: &News<'_>) {
        let mut newest = Instant(i64::MIN);
        while let Some(first) = self.segments.front().copied().filter(|one| one.end_seq <= news.una) {
            self.segments.pop_front();
            self.pipe -= first.in_flight();
            self.segs_lost -= u32::from(first.lost);
            self.segs_sacked -= u32::from(first.sacked);
            if !first.reported {
                self.arrived(&first, news, &mut newest);
            }
        }
        if self.segments.front().is_some_and(|one| one.seq < news.una) {
            // A part of it arrived.
            self.split(news.una);
            if let Some(part) = self.segments.pop_front() {
                self.pipe -= part.in_flight();
                self.segs_lost -= u32::from(part.lost);
                self.segs_sacked -= u32::from(part.sacked);
            }
        }
        for &(left, right) in news.sacked {
            let from = self.segments.partition_point(|one| one.seq < left);
            for at in from..self.segments.len() {
                let Some(one) = self.segments.get_mut(at).filter(|one| one.end_seq <= right) else {
                    break;
                };
                if one.sacked {
                    continue;
                }
                let before = *one;
                (one.sacked, one.lost, one.reported) = (true, false, true);
                self.pipe -= before.in_flight();
                self.segs_lost -= u32::from(before.lost);
                self.segs_sacked += 1;
                if !before.reported {
                    self.arrived(&before, news, &mut newest);
                }
            }
        }
    }

    /// RACK_update() and RACK_detect_reordering() for one segment. RACK.rtt is that of the one sent last: `newest` of this
    /// acknowledgement so far.
    fn arrived(&mut self, one: &Segment, news: &News<'_>, newest: &mut Instant) {
        let rtt = news.now - one.xmit_ts;
        if one.retransmitted {
            // The acknowledgement may be that of an earlier transmission.
            let earlier = news.echo.is_some_and(|echo| (echo.wrapping_sub(one.tsval) as i32) < 0);
            if earlier || self.min_rtt().is_some_and(|least| rtt < least) {
                return self.note_order(one);
            }
        } else {
            self.note_rtt(news.now, rtt);
        }
        if one.xmit_ts >= *newest {
            (*newest, self.rtt) = (one.xmit_ts, rtt);
        }
        let sent = (one.xmit_ts, one.end_seq);
        if self.latest.is_none_or(|latest| sent_after(sent, latest)) {
            self.latest = Some(sent);
        }
        self.note_order(one);
    }

    /// Step 3.
    fn note_order(&mut self, one: &Segment) {
        match self.fack {
            Some(fack) if one.end_seq < fack => self.reordering_seen |= !one.retransmitted,
            _ => self.fack = Some(one.end_seq),
        }
    }

    /// Step 1: a windowed minimum.
    fn note_rtt(&mut self, now: Instant, rtt: Duration) {
        if now - self.min_rtt_since >= MIN_RTT_AGES {
            self.min_rtt = (None, self.min_rtt.0);
            self.min_rtt_since = now;
        }
        self.min_rtt.0 = Some(self.min_rtt.0.map_or(rtt, |least| least.min(rtt)));
    }

    fn min_rtt(&self) -> Option<Duration> {
        match self.min_rtt {
            (Some(now), Some(before)) => Some(now.min(before)),
            (now, before) => now.or(before),
        }
    }

    /// Step 4, the part that an acknowledgement does: a round with a D-SACK widens the window, sixteen recoveries narrow it.
    pub fn adapt(&mut self, news: &News<'_>) {
        self.dsack_round = self.dsack_round.filter(|round| news.una < *round);
        if self.dsack_round.is_none() && news.dsack {
            self.dsack_round = Some(news.nxt);
            self.reo_wnd_mult = self.reo_wnd_mult.max(1).saturating_add(1);
            self.reo_wnd_persist = PERSIST;
        } else if news.leaves_recovery {
            self.reo_wnd_persist = self.reo_wnd_persist.saturating_sub(1);
            if self.reo_wnd_persist == 0 {
                self.reo_wnd_mult = 1;
            }
        }
    }

    /// Step 4: RACK.reo_wnd.
    fn reo_wnd(&self, in_recovery: bool, srtt: Option<Duration>) -> Duration {
        let unseen = !self.reordering_seen && (in_recovery || self.segs_sacked >= DUP_THRESH);
        if unseen || self.faults.has(Fault::ForgetsReordering) {
            return Duration::ZERO;
        }
        let least = self.min_rtt().unwrap_or_default();
        let wnd = least * i64::from(self.reo_wnd_mult.max(1)) / 4;
        srtt.map_or(wnd, |srtt| wnd.min(srtt))
    }

    /// RACK_detect_loss(), step 5: how many segments are newly lost, and when to look again.
    pub fn detect_loss(&mut self, now: Instant, in_recovery: bool, srtt: Option<Duration>) -> (u32, Option<Duration>) {
        let (Some(latest), Some(first)) = (self.latest, self.segments.front()) else {
            return (0, None);
        };
        // Nothing was sent before what has arrived, as a rule.
        let in_order = !first.lost && !first.sacked && !first.retransmitted;
        if in_order && !sent_after(latest, (first.xmit_ts, first.end_seq)) {
            return (0, None);
        }
        let wnd = self.reo_wnd(in_recovery, srtt);
        let (mut found, mut timeout) = (0, Duration::ZERO);
        for one in &mut self.segments {
            if one.lost || one.sacked || one.retransmitted && self.faults.has(Fault::TrustsRetransmissions) {
                continue;
            }
            if !sent_after(latest, (one.xmit_ts, one.end_seq)) {
                // What was sent once stands in the order of its sending, and whatever was sent again was sent later still.
                if !one.retransmitted {
                    break;
                }
                continue;
            }
            let remaining = one.xmit_ts + self.rtt + wnd - now;
            if remaining <= Duration::ZERO {
                self.pipe -= one.len();
                one.lost = true;
                found += 1;
            } else {
                timeout = timeout.max(remaining);
            }
        }
        self.segs_lost += found;
        (found, (timeout > Duration::ZERO).then_some(timeout))
    }

    /// RACK_mark_losses_on_RTO(), section 6.3. What was SACKed counts no more (RFC 2018 section 5), unless `keeps_sacked`.
    pub fn mark_losses_on_rto(&mut self, now: Instant, srtt: Option<Duration>, keeps_sacked: bool) {
        let patience = self.rtt + self.reo_wnd(true, srtt);
        for (at, one) in self.segments.iter_mut().enumerate() {
            one.sacked &= keeps_sacked;
            one.lost = !one.sacked && (one.lost || at == 0 || one.xmit_ts + patience <= now);
        }
        self.pipe = self.segments.iter().map(Segment::in_flight).sum();
        self.segs_lost = self.segments.iter().filter(|one| one.lost).count() as u32;
        self.segs_sacked = self.segments.iter().filter(|one| one.sacked).count() as u32;
    }

    /// [`Fault::ResendsSecond`]: what stands first is not lost.
    fn spare_first(&mut self) {
        if let (Some(first), true) = (self.segments.front_mut().filter(|one| one.lost), self.segs_lost > 1) {
            first.lost = false;
            self.pipe += first.len();
            self.segs_lost -= 1;
        }
    }
}

/// RFC 2883 section 4: the first block reports a duplicate where it lies below the acknowledgement, or within the second.
pub(crate) fn dsack(segment: &Arrived<'_>) -> Option<SeqNumber> {
    let mut blocks = segment.options.sack.iter();
    let first = blocks.next()?;
    let inside = blocks
        .next()
        .is_some_and(|second| second.left <= first.left && first.right <= second.right);
    (first.right <= segment.ack || inside).then_some(first.right)
}

impl Connection {
    /// Section 6.2, upon receiving an ACK; `was_recovering` before it.
    pub(crate) fn rack_hears(&mut self, now: Instant, segment: &Arrived<'_>, was_recovering: bool) {
        if !self.rack.on || self.rack.segments.is_empty() && !was_recovering {
            return;
        }
        let in_recovery = self.recovery.is_recovering(self.una);
        let news = News {
            now,
            una: self.una,
            nxt: self.nxt,
            echo: segment
                .options
                .timestamps
                .map(|(_, echo)| echo)
                .filter(|_| self.timestamps),
            sacked: self.recovery.sacked(),
            dsack: dsack(segment).is_some(),
            leaves_recovery: was_recovering && !in_recovery,
        };
        self.rack.acknowledged(&news);
        self.rack.adapt(&news);
        if !self.faulty(Fault::NoFastRetransmit) {
            self.rack_detects_loss(now);
        }
    }

    /// RACK_detect_loss_and_arm_timer(). What is lost begins fast recovery, unless recovery is under way.
    pub(crate) fn rack_detects_loss(&mut self, now: Instant) {
        let in_recovery = self.recovery.is_recovering(self.una);
        let (found, again) = self.rack.detect_loss(now, in_recovery, self.rto.srtt());
        self.timers.reordering = again.map(|remaining| now + remaining);
        if again.is_some() {
            // Section 8: the timers exclude each other.
            self.timers.probe_timeout = None;
        }
        if found > 0 && !in_recovery {
            self.recovery.begin(self.una, self.max);
            self.tlp.reset();
            self.timers.probe_timeout = None;
            self.due.resend = true;
        }
    }

    /// Section 6.3.
    pub(crate) fn rack_timed_out(&mut self, now: Instant) {
        self.tlp.reset();
        self.timers.reordering = None;
        let keeps = self.faulty(Fault::ForgetsSacked);
        self.rack.mark_losses_on_rto(now, self.rto.srtt(), keeps);
        if self.faulty(Fault::ResendsSecond) {
            self.rack.spare_first();
        }
        self.due.resend = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant(1_000_000_000_000);
    const BEGINS: SeqNumber = SeqNumber(u32::MAX - 1500);
    const RTT: Duration = Duration::millis(100);

    /// Segments of 1000 octets, a millisecond apart, from `BEGINS` on.
    fn sent(count: u32) -> Rack {
        let mut rack = Rack::default();
        for n in 0..count {
            let at = START + Duration::millis(i64::from(n));
            rack.transmitted(at, n, (place(n), place(n + 1)), false);
        }
        rack
    }

    fn place(n: u32) -> SeqNumber {
        BEGINS + 1000 * n
    }

    /// An acknowledgement up to segment `una`, a round trip after the segment `answers`, with these segments SACKed.
    fn hear(rack: &mut Rack, una: u32, sacked: &[(u32, u32)], answers: u32) -> Instant {
        let now = START + RTT + Duration::millis(i64::from(answers));
        let sacked: Vec<_> = sacked
            .iter()
            .map(|&(left, right)| (place(left), place(right)))
            .collect();
        rack.acknowledged(&News {
            now,
            una: place(una),
            nxt: place(8),
            echo: None,
            sacked: &sacked,
            dsack: false,
            leaves_recovery: false,
        });
        now
    }

    #[test]
    fn three_sacked_segments_tell_of_a_loss_at_once() {
        let mut rack = sent(8);
        let now = hear(&mut rack, 0, &[(1, 3)], 2);
        assert_eq!(rack.detect_loss(now, false, None).0, 0);
        assert_eq!(rack.pipe(), 6000);
        let now = hear(&mut rack, 0, &[(1, 4)], 3);
        assert_eq!(rack.detect_loss(now, false, None), (1, None));
        assert_eq!((rack.next_lost(), rack.pipe()), (Some((place(0), place(1))), 4000));
    }

    #[test]
    fn one_sacked_segment_tells_once_a_quarter_of_the_round_trip_is_over() {
        let mut rack = sent(3);
        let now = hear(&mut rack, 0, &[(1, 2)], 1);
        let (found, again) = rack.detect_loss(now, false, Some(RTT));
        // Segment 0 was sent a millisecond before the one that arrived.
        assert_eq!((found, again), (0, Some(Duration::millis(24))));
        assert_eq!(rack.detect_loss(now + Duration::millis(24), false, Some(RTT)).0, 1);
    }

    #[test]
    fn once_reordering_was_seen_three_sacked_segments_are_not_enough() {
        let mut rack = sent(8);
        hear(&mut rack, 0, &[(1, 2)], 1);
        hear(&mut rack, 2, &[], 2);
        assert!(rack.reordering_seen);
        let now = hear(&mut rack, 2, &[(3, 6)], 5);
        let (found, again) = rack.detect_loss(now, false, Some(RTT));
        assert_eq!(found, 0);
        assert!(again.is_some());
    }

    #[test]
    fn a_lost_retransmission_is_found_by_what_was_sent_after_it() {
        let mut rack = sent(5);
        let now = hear(&mut rack, 0, &[(1, 5)], 4);
        assert_eq!(rack.detect_loss(now, false, None).0, 1);
        rack.transmitted(now, 90, (place(0), place(1)), true);
        rack.transmitted(now + Duration::millis(1), 91, (place(5), place(6)), false);
        assert_eq!(rack.detect_loss(now, true, None), (0, None));
        let later = hear(&mut rack, 0, &[(1, 6)], 200);
        assert_eq!(rack.detect_loss(later, true, None).0, 1);
    }

    #[test]
    fn an_acknowledgement_of_the_first_transmission_says_nothing_of_the_second() {
        let mut rack = sent(2);
        rack.transmitted(START + Duration::millis(99), 99, (place(0), place(1)), true);
        hear(&mut rack, 1, &[], 0);
        assert_eq!(
            (rack.latest, rack.rtt),
            (Some((START + Duration::millis(99), place(1))), Duration::millis(1))
        );
        let mut rack = sent(3);
        hear(&mut rack, 1, &[], 0);
        rack.transmitted(START + Duration::millis(99), 99, (place(1), place(2)), true);
        hear(&mut rack, 2, &[], 1);
        assert_eq!(
            rack.latest,
            Some((START, place(1))),
            "sooner than the shortest round trip"
        );
    }

    #[test]
    fn rounds_with_a_dsack_widen_the_window_and_sixteen_recoveries_narrow_it() {
        let mut rack = sent(8);
        hear(&mut rack, 1, &[], 0);
        rack.reordering_seen = true;
        let news = |una, dsack, leaves_recovery| News {
            now: START,
            una: place(una),
            nxt: place(una + 4),
            echo: None,
            sacked: &[],
            dsack,
            leaves_recovery,
        };
        // The second comes within the round of the first.
        rack.adapt(&news(1, true, false));
        rack.adapt(&news(2, true, false));
        assert_eq!(rack.reo_wnd(false, None), RTT / 2);
        rack.adapt(&news(6, true, false));
        assert_eq!(rack.reo_wnd(false, None), RTT * 3 / 4);
        assert_eq!(rack.reo_wnd(false, Some(RTT / 2)), RTT / 2, "never more than SRTT");
        for _ in 0..PERSIST {
            assert_eq!(rack.reo_wnd_mult, 3);
            rack.adapt(&news(20, false, true));
        }
        assert_eq!(rack.reo_wnd(false, None), RTT / 4);
    }

    #[test]
    fn a_timeout_takes_the_first_for_lost_and_others_by_their_age() {
        let mut rack = sent(3);
        hear(&mut rack, 1, &[], 0);
        rack.transmitted(START + Duration::secs(1), 0, (place(3), place(4)), false);
        rack.mark_losses_on_rto(START + Duration::secs(1), None, false);
        assert_eq!((rack.next_lost(), rack.pipe()), (Some((place(1), place(3))), 1000));
    }

    #[test]
    fn a_segment_sent_again_in_parts_is_two_from_then_on() {
        let mut rack = sent(1);
        rack.mark_losses_on_rto(START + Duration::secs(1), None, false);
        rack.transmitted(START + Duration::secs(1), 0, (place(0), place(0) + 400), true);
        assert_eq!((rack.next_lost(), rack.pipe()), (Some((place(0) + 400, place(1))), 400));
    }
}
