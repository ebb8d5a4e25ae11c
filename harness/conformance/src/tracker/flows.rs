//! The table of live connections: which segment belongs to which, when one ends, and when a four-tuple begins a new one.

use super::connection::{Connection, Shared, Side};
use super::duplicates::{Recent, Sighting};
use super::end::{End, Seen};
use super::facts::{AckKind, Facts};
use super::hosts::{HostFacts, IsnSeen};
use super::previous::Previous;
use super::segment::Segment;
use super::state::State;
use super::vantage::Vantage;
use crate::tcp::{Ending, Moment, TcpChecks, Why};
use crate::verdict::{Accusation, Book, Judge, MAX_ENDPOINTS, Scene};
use hashbrown::HashMap;
use std::collections::VecDeque;
use std::net::IpAddr;
use wire::{Duration, Instant};

/// RFC 9293 section 3.4.2: MSL is taken to be 2 minutes. A closed connection is watched for twice that.
const TWO_MSL: Duration = Duration::minutes(4);
/// Closed connections still watched; with more than this the oldest are let go.
const MAX_CLOSED: usize = 2048;
/// Four-tuples whose earlier use is remembered after their connection was let go.
const MAX_EPITAPHS: usize = 8192;
/// A connection silent for so long is let go: what comes later is read as a connection that the capture joined late. Twelve
/// times the least keepalive interval (RFC 9293 section 3.8.4), ten times the idle timeout of translators (RFC 5382 section 5).
const SILENT: Duration = Duration::hours(24);
/// Connections followed at once; with more than this the oldest are let go, as a SYN flood would want it otherwise.
const MAX_LIVE: usize = 1 << 18;

/// Address and port as one number each, an IPv4 address as RFC 4291 section 2.5.5.2 maps it: one comparison, and quick to hash.
type Address = (u128, u16);

/// A four-tuple, the smaller address first, so that both directions meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    a: Address,
    b: Address,
}

impl Key {
    #[inline]
    fn of(segment: &Segment<'_>) -> (Key, Side) {
        Key::between(
            (segment.ip.source, segment.source_port),
            (segment.ip.destination, segment.destination_port),
        )
    }

    #[inline]
    fn between(source: (IpAddr, u16), destination: (IpAddr, u16)) -> (Key, Side) {
        let source = (number(source.0), source.1);
        let destination = (number(destination.0), destination.1);
        if source <= destination {
            (
                Key {
                    a: source,
                    b: destination,
                },
                Side::A,
            )
        } else {
            (
                Key {
                    a: destination,
                    b: source,
                },
                Side::B,
            )
        }
    }
}

#[inline]
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => 0xffff_0000_0000 | u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// One connection among all of a capture: a four-tuple used anew is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId(u32);

/// A connection and everything that watches it.
struct Watched {
    key: Key,
    /// Tells a slot's present tenant from the one that a queue entry meant.
    generation: u32,
    connection: Connection,
    checks: [TcpChecks; 2],
    recent: [Recent; 2],
    /// What the checks said that does not stand by itself.
    accusations: Vec<Accusation>,
    /// A SYN with other numbers on an open connection: an attack, or the start of a new one if it is answered.
    pending_syn: Option<Box<Segment<'static>>>,
}

/// Follows every connection and lets the checks see every segment.
#[derive(Default)]
pub struct Tracker {
    vantage: Vantage,
    lateness: Duration,
    slots: Vec<Option<Box<Watched>>>,
    free: Vec<usize>,
    /// Each tenant of a slot has its number.
    generation: u32,
    table: HashMap<Key, usize>,
    /// The connection of the previous segment: the next one often belongs to it too.
    last: Option<(Key, usize)>,
    /// Closed connections in the order in which they closed.
    closed: VecDeque<(Instant, usize, u32)>,
    /// All connections, in the order in which they began or were last looked at.
    began: VecDeque<(usize, u32)>,
    epitaphs: HashMap<Key, Previous>,
    epitaph_order: VecDeque<Key>,
    hosts: Vec<HostFacts>,
    latest: Instant,
    /// Connections seen so far, finished ones included.
    pub connections: u64,
    /// Connections let go early to bound memory.
    pub evicted: u64,
}

impl Tracker {
    pub fn new(vantage: Vantage) -> Tracker {
        Tracker {
            vantage,
            latest: Instant(i64::MIN),
            ..Tracker::default()
        }
    }

