//! What goes out next.

use crate::connection::{Connection, Ended};
use crate::fault::Fault;
use crate::segment::{Outgoing, pieces};
use crate::state::State;
use crate::user_timeout;
use wire::tcp::{Flags, TcpOption, kind};
use wire::{Duration, Instant, SeqNumber};

/// Section 3.8.6.2.1: the override timeout, 0.1 to 1.0 seconds.
const OVERRIDE: Duration = Duration::millis(500);

impl Connection {
    /// Fills `out` with the next segment; false when none is due.
    pub(crate) fn transmit(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        out.clear();
        self.begin_close();
        self.restart_when_idle(now);
        let before = self.max;
        let sends = self.next_segment(now, out);
        if sends {
            self.spoil(now, before, out);
        }
        sends
    }

    fn next_segment(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        self.refuse(now, out)
            || self.reset_out(now, out)
            || self.syn_out(now, out)
            || self.resend(now, out)
            || self.fill_hole(now, out)
            || self.tail_probe(now, out)
            || self.new_data(now, out)
            || self.probe(now, out)
            || self.keepalive_out(now, out)
            || self.acknowledge(now, out)
    }

    /// Section 3.10.4: the state changes with the CLOSE, the FIN follows what is queued.
    fn begin_close(&mut self) {
        if self.closing {
            self.state = match self.state {
                State::Established => State::FinWait1,
                State::CloseWait => State::LastAck,
                other => other,
            };
        }
    }

    fn restart_when_idle(&mut self, now: Instant) {
        if self.una == self.max && now - self.timers.sent > self.rto.get() {
            self.recovery.idle();
        }
    }

    /// <SEQ=SEG.ACK><CTL=RST>.
    fn refuse(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        let Some(seq) = self.due.refusal.take() else {
            return false;
        };
        (out.seq, out.ack, out.wnd, out.flags) = (seq, SeqNumber(0), 0, Flags::RST);
        // RFC 7323 section 3.2: once both SYNs had them.
        if self.timestamps {
            out.options.extend([1, 1]);
            let (value, echo) = (self.tsval(now), self.ts_recent);
            TcpOption::Timestamps { value, echo }.emit(&mut out.options);
        }
        true
    }

    fn reset_out(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if !std::mem::take(&mut self.due.reset) {
            return false;
        }
        self.head(now, self.max, Flags::RST.with(Flags::ACK), out);
        true
    }

    fn syn_out(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if !std::mem::take(&mut self.due.syn) {
            return false;
        }
        let flags = match self.state {
            State::SynSent => Flags::SYN,
            State::SynReceived => Flags::SYN.with(Flags::ACK),
            _ => return false,
        };
        (out.seq, out.flags) = (self.iss, flags.with(self.ecn_offer(flags.ack())));
        (out.ack, out.wnd) = if flags.ack() {
            (self.receiver.nxt, self.receiver.field(true))
        } else {
            (SeqNumber(0), self.config.receive_buffer.min(65_535) as u16)
        };
        self.syn_options(now, flags.ack(), &mut out.options);
        if self.user_timeout.enabled {
            self.user_timeout_option(&mut out.options);
        }
        self.timed = (self.max == self.iss).then_some((self.iss + 1, now));
        (self.nxt, self.max) = (self.iss + 1, self.max.max(self.iss + 1));
        self.timers.sent = now;
        self.timers.retransmission = Some(now + self.rto.get());
        true
    }

    /// MSS always; the others as an offer, or in answer to one.
    fn syn_options(&self, now: Instant, answer: bool, options: &mut Vec<u8>) {
        TcpOption::MaximumSegmentSize(self.config.mss()).emit(options);
        let sack = if answer { self.sack } else { self.config.sack };
        let timestamps = if answer {
            self.timestamps
        } else {
            self.config.timestamps
        };
        let scale = if answer {
            self.receiver.shift_offered()
        } else {
            self.config.window_scale.then(|| self.receiver.wanted_shift())
        };
        let echo = if answer { self.ts_recent } else { 0 };
        if sack {
            if !timestamps {
                options.extend([1, 1]);
            }
            TcpOption::SackPermitted.emit(options);
        } else if timestamps {
            options.extend([1, 1]);
        }
        if timestamps {
            TcpOption::Timestamps {
                value: self.tsval(now),
                echo,
            }
            .emit(options);
        }
        if let Some(shift) = scale {
            let shift = if self.config.faults.has(Fault::ShiftOf15) {
                15
            } else {
                shift
            };
            options.push(1);
            TcpOption::WindowScale(shift).emit(options);
        }
    }

