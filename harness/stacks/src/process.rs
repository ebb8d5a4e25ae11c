//! A stack in a child process that speaks a line protocol on its standard input and output; `shims/README.md` describes it.

use crate::adapter::{Adapter, Trouble};
use crate::child::{Asked, Lost};
use crate::stack::{
    Abilities, Ability, CallError, Clock, Identity, Lateness, Received, START, Setting, Setup, Socket, Stack, Status,
};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::process::Command;
use wire::{Duration, Instant};

pub const ADAPTER: Adapter = Adapter {
    name: "process:COMMAND",
    about: "A program that speaks the line protocol of harness/stacks/shims/README.md",
    needs: || Ok(()),
    open: |argument, setup| {
        let stack = open(argument, setup)?;
        Ok(Box::new(stack))
    },
};

/// A child whose answer is not complete after so long hangs: ours is real time, whatever its clock.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// How long it may take to say goodbye, before it is killed.
const GOODBYE: std::time::Duration = std::time::Duration::from_secs(1);
/// How far a child may go in one `pass`: what it does meanwhile takes real time, and we are not that patient.
const STRIDE: Duration = Duration::hours(4);
/// Packets in one answer; more is a stack that never stops.
const MAX_PACKETS: usize = 4096;

/// The child, and what it last said.
pub struct Process {
    name: String,
    /// None once it is gone, or kept for another run.
    child: Option<Asked>,
    identity: Identity,
    abilities: Abilities,
    /// Packets, and when they were sent where the child says so.
    sent: VecDeque<(Option<Instant>, Vec<u8>)>,
    sent_at: Option<Instant>,
    arrived: Option<(Instant, usize)>,
    lateness: Lateness,
    now: Instant,
    wake: Option<Instant>,
    /// It can `pass`.
    passes: bool,
    /// It takes another run behind this one.
    again: bool,
    /// It said itself that the run is over, by a crash.
    crashed: bool,
    trouble: Option<String>,
}

/// What a request came to, beside packets.
enum Answer {
    Result(String),
    Error(String),
    /// Nothing was said.
    Done,
}