    /// From now on, times may be off by so much.
    pub fn may_be_late(&mut self, lateness: Duration) {
        self.lateness = self.lateness.max(lateness);
    }

    /// Connections followed now, closed ones within 2MSL included.
    pub fn live(&self) -> usize {
        self.table.len()
    }

    /// A frame of any kind was seen: the capture goes on, and what is absent is absent until then.
    #[inline]
    pub fn clock(&mut self, time: Instant) {
        self.latest = self.latest.max(time);
    }

    /// Takes one segment: facts, checks, state, in that order. Returns what a stream reader needs, unless it was a copy.
    pub fn segment(&mut self, segment: &Segment<'_>, book: &mut Book) -> Option<(ConnectionId, Side)> {
        self.let_go(segment.time, book);
        let (key, side) = Key::of(segment);
        let slot = self.slot_for(key, side, segment, book);
        let watched = self.slots.get_mut(slot)?.as_deref_mut()?;
        let shared = &mut watched.connection.shared;
        shared.lateness = self.lateness;
        if segment.overheard {
            (shared.overheard, shared.capture_incomplete) = (true, true);
        }
        let copies = watched.connection.shared.seen_twice > 0;
        let sighting = match self.vantage {
            Vantage::Live(_) => Sighting::First,
            _ => watched.recent[side as usize].sight(segment, copies),
        };
        if sighting == Sighting::Copy {
            let shared = &mut watched.connection.shared;
            shared.seen_twice += 1;
            // Without an identification it may have been a packet of its own.
            shared.capture_incomplete |= segment.ip.id.is_none_or(|id| id == 0);
            return None;
        }
        let doubtful = sighting == Sighting::Perhaps;
        let id = ConnectionId(watched.generation);
        let was_closed = watched.connection.shared.closed.is_some();
        watched.take(side, segment, doubtful, &self.hosts, book);
        if !was_closed && watched.connection.shared.closed.is_some() {
            self.closed.push_back((segment.time, slot, watched.generation));
        }
        if segment.is_syn() {
            self.remember_isn(slot, side, segment);
        }
        Some((id, side))
    }

    /// A router says that a packet of `me` to `peer` was too big.
    #[cold]
    pub fn too_big(&mut self, me: (IpAddr, u16), peer: (IpAddr, u16), now: Instant) {
        if let Some(end) = self.end_between(me, peer) {
            end.too_big = Some(now);
        }
    }

    fn end_between(&mut self, me: (IpAddr, u16), peer: (IpAddr, u16)) -> Option<&mut End> {
        let (key, side) = Key::between(me, peer);
        let slot = *self.table.get(&key)?;
        let watched = self.slots.get_mut(slot)?.as_deref_mut()?;
        Some(&mut watched.connection.ends[side as usize])
    }

    /// The application of `me` has left its connection with `peer`: by ABORT, or by CLOSE, which in TIME-WAIT may find data unread.
    pub fn application_left(&mut self, me: (IpAddr, u16), peer: (IpAddr, u16), aborted: bool) {
        if let Some(end) = self.end_between(me, peer) {
            end.left = true;
            end.abandoned |= aborted || end.state == State::TimeWait;
        }
    }

    /// The capture has ended: everything still followed is judged for what never came.
    pub fn finish(&mut self, book: &mut Book) {
        for slot in 0..self.slots.len() {
            self.retire(slot, Why::CaptureEnded, book);
        }
    }

    #[inline]
    fn slot_for(&mut self, key: Key, side: Side, segment: &Segment<'_>, book: &mut Book) -> usize {
        let known = match self.last {
            Some((last, slot)) if last == key => Some(slot),
            _ => self.table.get(&key).copied(),
        };
        let slot = match known {
            None => self.begin(key, side, segment, book),
            Some(slot) if !segment.is_syn() => slot,
            Some(slot) => self.after_syn(slot, key, side, segment, book),
        };
        self.last = Some((key, slot));
        slot
    }

