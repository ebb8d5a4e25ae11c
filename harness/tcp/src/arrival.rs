//! SEGMENT ARRIVES: RFC 9293 section 3.10.7, in its order.

use crate::connection::{Connection, Ended};
use crate::fault::Fault;
use crate::receive::Text;
use crate::recovery::Reaction;
use crate::segment::Arrived;
use crate::state::State;
use wire::tcp::{Flags, Options};
use wire::{Duration, Instant, SeqNumber};

/// RFC 5961 section 7: challenge ACKs per second.
const CHALLENGES_PER_SECOND: u8 = 10;

impl Connection {
    pub(crate) fn arrives(&mut self, now: Instant, segment: &Arrived<'_>) {
        if self.config.faults.none() {
            return self.hears(now, segment);
        }
        if let Some(heard) = self.mishear(segment) {
            self.hears(now, &heard);
        }
    }

    fn hears(&mut self, now: Instant, segment: &Arrived<'_>) {
        self.peer_is_there(now);
        // RFC 2883 section 4 (1): only what the most recent segment brought twice is reported.
        self.due.duplicate = None;
        match self.state {
            State::Closed | State::Listen => {}
            State::SynSent => self.in_syn_sent(now, segment),
            _ => self.otherwise(now, segment),
        }
    }

    /// Section 3.10.7.3.
    fn in_syn_sent(&mut self, now: Instant, segment: &Arrived<'_>) {
        let acks = segment.flags.ack();
        // First: an acknowledgement of what was never sent.
        if acks && (segment.ack <= self.iss || segment.ack > self.max) {
            if !segment.flags.rst() && !self.faulty(Fault::TrustsAnySynAck) {
                self.due.refusal = Some(segment.ack);
            }
            return;
        }
        // Second: a reset counts only with an acknowledgement of the SYN.
        if segment.flags.rst() {
            if acks {
                self.end(Ended::Refused);
            }
            return;
        }
        // Fourth.
        if !segment.flags.syn() {
            return;
        }
        self.heard_syn(segment.seq, segment.wnd, &segment.options);
        self.hear_ecn_offer(segment.flags);
        self.hear_user_timeout(segment.raw_options);
        if !acks {
            // Simultaneous open: SYN-ACK is due, of the SYN alone; its text and FIN wait for ESTABLISHED.
            self.keep_text_of_syn(segment);
            self.state = State::SynReceived;
            self.due.syn = true;
            return;
        }
        self.measure(now, segment);
        self.una = segment.ack;
        self.established(now, segment);
        self.due.ack = true;
        self.text(now, segment.seq + 1, segment);
        self.fin(now, segment.seq + 1, segment);
    }

    fn established(&mut self, now: Instant, segment: &Arrived<'_>) {
        self.state = State::Established;
        self.was_established = true;
        let window = u32::from(segment.wnd) << if segment.flags.syn() { 0 } else { self.shift };
        (self.wnd, self.wl1, self.wl2) = (window, segment.seq, segment.ack);
        self.max_wnd = self.max_wnd.max(window);
        self.last_wnd = window;
        if self.rto.expiries > 0 && !self.faulty(Fault::LateSynFlood) {
            self.recovery.syn_was_lost();
        }
        self.rto.data_begins();
        self.timers.progress = now;
        self.r1_reached = false;
        // RFC 5482 section 3: in the first segment without SYN as well.
        self.user_timeout.due = self.user_timeout.enabled;
        self.restart_retransmission(now);
    }