    /// Header and options of a segment that acknowledges.
    pub(crate) fn head(&mut self, now: Instant, seq: SeqNumber, flags: Flags, out: &mut Outgoing) {
        (out.seq, out.ack, out.flags) = (seq, self.receiver.nxt, flags);
        let faults = self.config.faults;
        out.wnd = self.receiver.field(false);
        if faults.has(Fault::ShrinksWindow) && !self.receiver.blocks().is_empty() {
            out.wnd /= 2;
        }
        if faults.has(Fault::MssOnData) {
            TcpOption::MaximumSegmentSize(self.config.mss()).emit(&mut out.options);
        }
        if self.timestamps && !faults.has(Fault::DropsTimestamps) {
            let echo = if faults.has(Fault::WrongEcho) {
                self.ts_recent.wrapping_add(77_777)
            } else {
                self.ts_recent
            };
            // RFC 7323 appendix A.
            let mut option = [1, 1, kind::TIMESTAMPS, 10, 0, 0, 0, 0, 0, 0, 0, 0];
            option[4..8].copy_from_slice(&self.tsval(now).to_be_bytes());
            option[8..12].copy_from_slice(&echo.to_be_bytes());
            out.options.extend_from_slice(&option);
        }
        let sack = self.sack || faults.has(Fault::SackUnasked);
        let left_out = faults.has(Fault::NoSackOption) && (now.0 / 1_000_000) % 2 == 0;
        if sack && !flags.rst() && !left_out {
            self.sack_option(&mut out.options);
        }
        if self.user_timeout.due && !flags.rst() && out.options.len() + user_timeout::OPTION as usize <= 40 {
            self.user_timeout_option(&mut out.options);
        }
        if !flags.rst() {
            self.acknowledged();
        }
    }

    /// RFC 2018 section 4, RFC 2883 section 4: a duplicate first, then the blocks, as many as fit.
    fn sack_option(&mut self, options: &mut Vec<u8>) {
        let duplicate = self.due.duplicate.take();
        let room = (40 - options.len() - 4) / 8;
        let mut bytes = [0u8; 32];
        let mut count = 0;
        let mut blocks = self.receiver.blocks().to_vec();
        if self.config.faults.has(Fault::OldestBlockFirst) {
            blocks.reverse();
        }
        if let (Some(twice), true) = (duplicate, self.faulty(Fault::LoneDuplicate)) {
            blocks.retain(|block| block.left > twice.left || block.right < twice.right);
        }
        for block in duplicate.iter().chain(&blocks).take(room.min(4)) {
            bytes[count * 8..][..4].copy_from_slice(&block.left.0.to_be_bytes());
            bytes[count * 8 + 4..][..4].copy_from_slice(&block.right.0.to_be_bytes());
            count += 1;
        }
        if count > 0 {
            options.extend([1, 1]);
            TcpOption::Sack(&bytes[..count * 8]).emit(options);
        }
    }

    /// Every segment acknowledges: nothing more is owed.
    fn acknowledged(&mut self) {
        (self.due.ack, self.due.unacknowledged) = (false, 0);
        self.timers.delayed_ack = None;
        self.last_ack_sent = self.receiver.nxt;
    }

    /// Fast retransmit, and what a partial acknowledgement asks for: one segment at SND.UNA.
    fn resend(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if !std::mem::take(&mut self.due.resend) || !self.state.sends() {
            return false;
        }
        // RFC 6675 section 5 (4.3): what is lost first, whatever the window.
        let oldest = if self.rack.on {
            self.rack.next_lost()
        } else {
            Some((self.una, self.max))
        };
        oldest.is_some_and(|(from, to)| self.segment_again(now, from, to, out))
    }

