//! A host: its listeners and connections, and which of them a packet is for.

use crate::config::Config;
use crate::connection::{Connection, Ended};
use crate::cookie;
use crate::deviate::spoil_packet;
use crate::fault::Fault;
use crate::mishear::misread_options;
use crate::segment::{Arrived, Outgoing};
use crate::state::State;
use crate::udp::Datagram;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use wire::reassembly::Reassembler;
use wire::tcp::{Flags, TcpOption};
use wire::{Duration, Instant, SeqNumber};

/// Half-open and not yet accepted connections of a listener: its SYN queue. Beyond it SYNs are answered by cookies (RFC 4987
/// section 3.6), and as many connections that come of those wait to be accepted.
const BACKLOG: usize = 128;
/// Resets and other answers that wait to be sent.
pub(crate) const MAX_ANSWERS: usize = 64;

/// A connection, for the user's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(u64);

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallError {
    /// RFC 9293 section 3.10: "connection does not exist".
    NoSuchConnection,
    /// Addresses of different families, or ones that no connection can have (MUST-46).
    BadAddress,
    /// The four-tuple, or the port, is in use.
    InUse,
}

type Address = (IpAddr, u16);

/// One host with one address.
#[derive(Debug)]
pub struct Host {
    pub(crate) config: Config,
    /// Few, as a rule: looking one up must cost no more than the segment.
    pub(crate) connections: BTreeMap<SocketId, Connection>,
    pub(crate) by_addresses: BTreeMap<(u16, Address), SocketId>,
    listeners: HashMap<u16, VecDeque<SocketId>>,
    /// When a SYN queue was last too short: only then can an acknowledgement be one of a cookie.
    overflowed: Option<Instant>,
    answers: VecDeque<(Outgoing, u16, Address)>,
    /// Whole packets that wait to be sent: ICMP and UDP.
    pub(crate) packets: VecDeque<Vec<u8>>,
    pub(crate) reassembler: Reassembler,
    /// UDP ports that a user has opened, with what arrived.
    pub(crate) udp: HashMap<u16, VecDeque<Datagram>>,
    out: Outgoing,
    /// Whose turn it is to send: used again and again.
    order: Vec<SocketId>,
    next_id: u64,
    pub(crate) ip_id: u16,
}

impl Host {
    pub fn new(config: Config) -> Host {
        Host {
            ip_id: config.seed as u16,
            config,
            connections: BTreeMap::new(),
            by_addresses: BTreeMap::new(),
            listeners: HashMap::new(),
            overflowed: None,
            answers: VecDeque::new(),
            packets: VecDeque::new(),
            reassembler: Reassembler::default(),
            udp: HashMap::new(),
            out: Outgoing::default(),
            order: Vec::new(),
            next_id: 0,
        }
    }

    /// Passive OPEN.
    pub fn listen(&mut self, port: u16) -> Result<(), CallError> {
        if self.listeners.contains_key(&port) {
            return Err(CallError::InUse);
        }
        if self.config.faults.has(Fault::ListeningKills) {
            self.connections.values_mut().for_each(|one| one.end(Ended::Closed));
        }
        self.listeners.insert(port, VecDeque::new());
        Ok(())
    }

    /// A connection that a listener has established.
    pub fn accept(&mut self, port: u16) -> Option<SocketId> {
        let connections = &self.connections;
        let waiting = self.listeners.get_mut(&port)?;
        // Section 3.5 (MUST-11): what was reset, or given up, before it was established goes back to LISTEN: nobody hears of it.
        waiting.retain(|id| {
            let one = connections.get(id);
            one.is_some_and(|one| one.was_established || one.ended.is_none())
        });
        let established = |id: &SocketId| connections.get(id).is_some_and(|one| one.was_established);
        let ready = waiting.iter().position(established)?;
        waiting.remove(ready)
    }

    /// Active OPEN.
    pub fn connect(&mut self, now: Instant, port: u16, remote: Address) -> Result<SocketId, CallError> {
        // Section 3.9.1.1 (MUST-46).
        let group = is_no_host(remote.0) && !self.config.faults.has(Fault::CallsGroups);
        if group || remote.0.is_ipv4() != self.config.address.is_ipv4() {
            return Err(CallError::BadAddress);
        }
        if self.known(port, remote).is_some() {
            return Err(CallError::InUse);
        }
        let connection = Connection::open(&self.config, now, (self.config.address, port), remote);
        Ok(self.add(connection))
    }