    /// Section 3.10.7.4.
    fn otherwise(&mut self, now: Instant, segment: &Arrived<'_>) {
        let mut seq = segment.seq;
        // The SYN of a simultaneous open comes again with its acknowledgement: it is trimmed, the rest fits the window.
        let known = segment.flags.syn() && seq + 1 == self.receiver.nxt && self.state == State::SynReceived;
        let again = known && !segment.flags.rst();
        if again {
            seq += 1;
            if !segment.flags.ack() {
                self.due.syn = true;
                return;
            }
        }
        if !self.timestamp_passes(now, segment) {
            return;
        }
        // First: the sequence number.
        let len = segment.len() - u32::from(again);
        if !self.receiver.is_acceptable(seq, len) {
            return self.unacceptable(now, seq, segment);
        }
        if let (true, Some((value, _))) = (self.timestamps, segment.options.timestamps) {
            // RFC 7323 section 4.3 (2).
            if seq <= self.last_ack_sent && !segment.flags.rst() {
                self.ts_recent = value;
            }
        }
        // Second: RST.
        if segment.flags.rst() {
            return self.reset(now, seq);
        }
        // Fourth: SYN.
        if segment.flags.syn() && !again {
            return self.unexpected_syn(now);
        }
        // Fifth: ACK.
        let unneeded = !segment.flags.ack() && self.faulty(Fault::NeedsNoAck);
        if !unneeded && (!segment.flags.ack() || !self.acknowledgement(now, segment)) {
            return;
        }
        self.hear_ecn(segment);
        self.hear_user_timeout(segment.raw_options);
        self.text_of_syn(now);
        // Sixth: URG; seventh and eighth.
        self.urgent_pointer(seq, segment);
        self.text(now, seq, segment);
        self.fin(now, seq, segment);
    }

    /// RFC 7323 section 5.3: PAWS comes first. What fails is acknowledged and dropped; what lacks the option is dropped.
    fn timestamp_passes(&mut self, now: Instant, segment: &Arrived<'_>) -> bool {
        if !self.timestamps || segment.flags.rst() || self.faulty(Fault::NoPaws) {
            return true;
        }
        let Some((value, _)) = segment.options.timestamps else {
            return self.faulty(Fault::TakesUnstamped);
        };
        let old = (value.wrapping_sub(self.ts_recent) as i32) < 0;
        if old && !self.faulty(Fault::SilentPaws) {
            self.challenge(now);
        }
        !old
    }

    /// What lies outside the window is answered by an acknowledgement, unless it is a reset.
    fn unacceptable(&mut self, now: Instant, seq: SeqNumber, segment: &Arrived<'_>) {
        if segment.flags.rst() {
            return;
        }
        if self.state == State::TimeWait && segment.flags.fin() {
            // Eighth: a FIN again restarts the wait.
            self.enter_time_wait(now);
        }
        // A window of zero accepts nothing, but valid acknowledgements are processed.
        if self.receiver.window() == 0 && seq == self.receiver.nxt && segment.flags.ack() && !segment.flags.syn() {
            self.acknowledgement(now, segment);
        }
        self.report_duplicate(segment.seq, segment.payload);
        let keepalive = seq + 1 == self.receiver.nxt && segment.payload.len() < 2;
        let silent = self.faulty(Fault::SilentOutside)
            || self.faulty(Fault::KeepalivesPassedOver) && keepalive
            || self.faulty(Fault::ProbeUnanswered) && self.receiver.window() == 0;
        if self.state != State::Closed && !silent {
            self.due.ack = true;
        }
    }

    /// RFC 5961 section 3.2.
    fn reset(&mut self, now: Instant, seq: SeqNumber) {
        // RFC 1337 section 3: TIME-WAIT is not assassinated.
        if self.state == State::TimeWait {
            return;
        }
        if seq != self.receiver.nxt {
            return self.challenge(now);
        }
        let refused = self.state == State::SynReceived && !self.passive;
        self.end(if refused { Ended::Refused } else { Ended::Reset });
    }

    /// Fourth: RFC 5961 section 4.2. What a passive OPEN has not established yet goes back to LISTEN, and nobody is told.
    fn unexpected_syn(&mut self, now: Instant) {
        if self.state == State::SynReceived && self.passive {
            return self.end(Ended::Reset);
        }
        self.challenge(now);
    }

    /// A challenge ACK, throttled (RFC 5961 section 7).
    fn challenge(&mut self, now: Instant) {
        let (since, count) = &mut self.timers.challenges;
        if now - *since >= Duration::secs(1) {
            (*since, *count) = (now, 0);
        }
        if *count < CHALLENGES_PER_SECOND || self.config.faults.has(Fault::NeverThrottles) {
            *count = count.saturating_add(1);
            self.due.ack = true;
        }
    }

