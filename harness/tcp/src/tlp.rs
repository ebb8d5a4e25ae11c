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
/// The clock's granularity (RFC 6298 section 2, G) and more: a round trip too short to be measured lets no probe go with the flight.
const LEAST_PTO: Duration = Duration::millis(10);

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
            Some(srtt) => (srtt * 2).max(LEAST_PTO),
            None => WITHOUT_SRTT,
        };
        self.timers.probe_timeout = Some((now + pto).min(rto));
    }

    /// Section 7.3: the two conditions; in any case it is the retransmission timer's turn next.
    pub(crate) fn probe_timeout(&mut self, now: Instant) {
        self.due.tail_probe = self.tlp.end_seq.is_none() && self.tlp.sampled && self.nxt == self.max;
        // What would be sent may have arrived, and what is lost RACK finds: where SACK had reported anything by then, none would
        // have been scheduled (section 7.2).
        self.due.tail_probe &= self.rack.segs_sacked() == 0;
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
            // It ends where the last one ended, even where options leave it less room than that one had.
            let from = seq.max(end.min(self.queue_end()) - mss);
            self.segment_again(now, from, end, out)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::net::IpAddr;
    use wire::tcp::{Flags, Options, SackBlock};

    const START: Instant = Instant(1_000_000_000_000);
    const RTT: Duration = Duration::millis(100);
    const MSS: usize = 1460;

    /// An acknowledgement, of our SYN where it carries one.
    fn arrives(one: &mut Connection, now: Instant, flags: Flags, ack: SeqNumber, sack: &[(SeqNumber, SeqNumber)]) {
        let mut options = Options::default();
        if flags.syn() {
            (options.mss, options.sack_permitted) = (Some(MSS as u16), true);
        }
        for &(left, right) in sack {
            options.sack.push(SackBlock { left, right });
        }
        let seq = SeqNumber(if flags.syn() { 7 } else { 8 });
        let segment = Arrived {
            seq,
            ack,
            wnd: 60_000,
            flags,
            options,
            raw_options: &[],
            payload: &[],
            urgent: None,
            congestion: false,
        };
        one.arrives(now, &segment);
    }

    /// Everything that it has to send: where each segment begins.
    fn sent(one: &mut Connection, now: Instant) -> Vec<u32> {
        one.advance_to(now);
        let mut out = Outgoing::default();
        std::iter::from_fn(|| {
            one.transmit(now, &mut out)
                .then_some(out.seq.0.wrapping_sub(one.iss.0 + 1))
        })
        .collect()
    }

    fn flight(octets: usize) -> (Connection, Instant) {
        flight_over(RTT, octets)
    }

    /// Established over a path of that round trip, and so many octets sent at once.
    fn flight_over(rtt: Duration, octets: usize) -> (Connection, Instant) {
        let [here, there] = [1, 2].map(|host| IpAddr::from([192, 0, 2, host]));
        let mut one = Connection::open(&Config::new(here), START, (here, 1), (there, 2));
        one.set_nagle(false);
        sent(&mut one, START);
        let now = START + rtt;
        let ack = one.iss + 1;
        arrives(&mut one, now, Flags::SYN.with(Flags::ACK), ack, &[]);
        one.send(&vec![7; octets]);
        sent(&mut one, now);
        (one, now)
    }

    #[test]
    fn the_last_segment_is_sent_again_after_two_round_trips_and_then_the_timer_runs() {
        let (mut one, now) = flight(3 * MSS);
        assert_eq!(one.wake_at(), Some(now + RTT * 2));
        assert_eq!(sent(&mut one, now + RTT * 2), [2 * MSS as u32]);
        assert_eq!(one.wake_at(), Some(now + RTT * 2 + Duration::secs(1)));
        assert_eq!(sent(&mut one, now + RTT * 2 + Duration::secs(1)), [0]);
    }

    #[test]
    fn a_lone_segment_waits_for_a_delayed_acknowledgement() {
        let (one, now) = flight(MSS);
        assert_eq!(one.wake_at(), Some(now + RTT * 2 + MAX_ACK_DELAY));
    }

    #[test]
    fn unsent_data_goes_before_the_last_segment() {
        let (mut one, now) = flight(3 * MSS);
        one.recovery.cwnd = 0;
        one.send(&[7; 100]);
        assert_eq!(sent(&mut one, now), []);
        assert_eq!(sent(&mut one, now + RTT * 2), [3 * MSS as u32]);
    }

    #[test]
    fn a_round_trip_too_short_to_be_measured_lets_no_probe_go_at_once() {
        let (one, now) = flight_over(Duration::ZERO, 3 * MSS);
        assert_eq!(one.wake_at(), Some(now + LEAST_PTO));
    }

    #[test]
    fn nothing_new_goes_before_what_is_lost() {
        let (mut one, now) = flight(3 * MSS);
        sent(&mut one, now + RTT * 2);
        let later = now + RTT * 2 + Duration::secs(1);
        assert_eq!(sent(&mut one, later), [0]);
        one.recovery.cwnd += 100;
        one.send(&[7; 50]);
        assert_eq!(sent(&mut one, later), []);
    }

    /// RFC 2018 section 5.
    #[test]
    fn a_timeout_sends_what_stands_first_even_where_it_was_reported() {
        let (mut one, now) = flight(3 * MSS);
        sent(&mut one, now + RTT * 2);
        one.wnd = 100;
        let later = now + RTT * 2 + Duration::secs(1);
        sent(&mut one, later);
        let [first, second, third] = [0, 1, 2].map(|n| one.iss + 1 + n * MSS as u32);
        arrives(&mut one, later + RTT, Flags::ACK, first, &[(second, third)]);
        sent(&mut one, later + RTT);
        arrives(&mut one, later + RTT * 2, Flags::ACK, second, &[]);
        assert_eq!(sent(&mut one, later + RTT * 2), [2 * MSS as u32]);
        let timeouts = (0..3).flat_map(|_| {
            let at = one.wake_at().expect("a timer");
            sent(&mut one, at)
        });
        assert!(timeouts.collect::<Vec<_>>().contains(&(MSS as u32)));
    }

    #[test]
    fn a_probe_that_repaired_a_loss_halves_the_window_and_a_duplicate_one_does_not() {
        for (dsack, halved) in [(false, true), (true, false)] {
            let (mut one, now) = flight(3 * MSS);
            let cwnd = one.recovery.cwnd;
            let later = now + RTT * 2;
            sent(&mut one, later);
            let (last, end) = (one.iss + 1 + 2 * MSS as u32, one.max);
            let block = [(last, end)];
            arrives(&mut one, later + RTT, Flags::ACK, end, if dsack { &block } else { &[] });
            one.send(&[7; 100]);
            sent(&mut one, later + RTT);
            let end = one.max;
            arrives(&mut one, later + RTT * 2, Flags::ACK, end, &[]);
            assert_eq!(one.recovery.cwnd < cwnd, halved, "D-SACK {dsack}");
        }
    }
}