    /// The connection, for SEND, RECEIVE, CLOSE, ABORT and STATUS.
    pub fn connection(&mut self, id: SocketId) -> Result<&mut Connection, CallError> {
        self.connections.get_mut(&id).ok_or(CallError::NoSuchConnection)
    }

    /// Forgets a connection that has ended; one that lives is aborted first.
    pub fn release(&mut self, id: SocketId) {
        if let Some(connection) = self
            .connections
            .get_mut(&id)
            .filter(|connection| connection.ended.is_none())
        {
            connection.abort();
        }
        self.forget_ended();
    }

    fn add(&mut self, connection: Connection) -> SocketId {
        self.next_id += 1;
        let id = SocketId(self.next_id);
        self.by_addresses.insert((connection.local.1, connection.remote), id);
        self.connections.insert(id, connection);
        id
    }

    /// Frees the four-tuples of connections that are over and have nothing left to say; STATUS still tells of them.
    pub(crate) fn forget_ended(&mut self) {
        let connections = &self.connections;
        self.by_addresses
            .retain(|_, id| connections.get(id).is_some_and(Connection::holds_addresses));
    }

    pub(crate) fn segment(&mut self, now: Instant, remote: Address, port: u16, segment: &Arrived<'_>) {
        let known = self.known(port, remote);
        // Section 3.6 (MAY-2): only a SYN can begin another connection.
        let reopened = known
            .filter(|_| segment.flags.syn())
            .and_then(|id| self.reopens(id, segment));
        if let Some(connection) = known.and_then(|id| self.connections.get_mut(&id)) {
            if reopened.is_some() {
                connection.end(Ended::Closed);
            } else {
                connection.arrives(now, segment);
                if connection.ended.is_some() {
                    self.forget_ended();
                }
                return;
            }
        }
        if self.listeners.contains_key(&port) {
            self.arrives_at_listener(now, remote, port, segment, reopened);
        } else {
            self.arrives_at_nothing(remote, port, segment);
        }
    }

    /// The connection between these; none that is over, and has nothing left to say (section 3.10.7.1).
    fn known(&self, port: u16, remote: Address) -> Option<SocketId> {
        let id = *self.by_addresses.get(&(port, remote))?;
        self.connections.get(&id)?.holds_addresses().then_some(id)
    }

    /// Section 3.6 (MAY-2), RFC 6191: a new SYN ends TIME-WAIT early if it is surely no old duplicate. The numbers to exceed.
    fn reopens(&self, id: SocketId, segment: &Arrived<'_>) -> Option<SeqNumber> {
        let connection = self.connections.get(&id)?;
        let syn = segment.flags.syn() && !segment.flags.intersects(Flags::ACK.with(Flags::RST));
        if connection.state != State::TimeWait || !syn {
            return None;
        }
        let newer = match (connection.timestamps, segment.options.timestamps) {
            (true, Some((value, _))) => value.wrapping_sub(connection.ts_recent) as i32 > 0,
            _ => segment.seq > connection.receiver.nxt,
        };
        // A cookie's number is what it is: with it the new numbers might stand below the old ones.
        let room = |waiting: &VecDeque<SocketId>| waiting.len() < BACKLOG;
        let listening = self.listeners.get(&connection.local.1).is_some_and(room);
        let faults = self.config.faults;
        let newer = (newer || faults.has(Fault::TimeWaitTakesOldSyn)) && !faults.has(Fault::TimeWaitRefuses);
        (newer && listening).then_some(connection.max)
    }