    /// Fifth. False when the segment is to be dropped.
    fn acknowledgement(&mut self, now: Instant, segment: &Arrived<'_>) -> bool {
        let ack = segment.ack;
        if self.state == State::SynReceived {
            if ack <= self.una || ack > self.max {
                self.due.refusal = Some(ack).filter(|_| !self.faulty(Fault::SilentInHandshake));
                return false;
            }
            self.measure(now, segment);
            self.una = ack.min(self.queue_start);
            self.established(now, segment);
        }
        // RFC 5961 section 5.2: neither too old nor of what was never sent.
        let stale = ack < self.una - self.max_wnd && !self.faulty(Fault::TakesStaleAcks);
        if ack > self.max || stale {
            if !self.faulty(Fault::SilentBeyond) {
                self.challenge(now);
            }
            return false;
        }
        if self.sack {
            self.recovery.note_sack(&segment.options.sack, self.una, self.max);
        }
        let was_recovering = self.recovery.is_recovering(self.una);
        let repeats = ack == self.una && self.is_plain(segment) && self.same_window(segment);
        let una = self.una;
        if ack > self.una {
            self.new_acknowledgement(now, segment);
        } else if self.rack.on {
            // RACK needs no counting.
        } else if self.is_duplicate(segment) && !self.config.faults.has(Fault::NoFastRetransmit) {
            let reaction = self.recovery.duplicate(self.una, self.max);
            self.due.resend |= reaction == Reaction::Resend;
            // RFC 3042 section 2: the first two let one new segment out each.
            self.recovery.limited = if reaction == Reaction::Nothing {
                self.recovery.dup_acks.min(2)
            } else {
                0
            };
        }
        self.tlp_hears(segment, repeats);
        self.rack_hears(now, segment, was_recovering);
        if ack > una {
            self.schedule_probe(now);
        }
        if ack >= self.una {
            self.last_wnd = u32::from(segment.wnd) << self.shift;
        }
        self.update_window(now, segment);
        self.after_acknowledgement(now);
        self.state != State::Closed
    }

    /// RFC 5681 section 2, whose window is that of the last acknowledgement, be it newer than SND.WL1 or not; with SACK, RFC 6675
    /// section 2.
    fn is_duplicate(&self, segment: &Arrived<'_>) -> bool {
        let reports = self.sack && !segment.options.sack.is_empty();
        let same = segment.ack == self.una && (self.same_window(segment) || reports);
        let news = !self.sack || reports;
        // The answers to window probes tell of no loss.
        self.is_plain(segment) && same && news && self.una < self.max && self.wnd > 0
    }

    fn is_plain(&self, segment: &Arrived<'_>) -> bool {
        segment.payload.is_empty() && !segment.flags.intersects(Flags::SYN.with(Flags::FIN))
    }

    fn same_window(&self, segment: &Arrived<'_>) -> bool {
        u32::from(segment.wnd) << self.shift == self.last_wnd
    }

    fn new_acknowledgement(&mut self, now: Instant, segment: &Arrived<'_>) {
        let ack = segment.ack;
        self.measure(now, segment);
        let octets = ack.since(self.una) as u32;
        // The right edge stays where it was offered until this segment's window counts.
        self.wnd = self.wnd.saturating_sub(octets);
        let data = ack.min(self.queue_end()).since(self.queue_start).max(0) as usize;
        self.queue.drain(..data.min(self.queue.len()));
        self.queue_start += data as u32;
        self.una = ack;
        self.nxt = self.nxt.max(ack);
        self.rto.progressed();
        self.r1_reached = false;
        self.timers.progress = now;
        let reaction = self.recovery.acked(octets, ack);
        self.due.resend = reaction == Reaction::Resend && self.una < self.max;
        // RFC 6298 section 5.2 and 5.3.
        self.restart_retransmission(now);
    }