    /// RFC 6675 section 5 (C): the next hole, while the pipe has room.
    fn fill_hole(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if self.rack.on {
            return self.send_lost(now, out);
        }
        let Some((from, to)) = self.recovery.next_hole(self.una).filter(|_| self.state.sends()) else {
            return false;
        };
        let flight = self.max.since(self.una).max(0) as u32;
        let pipe = flight.saturating_sub(self.recovery.sacked_octets());
        let room = self.recovery.cwnd >= pipe.saturating_add(self.effective_mss());
        room && self.segment_again(now, from, to, out)
    }

    /// The same where RACK knows what is lost, in fast recovery and after a timeout.
    fn send_lost(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        let Some((from, to)) = self.rack.next_lost().filter(|_| self.state.sends()) else {
            return false;
        };
        let mss = self.mss.saturating_sub(self.options_len()).max(1);
        let len = (to.since(from).max(0) as u32).min(mss);
        let room = self.recovery.cwnd >= self.rack.pipe().saturating_add(len);
        room && !self.faulty(Fault::NeverResends) && self.segment_again(now, from, to, out)
    }

    /// Octets that were sent before, from `from`, up to a segment's worth and not beyond `to`.
    pub(crate) fn segment_again(&mut self, now: Instant, from: SeqNumber, to: SeqNumber, out: &mut Outgoing) -> bool {
        self.head(now, from, Flags::ACK, out);
        // An MSS that options use up leaves an octet, here as for new data.
        let room = self.mss.saturating_sub(out.options.len() as u32).max(1);
        let end = self.queue_end().min(to).min(from + room);
        self.copy(from, end, out);
        if self.config.faults.has(Fault::ResendsOtherOctets) {
            out.payload.iter_mut().for_each(|octet| *octet = octet.wrapping_add(1));
        }
        let fin = self.closing && end == self.queue_end() && self.max > self.queue_end() && to > end;
        self.finish_data(end, fin, out);
        self.mark(false, out);
        let sent = out.text_len() as u32 + u32::from(fin);
        self.recovery.resent(from + sent);
        if self.rack.on {
            self.rack.transmitted(now, self.tsval(now), (from, from + sent), true);
        }
        // Karn's algorithm: what is sent again is not timed.
        self.timed = None;
        self.timers.sent = now;
        self.restart_retransmission(now);
        sent > 0
    }

    fn copy(&self, from: SeqNumber, end: SeqNumber, out: &mut Outgoing) {
        let first = from.since(self.queue_start).max(0) as usize;
        let last = (end.since(self.queue_start).max(0) as usize).min(self.queue.len());
        out.queued = first.min(last)..last;
        if !self.config.faults.none() {
            let (low, high) = pieces(&self.queue, &out.queued);
            out.payload.extend_from_slice(low);
            out.payload.extend_from_slice(high);
            out.queued = 0..0;
        }
    }

    /// PSH where nothing is queued behind (section 3.9.1.2, MUST-61), FIN where it follows.
    fn finish_data(&self, end: SeqNumber, fin: bool, out: &mut Outgoing) {
        // Section 3.8.5: the pointer is an offset from SEG.SEQ to behind the last urgent octet (RFC 6093 section 3.1).
        if let Some(ahead) = self.urgent.map(|up| up.since(out.seq)).filter(|ahead| *ahead > 0) {
            out.flags = out.flags.with(Flags::URG);
            out.urgent_pointer = ahead.min(65_535) as u16;
        }
        if end == self.queue_end() && out.text_len() > 0 && !self.config.faults.has(Fault::NeverPushes) {
            out.flags = out.flags.with(Flags::PSH);
        }
        if fin {
            out.flags = out.flags.with(Flags::FIN);
        }
    }

