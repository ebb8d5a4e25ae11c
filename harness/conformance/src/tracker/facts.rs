//! What one segment means, given everything before it: computed once, handed to every check.

use super::acceptance::{Fate, fate, is_old_by_timestamp};
use super::connection::Shared;
use super::end::{End, Seen};
use super::segment::Segment;
use wire::{Duration, SeqNumber};

/// Why a segment was sent, by identity: a retransmission is one because its octets were sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transmission {
    /// SYN or SYN-ACK, first or repeated (`Facts::resent` tells).
    Syn,
    Reset,
    /// Octets never sent before, data or FIN.
    New,
    /// No sequence space: an acknowledgement or window update.
    Acknowledgement,
    /// Octets sent before.
    Retransmission(Cause),
    /// Octets that had been acknowledged before they were sent again.
    Spurious,
    /// Below SND.NXT but never seen before: swapped with its neighbours by the network on the way to the capture point.
    OutOfOrder,
    /// Below SND.NXT but never seen before, and late: a retransmission of something lost before the capture point (or that the capture missed).
    FillsHole,
    /// RFC 9293 section 3.8.4: one octet or none at SND.NXT-1, all acknowledged.
    KeepAlive,
    /// RFC 9293 section 3.8.6.1: at most one new octet, or none at SND.UNA-1, or the first unacknowledged octets, into a window of zero.
    ZeroWindowProbe,
}

/// What made the sender send again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// RFC 5681 section 3.2: the first unacknowledged segment, after three duplicate acknowledgements or more.
    FastRetransmit,
    /// RFC 6675: a hole below what SACK blocks reported.
    Sack,
    /// The retransmission timer (RFC 6298 section 5.4): the first unacknowledged segment, long after the last sign of life.
    Timeout,
    /// The last segment of the flight, sent again while SACK is in use: a tail loss probe (RFC 8985 section 7.3) or the timer.
    ProbeOrTimeout,
    /// RFC 6582 section 3.2 step 3: the first unacknowledged segment, at once after an acknowledgement of part of the flight.
    PartialAck,
    /// RFC 1191 section 6.4, RFC 8201 section 5.4: a router said that it was too big.
    TooBig,
    /// What probed a closed window (RFC 9293 section 3.8.6.1), once the window is open: no loss was found.
    Reopened,
    /// None of these fits the facts.
    Unknown,
}

/// The earlier transmissions of what a segment sends again: times and frames are those of its first octet, which is what a
/// timer waits for; segments sent later may have been joined to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resent {
    pub first: Seen,
    pub last: Seen,
    /// How often it had been sent before this time.
    pub times: u16,
    /// Its first octet was seen before. Otherwise nobody knows when that was sent, and times are those of later octets.
    pub from_start: bool,
    /// The octets are those of one earlier segment exactly.
    pub same_bounds: bool,
    /// Hash over the earlier data, when known; compare with [`Facts::digest`] when `same_bounds`.
    pub digest: u16,
}

/// What SEG.ACK tells the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckKind {
    /// No ACK bit.
    Absent,
    /// Acknowledges this many octets for the first time.
    New(u32),
    /// RFC 5681 section 2: nothing new, no data, no SYN or FIN, the same window, while data is outstanding.
    Duplicate,
    /// Nothing new, no data, but another window.
    WindowUpdate,
    /// Nothing new, and none of the above.
    Repeated,
    /// Below SND.UNA of the other end.
    Old,
    /// Of octets that the capture never saw: it missed them, or they were never sent.
    Beyond(u32),
    /// The first acknowledgement seen in a connection that the capture joined late.
    First,
}

