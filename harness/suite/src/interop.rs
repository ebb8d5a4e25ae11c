//! Two stacks across a simulated network: do both finish, is every octet right, and does either break a requirement?
//!
//! One seed decides everything. Each stack is watched from beside it, as in a live test: nothing is missed, nothing is late.

use crate::log::Log;
use conformance::tracker::Vantage;
use conformance::{FrameInfo, Inspector, Report, Settings};
use stacks::{Ability, Clock, Received, Setup, Socket, Stack, State, Status, Trouble};
use std::net::IpAddr;
use wire::link::LinkType;
use wire::{Duration, FrameNumber, Instant};

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Perfect,
    Loss,
    Reorder,
    Duplicate,
    Corrupt,
}

impl Condition {
    pub const ALL: [Condition; 5] = [
        Condition::Perfect,
        Condition::Loss,
        Condition::Reorder,
        Condition::Duplicate,
        Condition::Corrupt,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Condition::Perfect => "perfect",
            Condition::Loss => "loss",
            Condition::Reorder => "reorder",
            Condition::Duplicate => "duplicate",
            Condition::Corrupt => "corrupt",
        }
    }

    /// What is done, for people.
    pub const fn does(self) -> &'static str {
        match self {
            Condition::Perfect => "20 ms round trip, nothing else",
            Condition::Loss => "3 of 100 packets are lost",
            Condition::Reorder => "10 of 100 packets come 15 ms later than the others",
            Condition::Duplicate => "5 of 100 packets come twice",
            Condition::Corrupt => "one bit of 3 of 100 packets flips",
        }
    }
}

/// One way.
const DELAY: Duration = Duration::millis(10);
const LATER: Duration = Duration::millis(15);
/// Both sides must have finished by then: R2 for data is 100 s at least (RFC 9293 section 3.8.3), and nothing here is lost so
/// often that it would be reached.
const BOUND: Duration = Duration::minutes(10);
/// Applications look after their connections so often.
const TICK: Duration = Duration::millis(50);
/// What follows the end: the last acknowledgements.
const AFTER: Duration = Duration::secs(5);
const PORTS: (u16, u16) = (50_001, 7_000);
/// Octets that the one that connects sends, and the other.
const AMOUNTS: [usize; 2] = [20_000, 50_000];
const READ: usize = 8_192;
/// Packets that a stack may send without any time passing.
const MAX_BURST: u32 = 2_000;

/// Makes a fresh stack.
pub type Open<'a> = &'a dyn Fn(&Setup) -> Result<Box<dyn Stack>, Trouble>;

/// How a meeting went.
pub struct Meeting {
    /// Both ended in order, with the right octets; or what went wrong.
    pub outcome: Result<(), String>,
    /// How long it took them.
    pub time: Duration,
    pub packets: u32,
    /// What each did, seen from beside it: the one that connects first.
    pub reports: [Report; 2],
    pub logs: [Log; 2],
    pub addresses: [IpAddr; 2],
}

struct Flying {
    at: Instant,
    order: u32,
    to: usize,
    packet: Vec<u8>,
}

/// One side: a stack, its application, and who watches it.
struct Side {
    stack: Box<dyn Stack>,
    inspector: Inspector,
    log: Log,
    frames: u32,
    socket: Option<Socket>,
    to_write: Vec<u8>,
    written: usize,
    read: Vec<u8>,
    closed: bool,
    ended: bool,
    error: Option<String>,
}

struct World {
    now: Instant,
    sides: [Side; 2],
    flying: Vec<Flying>,
    order: u32,
    condition: Condition,
    dice: u64,
    packets: u32,
}

