//! What a stack under test is to the Tester.

use std::net::IpAddr;
use wire::{Duration, Instant};

/// A connection of a stack's application. The number is the adapter's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Socket(pub u64);

/// A TCP/IP stack, its application, and its clock. Packets are IP packets without a link header.
///
/// After [`Stack::deliver`], [`Stack::advance_to`] and every call the Tester takes packets by [`Stack::transmit`] until there is none.
pub trait Stack {
    fn identity(&self) -> Identity;

    /// What the stack can be asked to do; what depends on anything else is not exercised.
    fn abilities(&self) -> Abilities;

    /// The services of a stack that is not ours to start: it is the same one for every case, and no call reaches its applications.
    fn services(&self) -> Option<Services> {
        None
    }

    /// The stack's present time.
    fn now(&self) -> Instant;

    /// A packet arrives.
    fn deliver(&mut self, packet: &[u8]);

    /// The next packet that the stack sends now, into `packet`; false when there is none.
    fn transmit(&mut self, packet: &mut Vec<u8>) -> bool;

    /// When the stack wants to be woken; none when it has nothing to do by itself.
    fn wake_at(&mut self) -> Option<Instant>;

    /// Lets time pass until `time`, or, on a clock that is not ours, until the stack sends something.
    fn advance_to(&mut self, time: Instant);

    /// Lets time pass until `time`, or until the stack has something to do: sooner where it would stop for nothing.
    fn pass_until(&mut self, time: Instant) {
        let now = self.now();
        let next = self.wake_at().map_or(time, |wake| wake.max(now));
        self.advance_to(next.min(time));
    }

    /// When the packet that [`Stack::transmit`] gave last was sent, where that was noted.
    fn sent_at(&self) -> Option<Instant> {
        None
    }

    /// When the packet that was delivered last arrived, and how many of those that [`Stack::transmit`] gives next were sent before:
    /// on a clock that is not ours, time passes between our decision and the arrival.
    fn arrived(&self) -> Option<(Instant, usize)> {
        None
    }

    /// How late the machine was so far.
    fn lateness(&self) -> Lateness {
        Lateness::default()
    }

    /// Passive OPEN.
    fn listen(&mut self, _port: u16) -> Result<(), CallError> {
        Err(CallError::Unsupported)
    }
    /// A connection that was opened to `port`; none while there is none.
    fn accept(&mut self, _port: u16) -> Result<Option<Socket>, CallError> {
        Err(CallError::Unsupported)
    }
    /// Active OPEN from `port` (0: the stack's choice).
    fn connect(&mut self, _port: u16, _remote: (IpAddr, u16)) -> Result<Socket, CallError> {
        Err(CallError::Unsupported)
    }
    /// SEND: how many octets were taken.
    fn send(&mut self, _socket: Socket, _data: &[u8]) -> Result<usize, CallError> {
        Err(CallError::Unsupported)
    }
    /// SEND with the URGENT flag.
    fn send_urgent(&mut self, _socket: Socket, _data: &[u8]) -> Result<usize, CallError> {
        Err(CallError::Unsupported)
    }
    /// RECEIVE of at most `limit` octets.
    fn receive(&mut self, _socket: Socket, _limit: usize) -> Result<Received, CallError> {
        Err(CallError::Unsupported)
    }
    /// CLOSE of our direction alone: the application goes on receiving.
    fn shutdown(&mut self, _socket: Socket) -> Result<(), CallError> {
        Err(CallError::Unsupported)
    }
    /// CLOSE by an application that is done with the connection.
    fn close(&mut self, _socket: Socket) -> Result<(), CallError> {
        Err(CallError::Unsupported)
    }
    /// ABORT.
    fn abort(&mut self, _socket: Socket) -> Result<(), CallError> {
        Err(CallError::Unsupported)
    }
    /// STATUS.
    fn status(&mut self, _socket: Socket) -> Result<Status, CallError> {
        Err(CallError::Unsupported)
    }
    /// Whether the application was told that retransmissions have reached R1 (RFC 9293 section 3.8.3, SHLD-9).
    fn r1_told(&mut self, _socket: Socket) -> Result<bool, CallError> {
        Err(CallError::Unsupported)
    }
    /// Changes a connection's setting.
    fn set(&mut self, _socket: Socket, _setting: Setting) -> Result<(), CallError> {
        Err(CallError::Unsupported)
    }

    /// Changes an option by the name that the socket API has for it: of a connection, or (none) of all sockets made from here on.
    fn option(&mut self, _socket: Option<Socket>, _name: &str, _value: i64) -> Result<(), CallError> {
        Err(CallError::Unsupported)
    }
    /// Changes a setting of the whole stack by the name that its system has for it, as sysctl does.
    fn knob(&mut self, _name: &str, _value: &str) -> Result<(), CallError> {
        Err(CallError::Unsupported)
    }

    /// Makes a call of the system that the stack is part of, in the words of its agent, or asks for the end of one that waits.
    fn system_call(&mut self, _call: &str) -> Result<String, CallError> {
        Err(CallError::Unsupported)
    }

    /// Why the stack cannot go on, once it cannot: its process ended, it answered garbage.
    fn trouble(&self) -> Option<String> {
        None
    }
}

/// Name and version, as reports show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub name: String,
    pub version: String,
    pub clock: Clock,
}

/// Whose time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Ours: it stands still unless moved, and runs repeat to the bit.
    Virtual,
    /// The machine's: waiting takes as long as it takes, and measured times carry the machine's jitter.
    Real,
}