    /// Section 3.10.7.2.
    fn arrives_at_listener(
        &mut self,
        now: Instant,
        remote: Address,
        port: u16,
        segment: &Arrived<'_>,
        above: Option<SeqNumber>,
    ) {
        let faults = self.config.faults;
        if segment.flags.rst() {
            if faults.has(Fault::ListenerAnswersResets) {
                self.refuse(remote, port, segment);
            }
            return;
        }
        if segment.flags.ack() {
            if !self.acknowledges_cookie(now, remote, port, segment) && !faults.has(Fault::ListenerPassesAcks) {
                self.refuse(remote, port, segment);
            }
            return;
        }
        // Section 3.9.2.3 (MUST-63).
        if !segment.flags.syn() || is_no_host(remote.0) && !faults.has(Fault::AnswersGroups) {
            return;
        }
        if faults.has(Fault::RefusesOddEcn) && segment.flags.ece() != segment.flags.cwr() {
            return;
        }
        if self.listener_is_spent(port) {
            return self.refuse(remote, port, segment);
        }
        let local = (self.config.address, port);
        let mut segment = segment.clone();
        misread_options(faults, &mut segment);
        if faults.has(Fault::SignedWindows) && segment.wnd > 32_767 {
            segment.wnd = 0;
        }
        let full = self
            .listeners
            .get(&port)
            .is_some_and(|waiting| waiting.len() >= BACKLOG);
        if full && !faults.has(Fault::FloodEvicts) && !faults.has(Fault::BacklogFills) {
            return self.answer_with_cookie(now, remote, port, &segment);
        }
        let above = above.or_else(|| self.just_used(now, port, remote));
        let syn = (segment.seq, segment.wnd, &segment.options);
        let mut connection = Connection::accept(&self.config, now, local, remote, syn, above);
        connection.hear_ecn_offer(segment.flags);
        connection.hear_user_timeout(segment.raw_options);
        if !faults.has(Fault::DropsTextOfSyn) {
            connection.keep_text_of_syn(&segment);
        }
        let id = self.add(connection);
        let connections = &mut self.connections;
        let Some(waiting) = self.listeners.get_mut(&port) else {
            return;
        };
        waiting.push_back(id);
        if waiting.len() <= BACKLOG {
            return;
        }
        if faults.has(Fault::BacklogFills) {
            waiting.pop_back();
            connections.remove(&id);
            return;
        }
        // [`Fault::FloodEvicts`]: the oldest half-open one gives way.
        let half_open = waiting
            .iter()
            .position(|id| connections.get(id).is_none_or(|one| one.state == State::SynReceived));
        if let Some(oldest) = waiting.remove(half_open.unwrap_or(0)) {
            connections.remove(&oldest);
        }
    }

    /// Behind the last number of a connection between these that ended within this second: the clock of the ISN may not have ticked
    /// since, and old numbers must not come again (section 3.4.1).
    fn just_used(&self, now: Instant, port: u16, remote: Address) -> Option<SeqNumber> {
        let same = |one: &&Connection| one.local.1 == port && one.remote == remote;
        let last = self.connections.values().rev().find(same)?;
        let recent = last.was_established && now - last.heard < Duration::secs(1);
        (recent && !last.faulty(Fault::ConstantIsn)).then_some(last.max)
    }

    /// RFC 4987 section 3.6: a SYN-ACK that needs no memory. MSS is the one option that a cookie has room for.
    fn answer_with_cookie(&mut self, now: Instant, remote: Address, port: u16, syn: &Arrived<'_>) {
        // No cookie tells of less; and its number is what it is, whatever numbers were used before.
        let used = self.just_used(now, port, remote).is_some();
        if used || syn.options.mss.is_some_and(|mss| mss < cookie::LEAST_MSS) {
            return;
        }
        self.overflowed = Some(now);
        let local = (self.config.address, port);
        let mut answer = Outgoing {
            seq: cookie::make(&self.config, now, local, remote, syn.seq, syn.options.mss),
            ack: syn.seq + 1,
            wnd: self.config.receive_buffer.min(65_535) as u16,
            flags: Flags::SYN.with(Flags::ACK),
            ..Outgoing::default()
        };
        TcpOption::MaximumSegmentSize(self.config.mss()).emit(&mut answer.options);
        if self.answers.len() < MAX_ANSWERS {
            self.answers.push_back((answer, port, remote));
        }
    }

    /// The acknowledgement of a cookie opens its connection. False where it is of nothing that was sent lately.
    fn acknowledges_cookie(&mut self, now: Instant, remote: Address, port: u16, segment: &Arrived<'_>) -> bool {
        let lately = self.overflowed.is_some_and(|then| now - then < cookie::LASTS);
        if !lately || segment.flags.syn() {
            return false;
        }
        let (local, iss, irs) = ((self.config.address, port), segment.ack - 1, segment.seq - 1);
        let trusted = self.config.faults.has(Fault::TrustsAnyCookie).then_some(536);
        let Some(mss) = cookie::check(&self.config, now, local, remote, irs, iss).or(trusted) else {
            return false;
        };
        let Some(waiting) = self.listeners.get(&port).map(VecDeque::len) else {
            return false;
        };
        // No room even so: the peer will ask again.
        if waiting < 2 * BACKLOG {
            let mut connection = Connection::of_cookie(&self.config, now, local, remote, (iss, irs), mss);
            connection.arrives(now, segment);
            let id = self.add(connection);
            self.listeners.entry(port).or_default().push_back(id);
        }
        true
    }

