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

    /// Where the first outstanding segment begins.
    pub fn first(&self) -> Option<SeqNumber> {
        self.segments.front().map(|one| one.seq)
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
            // RFC 6675 section 4 counts octets: of a segment that arrived in part the rest alone may be lost.
            self.split(left);
            self.split(right);
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
mod tests;
