//! Timeouts: RFC 9293 section 3.10.8, and what RFC 6298 and section 3.8 set them to.

use crate::connection::{Connection, Ended};
use crate::fault::Fault;
use crate::state::State;
use wire::{Duration, Instant};

/// Section 3.8.3 (SHLD-10): at least three retransmissions.
const R1: u32 = 3;

/// When each timer goes off.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    pub retransmission: Option<Instant>,
    /// RFC 8985 section 5.4. Neither is later than the retransmission timer, which takes their place (section 8).
    pub reordering: Option<Instant>,
    pub probe_timeout: Option<Instant>,
    /// Window probes, section 3.8.6.1; the gap grows (SHLD-30).
    pub persist: Option<Instant>,
    pub persist_gap: Duration,
    /// Since when window probes go unanswered.
    pub unanswered_probe: Option<Instant>,
    pub keepalive: Option<Instant>,
    pub delayed_ack: Option<Instant>,
    pub time_wait: Option<Instant>,
    /// When data was last sent (RFC 5681 section 4.1).
    pub sent: Instant,
    /// Challenge ACKs of the present second, and when it began (RFC 5961 section 7).
    pub challenges: (Instant, u8),
    /// Since when nothing was acknowledged that should have been: R2 counts from here.
    pub progress: Instant,
}

impl Timers {
    pub fn stop(&mut self) {
        (self.retransmission, self.persist, self.delayed_ack, self.time_wait) = (None, None, None, None);
        (self.keepalive, self.reordering, self.probe_timeout) = (None, None, None);
    }

    pub fn next(&self) -> Option<Instant> {
        // No timer is a time that never comes.
        let never = Instant(i64::MAX);
        let next = [
            self.retransmission,
            self.persist,
            self.delayed_ack,
            self.time_wait,
            self.keepalive,
            self.reordering,
            self.probe_timeout,
        ]
        .iter()
        .fold(never, |next, timer| next.min(timer.unwrap_or(never)));
        (next < never).then_some(next)
    }
}

fn is_due(timer: &mut Option<Instant>, now: Instant) -> bool {
    timer.take_if(|due| *due <= now).is_some()
}

impl Connection {
    /// When [`Connection::advance_to`] has something to do.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Lets every timer go off that is due.
    pub(crate) fn advance_to(&mut self, now: Instant) {
        if is_due(&mut self.timers.delayed_ack, now) {
            self.due.ack = true;
        }
        if is_due(&mut self.timers.time_wait, now) {
            return self.end(Ended::Closed);
        }
        if is_due(&mut self.timers.reordering, now) {
            self.rack_detects_loss(now);
        }
        if is_due(&mut self.timers.probe_timeout, now) {
            self.probe_timeout(now);
        }
        if is_due(&mut self.timers.retransmission, now) {
            self.retransmission_timeout(now);
        }
        if is_due(&mut self.timers.persist, now) {
            self.due.probe = true;
        }
        if is_due(&mut self.timers.keepalive, now) {
            self.keepalive_due(now);
        }
    }

    /// RFC 6298 section 5.4 to 5.7.
    fn retransmission_timeout(&mut self, now: Instant) {
        let syn = matches!(self.state, State::SynSent | State::SynReceived);
        let r2 = if syn { self.config.r2_syn } else { self.user_timeout() };
        // Section 3.8.3: R2 has passed, and R1's three retransmissions with it: a timer that is backed off far goes off seldom.
        let (r2, r1) = match () {
            () if syn && self.faulty(Fault::SynGivesUpSoon) => (Duration::secs(10), 0),
            () if !syn && self.faulty(Fault::GivesUpSoon) => (Duration::secs(10), 0),
            () if self.faulty(Fault::NeverGivesUp) => (Duration::MAX, 0),
            () => (r2, R1),
        };
        if now - self.timers.progress >= r2 && self.rto.expiries >= r1 {
            return self.end(Ended::TimedOut);
        }
        let first = self.rto.expiries == 0;
        let steady = if syn {
            Fault::SynNeverBacksOff
        } else {
            Fault::NeverBacksOff
        };
        if self.config.faults.has(steady) {
            self.rto.expiries += 1;
        } else {
            self.rto.expired();
        }
        // Section 3.8.3 (b).
        self.r1_reached |= self.rto.expiries >= R1;
        // Karn's algorithm: what is sent again is not timed.
        self.timed = None;
        if syn {
            self.due.syn = !self.faulty(Fault::SynOnce);
            return;
        }
        if self.faulty(Fault::NeverResends) {
            return;
        }
        let cwnd = self.recovery.cwnd;
        self.recovery.timed_out(self.una, self.max, first);
        if self.config.faults.has(Fault::FloodsAfterTimeout) {
            self.recovery.cwnd = cwnd;
        }
        // Section 3.8.6 (SHLD-16, MUST-35): below a window that shrank only what it takes is sent again, by SND.NXT.
        // What stands at SND.UNA goes first (RFC 2018 section 5): RACK may not know it, where it was passed over as SACKed.
        let known = self.rack.on && self.nxt == self.max && self.rack.first() == Some(self.una);
        if known && self.una + self.wnd >= self.max {
            return self.rack_timed_out(now);
        }
        self.go_back();
        if self.faulty(Fault::ResendsSecond) && self.max - self.effective_mss() > self.una {
            self.nxt = self.una + self.effective_mss();
        }
        self.due.resend = false;
    }

    /// All that is outstanding is to be sent again, from SND.UNA on.
    pub(crate) fn go_back(&mut self) {
        self.nxt = self.una;
        self.rack.forget_segments();
        self.tlp.reset();
        (self.timers.reordering, self.timers.probe_timeout) = (None, None);
    }

    /// RFC 6298 section 5.1 and 5.3: runs while something is outstanding, anew from every new acknowledgement.
    pub(crate) fn restart_retransmission(&mut self, now: Instant) {
        let outstanding = self.una < self.max;
        self.timers.retransmission = outstanding.then(|| now + self.rto.get());
    }

    pub(crate) fn enter_time_wait(&mut self, now: Instant) {
        self.state = State::TimeWait;
        self.timers.stop();
        let lasts = if self.faulty(Fault::ShortTimeWait) {
            Duration::millis(500)
        } else {
            self.config.msl * 2
        };
        self.timers.time_wait = Some(now + lasts);
    }
}