/// Lets the first stack connect to the second, both send, and both close.
pub fn meet(opens: [Open<'_>; 2], addresses: [IpAddr; 2], condition: Condition, seed: u64) -> Result<Meeting, Trouble> {
    let [first, second] = addresses;
    let [one, two] = opens;
    let sides = [
        Side::new(one, first, second, seed, 0)?,
        Side::new(two, second, first, seed, 1)?,
    ];
    let mut world = World {
        now: stacks::START,
        sides,
        flying: Vec::new(),
        order: 0,
        condition,
        dice: seed,
        packets: 0,
    };
    let began = world.now;
    let outcome = world.play(second);
    let time = world.now - began;
    if outcome.is_ok() {
        let until = world.now + AFTER;
        while world.now < until && world.step().is_ok() {}
    }
    let World {
        sides, packets, now, ..
    } = world;
    let mut logs = [Log::default(), Log::default()];
    let mut side = 0;
    let reports = sides.map(|mut one| {
        one.inspector.clock(now);
        logs[side] = std::mem::take(&mut one.log);
        side += 1;
        one.inspector.finish()
    });
    Ok(Meeting {
        outcome,
        time,
        packets,
        reports,
        logs,
        addresses,
    })
}

impl Side {
    fn new(open: Open<'_>, its: IpAddr, other: IpAddr, seed: u64, which: usize) -> Result<Side, Trouble> {
        let mut setup = Setup::new(its, other);
        setup.seed = seed.wrapping_mul(2).wrapping_add(which as u64);
        let stack = open(&setup)?;
        let needs = [Ability::Connect, Ability::Listen][which];
        if stack.identity().clock != Clock::Virtual {
            return Err(Trouble::Cannot("its clock is not ours".to_owned()));
        }
        if !stack.abilities().has(needs) {
            return Err(Trouble::Declines(format!("it cannot {}", needs.name())));
        }
        let amount = AMOUNTS[which];
        Ok(Side {
            stack,
            inspector: Inspector::new(Settings {
                vantage: Vantage::Live(its),
            }),
            log: Log::default(),
            frames: 0,
            socket: None,
            to_write: (0..amount).map(|at| (at % 251) as u8 ^ (at / 251) as u8).collect(),
            written: 0,
            read: Vec::new(),
            closed: false,
            ended: false,
            error: None,
        })
    }

    fn see(&mut self, now: Instant, from_stack: bool, packet: &[u8]) {
        self.frames += 1;
        let info = FrameInfo {
            number: FrameNumber(self.frames),
            time: now,
            link: LinkType::RAW,
            original_len: packet.len() as u32,
        };
        self.inspector.frame(info, packet);
        self.log.packet(now, from_stack, packet);
    }

    /// The application's turn: writes what fits, closes when all is written, reads to the end.
    fn act(&mut self) {
        let Some(socket) = self.socket else { return };
        if let Some(rest) = self.to_write.get(self.written..).filter(|rest| !rest.is_empty()) {
            self.written += self.stack.send(socket, rest).unwrap_or(0);
        }
        while !self.ended {
            match self.stack.receive(socket, READ) {
                Ok(Received::Data(octets)) if !octets.is_empty() => self.read.extend(octets),
                Ok(Received::End) => self.ended = true,
                Err(error) => {
                    self.error = Some(error.to_string());
                    self.ended = true;
                }
                Ok(_) => break,
            }
        }
        let half = self.stack.abilities().has(Ability::HalfClose);
        let synchronized = !matches!(
            self.stack.status(socket),
            Ok(Status::In(State::SynSent | State::SynReceived | State::Listen))
        );
        if self.written == self.to_write.len() && !self.closed && synchronized && (half || self.ended) {
            self.closed = true;
            let closed = if half {
                self.stack.shutdown(socket)
            } else {
                self.stack.close(socket)
            };
            if let Err(error) = closed {
                self.error.get_or_insert(error.to_string());
            }
        }
    }

    fn is_over(&mut self) -> bool {
        let state = self.socket.map(|socket| self.stack.status(socket));
        let gone = match state {
            Some(Ok(Status::In(state))) => matches!(state, State::Closed | State::TimeWait),
            // What does not tell its state is over when its application is.
            Some(_) => true,
            None => false,
        };
        self.closed && self.ended && gone
    }
}

impl World {
    fn play(&mut self, server: IpAddr) -> Result<(), String> {
        let [client, listener] = &mut self.sides;
        let failed = |what: &str, error: stacks::CallError| format!("{what} failed: {error}");
        listener
            .stack
            .listen(PORTS.1)
            .map_err(|error| failed("passive OPEN", error))?;
        let socket = client.stack.connect(PORTS.0, (server, PORTS.1));
        client.socket = Some(socket.map_err(|error| failed("active OPEN", error))?);
        let deadline = self.now + BOUND;
        while !self.sides.iter_mut().all(Side::is_over) {
            if self.now > deadline {
                return Err(format!("not over after {} s: {}", BOUND.as_secs_f64(), self.progress()));
            }
            self.step()?;
        }
        let progress = self.progress();
        let [one, two] = &self.sides;
        for (name, reader, writer) in [("the first", one, two), ("the second", two, one)] {
            if let Some(error) = &reader.error {
                return Err(format!("{name} was told: {error}; {progress}"));
            }
            if reader.read != writer.to_write {
                let right = reader
                    .read
                    .iter()
                    .zip(&writer.to_write)
                    .take_while(|(a, b)| a == b)
                    .count();
                let (got, all) = (reader.read.len(), writer.to_write.len());
                return Err(format!(
                    "{name} read {got} octets of {all}, the first {right} of them right"
                ));
            }
        }
        Ok(())
    }

    fn progress(&mut self) -> String {
        let tell = |side: &mut Side| {
            let state = side.socket.map(|socket| side.stack.status(socket));
            let state = match state {
                Some(Ok(Status::In(state))) => state.name(),
                Some(_) => "open",
                None => "not open",
            };
            format!("{state}, {} octets written, {} read", side.written, side.read.len())
        };
        let [one, two] = &mut self.sides;
        format!("the first {}; the second {}", tell(one), tell(two))
    }

    /// To the next arrival, timer, or tick of the applications.
    fn step(&mut self) -> Result<(), String> {
        if let (None, Ok(accepted)) = (self.sides[1].socket, self.sides[1].stack.accept(PORTS.1)) {
            self.sides[1].socket = accepted;
        }
        self.sides.iter_mut().for_each(Side::act);
        self.drain()?;
        let arrival = self.flying.iter().map(|one| one.at).min();
        let timers = self.sides.iter_mut().filter_map(|side| side.stack.wake_at()).min();
        let tick = self.now + TICK;
        let next = [arrival, timers].into_iter().flatten().min().unwrap_or(tick).min(tick);
        // A stack that wants to be woken at once, for nothing, does not hold the others up.
        self.now = next.max(self.now + Duration::micros(1));
        let now = self.now;
        self.sides.iter_mut().for_each(|side| side.stack.advance_to(now));
        self.drain()?;
        while let Some(at) = self.earliest() {
            let Flying { to, packet, .. } = self.flying.swap_remove(at);
            let side = &mut self.sides[to];
            side.see(now, false, &packet);
            side.stack.deliver(&packet);
            self.drain()?;
        }
        Ok(())
    }

    fn earliest(&self) -> Option<usize> {
        (0..self.flying.len())
            .filter(|&at| self.flying[at].at <= self.now)
            .min_by_key(|&at| (self.flying[at].at, self.flying[at].order))
    }

    /// What either stack has to send goes onto the wire.
    fn drain(&mut self) -> Result<(), String> {
        let mut packet = Vec::new();
        for from in 0..2 {
            let mut burst = 0;
            while self.sides[from].stack.transmit(&mut packet) {
                burst += 1;
                if burst > MAX_BURST {
                    return Err(format!("the {} sends without end", ["first", "second"][from]));
                }
                let now = self.now;
                self.sides[from].see(now, true, &packet);
                self.packets += 1;
                self.throw(1 - from, &packet);
            }
            if let Some(trouble) = self.sides[from].stack.trouble() {
                return Err(trouble);
            }
        }
        Ok(())
    }

    fn throw(&mut self, to: usize, packet: &[u8]) {
        let chance = self.roll(100);
        let mut copies = 1;
        let mut delay = DELAY;
        let mut packet = packet.to_vec();
        match self.condition {
            Condition::Loss if chance < 3 => return,
            Condition::Reorder if chance < 10 => delay = DELAY + LATER,
            Condition::Duplicate if chance < 5 => copies = 2,
            Condition::Corrupt if chance < 3 => {
                let (place, bit) = (self.roll(packet.len() as u64), self.roll(8));
                if let Some(octet) = packet.get_mut(place as usize) {
                    *octet ^= 1 << bit;
                }
            }
            _ => {}
        }
        for _ in 0..copies {
            self.order += 1;
            self.flying.push(Flying {
                at: self.now + delay,
                order: self.order,
                to,
                packet: packet.clone(),
            });
        }
    }

    /// Steele, Lea and Flood's SplitMix64.
    fn roll(&mut self, limit: u64) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}
