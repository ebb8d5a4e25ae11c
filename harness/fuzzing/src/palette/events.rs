//! Calls, pauses, an ordinary peer's turns, the network, messages beside TCP.

use super::{HALF, Relative};
use wire::tcp::Flags;
use wire::{Duration, SeqNumber};

/// Calls of the stack's application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Send,
    Receive,
    Shutdown,
    Close,
    Abort,
    Accept,
    SendUrgent,
    Nagle(bool),
    Keepalive(bool),
    Connect,
    /// To an address of many.
    ConnectGroup,
    /// How long data may stay unacknowledged; none: as the stack likes, and the peer suggests.
    UserTimeout(Option<Duration>),
}

pub const CALLS: &[Call] = &[
    Call::Send,
    Call::Receive,
    Call::Send,
    Call::Shutdown,
    Call::Accept,
    Call::Close,
    Call::Send,
    Call::Abort,
    Call::SendUrgent,
    Call::Nagle(false),
    Call::Nagle(true),
    Call::Keepalive(true),
    Call::Keepalive(false),
    Call::Connect,
    Call::ConnectGroup,
    Call::UserTimeout(Some(Duration::secs(400))),
    Call::UserTimeout(Some(Duration::secs(150))),
    Call::UserTimeout(None),
];

/// Octets of a call.
pub const SIZE: &[Relative<u32>] = &[
    ("100", |_| 100),
    ("MSS", |v| v.its_mss),
    ("10*MSS", |v| 10 * v.its_mss),
    ("1", |_| 1),
    ("MSS-1", |v| v.its_mss - 1),
    ("MSS+1", |v| v.its_mss + 1),
    ("2*MSS", |v| 2 * v.its_mss),
    ("3*MSS", |v| 3 * v.its_mss),
    ("4000", |_| 4_000),
    ("20000", |_| 20_000),
    ("0", |_| 0),
];

/// How long time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    For(Duration),
    /// To the time at which the stack wants to be woken, and so much beyond; at most two hours.
    Wake(Duration),
    /// A day and an hour.
    Day,
}

pub const PAUSES: &[Pause] = &[
    Pause::For(Duration::millis(20)),
    Pause::Wake(Duration::ZERO),
    Pause::For(Duration::millis(1)),
    Pause::For(Duration::millis(100)),
    Pause::Wake(Duration::millis(1)),
    Pause::Wake(Duration::millis(-1)),
    Pause::For(Duration::millis(200)),
    Pause::For(Duration::millis(500)),
    Pause::For(Duration::millis(1_100)),
    Pause::For(Duration::secs(3)),
    Pause::For(Duration::secs(12)),
    Pause::For(Duration::secs(70)),
    Pause::For(Duration::secs(241)),
    Pause::For(Duration::minutes(20)),
    Pause::For(Duration::minutes(121)),
    Pause::Wake(Duration::ZERO),
    Pause::Day,
];

/// What an ordinary peer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Acknowledges everything that came.
    Acknowledge,
    /// Sends so many full segments, as far as the stack's window reaches.
    Data(u8),
    /// Sends one segment of so many octets.
    Octets(u16),
    /// Sends again what is not acknowledged: one segment of it.
    Again,
    /// Leaves a segment out and sends the next ones: so many.
    BehindGap(u8),
    Close,
    Reset,
    /// Duplicate acknowledgements.
    Duplicates(u8),
    /// SYN, and the acknowledgement of the answer: a connection of its own.
    Open,
    /// A SYN on the same four-tuple with numbers beyond the old ones.
    Reopen,
    /// A keepalive (RFC 9293 section 3.8.4).
    Keepalive,
    /// A window update: the window that it first had.
    OpenWindow,
    /// Nothing and the window closed.
    CloseWindow,
    /// SYN again, or SYN-ACK: as an end whose last one was lost.
    SynAgain,
    /// From another port, at the listener of a half-open connection that this peer has reset.
    Beside,
    /// A SYN with these of the ECN flags, and the acknowledgement of the answer: a connection of its own.
    OpenOddly(Flags),
    /// A SYN with data, and the acknowledgement of the answer: a connection of its own.
    OpenWithText,
    /// For an hour, whatever comes is acknowledged.
    Living,
    /// What is in flight has arrived by SACK, but for its first segment.
    Report,
    /// How long data may stay unacknowledged (RFC 5482), in seconds.
    SuggestTimeout(u16),
    /// SYNs that nobody completes, at a listener of their own, and what becomes of it.
    Flood,
}