/// How late a machine with much to do was, at most, on a clock that is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lateness {
    /// In noting when a packet was sent or arrived: the times seen are off by so much.
    pub noting: Duration,
    /// In doing what was to be done next: the Tester answered so much later than it meant to.
    pub acting: Duration,
}

/// Ports at which a stack runs a service by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Services {
    /// Takes whatever comes (RFC 863).
    pub discard: Option<u16>,
    /// Sends back whatever comes (RFC 862).
    pub echo: Option<u16>,
}

/// What RECEIVE brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    Data(Vec<u8>),
    /// Nothing yet.
    Nothing,
    /// The peer has closed, and all of its data was received.
    End,
}

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallError {
    /// This stack, or this adapter, has no such call.
    Unsupported,
    NoSuchSocket,
    /// The port or four-tuple is taken.
    InUse,
    BadAddress,
    /// This direction was closed, or the connection is over without an error.
    Closed,
    /// The peer reset the connection.
    Reset,
    /// The peer refused the connection.
    Refused,
    /// The peer has not answered for too long.
    TimedOut,
    /// The network said that the peer cannot be reached.
    Unreachable,
    /// The connection is over by an error that the stack does not name.
    Aborted,
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            CallError::Unsupported => "the stack has no such call",
            CallError::NoSuchSocket => "no such connection",
            CallError::InUse => "in use",
            CallError::BadAddress => "bad address",
            CallError::Closed => "connection closed",
            CallError::Reset => "connection reset",
            CallError::Refused => "connection refused",
            CallError::TimedOut => "connection timed out",
            CallError::Unreachable => "unreachable",
            CallError::Aborted => "connection aborted",
        })
    }
}

/// What STATUS tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// A state of RFC 9293 section 3.3.2.
    In(tcp::State),
    /// The stack does not say.
    Unknown,
}

/// A setting of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Nagle's algorithm (RFC 9293 section 3.7.4).
    Nagle(bool),
    /// Keepalives (section 3.8.4), with the stack's own times.
    Keepalive(bool),
    /// How long data may stay unacknowledged (section 3.8.3, MUST-21), told to the peer by RFC 5482's option; none: R2 as it is at
    /// first, which the peer may prolong.
    UserTimeout(Option<Duration>),
}

/// Something that not every stack can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    Listen,
    Connect,
    HalfClose,
    Urgent,
    Keepalive,
    Nagle,
    Abort,
    Status,
    /// The receive buffer's size was set as [`Setup::receive_buffer`] asks.
    ReceiveBuffer,
    /// [`Stack::option`] and [`Stack::knob`].
    Options,
    UserTimeout,
    /// [`Stack::system_call`].
    SystemCalls,
}

impl Ability {
    pub const ALL: &[Ability] = &[
        Ability::Listen,
        Ability::Connect,
        Ability::HalfClose,
        Ability::Urgent,
        Ability::Keepalive,
        Ability::Nagle,
        Ability::Abort,
        Ability::Status,
        Ability::ReceiveBuffer,
        Ability::Options,
        Ability::UserTimeout,
        Ability::SystemCalls,
    ];

    /// As the process protocol and reports write it.
    pub const fn name(self) -> &'static str {
        match self {
            Ability::Listen => "listen",
            Ability::Connect => "connect",
            Ability::HalfClose => "half-close",
            Ability::Urgent => "urgent",
            Ability::Keepalive => "keepalive",
            Ability::Nagle => "nodelay",
            Ability::Abort => "abort",
            Ability::Status => "status",
            Ability::ReceiveBuffer => "receive-buffer",
            Ability::Options => "options",
            Ability::UserTimeout => "user-timeout",
            Ability::SystemCalls => "system-calls",
        }
    }
}

/// A set of abilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities(u16);

impl Abilities {
    pub fn of(abilities: &[Ability]) -> Abilities {
        Abilities(abilities.iter().fold(0, |set, &one| set | 1 << one as u16))
    }
    pub fn has(self, ability: Ability) -> bool {
        self.0 >> ability as u16 & 1 == 1
    }
    pub fn iter(self) -> impl Iterator<Item = Ability> {
        Ability::ALL.iter().copied().filter(move |&one| self.has(one))
    }
}

/// How a stack is to be set up. Adapters do what they can; what they cannot they leave at the stack's own default.
#[derive(Debug, Clone)]
pub struct Setup {
    pub address: IpAddr,
    /// The Tester's.
    pub peer: IpAddr,
    /// Octets of the largest IP packet.
    pub mtu: u16,
    /// Octets of the receive buffer of each connection.
    pub receive_buffer: usize,
    /// Octets that wait to be sent, of each connection; and connections that wait to be accepted, of each listener.
    pub send_buffer: usize,
    pub backlog: usize,
    /// Of whatever the stack draws at random.
    pub seed: u64,
    /// The device below is to cut segments and to fill in checksums, as cards do (linux).
    pub offload: bool,
    /// Deliberate deviations; only the reference has them.
    pub faults: tcp::Faults,
}

impl Setup {
    pub fn new(address: IpAddr, peer: IpAddr) -> Setup {
        Setup {
            address,
            peer,
            mtu: 1500,
            receive_buffer: 65_535,
            send_buffer: 65_535,
            backlog: 8,
            seed: 1,
            offload: false,
            faults: tcp::Faults::default(),
        }
    }
}

/// The time at which virtual clocks start: some while after zero, so that nothing is confused with "never".
pub const START: Instant = Instant(Duration::secs(1_000_000).0);