    /// From SND.NXT, as far as both windows allow.
    fn new_data(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if !self.state.sends() || self.ended == Some(Ended::Aborted) {
            return false;
        }
        // RFC 6675 section 4, NextSeg(): what is lost comes before new data, even where it waits for the congestion window.
        if self.rack.next_lost().is_some() && !self.faulty(Fault::NeverResends) {
            return false;
        }
        if self.nxt < self.max {
            // RFC 6675 section 5.1: what was reported since the timeout is not sent again.
            self.nxt = self.recovery.beyond_sacked(self.nxt);
        }
        let options = self.options_len();
        let mss = self.mss.saturating_sub(options).max(1);
        let stretch = self
            .recovery
            .next_sacked(self.nxt)
            .unwrap_or(self.queue_end())
            .min(self.queue_end());
        let queued = stretch.since(self.nxt).max(0) as u32;
        let wnd = if self.config.faults.has(Fault::IgnoresWindow) {
            self.wnd + 20_000
        } else {
            self.wnd
        };
        let usable = self.usable(wnd);
        let len = queued.min(usable).min(mss);
        let once = self.faulty(Fault::FinOnce) && self.max > self.queue_end();
        let waits = self.faulty(Fault::FinWaits) && self.una < self.queue_end();
        let fin = self.closing
            && !once
            && !waits
            && stretch == self.queue_end()
            && len == queued
            && (usable > len || self.nxt < self.max)
            && self.nxt <= self.queue_end();
        if len == 0 && !fin {
            self.await_window(now, queued);
            return false;
        }
        if !self.is_worth_sending(now, len, queued, mss) && !fin {
            return false;
        }
        self.segment_of_new_data(now, len, fin, out);
        true
    }

    /// How much of the window `wnd` and of the congestion window is left.
    fn usable(&self, wnd: u32) -> u32 {
        let (cwnd, limited) = (self.recovery.cwnd, self.recovery.limited * self.effective_mss());
        let open = |wnd: u32| (self.una + wnd).since(self.nxt).max(0) as u32;
        if self.rack.on {
            open(wnd).min(cwnd.saturating_sub(self.rack.pipe()))
        } else {
            open(wnd.min(cwnd + limited))
        }
    }

    /// `len` octets from SND.NXT on, and FIN behind them.
    pub(crate) fn segment_of_new_data(&mut self, now: Instant, len: u32, fin: bool, out: &mut Outgoing) {
        let from = self.nxt;
        self.head(now, from, Flags::ACK, out);
        self.copy(from, from + len, out);
        self.finish_data(from + len, fin, out);
        let end = from + len + u32::from(fin);
        let again = from < self.max;
        self.mark(!again && len > 0, out);
        if again {
            self.timed = None;
        } else {
            self.timed.get_or_insert((end, now));
        }
        (self.nxt, self.max) = (end, self.max.max(end));
        (self.timers.sent, self.timers.persist) = (now, None);
        if self.timers.retransmission.is_none() {
            // R2 (section 3.8.3) counts from the first transmission.
            if !again {
                self.timers.progress = now;
            }
            self.timers.retransmission = Some(now + self.rto.get());
        }
        if self.rack.on {
            self.rack.transmitted(now, self.tsval(now), (from, end), again);
            self.schedule_probe(now);
        }
    }

    pub(crate) fn options_len(&self) -> u32 {
        let timestamps = if self.timestamps { 12 } else { 0 };
        let blocks = self.receiver.blocks().len() + usize::from(self.due.duplicate.is_some());
        let room = (40 - timestamps as usize - 4) / 8;
        let sack = if self.sack && blocks > 0 {
            4 + 8 * blocks.min(room).min(4) as u32
        } else {
            0
        };
        let told = self.user_timeout.due && timestamps + sack + user_timeout::OPTION <= 40;
        timestamps + sack + if told { user_timeout::OPTION } else { 0 }
    }

