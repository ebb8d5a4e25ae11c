//! Plays events in order, on the stack's clock.

use crate::run::calls::{self, Pending, Sockets};
use crate::run::code::{self, Names};
use crate::run::command::{self, Wish};
use crate::run::config::{Config, Mode};
use crate::run::expect;
use crate::run::flow::{Flow, Offer};
use crate::run::inbound;
use crate::run::native::{self, Native};
use crate::run::outcome::{Step, Stop};
use crate::run::sniff::{Message, Sniffed};
use crate::syntax::Place;
use crate::syntax::ast::{Action, Body, Event, Packet, Script, Time};
use std::collections::VecDeque;
use std::path::Path;
use suite::Tester;
use wire::{Duration, Instant};

/// How long `*` waits, in microseconds.
const ANY_TIME: i64 = 600_000_000;
/// Segments that a stack sends beside what a script is about; more are forgotten.
const MAX_QUEUE: usize = 4096;

pub struct Player<'a> {
    pub tester: Tester,
    pub config: Config,
    mode: Mode,
    /// The script's time zero on the stack's clock, moved by what came later than the script says.
    zero: Instant,
    /// The script's time of the last event, in microseconds.
    pub last: i64,
    place: Place,
    pub flows: Vec<Flow>,
    /// Of the flows, the one that packets without ports belong to.
    pub current: usize,
    /// What the stack sent and no event has matched yet.
    pub queue: VecDeque<Sniffed>,
    /// Data that the stack may still hold back: script numbers, start and length.
    pub owed: VecDeque<(u32, u32)>,
    /// What was owed and has been sent since: it may still lie in the queue.
    pub repaid: Vec<(u32, u32)>,
    pub sockets: Sockets,
    /// Calls are those of the stack's own system.
    pub native: Option<Native>,
    pub pending: Option<Pending<'a>>,
    pub names: Names,
    pub relaxed: Vec<String>,
    /// Options that the stack does not speak, and that were left out of the script.
    pub left_out: Vec<&'static str>,
    ip_id: u16,
    /// Where the script lies.
    folder: Option<&'a Path>,
}