/// Starts the child and greets it.
pub fn open(command: &str, setup: &Setup) -> Result<Process, Trouble> {
    if command.trim().is_empty() {
        return Err(Trouble::Cannot(
            "process: which program? Say process:COMMAND, for example process:./shim.py".to_owned(),
        ));
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec {command}")]);
    start(shell, command, setup)
}

/// The same for a command that is put together already.
pub fn start(command: Command, name: &str, setup: &Setup) -> Result<Process, Trouble> {
    // One that was kept may have ended since.
    let kept = Asked::idle(name).and_then(|child| Process::new(child, name).greeted(setup).ok());
    if let Some(process) = kept {
        return Ok(process);
    }
    let child = Asked::start(command).map_err(|error| Trouble::Cannot(format!("cannot start '{name}': {error}")))?;
    Process::new(child, name).greeted(setup)
}

impl Process {
    fn new(child: Asked, name: &str) -> Process {
        Process {
            name: name.to_owned(),
            child: Some(child),
            identity: Identity {
                name: name.to_owned(),
                version: String::new(),
                clock: Clock::Virtual,
            },
            abilities: Abilities::default(),
            sent: VecDeque::new(),
            sent_at: None,
            arrived: None,
            lateness: Lateness::default(),
            now: START,
            wake: None,
            passes: false,
            again: false,
            crashed: false,
            trouble: None,
        }
    }

    fn greeted(mut self, setup: &Setup) -> Result<Process, Trouble> {
        let Setup {
            address,
            peer,
            mtu,
            seed,
            receive_buffer,
            ..
        } = setup;
        let mut greeting = format!(
            "hello 1 address={address} peer={peer} mtu={mtu} seed={seed} receive-buffer={receive_buffer} again=1"
        );
        if setup.offload {
            greeting.push_str(" offload=1");
        }
        let answer = self.ask(&greeting);
        if let Some(trouble) = self.trouble.take() {
            return Err(Trouble::Cannot(trouble));
        }
        match answer {
            Answer::Result(text) => self.introduce(&text),
            Answer::Error(text) => return Err(Trouble::Declines(format!("the stack declines: {text}"))),
            Answer::Done => return Err(Trouble::Cannot("no answer to 'hello'".to_owned())),
        }
        Ok(self)
    }

    /// `name=lwIP version=2.2.1 can=listen,connect`
    fn introduce(&mut self, text: &str) {
        for field in text.split_whitespace() {
            match field.split_once('=') {
                Some(("name", name)) => self.identity.name = name.to_owned(),
                Some(("version", version)) => self.identity.version = version.to_owned(),
                Some(("can", words)) => {
                    self.passes = words.split(',').any(|word| word == "pass");
                    self.again = words.split(',').any(|word| word == "again");
                    let able: Vec<Ability> = Ability::ALL
                        .iter()
                        .copied()
                        .filter(|one| words.split(',').any(|word| word == one.name()))
                        .collect();
                    // Where a stack does not tell its state, it says so.
                    self.abilities = Abilities::of(&[&able[..], &[Ability::Status]].concat());
                }
                _ => {}
            }
        }
    }

    fn fail(&mut self, why: String) -> Answer {
        self.trouble.get_or_insert(why);
        Answer::Done
    }

    /// One request and its whole answer.
    fn ask(&mut self, request: &str) -> Answer {
        self.ask_for(request, PATIENCE)
    }

    /// The same of a child that may take so long.
    fn ask_for(&mut self, request: &str, patience: std::time::Duration) -> Answer {
        if self.trouble.is_some() {
            return Answer::Done;
        }
        let written = self.child.as_mut().map(|child| child.say(request));
        if !matches!(written, Some(Ok(()))) {
            let how = self.how_it_ended();
            return self.fail(format!("{how} before '{}'", shorten(request)));
        }
        let mut answer = Answer::Done;
        self.arrived = None;
        let deadline = std::time::Instant::now() + patience;
        loop {
            let line = match self
                .child
                .as_mut()
                .map_or(Err(Lost::Closed), |child| child.line(deadline))
            {
                Ok(line) => line,
                Err(Lost::Unreadable(error)) => return self.fail(format!("its output cannot be read: {error}")),
                Err(Lost::Late) => {
                    let seconds = patience.as_secs();
                    return self.fail(format!(
                        "no whole answer to '{}' within {seconds} s; its process was killed",
                        shorten(request)
                    ));
                }
                Err(Lost::Closed) => {
                    let how = self.how_it_ended();
                    return self.fail(format!("{how} while answering '{}'", shorten(request)));
                }
            };
            let line = line.trim_end();
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "packet" if self.sent.len() >= MAX_PACKETS => {
                    return self.fail(format!("more than {MAX_PACKETS} packets in one answer"));
                }
                "packet" => match sent(rest) {
                    Some(packet) => self.sent.push_back(packet),
                    None => return self.garbled(request, line, "an even number of hexadecimal digits behind 'packet'"),
                },
                "arrived" => match rest.parse() {
                    Ok(time) => self.arrived = Some((START + Duration::nanos(time), self.sent.len())),
                    Err(_) => return self.garbled(request, line, "a time in nanoseconds behind 'arrived'"),
                },
                // Before `ended` a line may have been broken off, or not.
                "" if self.again => {}
                "ended" if self.again => {
                    self.crashed = true;
                    return self.fail(format!(
                        "the stack's process ended ({rest}) while answering '{}'",
                        shorten(request)
                    ));
                }
                "result" => answer = Answer::Result(rest.to_owned()),
                "error" => answer = Answer::Error(rest.to_owned()),
                "done" => {
                    return match self.done(rest) {
                        Some(()) => answer,
                        None => self.garbled(
                            request,
                            line,
                            "'done', a time in nanoseconds or '-', and the present time at most",
                        ),
                    };
                }
                _ => return self.garbled(request, line, "packet, arrived, result, error or done"),
            }
        }
    }

    fn garbled(&mut self, request: &str, line: &str, expected: &str) -> Answer {
        let (line, request) = (shorten(line), shorten(request));
        self.fail(format!("it said '{line}' to '{request}'; expected was {expected}"))
    }

    /// `WAKE [NOW [NOTING ACTING]]`: when to be woken; a clock that is not ours tells what time it is as well, and how late it was.
    fn done(&mut self, rest: &str) -> Option<()> {
        let mut words = rest.split_whitespace();
        self.wake = match words.next()? {
            "-" => None,
            word => Some(START + Duration::nanos(word.parse().ok()?)),
        };
        if let Some(word) = words.next() {
            self.now = START + Duration::nanos(word.parse().ok()?);
            if !self.passes {
                self.identity.clock = Clock::Real;
            }
        }
        if let Some(word) = words.next() {
            self.lateness.noting = Duration::nanos(word.parse().ok()?);
            self.lateness.acting = Duration::nanos(words.next()?.parse().ok()?);
        }
        Some(())
    }

    fn how_it_ended(&mut self) -> String {
        self.child
            .as_mut()
            .map_or("the stack's process ended".to_owned(), Asked::how_it_ended)
    }

    fn call(&mut self, call: &str) -> Result<String, CallError> {
        match self.ask(&format!("call {call}")) {
            Answer::Result(text) => Ok(text),
            Answer::Error(text) => Err(match text.split_whitespace().next().unwrap_or("") {
                "in-use" => CallError::InUse,
                "bad-address" => CallError::BadAddress,
                "no-such-socket" => CallError::NoSuchSocket,
                "closed" => CallError::Closed,
                "reset" => CallError::Reset,
                "refused" => CallError::Refused,
                "timeout" => CallError::TimedOut,
                "unreachable" => CallError::Unreachable,
                "aborted" => CallError::Aborted,
                _ => CallError::Unsupported,
            }),
            Answer::Done => Err(CallError::Unsupported),
        }
    }

    fn number(&mut self, text: &str) -> u64 {
        text.trim().parse().unwrap_or_else(|_| {
            self.fail(format!("it said 'result {}'; expected was a number", shorten(text)));
            0
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.trouble.is_none() {
            self.ask_for("bye", GOODBYE);
        }
        let whole = self.again && (self.trouble.is_none() || self.crashed);
        match self.child.take() {
            Some(child) if whole => child.keep(&self.name),
            Some(child) => child.kill(),
            None => {}
        }
    }
}

impl Stack for Process {
    fn identity(&self) -> Identity {
        self.identity.clone()
    }
    fn abilities(&self) -> Abilities {
        self.abilities
    }
    fn now(&self) -> Instant {
        self.now
    }
    fn deliver(&mut self, packet: &[u8]) {
        self.ask(&format!("packet {}", to_hex(packet)));
    }
    fn transmit(&mut self, packet: &mut Vec<u8>) -> bool {
        packet.clear();
        let Some((time, sent)) = self.sent.pop_front() else {
            return false;
        };
        self.sent_at = time;
        packet.extend(sent);
        true
    }
    fn sent_at(&self) -> Option<Instant> {
        self.sent_at
    }
    fn arrived(&self) -> Option<(Instant, usize)> {
        self.arrived
    }
    fn lateness(&self) -> Lateness {
        self.lateness
    }
    fn wake_at(&mut self) -> Option<Instant> {
        self.wake
    }
    fn advance_to(&mut self, time: Instant) {
        // On a clock that is not ours the child waits as well.
        let wait = match self.identity.clock {
            Clock::Virtual => std::time::Duration::ZERO,
            Clock::Real => std::time::Duration::from_nanos((time - self.now).0.max(0) as u64),
        };
        self.ask_for(&format!("advance {}", (time - START).0), PATIENCE + wait);
        if self.identity.clock == Clock::Virtual {
            self.now = self.now.max(time);
        }
    }
    fn pass_until(&mut self, time: Instant) {
        if self.passes {
            let time = time.min(self.now + STRIDE);
            self.ask(&format!("pass {}", (time - START).0));
        } else {
            let next = self.wake.map_or(time, |wake| wake.max(self.now));
            self.advance_to(next.min(time));
        }
    }
    fn listen(&mut self, port: u16) -> Result<(), CallError> {
        self.call(&format!("listen {port}")).map(drop)
    }
    fn accept(&mut self, port: u16) -> Result<Option<Socket>, CallError> {
        match self.call(&format!("accept {port}"))?.as_str() {
            "none" => Ok(None),
            text => Ok(Some(Socket(self.number(text)))),
        }
    }
    fn connect(&mut self, port: u16, remote: (IpAddr, u16)) -> Result<Socket, CallError> {
        let text = self.call(&format!("connect {port} {} {}", remote.0, remote.1))?;
        Ok(Socket(self.number(&text)))
    }
    fn send(&mut self, socket: Socket, data: &[u8]) -> Result<usize, CallError> {
        let text = self.call(&format!("send {} {}", socket.0, to_hex(data)))?;
        Ok(self.number(&text) as usize)
    }
    fn send_urgent(&mut self, socket: Socket, data: &[u8]) -> Result<usize, CallError> {
        let text = self.call(&format!("urgent {} {}", socket.0, to_hex(data)))?;
        Ok(self.number(&text) as usize)
    }
    fn receive(&mut self, socket: Socket, limit: usize) -> Result<Received, CallError> {
        let request = format!("receive {} {limit}", socket.0);
        let text = self.call(&request)?;
        match text.split_once(' ').unwrap_or((&text, "")) {
            ("none", _) => Ok(Received::Nothing),
            ("end", _) => Ok(Received::End),
            ("data", hex) if from_hex(hex).is_some() => Ok(Received::Data(from_hex(hex).unwrap_or_default())),
            _ => {
                self.garbled(&request, &text, "'data' and hexadecimal digits, 'none' or 'end'");
                Ok(Received::Nothing)
            }
        }
    }
    fn shutdown(&mut self, socket: Socket) -> Result<(), CallError> {
        self.call(&format!("shutdown {}", socket.0)).map(drop)
    }
    fn close(&mut self, socket: Socket) -> Result<(), CallError> {
        self.call(&format!("close {}", socket.0)).map(drop)
    }
    fn abort(&mut self, socket: Socket) -> Result<(), CallError> {
        self.call(&format!("abort {}", socket.0)).map(drop)
    }
    fn status(&mut self, socket: Socket) -> Result<Status, CallError> {
        let text = self.call(&format!("status {}", socket.0))?;
        Ok(tcp::State::ALL
            .iter()
            .find(|state| state.name() == text)
            .map_or(Status::Unknown, |&state| Status::In(state)))
    }
    fn set(&mut self, socket: Socket, setting: Setting) -> Result<(), CallError> {
        let (name, value) = match setting {
            Setting::Nagle(on) => ("nodelay", i64::from(!on)),
            Setting::Keepalive(on) => ("keepalive", i64::from(on)),
            Setting::UserTimeout(timeout) => ("user-timeout", timeout.map_or(0, |time| time.0 / 1_000_000_000)),
        };
        self.call(&format!("option {} {name} {value}", socket.0)).map(drop)
    }
    fn option(&mut self, socket: Option<Socket>, name: &str, value: i64) -> Result<(), CallError> {
        let whose = socket.map_or("-".to_owned(), |socket| socket.0.to_string());
        self.call(&format!("socket-option {whose} {name} {value}")).map(drop)
    }
    fn knob(&mut self, name: &str, value: &str) -> Result<(), CallError> {
        // One request is one line.
        let value: Vec<&str> = value.split_whitespace().collect();
        self.call(&format!("knob {name} {}", value.join(" "))).map(drop)
    }
    fn system_call(&mut self, call: &str) -> Result<String, CallError> {
        self.call(call)
    }
    fn trouble(&self) -> Option<String> {
        self.trouble.clone()
    }
}

/// `HEX [TIME]`
fn sent(text: &str) -> Option<(Option<Instant>, Vec<u8>)> {
    let (hex, time) = match text.split_once(' ') {
        Some((hex, time)) => (hex, Some(START + Duration::nanos(time.parse().ok()?))),
        None => (text, None),
    };
    Some((time, from_hex(hex)?))
}

/// `-` for no octets.
fn to_hex(octets: &[u8]) -> String {
    if octets.is_empty() {
        return "-".to_owned();
    }
    octets
        .iter()
        .fold(String::with_capacity(2 * octets.len()), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        })
}

pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text == "-" {
        return Some(Vec::new());
    }
    let digits = text.as_bytes();
    let value = |digit: u8| (digit as char).to_digit(16);
    digits.len().is_multiple_of(2).then_some(())?;
    digits
        .chunks(2)
        .map(|pair| Some((value(pair[0])? << 4 | value(pair[1])?) as u8))
        .collect()
}

/// Enough of a line to recognise it.
fn shorten(line: &str) -> String {
    let line = line.trim_end();
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line.to_owned(),
    }
}
