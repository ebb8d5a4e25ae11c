//! What the indices of a record mean. Numbers are relative to the live conversation; the first entry of each palette is what an
//! ordinary peer would send.

use wire::tcp::Flags;
use wire::{Duration, SeqNumber};

/// The entry of an index.
pub fn pick<T: Copy>(palette: &[T], index: u8) -> T {
    palette[usize::from(index) % palette.len()]
}

/// Where the conversation stands, as the peer knows it.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The peer's ISS, and what it sends next.
    pub iss: SeqNumber,
    pub snd: SeqNumber,
    /// What the stack expects next: its RCV.NXT, as it has said.
    pub told: SeqNumber,
    /// The right edge of its window.
    pub edge: SeqNumber,
    /// The stack's ISS.
    pub irs: SeqNumber,
    /// What the peer expects next.
    pub rcv: SeqNumber,
    /// What the peer has acknowledged: the stack's SND.UNA.
    pub una: SeqNumber,
    /// The stack's SND.NXT.
    pub nxt: SeqNumber,
    /// Octets of a full segment towards the stack, and of one from it.
    pub mss: u32,
    pub its_mss: u32,
    /// The window that the stack offers, and the one that the peer has offered, as it stands in the header.
    pub its_wnd: u32,
    pub wnd: u16,
}

