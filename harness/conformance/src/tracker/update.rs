//! What a segment changes: the state of both ends after it.

use super::connection::{Connection, Shared, Side};
use super::end::{End, Offer, Seen};
use super::facts::{AckKind, Facts, Transmission};
use super::segment::{Checksum, Segment};
use super::sent::Record;
use super::state::State;
use wire::{Duration, SeqNumber};

impl Connection {
    /// An end that answers the SYN of a four-tuple used before with anything but SYN or RST is still in the earlier connection
    /// (RFC 9293 section 3.6.1): what it says belongs there.
    pub(super) fn note_sending(&mut self, side: Side, segment: &Segment<'_>) {
        let to = &self.ends[side.other() as usize];
        let opening = to.offer.is_some();
        let (iss, text) = (to.iss, to.offer.map_or(0, |offer| offer.payload_len));
        let fin_refused = to.fin_at_closed_window.filter(|_| self.shared.vantage.is_live());
        let from = &mut self.ends[side as usize];
        // Where nobody knew its state, its SYN and its resets may belong there too.
        let before = self.shared.previous.as_deref().and_then(|previous| previous.of(from));
        let doubted = before.filter(|end| end.unsettled);
        let answers = match doubted {
            Some(end) => segment.flags.syn() && end.iss.is_some_and(|iss| iss != segment.seq),
            // A SYN-ACK of another SYN belongs to that.
            None if segment.is_syn() && segment.flags.ack() => {
                iss.is_none_or(|iss| segment.ack > iss && segment.ack <= iss + text + 2)
            }
            None => segment.flags.syn() || segment.flags.rst(),
        };
        // Where all is seen, a connection that nobody opens is the end of the one before.
        let lingers = self.shared.vantage.is_at(&from.address) && !opening && from.offer.is_none() && !segment.is_syn();
        let answers = answers && !lingers;
        from.unsettled |= self.shared.previous.is_some() && (opening || lingers) && from.segments == 0 && !answers;
        let took_fin = segment.flags.ack() && fin_refused.is_some_and(|fin| segment.ack == fin + 1);
        from.unsettled |= took_fin;
    }

    /// What a segment leaves behind even where it is dropped.
    pub(super) fn note_arrival(&mut self, side: Side, segment: &Segment<'_>, facts: &Facts) {
        let from = &mut self.ends[side as usize];
        // Only whoever is gone answers by another reset, or begins anew.
        let gone = std::mem::take(&mut from.maybe_reset) && (segment.flags.rst() || segment.flags.syn());
        from.unsettled |= gone;
        let to = &mut self.ends[side.other() as usize];
        to.unsettled |= facts.unsettles;
        let opening = matches!(to.state, State::SynSent | State::SynReceived);
        if opening && to.refuses(segment) && !segment.flags.rst() {
            to.refusal_due = Some(segment.ack);
        }
    }

    /// A segment that its receiver dropped: all that is kept of it is that it came.
    pub(super) fn note_dropped(&mut self, side: Side, segment: &Segment<'_>) {
        let seen = Seen {
            time: segment.time,
            frame: segment.frame,
        };
        self.shared.latest = self.shared.latest.max(segment.time);
        let to = &mut self.ends[side.other() as usize];
        to.last_received = Some(seen);
        // RFC 7323 section 5.3 (R3): SEG.SEQ <= Last.ACK.sent.
        let below = segment.seq <= to.rcv_nxt && segment.checksum != Checksum::Wrong;
        if let (Some((tsval, _)), true) = (segment.options.timestamps, below) {
            to.strays.note(to.ts_recent, tsval);
        }
        let inside = segment.seq > to.rcv_nxt && to.edge.is_some_and(|edge| segment.seq < edge);
        to.maybe_reset |= segment.flags.rst() && inside && segment.checksum != Checksum::Wrong;
        let closed = segment.seq == to.rcv_nxt && to.edge == Some(to.rcv_nxt);
        let fin = segment.flags.fin() && !segment.flags.rst() && segment.payload_len == 0;
        let from = &mut self.ends[side as usize];
        if closed && fin {
            from.fin_at_closed_window = Some(segment.seq);
        }
        let again = segment.is_syn() && from.iss == Some(segment.seq);
        if let Some(offer) = from.offer.as_mut().filter(|_| again) {
            (offer.last, offer.times) = (seen, offer.times.saturating_add(1));
        }
    }