    /// Nagle (section 3.7.4) and silly window avoidance (section 3.8.6.2.1).
    fn is_worth_sending(&mut self, now: Instant, len: u32, queued: u32, mss: u32) -> bool {
        if self.faulty(Fault::SillySender) || self.faulty(Fault::NoNagle) && len == queued {
            return true;
        }
        if self.faulty(Fault::HoldsSmallWrites) && len < mss {
            return false;
        }
        // After a timeout one full segment goes out, not a remainder of the window as well (RFC 5681 section 3.1: LW).
        let again = self.nxt < self.max && (len == queued || self.una == self.nxt);
        let quiet = self.una == self.nxt;
        let all = len == queued && (quiet || !self.nagle || self.closing);
        let half = quiet && len * 2 >= self.max_wnd;
        let worth = len >= mss || again || all || half;
        if !worth && quiet {
            // Nothing is outstanding that would bring an acknowledgement: the override timeout is the persist timer's.
            self.timers.persist.get_or_insert(now + OVERRIDE);
        }
        worth
    }

    /// Section 3.8.6.1: data waits for a window, and nothing is outstanding: the window is probed.
    fn await_window(&mut self, now: Instant, queued: u32) {
        let waits = queued > 0 || (self.closing && self.nxt == self.queue_end() && self.max <= self.queue_end());
        if self.faulty(Fault::NeverProbes) {
            return;
        }
        if waits && self.una == self.nxt && self.wnd == 0 && self.timers.persist.is_none() && !self.due.probe {
            let gap = &mut self.timers.persist_gap;
            *gap = if *gap == Duration::ZERO {
                self.rto.get()
            } else {
                if self.config.faults.has(Fault::ProbesSteadily) {
                    *gap
                } else {
                    (*gap * 2).min(Duration::minutes(2))
                }
            };
            let first = if self.config.faults.has(Fault::ProbesAtOnce) {
                Duration::ZERO
            } else {
                *gap
            };
            self.timers.persist = Some(now + first);
            self.timers.retransmission = None;
        }
    }

    /// One octet of what waits, or what an override sends.
    fn probe(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if !std::mem::take(&mut self.due.probe) || !self.state.sends() || self.una != self.nxt {
            return false;
        }
        // Section 3.8.6.1 (MUST-37): only probes that nobody answers count towards R2.
        let since = *self.timers.unanswered_probe.get_or_insert(now);
        if now - since >= self.user_timeout() {
            self.end(Ended::TimedOut);
            return false;
        }
        if self.faulty(Fault::ProbingGivesUp) && self.timers.persist_gap >= Duration::minutes(1) {
            self.end(Ended::TimedOut);
            return false;
        }
        let least = if self.faulty(Fault::FillsClosedWindow) { 500 } else { 1 };
        let usable = (self.una + self.wnd).since(self.nxt).max(least) as u32;
        self.head(now, self.nxt, Flags::ACK, out);
        let end = self.queue_end().min(self.nxt + usable.min(self.effective_mss()));
        self.copy(self.nxt, end, out);
        let fin = out.text_len() == 0 && self.closing;
        self.finish_data(end, fin, out);
        // RFC 3168 section 6.1.6: what probes a closed window is neither ECN-capable nor has CWR.
        let new = self.wnd > 0 && self.nxt == self.max && end > self.nxt;
        self.mark(new, out);
        if end + u32::from(fin) > self.max {
            // R2 counts from here, as for what the window lets out.
            self.timers.progress = now;
        }
        self.max = self.max.max(end + u32::from(fin));
        if self.wnd > 0 {
            // The override: from here on it is data like any other.
            if self.rack.on {
                self.rack.transmitted(now, self.tsval(now), (self.nxt, self.max), false);
            }
            self.nxt = self.max;
            self.timers.retransmission = Some(now + self.rto.get());
            if new {
                // R2 counts from here, as for any other.
                self.timers.progress = now;
            }
        }
        self.timers.sent = now;
        true
    }

    fn acknowledge(&mut self, now: Instant, out: &mut Outgoing) -> bool {
        if !self.due.ack || matches!(self.state, State::Closed | State::SynSent) {
            return false;
        }
        // The highest number in use: after a timeout SND.NXT lies below it, and would look old to the peer. An octet that probes
        // a closed window lies beyond what the peer accepts, though.
        let edge = self.una + self.wnd;
        let seq = if self.max > edge { self.nxt.max(edge) } else { self.max };
        self.head(now, seq, Flags::ACK, out);
        self.mark(false, out);
        true
    }
}