    /// A SYN on a four-tuple in use: the same connection, or a new one.
    fn after_syn(&mut self, slot: usize, key: Key, side: Side, segment: &Segment<'_>, book: &mut Book) -> usize {
        let Some(watched) = self.slots.get_mut(slot).and_then(|slot| slot.as_deref_mut()) else {
            return slot;
        };
        match watched.read_syn(side, segment) {
            SynReading::Same => slot,
            SynReading::Begins => {
                self.retire(slot, Why::Replaced, book);
                self.begin(key, side, segment, book)
            }
            SynReading::Answers(syn) => {
                self.retire(slot, Why::Replaced, book);
                let slot = self.begin(key, side, segment, book);
                if let Some(watched) = self.slots.get_mut(slot).and_then(|slot| slot.as_deref_mut()) {
                    watched.take(side.other(), &syn, false, &self.hosts, book);
                }
                self.remember_isn(slot, side.other(), &syn);
                slot
            }
        }
    }

    fn begin(&mut self, key: Key, side: Side, segment: &Segment<'_>, book: &mut Book) -> usize {
        self.sweep(segment.time, book);
        if self.table.len() >= MAX_LIVE {
            self.evict_oldest(book);
        }
        let from = (segment.ip.source, segment.source_port);
        let to = (segment.ip.destination, segment.destination_port);
        let ends = if side == Side::A { [from, to] } else { [to, from] };
        let ends = ends.map(|(address, port)| End::new(address, port, book.endpoint(address)));
        for end in &ends {
            let row = usize::from(end.endpoint.0);
            if self.hosts.len() <= row {
                self.hosts.resize(row + 1, HostFacts::default());
            }
        }
        if let (true, Some(crowd)) = (book.is_crowded(), self.hosts.get_mut(MAX_ENDPOINTS - 1)) {
            crowd.crowd = true;
        }
        let first = Seen {
            time: segment.time,
            frame: segment.frame,
        };
        let previous = self.epitaphs.get(&key).copied().map(Box::new);
        self.generation = self.generation.wrapping_add(1);
        let watched = Box::new(Watched {
            key,
            generation: self.generation,
            connection: Connection {
                shared: Shared::new(first, self.vantage, previous),
                ends,
            },
            checks: Default::default(),
            recent: Default::default(),
            accusations: Vec::new(),
            pending_syn: None,
        });
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[slot] = Some(watched);
        self.table.insert(key, slot);
        self.began.push_back((slot, self.generation));
        self.connections += 1;
        slot
    }

    fn remember_isn(&mut self, slot: usize, side: Side, segment: &Segment<'_>) {
        let Some(watched) = self.slots.get(slot).and_then(|slot| slot.as_deref()) else {
            return;
        };
        let me = &watched.connection.ends[side as usize];
        let peer = &watched.connection.ends[side.other() as usize];
        if me.iss != Some(segment.seq) || me.offer.is_none_or(|offer| offer.times > 1) {
            return;
        }
        if let Some(host) = self.hosts.get_mut(usize::from(me.endpoint.0)) {
            host.chose(IsnSeen {
                iss: segment.seq,
                seen: Seen {
                    time: segment.time,
                    frame: segment.frame,
                },
                local_port: me.port,
                peer: (peer.address, peer.port),
                listening: segment.flags.ack(),
            });
        }
    }

    /// Connections closed for longer than 2MSL, and those for which there is no room.
    #[inline]
    fn let_go(&mut self, now: Instant, book: &mut Book) {
        while let Some(&(closed, slot, generation)) = self.closed.front() {
            let crowded = self.closed.len() > MAX_CLOSED;
            if !crowded && now - closed < TWO_MSL {
                return;
            }
            self.closed.pop_front();
            if self.holds(slot, generation) {
                self.retire(slot, if crowded { Why::Evicted } else { Why::Closed }, book);
            }
        }
        // Queue entries of connections long gone: drop them as they surface.
        while self
            .began
            .front()
            .is_some_and(|&(slot, generation)| !self.holds(slot, generation))
        {
            self.began.pop_front();
        }
    }

    /// Looks at the connections that were looked at longest ago, two for each that begins: all have their turn, and the
    /// silent ones are let go.
    fn sweep(&mut self, now: Instant, book: &mut Book) {
        for _ in 0..2 {
            let Some((slot, generation)) = self.began.pop_front() else {
                return;
            };
            let Some(watched) = self.slots.get(slot).and_then(|slot| slot.as_deref()) else {
                continue;
            };
            if watched.generation != generation {
                continue;
            }
            if now - watched.connection.shared.latest > SILENT {
                self.retire(slot, Why::Evicted, book);
            } else {
                self.began.push_back((slot, generation));
            }
        }
    }