    /// Takes a segment into account, after the checks have seen it with the state before it.
    pub(super) fn apply(&mut self, side: Side, segment: &Segment<'_>, facts: &Facts) {
        let seen = Seen {
            time: segment.time,
            frame: segment.frame,
        };
        let Connection { shared, ends } = self;
        let [a, b] = ends;
        let (from, to) = if side == Side::A { (a, b) } else { (b, a) };
        shared.note(segment, facts);
        if segment.is_syn() {
            apply_syn(segment, seen, side, shared, from, to);
        }
        apply_sequence(segment, facts, seen, from, to, shared);
        if segment.flags.ack() {
            apply_ack(segment, facts, seen, shared, from, to);
            if segment.ack == to.snd_una {
                let told = facts.newly_acked() == 0;
                if told && facts.surely_taken && !to.una_taken {
                    to.una = Some(seen);
                }
                to.una_taken = facts.surely_taken || to.una_taken && told;
            }
        }
        apply_window(segment, facts, from);
        apply_timestamp(segment, seen, from, to);
        if segment.flags.fin() && !segment.flags.rst() {
            // Beyond the window the FIN waits to be sent again; on a SYN it is queued (RFC 9293 section 3.10.7.2).
            let taken = taken(segment, facts.end, from, to, shared);
            if taken == facts.end || segment.flags.syn() || from.fin.is_some() {
                apply_fin(segment, seen, side, shared, from);
            }
        }
        fin_comes(shared, from, to);
        fin_comes(shared, to, from);
        if from.fin_came && to.fin_came {
            shared.closed.get_or_insert(segment.time);
        }
        if segment.flags.rst() && !from.merely_refuses(segment) {
            from.rst.get_or_insert(seen);
            shared.reset = true;
            shared.closed.get_or_insert(segment.time);
            (from.state, to.state) = (State::Closed, State::Closed);
        }
        let mut ids = from.ids;
        ids.note(segment, facts, from);
        from.ids = ids;
        from.last_sent = Some(seen);
        to.last_received = Some(seen);
        from.segments = from.segments.saturating_add(1);
    }
}

impl Shared {
    fn note(&mut self, segment: &Segment<'_>, facts: &Facts) {
        self.stepped_back = self.stepped_back.max(self.latest - segment.time);
        self.latest = self.latest.max(segment.time);
        self.merged |= facts.merged;
    }
}

fn apply_syn(segment: &Segment<'_>, seen: Seen, side: Side, shared: &mut Shared, from: &mut End, to: &mut End) {
    let options = &segment.options;
    match &mut from.offer {
        Some(offer) => (offer.last, offer.times) = (seen, offer.times.saturating_add(1)),
        None => {
            from.offer = Some(Offer {
                first: seen,
                last: seen,
                times: 1,
                mss: options.mss,
                window_scale: options.window_scale,
                sack_permitted: options.sack_permitted,
                timestamps: options.timestamps.is_some(),
                fast_open: options.fast_open,
                with_ack: segment.flags.ack(),
                ece: segment.flags.ece(),
                cwr: segment.flags.cwr(),
                payload_len: segment.payload_len,
            });
        }
    }
    if from.iss.is_none() {
        from.iss = Some(segment.seq);
        from.snd_una = segment.seq;
    }
    if !segment.flags.ack() {
        shared.client.get_or_insert(side);
        shared.simultaneous_open |= to.offer.is_some_and(|offer| !offer.with_ack) && shared.client != Some(side);
    }
    from.state = match (from.state, segment.flags.ack()) {
        (State::Closed | State::Listen | State::SynSent, true) => State::SynReceived,
        (State::Closed, false) => State::SynSent,
        (other, _) => other,
    };
    if let (Some(mine), Some(theirs)) = (from.offer, to.offer) {
        shared.handshake_seen = true;
        shared.timestamps = mine.timestamps && theirs.timestamps;
        shared.sack = mine.sack_permitted && theirs.sack_permitted;
        // RFC 7323 section 2.2: both ends must offer before either scales.
        let both = mine.window_scale.zip(theirs.window_scale);
        from.shift = Some(both.map_or(0, |(shift, _)| shift));
        to.shift = Some(both.map_or(0, |(_, shift)| shift));
    }
}