/// Everything that was concluded about one segment. The ends hold the state before it.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub transmission: Transmission,
    pub ack: AckKind,
    /// A correct receiver drops it. Only live tests can tell: elsewhere it is never set.
    pub dropped: bool,
    /// It matters, and the RFCs leave it to the receiver whether it is taken. Set where `dropped` is.
    pub(super) unsettles: bool,
    /// Its receiver takes it, wherever the capture was taken: it lies within the window whatever was lost, and no timestamp makes
    /// it old. Of anything else the acknowledgement may not have counted (RFC 9293 section 3.10.7.4, first).
    pub surely_taken: bool,
    /// SEG.LEN.
    pub len: u32,
    /// The sequence number behind its last octet.
    pub end: SeqNumber,
    /// Octets of sequence space above everything its sender had sent before.
    pub new_octets: u32,
    /// It starts above SND.NXT: the capture lacks what lies between, or it comes later.
    pub leaves_hole: bool,
    pub resent: Option<Resent>,
    /// SEG.WND in octets; none while the scale is unknown (RFC 7323 section 2.2: never scaled on a SYN).
    pub window: Option<u32>,
    /// Hash over the data when all of it was captured; 0 where unknown.
    pub digest: u16,
    /// A SACK block tells of octets that none told of before.
    pub sack_news: bool,
    /// Duplicate acknowledgements, this one counted, since the other end's SND.UNA moved.
    pub duplicate_acks: u32,
    /// Larger than any packet its sender can have put on the wire: merged or not yet split by hardware (TSO, GRO).
    pub merged: bool,
}

impl Facts {
    /// The facts of `segment` sent by `from` to `to`.
    pub(super) fn of(segment: &Segment<'_>, from: &End, to: &End, shared: &Shared) -> Facts {
        let end = segment.end();
        let resent = resent(segment, end, from);
        let window = from.window_of(segment);
        let ack = ack_kind(segment, from, to, window, shared);
        let duplicate = u32::from(ack == AckKind::Duplicate);
        let fate = match shared.vantage.is_at(&to.address) {
            true => fate(segment, from, to, shared),
            false => Fate::Taken,
        };
        let matters = !segment.is_empty()
            || segment.flags.rst()
            || !matches!(ack, AckKind::Absent | AckKind::Old | AckKind::Repeated);
        Facts {
            transmission: transmission(segment, end, resent.as_ref(), from, to, shared),
            ack,
            dropped: matches!(fate, Fate::Dropped | Fate::AckAtMost | Fate::Relisten),
            unsettles: match fate {
                Fate::Taken | Fate::Dropped => false,
                Fate::AckAtMost => matches!(ack, AckKind::New(_)) || window != from.window,
                Fate::Relisten => true,
                Fate::Either => {
                    matters
                        || segment
                            .options
                            .timestamps
                            .is_some_and(|(value, _)| to.ts_recent != Some(value))
                }
            },
            surely_taken: fate == Fate::Taken && is_surely_taken(segment, end, from, to),
            len: segment.len(),
            end,
            new_octets: new_octets(segment, end, from),
            leaves_hole: from.started && !segment.is_empty() && segment.seq > from.snd_nxt,
            resent,
            window,
            digest: segment.payload_sum.map_or(0, |sum| sum.max(1)),
            sack_news: reports_news(segment, to),
            duplicate_acks: to.duplicate_acks + duplicate,
            merged: to
                .offer
                .and_then(|offer| offer.mss)
                .is_some_and(|mss| segment.payload_len > u32::from(mss))
                && segment.ip.total_len > 1500,
        }
    }

    pub fn is_retransmission(&self) -> bool {
        matches!(
            self.transmission,
            Transmission::Retransmission(_) | Transmission::Spurious
        ) || (self.transmission == Transmission::Syn && self.resent.is_some())
    }

    /// Octets acknowledged for the first time.
    pub fn newly_acked(&self) -> u32 {
        match self.ack {
            AckKind::New(octets) | AckKind::Beyond(octets) => octets,
            _ => 0,
        }
    }
}

impl End {
    /// RFC 7323 section 2.3: the window field shifted by the agreed scale, except on a SYN.
    pub(super) fn window_of(&self, segment: &Segment<'_>) -> Option<u32> {
        let field = u32::from(segment.wnd);
        if segment.flags.syn() {
            Some(field)
        } else {
            self.shift.map(|shift| field << shift.min(14))
        }
    }
}