impl<'a> Player<'a> {
    pub fn new(mut tester: Tester, config: Config, mode: Mode, folder: Option<&'a Path>) -> Player<'a> {
        tester.relaying = true;
        Player {
            zero: tester.now(),
            config,
            mode,
            last: 0,
            place: Place::default(),
            flows: Vec::new(),
            current: 0,
            queue: VecDeque::new(),
            owed: VecDeque::new(),
            repaid: Vec::new(),
            native: tester.can(stacks::Ability::SystemCalls).then(Native::default),
            sockets: Sockets::default(),
            pending: None,
            names: Names::new(),
            relaxed: Vec::new(),
            left_out: Vec::new(),
            ip_id: 0,
            folder,
            tester,
        }
    }

    /// Only for a stack whose calls are its system's own.
    pub fn native(&mut self) -> &mut Native {
        self.native.get_or_insert_default()
    }

    pub fn is_strict(&self) -> bool {
        self.mode == Mode::Strict
    }

    pub fn place(&self) -> Place {
        self.place
    }

    /// Notes where matching was more generous than the script, once for each reason.
    pub fn relax(&mut self, why: impl Into<String>) {
        let why = why.into();
        if !self.relaxed.contains(&why) {
            self.tester.remark(format!("neutral: {why}"));
            self.relaxed.push(why);
        }
    }

    /// All events; or where and why not.
    pub fn play(&mut self, script: &'a Script) -> Result<(), (Place, Stop)> {
        let first = script.events.first().map_or(Place::default(), |event| event.place);
        if let Some(command) = &script.before {
            self.place = first;
            self.command(command, script.events.len())
                .map_err(|stop| (first, stop))?;
        }
        for (index, event) in script.events.iter().enumerate() {
            self.place = event.place;
            let left = script.events[index + 1..].iter().filter(|event| matters(event)).count();
            self.event(event, left).map_err(|stop| (event.place, stop))?;
        }
        calls::settle(self).map_err(|stop| (self.place, stop))?;
        self.last_words();
        Ok(())
    }

    /// Data that never came is told.
    fn last_words(&mut self) {
        self.absorb();
        expect::settle(self);
        let octets: u32 = self.owed.iter().map(|(_, len)| len).sum();
        if octets > 0 {
            self.relax(format!("at the end the stack still held {octets} octets back"));
        }
    }

    fn event(&mut self, event: &'a Event, left: usize) -> Step {
        let (from, to) = self.window_of(event.time);
        match &event.action {
            Action::Packet(packet) if !packet.inbound => {
                let seen = expect::outbound(self, packet, event.time, from, to);
                return match seen {
                    Err(Stop::Failed { differs, .. }) if self.config.non_fatal_packet => {
                        self.relax(format!("non-fatal: {differs}"));
                        Ok(())
                    }
                    other => other,
                };
            }
            _ => {}
        }
        let base = match event.time {
            Time::Relative(_) => self.last,
            _ => 0,
        };
        self.wait_until(from)?;
        self.last = from;
        self.forgive_lateness(from);
        match &event.action {
            Action::Packet(packet) => self.inbound(packet),
            Action::Call(call) => match calls::call(self, call, from, base) {
                Err(Stop::Failed { differs, .. }) if self.config.non_fatal_call => {
                    self.relax(format!("non-fatal: {differs}"));
                    Ok(())
                }
                other => other,
            },
            Action::Command(command) => self.command(command, left),
            Action::Code(code) => self.code(code),
        }
    }

    /// On a clock that is not ours our own steps take time. The stack is measured from when they happened, not from when they
    /// were meant to.
    fn forgive_lateness(&mut self, meant: i64) {
        let late = self.script_time(self.tester.now()) - meant;
        if late > 0 && !self.tester.is_virtual() {
            self.delay(late);
        }
    }

    /// When an event is to happen, in the script's microseconds.
    fn window_of(&self, time: Time) -> (i64, i64) {
        match time {
            Time::Absolute(at) => (at, at),
            Time::Relative(after) => (self.last + after, self.last + after),
            Time::Any => (self.last, self.last + ANY_TIME),
            Time::AbsoluteRange(from, to) => (from, to),
            Time::RelativeRange(from, to) => (self.last + from, self.last + to),
        }
    }

    /// The script's time on the stack's clock.
    pub fn live(&self, time: i64) -> Instant {
        self.zero + Duration::micros(time)
    }

    /// The stack's time in the script's microseconds.
    pub fn script_time(&self, time: Instant) -> i64 {
        (time - self.zero).0 / 1000
    }

    /// Everything that follows comes so much later.
    pub fn delay(&mut self, microseconds: i64) {
        self.zero += Duration::micros(microseconds);
    }

    /// Lets time pass, and calls that wait have their turn.
    pub fn wait_until(&mut self, time: i64) -> Step {
        let until = self.live(time);
        loop {
            self.absorb();
            calls::poll(self)?;
            let waiting = self.pending.is_some();
            if self.tester.now() >= until {
                return Ok(());
            }
            self.advance(until, waiting)?;
        }
    }

    /// Runs the stack until `until`, or a step if `by_steps`.
    pub fn advance(&mut self, until: Instant, by_steps: bool) -> Step {
        let mut turns = 0;
        let ran = self.tester.run(until, |_| {
            turns += 1;
            by_steps && turns > 1
        });
        ran.map_err(|stop| match stop {
            suite::Stop::Trouble(why) | suite::Stop::Stuck(why) => Stop::Error(why),
            suite::Stop::Needs(what) => Stop::Needs(what.to_owned()),
        })
    }

    /// Takes over what the stack has sent.
    pub fn absorb(&mut self) {
        while let Some((time, octets)) = self.tester.raw.pop_front() {
            let mut sniffed = Sniffed::read(time, octets);
            self.note(&mut sniffed);
            if self.queue.len() < MAX_QUEUE {
                self.queue.push_back(sniffed);
            }
        }
    }

    /// What connections learn from a segment of the stack.
    fn note(&mut self, sniffed: &mut Sniffed) {
        if let Message::Udp { from, to, .. } = sniffed.message {
            return self.note_ports(from, to);
        }
        let Message::Tcp {
            from,
            to,
            seq,
            ack,
            flags,
            ..
        } = sniffed.message
        else {
            return;
        };
        let at = match self
            .flows
            .iter()
            .rposition(|flow| sniffed.is_of(flow) && !(flags.syn() && !flags.ack() && flow.is_over()))
        {
            Some(at) => at,
            None if flags.syn() && !flags.ack() => {
                self.flows.push(Flow::between(from, to, true));
                self.current = self.flows.len() - 1;
                self.current
            }
            None => return,
        };
        // Another number on its SYN: a connection of its own.
        let at = if flags.syn() && self.flows[at].has_isn && self.flows[at].its_isn != seq {
            self.flows.push(self.flows[at].again());
            self.current = self.flows.len() - 1;
            self.current
        } else {
            at
        };
        let flow = &mut self.flows[at];
        if flags.syn() && !flow.has_isn {
            flow.has_isn = true;
            (flow.its_isn, flow.its_offset) = (seq, seq);
        }
        flow.syns += u32::from(flags.syn());
        let Body::Tcp(tcp) = sniffed.in_script(flow).body else {
            return;
        };
        let len = u32::from(tcp.seq.len) + u32::from(flags.syn()) + u32::from(flags.fin());
        let end = seq.wrapping_sub(flow.its_offset).wrapping_add(len);
        if flags.syn() {
            flow.its_offered = Offer::of(&tcp);
        }
        sniffed.is_repeated = end.wrapping_sub(flow.sent) as i32 <= 0;
        if !flags.rst() && (flags.syn() || !sniffed.is_repeated) {
            flow.sent = end;
        }
        if flags.ack() && !flags.rst() {
            let ack = ack.wrapping_sub(flow.our_offset);
            if ack.wrapping_sub(flow.acknowledged) as i32 > 0 {
                flow.acknowledged = ack;
            }
            flow.established |= flow.active && !flags.syn() && flow.ours_offered.syn;
        }
        flow.its_fin |= flags.fin();
        // What refuses a wrong answer to a SYN ends nothing.
        flow.reset |= flags.rst() && (flow.established || !flow.active);
    }

    /// Datagrams of ours go where the latest one of the stack came from.
    fn note_ports(&mut self, its: u16, ours: u16) {
        let known = self.flows.iter().position(|flow| (flow.its, flow.ours) == (its, ours));
        self.current = known.unwrap_or_else(|| {
            self.flows.push(Flow::between(its, ours, true));
            self.flows.len() - 1
        });
    }

    pub fn flow(&self) -> Option<&Flow> {
        self.flows.get(self.current)
    }

    /// The present connection; one without numbers where there is none yet.
    pub fn flow_mut(&mut self) -> &mut Flow {
        if self.flows.is_empty() {
            self.flows.push(Flow::default());
        }
        let at = self.current.min(self.flows.len() - 1);
        &mut self.flows[at]
    }

    /// The connection that a packet of the script belongs to: by its ports, else the present one.
    pub fn flow_with_ports(&self, packet: &Packet) -> Option<usize> {
        if packet.ports.is_none() {
            return (!self.flows.is_empty()).then_some(self.current);
        }
        self.flows.iter().rposition(|flow| flow.has_ports(packet))
    }

    pub fn bind_port(&self) -> u16 {
        self.sockets.bound().unwrap_or(self.config.bind_port)
    }

    fn inbound(&mut self, packet: &Packet) -> Step {
        self.absorb();
        expect::settle(self);
        let mut packet = packet.clone();
        self.clamp(&mut packet);
        inbound::deliver(self, &packet)?;
        self.absorb();
        calls::poll(self)
    }

    /// What the stack has not sent cannot be acknowledged; while it holds data back, acknowledgements are cut.
    fn clamp(&mut self, packet: &mut Packet) {
        let Some(sent) = self.flow().map(|flow| flow.sent) else {
            return;
        };
        if self.owed.is_empty() || self.is_strict() {
            return;
        }
        if let Body::Tcp(tcp) = &mut packet.body
            && let Some(ack) = &mut tcp.ack
            && ack.wrapping_sub(sent) as i32 > 0
        {
            *ack = sent;
            self.relax("an acknowledgement was cut to what the stack had sent");
        }
    }

    /// An IP packet to the stack.
    pub fn throw(&mut self, protocol: u8, tos: u8, ttl: Option<u8>, payload: &[u8]) {
        self.ip_id = self.ip_id.wrapping_add(1);
        let mut packet = suite::ip_packet(self.config.peer, self.config.stack, protocol, tos, self.ip_id, payload);
        if let Some(ttl) = ttl {
            set_ttl(&mut packet, ttl);
        }
        self.tester.deliver(&packet);
    }

    fn command(&mut self, snippet: &str, left: usize) -> Step {
        self.grant(command::wishes(snippet), left)
    }

    fn grant(&mut self, wishes: Vec<Wish>, left: usize) -> Step {
        for wish in wishes {
            match wish {
                Wish::Nothing => {}
                Wish::FirstOf(mut wishes) => {
                    let last = wishes.pop();
                    let can = |wish: &Wish| match wish {
                        Wish::Settings(settings) => settings.iter().all(|(name, value)| self.knob(name, value)),
                        wish => !matches!(wish, Wish::Lacks(_)),
                    };
                    match wishes.into_iter().find(can) {
                        None => self.grant(Vec::from_iter(last), left)?,
                        Some(Wish::Settings(_)) => {}
                        Some(wish) => self.grant(vec![wish], left)?,
                    }
                }
                Wish::Sleep(time) => {
                    self.last += time;
                    self.wait_until(self.last)?;
                }
                Wish::Settings(settings) => self.settings(&settings, left)?,
                Wish::Include(path) => self.include(&path, 1)?,
                Wish::Count { state, count } => {
                    let seen = calls::count(self, &state)?;
                    if seen != count {
                        return Err(Stop::failed(
                            format!("{count} connections in {state}"),
                            format!("{seen}"),
                            "the state of the stack's connections",
                        ));
                    }
                }
                // What cleans up behind the last event is of no interest.
                Wish::Lacks(_) if left == 0 => {}
                Wish::Lacks(what) => return Err(Stop::Needs(what)),
            }
        }
        Ok(())
    }

    /// The settings of a file that the script would run, from its folder or the present one. Without the file there are none.
    fn include(&mut self, path: &str, depth: u32) -> Step {
        let Some(folder) = self.folder else { return Ok(()) };
        let from_there = std::fs::read_to_string(folder.join(path));
        let text = from_there
            .or_else(|_| std::fs::read_to_string(path))
            .unwrap_or_default();
        for wish in command::wishes(&text) {
            match wish {
                // Whatever the stack lacks of it is its default.
                Wish::Settings(settings) => self.settings(&settings, 0)?,
                // Of files for one system each, Linux's: no other stack has such settings.
                Wish::Include(path) if depth > 0 && !path.contains("bsd") => self.include(&path, depth - 1)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The stack's own settings where it has such, else what needs none.
    fn settings(&mut self, settings: &[(String, String)], left: usize) -> Step {
        for (name, value) in settings {
            if !self.knob(name, value) && left > 0 && !command::is_harmless(name, value) {
                return Err(Stop::Needs(format!("{name}={value}")));
            }
        }
        Ok(())
    }

    /// Whether the stack has taken a setting.
    fn knob(&mut self, name: &str, value: &str) -> bool {
        self.tester.quietly(|stack| stack.knob(name, value)).is_ok()
    }

    fn code(&mut self, code: &str) -> Step {
        let flow = self.flow().cloned().unwrap_or_default();
        let state = match self.native {
            Some(_) => None,
            None => calls::state(self),
        };
        let info = match self.native {
            Some(_) => native::tcp_info(self),
            None => Vec::new(),
        };
        let look_up = |name: &str| native::tcp_info_field(&info, name).or_else(|| calls::tcp_info(name, &flow, state));
        code::run(code, &mut self.names, &look_up).map_err(|stop| match stop {
            code::Stop::Fails { assertion, values } => Stop::failed(assertion, values, "an assertion"),
            code::Stop::Unknown(name) => Stop::Needs(format!("{name}, which only the kernel tells")),
            code::Stop::Syntax(text) => Stop::Needs(format!("Python: {text}")),
        })
    }
}

/// Whether a test goes on with this event.
fn matters(event: &Event) -> bool {
    match &event.action {
        Action::Command(_) => false,
        Action::Call(call) => call.name != "close",
        _ => true,
    }
}

/// RFC 791 section 3.1 has it in octet 8, RFC 8200 section 3 in octet 7.
fn set_ttl(packet: &mut [u8], ttl: u8) {
    match packet.first().map(|first| first >> 4) {
        Some(4) if packet.len() >= 20 => {
            packet[8] = ttl;
            packet[10..12].fill(0);
            let sum = wire::checksum::Sum::default().add(&packet[..20]).checksum();
            packet[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        Some(6) if packet.len() >= 40 => packet[7] = ttl,
        _ => {}
    }
}
