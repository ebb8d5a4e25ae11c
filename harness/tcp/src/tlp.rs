//! Tail loss probes: an acknowledgement that is overdue is asked for by one segment, before the timer backs off (RFC 8985
//! section 7).

use crate::connection::Connection;
use crate::fault::Fault;
use crate::rack::dsack;
use crate::segment::{Arrived, Outgoing};
use wire::{Duration, Instant, SeqNumber};

/// Section 7.2: TLP.max_ack_delay. RFC 9293 section 3.8.6.3 (MUST-40): no acknowledgement is delayed by more.
const MAX_ACK_DELAY: Duration = Duration::millis(500);
/// Section 7.2: the PTO before a round trip was measured.
const WITHOUT_SRTT: Duration = Duration::secs(1);

/// The variables of section 5.3 that are TLP's.
#[derive(Debug, Default)]
pub(crate) struct Tlp {
    is_retrans: bool,
    end_seq: Option<SeqNumber>,
    /// A round trip was measured since the last probe, or the start.
    pub sampled: bool,
}

impl Tlp {
    /// TLP_init(), section 7.1.
    pub fn reset(&mut self) {
        (self.is_retrans, self.end_seq) = (false, None);
    }
}

impl Connection {
    /// Section 7.2: upon new data sent, and upon new data acknowledged.
    pub(crate) fn schedule_probe(&mut self, now: Instant) {
        self.timers.probe_timeout = None;
        let idle = !self.rack.on || self.rack.last().is_none() || self.faulty(Fault::NeverResends);
        if idle || self.recovery.is_recovering(self.una) || self.rack.segs_sacked() > 0 {
            return;
        }
        let Some(rto) = self.timers.retransmission else {
            return;
        };
        let pto = match self.rto.srtt() {
            Some(srtt) if self.faulty(Fault::ProbesTailEarly) => srtt / 2,
            Some(srtt) if self.rack.one_outstanding() => srtt * 2 + MAX_ACK_DELAY,
            Some(srtt) => srtt * 2,
            None => WITHOUT_SRTT,
        };
        self.timers.probe_timeout = Some((now + pto).min(rto));
    }

    /// Section 7.3: the two conditions; in any case it is the retransmission timer's turn next.
    pub(crate) fn probe_timeout(&mut self, now: Instant) {
        self.due.tail_probe = self.tlp.end_seq.is_none() && self.tlp.sampled && self.nxt == self.max;
        self.due.tail_probe |= self.faulty(Fault::ProbesTailAgain);
        self.due.tail_probe &= !self.faulty(Fault::NeverProbesTail);
        self.restart_retransmission(now);
    }

    /// TLP_send_probe(): a segment of new data where there is one and the window takes it, or else the last one again.
    pub(crate) fn tail_probe(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if !std::mem::take(&mut self.due.tail_probe) || !self.state.sends() {
            return false;
        }
        self.tlp.sampled = false;
        let mss = self.mss.saturating_sub(self.options_len()).max(1);
        let open = (self.una + self.wnd).since(self.nxt).max(0) as u32;
        let new = (self.queue_end().since(self.nxt).max(0) as u32).min(mss);
        self.tlp.is_retrans = new == 0 || new > open;
        let sends = if self.tlp.is_retrans {
            let Some((seq, end)) = self.rack.last() else {
                return false;
            };
            self.segment_again(now, seq, end, out)
        } else {
            self.segment_of_new_data(now, new, false, out);
            true
        };
        self.tlp.end_seq = Some(self.nxt);
        self.restart_retransmission(now);
        self.timers.probe_timeout = None;
        if self.faulty(Fault::ProbesTailAgain) {
            self.schedule_probe(now);
        }
        sends
    }

    /// TLP_process_ack(), section 7.4.2: whether the probe repaired a loss, which is congestion. `duplicate` where the segment
    /// is a duplicate acknowledgement by RFC 5681 section 2.
    pub(crate) fn tlp_hears(&mut self, segment: &Arrived<'_>, duplicate: bool) {
        let Some(end_seq) = self.tlp.end_seq.filter(|end| segment.ack >= *end) else {
            return;
        };
        let spurious = dsack(segment) == Some(end_seq) || duplicate && segment.options.sack.is_empty();
        if !self.tlp.is_retrans || spurious {
            self.tlp.reset();
        } else if segment.ack > end_seq {
            self.tlp.reset();
            self.recovery.congestion_reported(self.una, self.max);
        }
    }
}
