//! An ordinary peer: the reference TCP as the other end, across a link that does what a scenario says.

use crate::conversation::pattern;
use crate::peer::PROMPT;
use crate::scenario::{Step, Stop};
use crate::tester::Tester;
use stacks::{Ability, Received, Socket};
use tcp::{Config, Host, SocketId};
use wire::{Duration, Instant};

/// Where a packet is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    Stack,
    Peer,
}

/// What the link does with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Arrives,
    Lost,
    Twice,
    /// So much later than the others.
    Late(Duration),
}

/// A conversation between the stack's application and an ordinary peer's: both send, both close, both read to the end.
pub struct Conversation<'a> {
    /// Octets that the stack's application sends, and the peer's.
    pub from_stack: usize,
    pub from_peer: usize,
    /// One way.
    pub delay: Duration,
    /// The fate of the n-th packet, from 1, in each direction.
    pub deal: &'a mut dyn FnMut(Toward, u32, &[u8]) -> Fate,
    /// Changes to the peer's settings.
    pub tune: &'a dyn Fn(&mut Config),
}

const PORT: u16 = 7_000;
/// The conversation must be over by then.
const DEADLINE: Duration = Duration::minutes(10);
/// The most that is waited for at once.
const IDLE: Duration = Duration::secs(1);
/// Applications look after their connections so often.
const TICK: Duration = Duration::millis(10);
/// What an application reads at once.
const READ: usize = 16_384;

struct Flying {
    at: Instant,
    order: u32,
    toward: Toward,
    packet: Vec<u8>,
}

struct Talk<'a> {
    host: Host,
    id: SocketId,
    socket: Option<Socket>,
    flying: Vec<Flying>,
    counts: [u32; 2],
    order: u32,
    conversation: Conversation<'a>,
    written: [usize; 2],
    closed: [bool; 2],
    read: [Vec<u8>; 2],
    ended: [bool; 2],
}

impl Tester {
    /// Plays a conversation to its end, and judges what arrived.
    pub fn converse(&mut self, conversation: Conversation<'_>) -> Step {
        self.needs(Ability::Listen)?;
        self.needs_patience(if conversation.delay > Duration::secs(1) {
            Duration::hours(1)
        } else {
            Duration::ZERO
        })?;
        let listened = self.call(format_args!("passive OPEN of port {PORT}"), |stack| stack.listen(PORT));
        listened.map_err(|error| Stop::Stuck(format!("passive OPEN failed: {error}")))?;
        let mut config = Config::new(self.ours);
        (conversation.tune)(&mut config);
        let mut host = Host::new(config);
        let id = host
            .connect(self.now(), 40_001, (self.its, PORT))
            .map_err(|_| Stop::Stuck("the peer cannot connect".to_owned()))?;
        let mut talk = Talk {
            host,
            id,
            socket: None,
            flying: Vec::new(),
            counts: [0; 2],
            order: 0,
            conversation,
            written: [0; 2],
            closed: [false; 2],
            read: [Vec::new(), Vec::new()],
            ended: [false; 2],
        };
        self.relaying = true;
        let deadline = self.now() + DEADLINE;
        while !(talk.ended[0] && talk.ended[1]) && self.now() < deadline {
            talk.step(self)?;
        }
        let (stack_sent, peer_sent) = (
            pattern(talk.conversation.from_stack),
            pattern(talk.conversation.from_peer),
        );
        self.delivered(&talk.read[0], &peer_sent);
        self.delivered(&talk.read[1], &stack_sent);
        // What is on its way still arrives.
        let until = self.now() + PROMPT;
        while self.now() < until {
            talk.step(self)?;
        }
        Ok(())
    }
}