fn new_octets(segment: &Segment<'_>, end: SeqNumber, from: &End) -> u32 {
    match from.started {
        true => end.since(from.snd_nxt).clamp(0, segment.len() as i32) as u32,
        false => segment.len(),
    }
}

fn resent(segment: &Segment<'_>, end: SeqNumber, from: &End) -> Option<Resent> {
    if segment.is_empty() || !from.started || segment.seq >= from.snd_nxt {
        return None;
    }
    let mut records = from.sent.overlapping(segment.seq, end);
    let first = *records.next()?;
    let same_bounds = first.start == segment.seq && first.end == end;
    let times = records.fold(first.times, |times, record| times.max(record.times));
    Some(Resent {
        first: Seen {
            time: first.first_time,
            frame: first.first_frame,
        },
        last: Seen {
            time: first.last_time,
            frame: first.last_frame,
        },
        times,
        from_start: first.start <= segment.seq,
        same_bounds,
        digest: if same_bounds { first.digest } else { 0 },
    })
}

fn transmission(
    segment: &Segment<'_>,
    end: SeqNumber,
    resent: Option<&Resent>,
    from: &End,
    to: &End,
    shared: &Shared,
) -> Transmission {
    if segment.flags.rst() {
        return Transmission::Reset;
    }
    if segment.flags.syn() {
        return Transmission::Syn;
    }
    if is_probe(segment, end, from) {
        let closed = to.window == Some(0);
        return if closed {
            Transmission::ZeroWindowProbe
        } else {
            Transmission::KeepAlive
        };
    }
    if segment.is_empty() {
        return Transmission::Acknowledgement;
    }
    if to.window == Some(0) && from.una.is_some() && segment.seq == from.snd_una && segment.payload_len > 0 {
        return Transmission::ZeroWindowProbe;
    }
    if !from.started || end > from.snd_nxt {
        return Transmission::New;
    }
    if from.una.is_some() && end <= from.snd_una {
        return Transmission::Spurious;
    }
    match resent {
        Some(resent) => Transmission::Retransmission(cause(segment, end, resent, from, to)),
        None if shared.reordered_on_the_way(segment, from) => Transmission::OutOfOrder,
        None => Transmission::FillsHole,
    }
}

/// Keepalives and probes of the form that sends an old sequence number to provoke an acknowledgement.
fn is_probe(segment: &Segment<'_>, end: SeqNumber, from: &End) -> bool {
    segment.payload_len <= 1
        && !segment.flags.fin()
        // Where its sender may not have taken the acknowledgement it is an ordinary segment of one that is behind.
        && from.una_taken
        && segment.seq + 1 == from.snd_una
        && (from.snd_una == from.snd_nxt || segment.is_empty())
        && end <= from.snd_una
        && from.state.is_synchronized()
}

fn cause(segment: &Segment<'_>, end: SeqNumber, resent: &Resent, from: &End, to: &End) -> Cause {
    let first_unacknowledged = segment.seq <= from.snd_una;
    if to.reopened.is_some_and(|reopened| resent.last.time <= reopened) {
        return Cause::Reopened;
    }
    if from.too_big.is_some_and(|told| resent.last.time <= told) {
        return Cause::TooBig;
    }
    // No timer is shorter than a round trip; the last acknowledgement restarts it (RFC 6298 section 5.3).
    let silence = segment.time - from.una.map_or(resent.last.time, |una| una.time.max(resent.last.time));
    let patience = from
        .rtt
        .rto()
        .unwrap_or(Duration::millis(200))
        .max(Duration::millis(10));
    // What an arriving acknowledgement prompts leaves at once; the timer knows nothing of arrivals.
    let prompt = from.response.unwrap_or_default() * 2 + Duration::millis(50);
    let prompted = from
        .last_received
        .is_some_and(|last| segment.time - last.time <= prompt);
    if prompted && from.sacked.last().is_some_and(|top| segment.seq < top.start) {
        return if first_unacknowledged && from.duplicate_acks >= 3 {
            Cause::FastRetransmit
        } else {
            Cause::Sack
        };
    }
    if prompted && first_unacknowledged && from.duplicate_acks >= 3 {
        return Cause::FastRetransmit;
    }
    if end == from.snd_nxt && to.sacks(from) && resent.times == 1 {
        return Cause::ProbeOrTimeout;
    }
    if first_unacknowledged && silence >= patience {
        return Cause::Timeout;
    }
    if first_unacknowledged
        && from
            .una
            .is_some_and(|una| segment.time - una.time < Duration::millis(10))
    {
        return Cause::PartialAck;
    }
    Cause::Unknown
}