    /// Faults that leave a listener without a use.
    fn listener_is_spent(&self, port: u16) -> bool {
        let half_open_was_reset = |one: &Connection| !one.was_established && one.ended.is_some();
        let mut of_port = self.connections.values().filter(|one| one.local.1 == port);
        match self.config.faults {
            faults if faults.has(Fault::ListensOnce) => of_port.next().is_some(),
            faults if faults.has(Fault::TellsOfHalfOpen) => of_port.any(half_open_was_reset),
            _ => false,
        }
    }

    /// Section 3.10.7.1: nobody knows the connection.
    fn arrives_at_nothing(&mut self, remote: Address, port: u16, segment: &Arrived<'_>) {
        if !segment.flags.rst() && !self.config.faults.has(Fault::ClosedIsSilent) {
            self.refuse(remote, port, segment);
        }
    }

    /// <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>.
    fn refuse(&mut self, remote: Address, port: u16, segment: &Arrived<'_>) {
        let mut answer = if segment.flags.ack() {
            Outgoing {
                seq: segment.ack,
                flags: Flags::RST,
                ..Outgoing::default()
            }
        } else {
            Outgoing {
                ack: segment.seq + segment.len(),
                flags: Flags::RST.with(Flags::ACK),
                ..Outgoing::default()
            }
        };
        let faults = self.config.faults;
        if faults.has(Fault::RefusesWithoutNumber) && segment.flags.ack() {
            answer.seq = SeqNumber(0);
        }
        if faults.has(Fault::RefusesOddly) && !segment.flags.ack() {
            answer.seq = SeqNumber(1);
        }
        // RFC 7323 section 5.2: TSecr of the cause, TSval zero.
        if let (true, Some((value, _))) = (self.config.timestamps, segment.options.timestamps) {
            answer.options.extend([1, 1]);
            TcpOption::Timestamps { value: 0, echo: value }.emit(&mut answer.options);
        }
        if self.answers.len() < MAX_ANSWERS {
            self.answers.push_back((answer, port, remote));
        }
    }

    /// The next packet into `packet`; false, and `packet` empty, when there is none.
    pub fn transmit(&mut self, now: Instant, packet: &mut Vec<u8>) -> bool {
        let sends = self.next_packet(now, packet);
        spoil_packet(self.config.faults, packet);
        sends
    }

    fn next_packet(&mut self, now: Instant, packet: &mut Vec<u8>) -> bool {
        packet.clear();
        self.ip_id = self.ip_id.wrapping_add(1);
        if let Some((answer, port, remote)) = self.answers.pop_front() {
            answer.emit(
                (self.config.address, port),
                remote,
                self.ip_id,
                &VecDeque::new(),
                packet,
            );
            return true;
        }
        if let Some(ready) = self.packets.pop_front() {
            packet.extend(ready);
            return true;
        }
        // In the order of their opening: runs repeat to the bit.
        self.order.clear();
        self.order.extend(self.by_addresses.values());
        self.order.sort_unstable();
        for id in &self.order {
            let Some(connection) = self.connections.get_mut(id) else {
                continue;
            };
            if connection.transmit(now, &mut self.out) {
                if self.config.faults.has(Fault::ReservedBits) && !self.out.payload.is_empty() {
                    self.out.flags = self.out.flags.with(Flags(1 << 10));
                }
                let (local, remote) = (connection.local, connection.remote);
                self.out.emit(local, remote, self.ip_id, &connection.queue, packet);
                if self.config.faults.has(Fault::WrongChecksum) {
                    spoil_checksum(packet);
                }
                if connection.ended.is_some() {
                    self.forget_ended();
                }
                return true;
            }
        }
        false
    }

    /// When [`Host::advance_to`] must be called next; none when nothing is due by itself.
    pub fn wake_at(&self) -> Option<Instant> {
        self.connections.values().filter_map(Connection::wake_at).min()
    }

    /// Lets time pass.
    pub fn advance_to(&mut self, now: Instant) {
        self.connections
            .values_mut()
            .for_each(|connection| connection.advance_to(now));
        self.forget_ended();
    }
}

/// An address that no single host has.
pub(crate) fn is_no_host(address: IpAddr) -> bool {
    address.is_multicast() || address == IpAddr::from([255; 4]) || address.is_unspecified()
}

/// [`Fault::WrongChecksum`]: the last octet of TCP's checksum, one too high.
fn spoil_checksum(packet: &mut [u8]) {
    let header = if packet.first().is_some_and(|octet| octet >> 4 == 4) {
        20
    } else {
        40
    };
    if let Some(octet) = packet.get_mut(header + 17) {
        *octet = octet.wrapping_add(1);
    }
}