    /// RFC 7323 section 4.1, or the one segment that is timed (RFC 6298 section 3).
    fn measure(&mut self, now: Instant, segment: &Arrived<'_>) {
        if segment.ack <= self.una {
            return;
        }
        if let (true, Some((_, echo))) = (self.timestamps, segment.options.timestamps) {
            let ticks = self.tsval(now).wrapping_sub(echo);
            if ticks < 1 << 30 {
                self.rto.sample(Duration::millis(i64::from(ticks)));
                self.tlp.sampled = true;
            }
            return;
        }
        if let Some((_, sent)) = self.timed.take_if(|(end, _)| *end <= segment.ack) {
            self.rto.sample(now - sent);
            self.tlp.sampled = true;
        }
    }

    /// SND.WND, by SND.WL1 and SND.WL2: old segments do not bring old windows.
    fn update_window(&mut self, now: Instant, segment: &Arrived<'_>) {
        let (seq, ack) = (segment.seq, segment.ack);
        let newer = self.wl1 < seq || (self.wl1 == seq && self.wl2 <= ack);
        if !newer || ack < self.una || segment.flags.syn() {
            return;
        }
        let window = u32::from(segment.wnd) << self.shift;
        let shrinks = ack + window < self.una + self.wnd;
        if shrinks && self.faulty(Fault::DiesOfShrinking) {
            return self.end(Ended::Aborted);
        }
        let opens = self.wnd == 0 && window > 0;
        if shrinks && self.faulty(Fault::IgnoresShrinking) || opens && self.faulty(Fault::WaitsForProbe) {
            return;
        }
        self.wnd = window;
        (self.wl1, self.wl2) = (seq, ack);
        self.max_wnd = self.max_wnd.max(self.wnd);
        if self.wnd > 0 {
            (self.timers.persist, self.timers.persist_gap) = (None, Duration::ZERO);
            self.timers.unanswered_probe = None;
        } else {
            // Section 3.8.6.1: a peer that acknowledges probes may keep its window closed for ever (MUST-37).
            (self.timers.progress, self.timers.unanswered_probe) = (now, None);
        }
    }

    /// What the acknowledgement of our FIN leads to.
    fn after_acknowledgement(&mut self, now: Instant) {
        if !self.fin_is_acknowledged() {
            return;
        }
        match self.state {
            State::FinWait1 => self.state = State::FinWait2,
            State::Closing => self.enter_time_wait(now),
            State::LastAck => self.end(Ended::Closed),
            _ => {}
        }
    }

    /// Text and FIN of a SYN wait for ESTABLISHED.
    pub(crate) fn keep_text_of_syn(&mut self, segment: &Arrived<'_>) {
        let room = (self.receiver.window() as usize).min(segment.payload.len());
        let fin = segment.flags.fin() && room == segment.payload.len();
        self.waiting = (room > 0 || fin).then(|| (segment.payload[..room].to_vec(), fin));
    }

    /// Sections 3.10.7.2, third, and 3.10.7.3, fourth: what the peer's SYN brought is processed once ESTABLISHED is reached.
    fn text_of_syn(&mut self, now: Instant) {
        let Some((text, fin)) = self.waiting.take() else {
            return;
        };
        let begins = self.receiver.begins;
        let segment = Arrived {
            seq: begins,
            ack: self.una,
            wnd: 0,
            flags: if fin { Flags::FIN } else { Flags(0) },
            options: Options::default(),
            raw_options: &[],
            payload: &text,
            urgent: None,
            congestion: false,
        };
        self.text(now, begins, &segment);
        self.fin(now, begins, &segment);
    }

    /// Sixth: RCV.UP only ever moves ahead.
    fn urgent_pointer(&mut self, seq: SeqNumber, segment: &Arrived<'_>) {
        let Some(pointer) = segment.urgent.filter(|_| self.state.receives()) else {
            return;
        };
        let up = seq + u32::from(pointer);
        self.peer_urgent = Some(self.peer_urgent.map_or(up, |known| known.max(up)));
    }

