//! The Tester: the other end of the wire. It moves the stack's clock, sends it anything, and hears all that it says; the
//! checks watch every packet.

use crate::guard::Guarded;
use crate::hearing::Hearing;
use crate::log::Log;
use crate::peer::GIVEN_UP_BY;
use crate::scenario::{Step, Stop};
use crate::segment::{Draft, Segment, ip_packet};
use conformance::tracker::Vantage;
use conformance::{FrameInfo, Inspector, Report, Settings};
use stacks::{Ability, CallError, Clock, Received, Services, Socket, Stack, State, Status};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use wire::link::LinkType;
use wire::tcp::Flags;
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// A stack that sends more than this without any time passing never stops.
const MAX_BURST: u32 = 3000;
/// What takes longer is not played in real time unless asked for.
pub const PATIENT_IN_REAL_TIME: Duration = Duration::secs(5);
/// How late a machine may be before times are taken for what they are: between two times seen, and seen times and real ones.
pub const TOLERANCE: Duration = Duration::millis(10);
/// How late the Tester may do what it is to do next before a scenario's own verdicts are left open: no timer of a stack is as short.
const REACTION: Duration = Duration::millis(100);
/// Packets in one run.
const MAX_PACKETS: u32 = 200_000;
/// A run at a stack whose clock is ours takes milliseconds; one that takes so long of our own time is not coming to an end.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
/// Turns of waiting after which our own time is looked at: that costs more than a turn.
const ROUNDS: u32 = 64;
/// How often a stack may ask to be woken at once before its clock is pushed on.
const MAX_SPINS: u32 = 64;
/// What one call of RECEIVE asks for at most.
const READ: usize = 65_536;

/// One run of one scenario at one stack.
pub struct Tester {
    stack: Guarded,
    clock: Clock,
    inspector: Inspector,
    pub log: Log,
    /// The stack's address, and ours.
    pub its: IpAddr,
    pub ours: IpAddr,
    frames: u32,
    ip_id: u16,
    hearing: Hearing,
    /// Segments that nobody has looked at yet.
    pub inbox: VecDeque<Segment>,
    /// What the stack sent and when, kept as it is while [`Tester::relaying`].
    pub raw: VecDeque<(Instant, Vec<u8>)>,
    /// Packets of the stack are not read, but kept: for an ordinary peer, for a script.
    pub relaying: bool,
    /// Packets that are not TCP, and fragments.
    pub others: VecDeque<(Instant, Vec<u8>)>,
    /// Ports given out.
    pub(crate) ports: u16,
    /// Ports that the stack listens on.
    pub(crate) listening: Vec<u16>,
    /// Why the run cannot go on.
    trouble: Option<String>,
    /// The time that it did not live to see.
    missed: Option<Instant>,
    packet: Vec<u8>,
    began: std::time::Instant,
    /// Turns of waiting so far.
    rounds: u32,
    /// Whether the log is kept: a fuzzer plays millions of conversations whose log nobody reads.
    logging: bool,
    /// The stack asked again and again to be woken at once, and did nothing.
    spun: bool,
    lacks: Option<&'static str>,
    /// The longest that a scenario said it takes.
    pub asked: Duration,
    /// At a stack that the next case meets as well: what is still open, by our port and its, and where it expects us to go on.
    open: HashMap<(u16, u16), SeqNumber>,
    /// Slow scenarios are played in real time as well.
    pub slow: bool,
}

impl Tester {
    pub fn new(stack: Box<dyn Stack>, its: IpAddr, ours: IpAddr) -> Tester {
        Tester {
            clock: stack.identity().clock,
            stack: Guarded::new(stack),
            inspector: Inspector::new(Settings {
                vantage: Vantage::Live(its),
            }),
            log: Log::default(),
            its,
            ours,
            frames: 0,
            ip_id: 0,
            hearing: Hearing::default(),
            inbox: VecDeque::new(),
            raw: VecDeque::new(),
            relaying: false,
            others: VecDeque::new(),
            ports: 0,
            listening: Vec::new(),
            trouble: None,
            missed: None,
            packet: Vec::new(),
            began: std::time::Instant::now(),
            rounds: 0,
            logging: true,
            spun: false,
            lacks: None,
            asked: Duration::ZERO,
            open: HashMap::new(),
            slow: false,
        }
    }

    /// The same without a log.
    pub fn without_log(mut self) -> Tester {
        self.logging = false;
        self
    }