    fn evict_oldest(&mut self, book: &mut Book) {
        while let Some((slot, generation)) = self.began.pop_front() {
            if self.holds(slot, generation) {
                self.evicted += 1;
                return self.retire(slot, Why::Evicted, book);
            }
        }
    }

    fn holds(&self, slot: usize, generation: u32) -> bool {
        self.slots
            .get(slot)
            .and_then(|slot| slot.as_deref())
            .is_some_and(|watched| watched.generation == generation)
    }

    /// The checks have their last word, the four-tuple its epitaph.
    fn retire(&mut self, slot: usize, why: Why, book: &mut Book) {
        let Some(mut watched) = self.slots.get_mut(slot).and_then(Option::take) else {
            return;
        };
        watched.end(why, self.latest, &self.hosts, book);
        self.free.push(slot);
        self.table.remove(&watched.key);
        self.last = None;
        if self
            .epitaphs
            .insert(watched.key, watched.connection.epitaph())
            .is_none()
        {
            self.epitaph_order.push_back(watched.key);
        }
        let oldest = (self.epitaph_order.len() > MAX_EPITAPHS)
            .then(|| self.epitaph_order.pop_front())
            .flatten();
        if let Some(oldest) = oldest {
            self.epitaphs.remove(&oldest);
        }
    }
}

/// What a SYN on a known four-tuple is.
enum SynReading {
    Same,
    Begins,
    /// This SYN-ACK answers the SYN that was held back: both belong to a new connection.
    Answers(Box<Segment<'static>>),
}

impl Watched {
    fn read_syn(&mut self, side: Side, segment: &Segment<'_>) -> SynReading {
        let from = &self.connection.ends[side as usize];
        let to = &self.connection.ends[side.other() as usize];
        if from.iss == Some(segment.seq) || (!from.started && self.connection.shared.closed.is_none()) {
            // Its sender may have forgotten the connection, or try again what was refused, with the same number.
            if !segment.flags.ack() && (to.started || self.connection.shared.closed.is_some()) {
                self.pending_syn = Some(Box::new(segment.without_bytes()));
            }
            // Some stacks begin every connection with the same number (lwIP 2.2): what answers a SYN once the handshake is over, and the
            // connection too, or more was sent, is a new one. The old one has ended, or was forgotten.
            let shared = &self.connection.shared;
            let sent_more = from.iss.is_some_and(|iss| from.snd_nxt != iss + 1);
            let over = shared.established && (shared.closed.is_some() || sent_more);
            if !(over && segment.flags.ack() && shared.vantage == Vantage::Live(from.address)) {
                return SynReading::Same;
            }
        }
        if segment.flags.ack() {
            let answers = self
                .pending_syn
                .take_if(|syn| syn.seq + 1 == segment.ack && syn.source_port == to.port);
            return match answers {
                Some(syn) => SynReading::Answers(syn),
                None if from.iss == Some(segment.seq) => SynReading::Same,
                // To a stack that sent no SYN it is nothing (RFC 9293 section 3.10.7.4, fourth).
                None if self.connection.shared.vantage.is_at(&to.address) => SynReading::Same,
                None if self.connection.shared.closed.is_some() => SynReading::Begins,
                None => SynReading::Same,
            };
        }
        // What came before a SYN is no part of its connection where nothing is unseen, and nothing answered.
        let unanswered =
            !to.started && (from.iss.is_some() || self.connection.shared.vantage == Vantage::Live(to.address));
        if self.connection.shared.closed.is_some() || unanswered {
            return SynReading::Begins;
        }
        self.pending_syn = Some(Box::new(segment.without_bytes()));
        SynReading::Same
    }