impl Talk<'_> {
    /// To the next thing that happens.
    fn step(&mut self, t: &mut Tester) -> Step {
        self.applications(t);
        self.collect(t);
        let now = t.now();
        let due = self.flying.iter().map(|one| one.at).chain(self.host.wake_at()).min();
        // On a clock of ours nothing happens between events; elsewhere applications look after their connections now and then.
        let tick = if t.is_virtual() { IDLE } else { TICK };
        let next = due.map_or(now + tick, |at| at.min(now + tick));
        let next = next.max(now + Duration::nanos(1));
        t.run(next, |t| !t.raw.is_empty())?;
        let now = t.now();
        self.host.advance_to(now);
        self.collect(t);
        while let Some(at) = self.earliest(now) {
            let Flying { toward, packet, .. } = self.flying.swap_remove(at);
            match toward {
                Toward::Stack => t.deliver(&packet),
                Toward::Peer => self.host.deliver(now, &packet),
            }
            self.collect(t);
        }
        Ok(())
    }

    fn earliest(&self, now: Instant) -> Option<usize> {
        (0..self.flying.len())
            .filter(|&at| self.flying[at].at <= now)
            .min_by_key(|&at| (self.flying[at].at, self.flying[at].order))
    }

    /// What either end has sent goes onto the link.
    fn collect(&mut self, t: &mut Tester) {
        let now = t.now();
        for (_, packet) in t.raw.drain(..) {
            throw(self, now, Toward::Peer, packet);
        }
        let mut packet = Vec::new();
        while self.host.transmit(now, &mut packet) {
            throw(self, now, Toward::Stack, packet.clone());
        }
    }

    /// The applications' turn: 0 is the stack's, 1 the peer's.
    fn applications(&mut self, t: &mut Tester) {
        if self.socket.is_none() {
            self.socket = t.quietly(|stack| stack.accept(PORT)).ok().flatten();
        }
        if let Some(socket) = self.socket {
            self.stacks_application(t, socket);
        }
        self.peers_application();
    }

    fn stacks_application(&mut self, t: &mut Tester, socket: Socket) {
        let all = pattern(self.conversation.from_stack);
        if self.written[0] < all.len() {
            let rest = &all[self.written[0]..];
            self.written[0] += t.quietly(|stack| stack.send(socket, rest)).unwrap_or(0);
        }
        while !self.ended[0] {
            match t.quietly(|stack| stack.receive(socket, READ)) {
                Ok(Received::Data(octets)) if !octets.is_empty() => self.read[0].extend(octets),
                Ok(Received::End) => self.ended[0] = true,
                Err(error) => {
                    t.remark(format!("the application: RECEIVE: {error}"));
                    self.ended[0] = true;
                }
                _ => break,
            }
        }
        let written = self.written[0] == all.len();
        // An application whose stack has no half-close closes when it has read everything.
        if written && !self.closed[0] && (t.can(Ability::HalfClose) || self.ended[0]) {
            self.closed[0] = true;
            let closed = if t.can(Ability::HalfClose) {
                t.app_shutdown(socket)
            } else {
                t.app_close(socket)
            };
            if let Err(error) = closed {
                t.remark(format!("CLOSE failed: {error}"));
            }
        }
    }

    fn peers_application(&mut self) {
        let Ok(connection) = self.host.connection(self.id) else {
            return;
        };
        let all = pattern(self.conversation.from_peer);
        if self.written[1] < all.len() {
            self.written[1] += connection.send(&all[self.written[1]..]).unwrap_or(0);
        }
        if self.written[1] == all.len() && !self.closed[1] && connection.state() != tcp::State::SynSent {
            self.closed[1] = true;
            connection.close();
        }
        let mut octets = vec![0; READ];
        while !self.ended[1] {
            match connection.receive(&mut octets) {
                Some(0) => break,
                Some(count) => self.read[1].extend(&octets[..count]),
                None => self.ended[1] = true,
            }
        }
    }
}

fn throw(talk: &mut Talk<'_>, now: Instant, toward: Toward, packet: Vec<u8>) {
    let count = &mut talk.counts[toward as usize];
    *count += 1;
    let delay = talk.conversation.delay;
    let (times, extra) = match (talk.conversation.deal)(toward, *count, &packet) {
        Fate::Lost => return,
        Fate::Arrives => (1, Duration::ZERO),
        Fate::Twice => (2, Duration::ZERO),
        Fate::Late(extra) => (1, extra),
    };
    for _ in 0..times {
        talk.order += 1;
        talk.flying.push(Flying {
            at: now + delay + extra,
            order: talk.order,
            toward,
            packet: packet.clone(),
        });
    }
}