/// A number of the conversation, with a name for people.
pub type Relative<T> = (&'static str, fn(&View) -> T);

const HALF: u32 = 1 << 31;

/// SEG.SEQ.
pub const SEQ: &[Relative<SeqNumber>] = &[
    ("next", |v| v.snd),
    ("next", |v| v.snd),
    ("RCV.NXT", |v| v.told),
    ("RCV.NXT", |v| v.told),
    ("next", |v| v.snd),
    ("RCV.NXT-1", |v| v.told - 1),
    ("RCV.NXT+1", |v| v.told + 1),
    ("next+MSS", |v| v.snd + v.mss),
    ("next-MSS", |v| v.snd - v.mss),
    ("next+1", |v| v.snd + 1),
    ("next-1", |v| v.snd - 1),
    ("next+2*MSS", |v| v.snd + 2 * v.mss),
    ("next+4*MSS", |v| v.snd + 4 * v.mss),
    ("edge", |v| v.edge),
    ("edge-1", |v| v.edge - 1),
    ("edge+1", |v| v.edge + 1),
    ("edge-MSS", |v| v.edge - v.mss),
    ("ISS", |v| v.iss),
    ("ISS+1", |v| v.iss + 1),
    ("ISS-1", |v| v.iss - 1),
    ("RCV.NXT-window", |v| v.told - v.its_wnd),
    ("RCV.NXT+2^31", |v| v.told + HALF),
    ("RCV.NXT+2^31-1", |v| v.told + (HALF - 1)),
    ("RCV.NXT-2^31+1", |v| v.told - (HALF - 1)),
    ("0", |_| SeqNumber(0)),
    ("1", |_| SeqNumber(1)),
    ("2^32-1", |_| SeqNumber(u32::MAX)),
    ("its ISS", |v| v.irs),
    ("SND.NXT", |v| v.nxt),
    ("next+100", |v| v.snd + 100),
    ("RCV.NXT-100", |v| v.told - 100),
    ("ISS+64000", |v| v.iss + 64_000),
];

/// SEG.ACK.
pub const ACK: &[Relative<SeqNumber>] = &[
    ("all", |v| v.rcv),
    ("all", |v| v.rcv),
    ("all", |v| v.rcv),
    ("SND.UNA", |v| v.una),
    ("SND.UNA", |v| v.una),
    ("SND.NXT", |v| v.nxt),
    ("SND.UNA+1", |v| v.una + 1),
    ("SND.UNA-1", |v| v.una - 1),
    ("SND.UNA+MSS", |v| v.una + v.its_mss),
    ("SND.UNA+2*MSS", |v| v.una + 2 * v.its_mss),
    ("SND.NXT+1", |v| v.nxt + 1),
    ("SND.NXT-1", |v| v.nxt - 1),
    ("SND.NXT-MSS", |v| v.nxt - v.its_mss),
    ("SND.UNA-window", |v| v.una - u32::from(v.wnd)),
    ("SND.UNA-window-1", |v| v.una - u32::from(v.wnd) - 1),
    ("SND.UNA-100000", |v| v.una - 100_000),
    ("SND.NXT+65535", |v| v.nxt + 65_535),
    ("its ISS", |v| v.irs),
    ("its ISS+1", |v| v.irs + 1),
    ("SND.UNA+2^31", |v| v.una + HALF),
    ("SND.UNA+2^31-1", |v| v.una + (HALF - 1)),
    ("SND.NXT-2^31", |v| v.nxt - HALF),
    ("0", |_| SeqNumber(0)),
    ("2^32-1", |_| SeqNumber(u32::MAX)),
];

/// Octets of data.
pub const LENGTH: &[Relative<u32>] = &[
    ("0", |_| 0),
    ("0", |_| 0),
    ("MSS", |v| v.mss),
    ("1", |_| 1),
    ("100", |_| 100),
    ("MSS-1", |v| v.mss - 1),
    ("MSS+1", |v| v.mss + 1),
    ("window", |v| v.its_wnd),
    ("window+1", |v| v.its_wnd + 1),
    ("window-1", |v| v.its_wnd.saturating_sub(1)),
    ("2", |_| 2),
    ("MSS/2", |v| v.mss / 2),
    ("2*MSS", |v| 2 * v.mss),
];

/// SEG.WND, as it stands in the header.
pub const WINDOW: &[Relative<u16>] = &[
    ("as before", |v| v.wnd),
    ("as before", |v| v.wnd),
    ("as before", |v| v.wnd),
    ("0", |_| 0),
    ("65535", |_| 65_535),
    ("1", |_| 1),
    ("MSS", |v| v.its_mss as u16),
    ("MSS-1", |v| v.its_mss.saturating_sub(1) as u16),
    ("MSS+1", |v| (v.its_mss + 1) as u16),
    ("2*MSS", |v| (2 * v.its_mss) as u16),
    ("half", |v| v.wnd / 2),
    ("less by 1", |v| v.wnd.saturating_sub(1)),
    ("32768", |_| 32_768),
    ("4*MSS", |v| (4 * v.its_mss) as u16),
    ("100", |_| 100),
    ("16", |_| 16),
];

const fn flags(bits: u16) -> Flags {
    Flags(bits)
}
const FIN: u16 = Flags::FIN.0;
const SYN: u16 = Flags::SYN.0;
const RST: u16 = Flags::RST.0;
const PSH: u16 = Flags::PSH.0;
const ACKS: u16 = Flags::ACK.0;
const URG: u16 = Flags::URG.0;
const ECE: u16 = Flags::ECE.0;
const CWR: u16 = Flags::CWR.0;

/// Control bits.
pub const FLAGS: &[Flags] = &[
    flags(ACKS),
    flags(ACKS | PSH),
    flags(ACKS),
    flags(ACKS | FIN),
    flags(ACKS | PSH),
    flags(SYN),
    flags(SYN | ACKS),
    flags(RST),
    flags(RST | ACKS),
    flags(ACKS | FIN | PSH),
    flags(ACKS | URG),
    flags(0),
    flags(FIN),
    flags(ACKS | ECE),
    flags(ACKS | CWR),
    flags(SYN | ECE | CWR),
    flags(SYN | FIN),
    flags(SYN | RST),
    flags(PSH),
    flags(SYN | ACKS | ECE),
    flags(FIN | SYN | RST | PSH | ACKS | URG | ECE | CWR),
    flags(ACKS | ECE | CWR),
    flags(RST | FIN),
    flags(ACKS | FIN | URG),
];

/// Option soup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Soup {
    /// Timestamps as agreed, and nothing else.
    AsAgreed,
    NoTimestamps,
    /// TSval, relative to the right one; TSecr is right.
    Value(u32),
    /// TSecr, relative to the right one.
    Echo(u32),
    /// Timestamps although they were not agreed on.
    Unagreed,
    /// SACK blocks: where each begins, relative to what is acknowledged, and its length, in segments of the stack.
    Sack(&'static [(i8, i8)]),
    /// What the SYN offers, as offered.
    Offer,
    /// Octets as they are, behind timestamps if those were agreed on.
    Raw(&'static [u8]),
}

pub const OPTIONS: &[Soup] = &[
    Soup::AsAgreed,
    Soup::AsAgreed,
    Soup::AsAgreed,
    Soup::AsAgreed,
    Soup::AsAgreed,
    Soup::NoTimestamps,
    Soup::Value(0_u32.wrapping_sub(1)),
    Soup::Value(0_u32.wrapping_sub(100_000)),
    Soup::Value(1 << 31),
    Soup::Value(100_000),
    Soup::Value((1 << 31) - 1),
    Soup::Echo(1),
    Soup::Echo(0_u32.wrapping_sub(1)),
    Soup::Echo(1 << 31),
    Soup::Unagreed,
    Soup::Sack(&[(1, 1)]),
    Soup::Sack(&[(2, 1)]),
    Soup::Sack(&[(1, 2), (4, 1)]),
    Soup::Sack(&[(3, 1), (1, 1)]),
    // RFC 2883: a duplicate.
    Soup::Sack(&[(-1, 1)]),
    Soup::Sack(&[(-1, 1), (1, 1)]),
    // Nothing, backwards, and more than was sent.
    Soup::Sack(&[(1, 0)]),
    Soup::Sack(&[(2, -1)]),
    Soup::Sack(&[(0, 100)]),
    Soup::Offer,
    // MSS of zero, MSS, window scale 14 and 15, SACK permitted.
    Soup::Raw(&[2, 4, 0, 0]),
    Soup::Raw(&[2, 4, 5, 180]),
    Soup::Raw(&[3, 3, 14, 1]),
    Soup::Raw(&[3, 3, 15, 0]),
    Soup::Raw(&[4, 2, 1, 1]),
    // Unknown kinds, no-operations, an early end of the list.
    Soup::Raw(&[254, 4, 1, 2]),
    Soup::Raw(&[77, 2, 1, 1]),
    Soup::Raw(&[1; 20]),
    Soup::Raw(&[0, 2, 4, 5, 180, 0, 0, 0]),
    // Lengths of zero, one, beyond the header; the last octet a kind alone; known kinds of a wrong length.
    Soup::Raw(&[254, 0, 0, 0]),
    Soup::Raw(&[254, 1, 1, 1]),
    Soup::Raw(&[254, 40, 0, 0]),
    Soup::Raw(&[1, 1, 1, 254]),
    Soup::Raw(&[2, 3, 5, 1]),
    Soup::Raw(&[3, 2, 1, 1]),
    Soup::Raw(&[8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    Soup::Raw(&[5, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]),
    Soup::Raw(&[5, 2, 1, 1]),
];

/// What else is odd about a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    Nothing,
    /// The urgent pointer; URG is set.
    Urgent(u16),
    /// Congestion experienced (RFC 3168).
    Congested,
    BadChecksum,
    /// In words; such a segment carries no data.
    DataOffset(u8),
    /// In IP fragments, the last of them first.
    Fragments,
    /// From another port.
    OtherPort,
}

pub const ODD: &[Odd] = &[
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Nothing,
    Odd::Urgent(0),
    Odd::Urgent(1),
    Odd::Urgent(65_535),
    Odd::Urgent(100),
    Odd::Congested,
    Odd::Congested,
    Odd::BadChecksum,
    Odd::DataOffset(4),
    Odd::DataOffset(0),
    Odd::DataOffset(15),
    Odd::Fragments,
    Odd::OtherPort,
];

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

/// Header palettes.
pub const RECEIVE_BUFFERS: &[usize] = &[16_000, 4_096, 65_535, 1_000, 536, 2_920, 8_192, 100_000];
pub const MTU: &[u16] = &[1_500, 1_500, 1_500, 1_280, 576];
pub const MSS: &[Option<u16>] = &[
    Some(1_000),
    Some(1_460),
    None,
    Some(536),
    Some(100),
    Some(64),
    Some(1),
    Some(0),
    Some(65_535),
    Some(1_000),
];
pub const SHIFTS: &[Option<u8>] = &[None, Some(0), Some(2), Some(7), Some(14), Some(15), Some(255), None];
pub const OFFERED_WINDOWS: &[u16] = &[65_535, 65_535, 8_000, 1_000, 0, 1, 2_920, 100];
pub const ISS: &[u32] = &[
    1_000_000,
    u32::MAX,
    u32::MAX - 1,
    0,
    u32::MAX - 100,
    u32::MAX - 1_000,
    u32::MAX - 4_000,
    u32::MAX - 64_000,
    (1 << 31) - 1,
    (1 << 31) - 1_000,
    1 << 31,
    12_345,
];
pub const CLOCKS: &[u32] = &[500_000, 0, 1, u32::MAX, u32::MAX - 200, (1 << 31) - 100, 1 << 31];

/// How far the handshake has gone when the events begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// The stack listens, the peer has connected.
    Passive,
    /// The stack has connected.
    Active,
    /// The stack listens; nothing was sent.
    Listening,
    /// The stack has sent its SYN.
    Called,
    /// The peer has sent its SYN, and heard the answer.
    Greeted,
}

pub const OPENINGS: &[Opening] = &[
    Opening::Passive,
    Opening::Active,
    Opening::Passive,
    Opening::Called,
    Opening::Passive,
    Opening::Active,
    Opening::Listening,
    Opening::Greeted,
];

/// What happens behind the last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Nothing,
    /// The peer is silent for so long.
    Silence(Duration),
    /// Both ends finish in order.
    Farewell,
}

pub const ENDINGS: &[Ending] = &[
    Ending::Nothing,
    Ending::Silence(Duration::secs(2)),
    Ending::Farewell,
    Ending::Silence(Duration::secs(30)),
    Ending::Nothing,
    Ending::Silence(Duration::minutes(5)),
    Ending::Farewell,
    Ending::Silence(Duration::secs(2)),
];