pub const TURNS: &[Turn] = &[
    Turn::Acknowledge,
    Turn::Data(1),
    Turn::Octets(100),
    Turn::Acknowledge,
    Turn::Close,
    Turn::Data(4),
    Turn::Again,
    Turn::BehindGap(1),
    Turn::Octets(1),
    Turn::Duplicates(3),
    Turn::BehindGap(3),
    Turn::Data(20),
    Turn::Reset,
    Turn::Open,
    Turn::Reopen,
    Turn::Keepalive,
    Turn::OpenWindow,
    Turn::CloseWindow,
    Turn::SynAgain,
    Turn::Duplicates(1),
    Turn::Beside,
    Turn::OpenOddly(Flags::ECE),
    Turn::OpenOddly(Flags::CWR),
    Turn::OpenWithText,
    Turn::Living,
    Turn::Report,
    Turn::SuggestTimeout(600),
    Turn::SuggestTimeout(7_200),
    Turn::Flood,
];

/// What happens to packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Those of the peer.
    Lost,
    Twice,
    /// They arrive after so many further events.
    Late(u8),
    /// One bit flips: the place, from the end of the packet.
    Damaged(u8),
    /// The peer does not hear those of the stack.
    Unheard,
}

pub const FATES: &[Fate] = &[
    Fate::Lost,
    Fate::Unheard,
    Fate::Twice,
    Fate::Late(1),
    Fate::Late(2),
    Fate::Damaged(0),
    Fate::Late(5),
    Fate::Damaged(8),
    Fate::Damaged(19),
];

/// How many packets.
pub const COUNTS: &[u8] = &[1, 1, 2, 3, 5, 8];

/// Messages beside TCP: ICMPv4 type and code, ICMPv6 type and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    Error([u8; 2], [u8; 2]),
    Echo,
    /// To a port where nobody listens.
    Udp,
    /// An unknown type.
    Unknown,
    /// An echo request in an odd packet.
    Echoed(Wrapping),
    /// A SYN from an address of many, or to one.
    GroupSyn(Toward),
}

/// What is odd about an IP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// Its header has a wrong checksum (IPv4).
    Damaged,
    /// It is for somebody else.
    Elsewhere,
    /// It has an option that nobody knows (IPv4).
    Optioned,
    InFragments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    FromGroup,
    ToGroup,
}

pub const MESSAGES: &[Message] = &[
    Message::Error([3, 4], [2, 0]),
    Message::Echo,
    Message::Error([3, 0], [1, 0]),
    Message::Error([3, 1], [1, 3]),
    Message::Error([3, 2], [4, 1]),
    Message::Error([3, 3], [1, 4]),
    Message::Error([11, 0], [3, 0]),
    Message::Error([12, 0], [4, 0]),
    Message::Error([4, 0], [1, 1]),
    Message::Udp,
    Message::Unknown,
    Message::Echoed(Wrapping::Damaged),
    Message::Echoed(Wrapping::Elsewhere),
    Message::Echoed(Wrapping::Optioned),
    Message::Echoed(Wrapping::InFragments),
    Message::GroupSyn(Toward::FromGroup),
    Message::GroupSyn(Toward::ToGroup),
];

/// The next hop's MTU, where a message tells one.
pub const MTUS: &[u16] = &[1_400, 1_280, 576, 296, 68, 0, 1, 9_000, 65_535];

/// What a message is about: SEG.SEQ of the segment that it quotes.
pub const ABOUT: &[Relative<SeqNumber>] = &[
    ("SND.UNA", |v| v.una),
    ("SND.NXT-1", |v| v.nxt - 1),
    ("SND.NXT", |v| v.nxt),
    ("SND.UNA-1", |v| v.una - 1),
    ("SND.NXT+2^31", |v| v.nxt + HALF),
    ("its ISS", |v| v.irs),
];