/// SND.NXT, the sent queue and the receiver's RCV.NXT.
fn apply_sequence(segment: &Segment<'_>, facts: &Facts, seen: Seen, from: &mut End, to: &mut End, shared: &Shared) {
    let (start, end) = (segment.seq, facts.end);
    if !from.started && !segment.flags.rst() {
        // The first segment of an end: the capture knows of nothing before it.
        (from.started, from.snd_nxt) = (true, start);
        to.rcv_nxt = start;
        if from.iss.is_none() {
            from.snd_una = start;
            from.state = State::Established;
        }
    }
    let probe = matches!(facts.transmission, Transmission::KeepAlive);
    if facts.len > 0 && !segment.flags.rst() && !probe {
        let record = |start| Record {
            start,
            end,
            first_time: seen.time,
            last_time: seen.time,
            first_frame: seen.frame,
            last_frame: seen.frame,
            times: 1,
            digest: if start == segment.seq { facts.digest } else { 0 },
            tsval: segment.options.timestamps.map_or(0, |(value, _)| value),
        };
        if facts.resent.is_some() {
            from.sent.resent(start, end, seen.time, seen.frame);
            from.retransmissions = from.retransmissions.saturating_add(1);
        }
        if end > from.snd_nxt {
            from.sent.push(record(start.max(from.snd_nxt)));
        } else if matches!(facts.transmission, Transmission::OutOfOrder | Transmission::FillsHole) {
            let known = from.sent.overlapping(start, end).next().map(|known| known.start);
            from.sent.push(Record {
                end: known.unwrap_or(end),
                ..record(start)
            });
        }
        from.snd_nxt = from.snd_nxt.max(end);
        from.last_data_sent = Some(seen);
        from.payload_octets += u64::from(segment.payload_len);
        if segment.payload_len > 0 {
            from.data_segments = from.data_segments.saturating_add(1);
            from.largest_payload = from.largest_payload.max(segment.payload_len);
        }
        let (before, taken) = (to.rcv_nxt, taken(segment, end, from, to, shared));
        arrive(start, taken, to);
        // What comes with an acknowledgement of before is text all the same (RFC 9293 section 3.10.7.4, fifth); not all take it.
        if (taken < end || facts.ack == AckKind::Old) && to.rcv_nxt > before {
            to.doubtful_from.get_or_insert(before);
        }
        // What waited beyond a hole need not have been kept (SHLD-31).
        let own = taken.max(before);
        if shared.vantage.is_at(&to.address) && to.rcv_nxt > own {
            to.doubtful_from.get_or_insert(own);
        }
    }
    // Without having seen what brought it there; a live test has, and in SYN-RECEIVED too an end acknowledges what it drops.
    let tells = !segment.flags.syn() && !segment.flags.rst() && !shared.vantage.is_at(&from.address);
    if shared.client.is_some() && from.state == State::SynReceived && tells {
        from.state = State::Established;
    }
}

/// How much a stack took of what it need not take whole its acknowledgement tells.
fn tell_doubtful(segment: &Segment<'_>, from: &mut End) {
    if let Some(before) = from.doubtful_from.take()
        && segment.ack >= before
        && segment.ack < from.rcv_nxt
    {
        from.rcv_nxt = segment.ack;
    }
}

/// Behind the last octet of a segment that its receiver takes at once.
fn taken(segment: &Segment<'_>, end: SeqNumber, from: &End, to: &End, shared: &Shared) -> SeqNumber {
    // RFC 9293 section 3.10.7.4, seventh: behind a FIN nothing is.
    let end = from.fin.map_or(end, |fin| end.min(fin + 1));
    if !shared.vantage.is_at(&to.address) {
        return end;
    }
    // Data on a SYN waits (section 3.10.7.2), and the rest of the window's overflow is trimmed: if not, an acknowledgement tells.
    match to.edge {
        _ if segment.flags.syn() => segment.seq + 1,
        Some(edge) => end.min(edge),
        None => end,
    }
}

/// What travels to `to` extends RCV.NXT or waits beyond a hole.
fn arrive(start: SeqNumber, end: SeqNumber, to: &mut End) {
    if end <= start {
        return;
    }
    if start > to.rcv_nxt {
        to.beyond.insert(start, end);
        return;
    }
    to.rcv_nxt = to.rcv_nxt.max(end);
    while let Some(contiguous) = to.beyond.absorb(to.rcv_nxt) {
        to.rcv_nxt = to.rcv_nxt.max(contiguous);
    }
}