    /// Seventh: the text.
    fn text(&mut self, now: Instant, seq: SeqNumber, segment: &Arrived<'_>) {
        if segment.payload.is_empty() || !self.state.receives() {
            return;
        }
        // Section 3.6.1 (SHLD-3): nobody is left to receive it.
        if self.gone && !self.faulty(Fault::SwallowsLateData) && seq + segment.payload.len() as u32 > self.receiver.nxt
        {
            self.state = State::Established;
            return self.abort();
        }
        if seq > self.receiver.nxt && self.faulty(Fault::DropsOutOfOrder) {
            self.due.ack = true;
            return;
        }
        let mss = if self.config.faults.has(Fault::SillyWindow) {
            1
        } else {
            self.window_step()
        };
        match self.receiver.take(seq, segment.payload) {
            Text::InOrder { filled: true } if self.faulty(Fault::FillsGapsQuietly) => {
                self.receiver.open(mss);
                self.timers.delayed_ack.get_or_insert(now + Duration::millis(400));
            }
            Text::InOrder { filled } => {
                // A FIN that waits is above a gap, too.
                let filled = filled || self.receiver.fin.is_some();
                self.receiver.open(mss);
                self.due.unacknowledged = self.due.unacknowledged.saturating_add(1);
                // Section 3.8.6.3: every second segment at once; RFC 5681 section 4.2: what fills a gap, too.
                let faults = self.config.faults;
                let every = if faults.has(Fault::AcknowledgesSeldom) { 6 } else { 2 };
                let late = faults.has(Fault::AcknowledgesLate);
                if (filled || self.due.unacknowledged >= every) && !late {
                    self.due.ack = true;
                } else {
                    let delay = if late {
                        Duration::millis(900)
                    } else {
                        self.config.ack_delay
                    };
                    self.timers.delayed_ack.get_or_insert(now + delay);
                }
            }
            Text::AboveGap if self.config.faults.has(Fault::NoDuplicateAcks) => {
                self.timers.delayed_ack.get_or_insert(now + Duration::millis(400));
            }
            Text::AboveGap => self.due.ack = true,
            Text::Duplicate => {
                self.report_duplicate(seq, segment.payload);
                self.due.ack = true;
            }
        }
    }

    /// RFC 2883 section 4: what of this text had come before.
    fn report_duplicate(&mut self, seq: SeqNumber, text: &[u8]) {
        if self.sack && !text.is_empty() {
            self.due.duplicate = self.receiver.known_part(seq, seq + text.len() as u32);
        }
    }

    /// Eighth: FIN, once everything before it is here.
    fn fin(&mut self, now: Instant, seq: SeqNumber, segment: &Arrived<'_>) {
        if segment.flags.fin() && !self.state.receives() {
            return self.fin_behind_fin(now);
        }
        let at = seq + segment.payload.len() as u32;
        // First: it is cut to what fits the window, which a FIN beyond it does not.
        if segment.flags.fin() && self.receiver.has_room_at(at) {
            // Of several places the first counts. Above a gap it is answered at once, as data is (RFC 5681 section 4.2).
            self.receiver.fin = Some(self.receiver.fin.map_or(at, |known| known.min(at)));
            self.due.ack |= segment.payload.is_empty() && at > self.receiver.nxt;
        }
        let Some(_) = self.receiver.fin.filter(|&fin| fin == self.receiver.nxt) else {
            return;
        };
        if self.faulty(Fault::FinPassedOver) {
            return;
        }
        let acknowledged = self.fin_is_acknowledged();
        match self.state {
            State::Established => self.state = State::CloseWait,
            State::FinWait1 if acknowledged => self.enter_time_wait(now),
            State::FinWait1 => self.state = State::Closing,
            State::FinWait2 => self.enter_time_wait(now),
            _ => return,
        }
        self.receiver.nxt += 1;
        self.due.ack = true;
    }

    /// A FIN where nothing can be any more: RCV.NXT and the state stay, it is answered, and TIME-WAIT begins anew.
    fn fin_behind_fin(&mut self, now: Instant) {
        if self.state == State::TimeWait {
            self.enter_time_wait(now);
        }
        self.due.ack = true;
    }
}