impl End {
    /// Both ends agreed on SACK.
    pub fn sacks(&self, other: &End) -> bool {
        let offered = |end: &End| end.offer.is_none_or(|offer| offer.sack_permitted);
        offered(self) && offered(other)
    }
}

fn ack_kind(segment: &Segment<'_>, from: &End, to: &End, window: Option<u32>, shared: &Shared) -> AckKind {
    if !segment.flags.ack() {
        return AckKind::Absent;
    }
    if !to.started {
        return AckKind::First;
    }
    if segment.ack > to.snd_nxt {
        let base = if to.una.is_some() { to.snd_una } else { to.snd_nxt };
        return AckKind::Beyond(segment.ack.since(base).max(0) as u32);
    }
    if to.una.is_none() {
        return match to.iss {
            Some(iss) => AckKind::New(segment.ack.since(iss).max(0) as u32),
            None => AckKind::First,
        };
    }
    match segment.ack.since(to.snd_una) {
        octets @ 1.. => AckKind::New(octets as u32),
        // RFC 6675 section 2: with SACK it is what the blocks report that makes a duplicate, whatever the window.
        0 if segment.is_pure_ack() && counts_for_nothing(segment, from, to, shared) => AckKind::Repeated,
        0 if segment.is_pure_ack() && reports_news(segment, to) => AckKind::Duplicate,
        0 if segment.is_pure_ack() && (window != from.window || segment.wnd != from.window_field) => {
            AckKind::WindowUpdate
        }
        0 if segment.is_pure_ack() && to.snd_una != to.snd_nxt => AckKind::Duplicate,
        0 => AckKind::Repeated,
        _ => AckKind::Old,
    }
}

/// RCV.NXT of `to` is what is known of it at most, and the window's edge what it offered at least. Above RCV.NXT a segment may be held until the gap
/// fills, acknowledgement and all (RFC 9293 section 3.10.7.4, SHLD-31); gVisor does that.
fn is_surely_taken(segment: &Segment<'_>, end: SeqNumber, from: &End, to: &End) -> bool {
    let edge = to.edge.unwrap_or(end + 1);
    let inside = segment.seq == to.rcv_nxt && end <= edge;
    (inside || !from.started) && !is_stale(segment, from)
}

/// It is old, and dropped by whoever receives it (RFC 7323 section 5.3).
fn counts_for_nothing(segment: &Segment<'_>, from: &End, to: &End, shared: &Shared) -> bool {
    match shared.vantage.is_at(&to.address) {
        true => is_old_by_timestamp(segment, to, shared),
        false => is_stale(segment, from),
    }
}

/// Older than what its sender sent before, which may have come before it, and whoever receives it may drop it then.
fn is_stale(segment: &Segment<'_>, from: &End) -> bool {
    let times = segment.options.timestamps.zip(from.tsval_max);
    times.is_some_and(|((value, _), newest)| (value.wrapping_sub(newest) as i32) < 0)
}

/// Some SACK block tells of octets above SND.UNA that none told of before.
fn reports_news(segment: &Segment<'_>, to: &End) -> bool {
    segment
        .options
        .sack
        .iter()
        .any(|block| block.left < block.right && block.right > to.snd_una && !to.sacked.covers(block.left, block.right))
}