/// `from` acknowledges what `to` sent.
fn apply_ack(segment: &Segment<'_>, facts: &Facts, seen: Seen, shared: &mut Shared, from: &mut End, to: &mut End) {
    tell_doubtful(segment, from);
    match facts.ack {
        AckKind::New(_) => {
            if let Some(record) = to.sent.acknowledge(segment.ack) {
                let mut answer = seen.time - record.last_time;
                // RFC 7323 section 4.1: with timestamps it is the segment echoed that is timed.
                if let (Some((_, echo)), Some((tsval, last))) = (segment.options.timestamps, to.tsval)
                    && shared.timestamps
                    && echo == tsval
                {
                    answer = answer.min(seen.time - last.time);
                }
                if record.times == 1 {
                    to.rtt.sample(answer); // RFC 6298 section 3: Karn's algorithm
                    if answer >= Duration::ZERO {
                        from.response = Some(from.response.map_or(answer, |least| least.min(answer)));
                    }
                }
            }
            advance(segment.ack, seen, to);
            // Octets within what was seen, but not seen themselves, have arrived.
            if segment.ack > from.rcv_nxt && from.last_received.is_some() {
                shared.capture_incomplete |= !shared.vantage.is_live();
                arrive(from.rcv_nxt, segment.ack, from);
            }
        }
        // Nothing was missed: what is acknowledged was never sent, and whoever receives this drops it (RFC 9293 section 3.10.7.4).
        AckKind::Beyond(_) if shared.vantage.is_live() => {}
        AckKind::Beyond(_) => {
            let unseen = segment.ack.since(to.snd_nxt).max(0) as u32;
            to.unseen_octets = to.unseen_octets.saturating_add(unseen);
            shared.capture_incomplete = true;
            to.sent.acknowledge(segment.ack);
            advance(segment.ack, seen, to);
            from.rcv_nxt = from.rcv_nxt.max(segment.ack);
        }
        AckKind::First => {
            // Nothing of `to` was seen yet: its numbers begin where its peer expects them.
            if !to.started && to.iss.is_none() && !segment.flags.rst() {
                (to.started, to.snd_nxt, from.rcv_nxt) = (true, segment.ack, segment.ack);
                to.state = State::Established;
            }
            advance(segment.ack, seen, to);
        }
        AckKind::Duplicate => to.duplicate_acks = facts.duplicate_acks,
        _ => {}
    }
    // RFC 2018 section 2: without the permission of both the option says nothing.
    let blocks = if to.sacks(from) { &segment.options.sack[..] } else { &[] };
    for block in blocks {
        if block.left >= to.snd_una && block.right <= to.snd_nxt {
            to.sacked.insert(block.left, block.right);
        }
    }
    if to.state == State::SynSent && segment.is_syn() {
        to.state = State::Established;
    }
    if !segment.flags.syn() && shared.handshake_seen && from.state == State::Established {
        shared.established = true;
    }
}

fn advance(ack: SeqNumber, seen: Seen, to: &mut End) {
    to.snd_una = ack;
    to.una = Some(seen);
    to.duplicate_acks = 0;
    to.sacked.drop_below(ack);
    // RFC 9293 section 3.10.7.4, fifth: the acknowledgement of its SYN.
    if to.state == State::SynReceived && to.iss.is_some_and(|iss| ack > iss) {
        to.state = State::Established;
    }
    if to.fin.is_some_and(|fin| ack > fin) && !to.fin_acknowledged {
        to.fin_acknowledged = true;
        to.state = to.state.after_fin_acknowledged();
    }
}

fn apply_window(segment: &Segment<'_>, facts: &Facts, from: &mut End) {
    if segment.flags.rst() {
        return;
    }
    // An old acknowledgement brings an old window (RFC 9293 section 3.10.7.4: SND.WL1 and SND.WL2).
    if facts.ack == AckKind::Old {
        return;
    }
    from.window_field = segment.wnd;
    if from.window == Some(0) && facts.window != Some(0) {
        from.reopened = Some(segment.time);
    }
    from.window = facts.window;
    from.window_seq = Some(from.window_seq.map_or(segment.seq, |last| last.max(segment.seq)));
    from.largest_window = from.largest_window.max(facts.window.unwrap_or(0));
    if let (true, Some(window)) = (segment.flags.ack(), facts.window) {
        let edge = segment.ack + window;
        from.edge = Some(from.edge.map_or(edge, |highest| highest.max(edge)));
    }
}

/// The clock of `from`, and what `to` keeps of it.
fn apply_timestamp(segment: &Segment<'_>, seen: Seen, from: &mut End, to: &mut End) {
    let Some((tsval, _)) = segment.options.timestamps else {
        return;
    };
    from.tsval = Some((tsval, seen));
    let newer = from.tsval_max.is_none_or(|max| tsval.wrapping_sub(max) as i32 > 0);
    from.tsval_max = if newer { Some(tsval) } else { from.tsval_max };
    // RFC 7323 section 4.3: TS.Recent moves where SEG.SEQ <= Last.ACK.sent.
    let below = segment.flags.syn() || from.una.is_some() && segment.seq <= from.snd_una;
    let later = to.ts_recent.is_none_or(|recent| tsval.wrapping_sub(recent) as i32 >= 0);
    if below && later {
        to.ts_recent = Some(tsval);
        // Wherever it was, it is there now.
        to.strays.settle(tsval);
    }
}

fn apply_fin(segment: &Segment<'_>, seen: Seen, side: Side, shared: &mut Shared, from: &mut End) {
    if from.fin.is_some() {
        return;
    }
    from.fin = Some(segment.data_start() + segment.payload_len);
    from.fin_seen = Some(seen);
    shared.first_to_close.get_or_insert(side);
    from.state = from.state.after_sending_fin();
}

/// At a live stack a FIN above a gap closes nothing yet; elsewhere what fills the gap may have gone unseen.
fn fin_comes(shared: &Shared, from: &mut End, to: &mut End) {
    let comes = |fin| !shared.vantage.is_live() || to.rcv_nxt > fin;
    if !from.fin_came && from.fin.is_some_and(comes) {
        from.fin_came = true;
        to.state = to.state.after_receiving_fin();
    }
}