    /// Facts, then the checks of both ends on the state before, then the new state.
    #[inline]
    fn take(&mut self, side: Side, segment: &Segment<'_>, doubtful: bool, hosts: &[HostFacts], book: &mut Book) {
        self.connection.note_sending(side, segment);
        let facts = {
            let (from, to) = pair(&self.connection.ends, side);
            Facts::of(segment, from, to, &self.connection.shared)
        };
        let Connection { shared, ends } = &self.connection;
        let (from, to) = pair(ends, side);
        let at = Moment {
            segment,
            facts: &facts,
            shared,
            me: from,
            peer: to,
            my_side: side,
            host: host(hosts, from),
        };
        if let Some(mut judge) = Judge::new(book, scene(from, to, segment.frame, segment.time)) {
            judge.noting(&mut self.accusations);
            judge.doubting(doubtful);
            judge.unsettled(from.unsettled);
            tell_sender(&mut self.checks[side as usize], &at, &mut judge);
        }
        let (at, other) = (at.seen_by_the_other(host(hosts, to)), side.other());
        if let Some(mut judge) = Judge::new(book, scene(to, from, segment.frame, segment.time)) {
            judge.noting(&mut self.accusations);
            judge.doubting(doubtful);
            judge.unsettled(to.unsettled);
            tell_receiver(&mut self.checks[other as usize], &at, &mut judge);
        }
        self.connection.note_arrival(side, segment, &facts);
        if facts.dropped {
            // It changed nothing, but it may have prompted an answer.
            return self.connection.note_dropped(side, segment);
        }
        self.connection.apply(side, segment, &facts);
    }

    fn end(&mut self, why: Why, latest: Instant, hosts: &[HostFacts], book: &mut Book) {
        for my_side in [Side::A, Side::B] {
            let (me, peer) = pair(&self.connection.ends, my_side);
            let ending = Ending::of(&self.connection, my_side, why, latest, host(hosts, me));
            let last = me
                .last_sent
                .or(me.last_received)
                .unwrap_or(self.connection.shared.first);
            if let Some(mut judge) = Judge::new(book, scene(me, peer, last.frame, last.time)) {
                judge.noting(&mut self.accusations);
                judge.unsettled(me.unsettled);
                self.checks[my_side as usize].on_end(&ending, &mut judge);
            }
        }
        if self.connection.is_spoilt() {
            book.withdraw(&self.accusations);
        }
    }
}

#[inline]
fn tell_sender(checks: &mut TcpChecks, at: &Moment<'_>, judge: &mut Judge<'_>) {
    checks.on_sent(at, judge);
    let flags = at.segment.flags;
    if at.segment.is_syn() {
        checks.on_syn_sent(at, judge);
    }
    // What a reset carries is no text (RFC 9293 section 3.5.3 SHLD-2).
    if at.segment.payload_len > 0 && !flags.rst() {
        checks.on_data_sent(at, judge);
    }
    if at.facts.is_retransmission() {
        checks.on_retransmitted(at, judge);
    }
    if flags.fin() && !flags.rst() {
        checks.on_fin_sent(at, judge);
    }
    if flags.rst() {
        checks.on_rst_sent(at, judge);
    }
}

#[inline]
fn tell_receiver(checks: &mut TcpChecks, at: &Moment<'_>, judge: &mut Judge<'_>) {
    checks.on_received(at, judge);
    let flags = at.segment.flags;
    if at.segment.is_syn() {
        checks.on_syn_received(at, judge);
    }
    if at.segment.payload_len > 0 && !flags.rst() {
        checks.on_data_received(at, judge);
    }
    match at.facts.ack {
        // What is dropped acknowledges nothing.
        _ if at.facts.dropped => {}
        AckKind::New(_) | AckKind::Beyond(_) => checks.on_acked(at, judge),
        AckKind::Duplicate => checks.on_duplicate_ack(at, judge),
        _ => {}
    }
    if flags.fin() && !flags.rst() {
        checks.on_fin_received(at, judge);
    }
    if flags.rst() {
        checks.on_rst_received(at, judge);
    }
}

#[inline]
fn pair(ends: &[End; 2], side: Side) -> (&End, &End) {
    let [a, b] = ends;
    if side == Side::A { (a, b) } else { (b, a) }
}

static NO_HOST: HostFacts = HostFacts {
    isns: arrayvec::ArrayVec::new_const(),
    crowd: true,
};

#[inline]
fn host<'a>(hosts: &'a [HostFacts], me: &End) -> &'a HostFacts {
    hosts.get(usize::from(me.endpoint.0)).unwrap_or(&NO_HOST)
}

#[inline]
fn scene<'a>(me: &'a End, peer: &'a End, frame: wire::FrameNumber, time: Instant) -> Scene<'a> {
    Scene {
        endpoint: me.endpoint,
        source: (&me.address, me.port),
        destination: (&peer.address, peer.port),
        frame,
        time,
    }
}