    /// Packets seen so far.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// When the stack wants to be woken.
    pub fn wake_at(&mut self) -> Option<Instant> {
        self.stack.wake_at()
    }

    /// Whether the stack asked again and again to be woken at once, and did nothing.
    pub fn spun(&self) -> bool {
        self.spun
    }

    pub fn now(&self) -> Instant {
        self.stack.now()
    }

    /// The services of a stack whose applications no call reaches.
    pub fn services(&self) -> Option<Services> {
        self.stack.services()
    }

    /// What the scenario needs, where it went on without it: it judges no more.
    pub fn lacks(&self) -> Option<&'static str> {
        self.lacks
    }

    /// After a call: what it did stands in the log before what the stack sends upon it. One to an application that is out of
    /// reach ends the scenario, and a stack may fail over one.
    fn reached<R>(&mut self, result: &Result<R, CallError>) {
        if result.is_err() && self.trouble.is_none() {
            self.trouble = self.stack.trouble();
        }
        let now = self.now();
        for (socket, deed) in self.stack.deeds.drain(..).filter(|_| self.logging) {
            self.log.deed(now, socket, deed);
        }
        if matches!(result, Err(CallError::Unsupported)) && self.services().is_some() {
            self.lacks = Some("calls to the stack's application");
        }
    }

    /// Whether waiting costs nothing.
    pub fn is_virtual(&self) -> bool {
        self.clock == Clock::Virtual
    }

    /// Leaves the scenario when the stack cannot do something that it is about.
    pub fn needs(&self, ability: Ability) -> Step {
        if self.can(ability) {
            Ok(())
        } else {
            Err(Stop::Needs(ability.name()))
        }
    }

    pub fn can(&self, ability: Ability) -> bool {
        self.stack.abilities().has(ability)
    }

    /// Leaves the scenario when it waits for longer than people would on a clock that is not ours.
    pub fn needs_patience(&mut self, time: Duration) -> Step {
        self.asked = self.asked.max(time);
        if self.is_virtual() || self.slow || time <= PATIENT_IN_REAL_TIME {
            Ok(())
        } else {
            Err(Stop::Needs("virtual time, or --slow"))
        }
    }

    pub fn remark(&mut self, text: impl Into<String>) {
        if self.logging {
            self.log.remark(self.stack.now(), text.into());
        }
    }

    /// The same for a remark that costs something to write.
    pub fn remark_with(&mut self, text: impl FnOnce() -> String) {
        if self.logging {
            self.remark(text());
        }
    }

    /// Sends a segment as it is.
    pub fn throw(&mut self, draft: &Draft) {
        self.ip_id = self.ip_id.wrapping_add(1);
        let packet = draft.packet(self.ip_id);
        self.deliver(&packet);
    }

    /// Sends an IP packet of any protocol.
    pub fn throw_ip(&mut self, protocol: u8, payload: &[u8]) {
        self.ip_id = self.ip_id.wrapping_add(1);
        let packet = ip_packet(self.ours, self.its, protocol, 0, self.ip_id, payload);
        self.deliver(&packet);
    }

    /// A packet arrives at the stack.
    pub fn deliver(&mut self, packet: &[u8]) {
        self.drain();
        if self.trouble.is_some() {
            return;
        }
        if self.is_virtual() {
            self.see(false, self.now(), packet);
            self.stack.deliver(packet);
        } else {
            self.stack.deliver(packet);
            let (time, before) = self.stack.arrived().unwrap_or((self.now(), 0));
            self.drain_at_most(before);
            self.see(false, time, packet);
        }
        self.drain();
    }

    /// The checks and the log see a packet.
    fn see(&mut self, from_stack: bool, time: Instant, packet: &[u8]) {
        self.frames += 1;
        let info = FrameInfo {
            number: FrameNumber(self.frames),
            time,
            link: LinkType::RAW,
            original_len: packet.len() as u32,
        };
        self.inspector.frame(info, packet);
        if self.logging {
            self.log.packet(time, from_stack, packet);
        }
    }

    /// Takes everything that the stack sends now.
    fn drain(&mut self) {
        self.drain_at_most(usize::MAX);
    }

    fn drain_at_most(&mut self, mut most: usize) {
        let mut burst = 0;
        let mut packet = std::mem::take(&mut self.packet);
        let noting = self.stack.lateness().noting;
        if noting > TOLERANCE {
            self.inspector.may_be_late(noting);
        }
        while most > 0 && self.trouble.is_none() && self.stack.transmit(&mut packet) {
            most -= 1;
            burst += 1;
            if burst > MAX_BURST || self.frames > MAX_PACKETS {
                self.trouble = Some(format!("it sent {burst} packets without any time passing, and went on"));
                break;
            }
            let time = self.stack.sent_at().unwrap_or_else(|| self.stack.now());
            self.see(true, time, &packet);
            if self.relaying {
                self.raw.push_back((time, packet.clone()));
                continue;
            }
            let frame = FrameNumber(self.frames);
            match self.hearing.segment(time, frame, &packet) {
                Some(segment) => {
                    if self.services().is_some() && !segment.flags.rst() {
                        let ports = (segment.destination.1, segment.source.1);
                        self.open.insert(ports, segment.ack);
                    }
                    self.inbox.push_back(segment);
                }
                None => self.others.push_back((time, packet.clone())),
            }
        }
        self.packet = packet;
        if self.trouble.is_none() {
            self.trouble = self.stack.trouble();
        }
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: Duration) -> Step {
        let until = self.now() + time;
        self.run(until, |_| false)
    }

    /// Lets time pass until `until`, or until `enough` holds.
    pub fn run(&mut self, until: Instant, mut enough: impl FnMut(&Tester) -> bool) -> Step {
        let mut spins = 0;
        let (began, start) = (std::time::Instant::now(), self.now());
        loop {
            self.drain();
            self.rounds = self.rounds.wrapping_add(1);
            if self.rounds.is_multiple_of(ROUNDS) {
                self.lose_patience(began, until - start);
            }
            if let Some(lacks) = self.lacks {
                return Err(Stop::Needs(lacks));
            }
            if let Some(trouble) = &self.trouble {
                self.missed.get_or_insert(until);
                return Err(Stop::Trouble(trouble.clone()));
            }
            let now = self.now();
            if enough(self) || now >= until {
                return Ok(());
            }
            let wake = self.stack.wake_at().unwrap_or(until);
            spins = if wake <= now { spins + 1 } else { 0 };
            if spins > MAX_SPINS {
                self.spun = true;
                self.stack.advance_to((now + Duration::millis(1)).min(until));
            } else {
                self.stack.pass_until(until);
            }
        }
    }

    /// Ends a run that does not come to its end: on virtual time all of it should take no time; elsewhere what began at `began`
    /// should take as long as it was to take.
    fn lose_patience(&mut self, began: std::time::Instant, asked: Duration) {
        let seconds = PATIENCE.as_secs();
        let late = if self.is_virtual() {
            (self.began.elapsed() > PATIENCE).then(|| format!("it takes more than {seconds} s of our time"))
        } else {
            let asked = std::time::Duration::from_nanos(asked.0.max(0) as u64);
            let late = began.elapsed() > asked.saturating_add(PATIENCE);
            late.then(|| format!("its clock is more than {seconds} s behind ours"))
        };
        if let (None, Some(late)) = (&self.trouble, late) {
            self.trouble = Some(late);
        }
    }

    /// The stack's application: a call, noted in the log.
    pub fn call<R: std::fmt::Debug>(
        &mut self,
        what: std::fmt::Arguments<'_>,
        call: impl FnOnce(&mut dyn Stack) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        let result = call(&mut self.stack);
        self.reached(&result);
        if self.logging {
            let told = match (&result, &self.trouble) {
                (Ok(value), _) => shorten(format!("{value:?}")),
                (Err(_), Some(_)) => "the stack failed".to_owned(),
                (Err(error), None) => error.to_string(),
            };
            self.remark(format!("the application: {what}: {told}"));
        }
        self.drain();
        result
    }

    /// A call that would fill the log.
    pub fn quietly<R>(&mut self, call: impl FnOnce(&mut dyn Stack) -> Result<R, CallError>) -> Result<R, CallError> {
        let result = call(&mut self.stack);
        self.reached(&result);
        self.drain();
        result
    }

    pub fn app_send(&mut self, socket: Socket, octets: &[u8]) -> Result<usize, CallError> {
        self.call(format_args!("SEND of {} octets", octets.len()), |stack| {
            stack.send(socket, octets)
        })
    }

    pub fn app_send_urgent(&mut self, socket: Socket, octets: &[u8]) -> Result<usize, CallError> {
        self.call(format_args!("urgent SEND of {} octets", octets.len()), |stack| {
            stack.send_urgent(socket, octets)
        })
    }

    /// Everything that can be read now, and how the stream stands after it.
    pub fn app_read(&mut self, socket: Socket) -> (Vec<u8>, Result<Received, CallError>) {
        let mut octets = Vec::new();
        loop {
            match self.call(format_args!("RECEIVE"), |stack| stack.receive(socket, READ)) {
                Ok(Received::Data(more)) if !more.is_empty() => octets.extend(more),
                other => return (octets, other),
            }
        }
    }

    /// One RECEIVE of at most `limit` octets.
    pub fn app_read_some(&mut self, socket: Socket, limit: usize) -> Result<Received, CallError> {
        self.call(format_args!("RECEIVE of {limit} octets"), |stack| {
            stack.receive(socket, limit)
        })
    }

    pub fn app_shutdown(&mut self, socket: Socket) -> Result<(), CallError> {
        self.call(format_args!("CLOSE of its direction"), |stack| stack.shutdown(socket))
    }

    pub fn app_close(&mut self, socket: Socket) -> Result<(), CallError> {
        self.call(format_args!("CLOSE"), |stack| stack.close(socket))
    }

    pub fn app_abort(&mut self, socket: Socket) -> Result<(), CallError> {
        self.call(format_args!("ABORT"), |stack| stack.abort(socket))
    }

    /// What the checks are told before ABORT, or CLOSE, is called on the connection with `peer`.
    pub fn app_leaves(&mut self, peer: &crate::Peer, aborted: bool) {
        self.inspector.application_left(peer.there, peer.here, aborted);
    }

    /// The connection's state, where the stack tells it.
    pub fn app_state(&mut self, socket: Socket) -> Option<State> {
        match self.call(format_args!("STATUS"), |stack| stack.status(socket)) {
            Ok(Status::In(state)) => Some(state),
            _ => None,
        }
    }

    /// Judges something that only the stack's application, or the Tester, can see.
    pub fn require(&mut self, id: &'static str, kept: bool, expected: &str, seen: impl std::fmt::Display) {
        if self.lacks.is_some() {
            return;
        }
        let (ends, last) = ((self.its, self.ours), (FrameNumber(self.frames.max(1)), self.now()));
        let late = self.late();
        if !kept && late > REACTION {
            self.log
                .remark(last.1, format!("{id}: {seen}; open: the machine was {late} late"));
            return self.inspector.leave_open(id, ends, last);
        }
        let told = if kept {
            "kept".to_owned()
        } else {
            format!("broken: {seen}")
        };
        self.log.remark(last.1, format!("{id}: {told}"));
        self.inspector
            .observe(id, ends, last, kept, expected, &seen.to_string());
    }

    /// How long to wait for the end of whatever a stack tries again and again: in real time no stack at hand takes longer.
    pub fn given_up_by(&self) -> Duration {
        if self.is_virtual() {
            GIVEN_UP_BY
        } else {
            Duration::minutes(20)
        }
    }

    /// Resets whatever is still open at a stack that the next case meets as well.
    fn leave(&mut self) {
        for ((here, there), seq) in std::mem::take(&mut self.open) {
            self.throw(&Draft::new((self.ours, here), (self.its, there), Flags::RST).seq(seq));
        }
    }

    /// Whether the stack's own times were set to be short: on a clock that is not ours, where its settings can be changed.
    pub fn in_short(&mut self, knobs: &[(&str, &str)]) -> bool {
        let changed = |t: &mut Tester, (name, value): &(&str, &str)| {
            t.call(format_args!("{name} = {value}"), |stack| stack.knob(name, value))
                .is_ok()
        };
        !self.is_virtual() && self.can(Ability::Options) && knobs.iter().all(|knob| changed(self, knob))
    }

    /// How late the machine was so far, in noting packets, or in acting beyond what no stack notices.
    pub fn late(&self) -> Duration {
        let lateness = self.stack.lateness();
        if lateness.acting > REACTION {
            lateness.noting.max(lateness.acting)
        } else {
            lateness.noting
        }
    }

    /// The run is over.
    pub fn finish(mut self) -> (Report, Log, Option<String>) {
        self.drain();
        self.leave();
        let trouble = self.trouble.clone().or(self.stack.trouble());
        let now = self.stack.now();
        self.inspector.clock(now);
        if self.logging {
            // What an application does that no call reaches, nobody tells.
            let told = self.services().is_none();
            self.log.over(self.missed.map_or(now, |missed| missed.max(now)), told);
        }
        (self.inspector.finish(), self.log, trouble)
    }
}

fn shorten(text: String) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}
