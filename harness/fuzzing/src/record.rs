//! The input of a fuzzer: a header that sets the scene, and events of a fixed size.
//!
//! Every field is an index into a palette ([`crate::palette`]), taken modulo its length, so that nearly every byte string is a
//! conversation, and a changed byte is another conversation of the same shape. An index of zero is what an ordinary peer does.

use crate::palette::{self, Pause, Turn, pick};
use arbitrary::{Arbitrary, Unstructured};

/// Of the format: the first octet of every input. Another number means that the palettes have another meaning.
pub const VERSION: u8 = 3;
/// Octets of the header, the version included.
pub const HEADER: usize = 16;
/// Octets of a record.
pub const RECORD: usize = 8;
/// Records that are played; further ones are left out.
pub const MAX_RECORDS: usize = 128;

/// What is settled before the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Arbitrary)]
pub struct Header {
    /// IP version.
    pub family: u8,
    /// Who opens, and how far the handshake has gone when the events begin.
    pub opening: u8,
    pub receive_buffer: u8,
    pub mtu: u8,
    /// What the peer offers on its SYN.
    pub mss: u8,
    pub shift: u8,
    /// Bit 0 SACK, 1 timestamps, 2 ECN.
    pub options: u8,
    pub wnd: u8,
    pub iss: u8,
    /// TSval at the beginning.
    pub clock: u8,
    /// Bit 0: the application reads only when told; 1: the peer acknowledges only when told; 2: the application takes
    /// connections only when told.
    pub habits: u8,
    /// Of what the stack draws at random.
    pub seed: u8,
    /// What the peer does when the events are over.
    pub ending: u8,
    pub spare: [u8; 2],
}

impl Header {
    fn octets(&self) -> [u8; HEADER] {
        let [spare, rest] = self.spare;
        [
            VERSION,
            self.family,
            self.opening,
            self.receive_buffer,
            self.mtu,
            self.mss,
            self.shift,
            self.options,
            self.wnd,
            self.iss,
            self.clock,
            self.habits,
            self.seed,
            self.ending,
            spare,
            rest,
        ]
    }
}

/// How many entries the palettes that have grown had in an earlier version: its indices count modulo these.
struct Earlier {
    calls: u8,
    pauses: u8,
    turns: u8,
    messages: u8,
}

/// Version 1 and version 2.
const EARLIER: [Earlier; 2] = [
    Earlier {
        calls: 14,
        pauses: 16,
        turns: 20,
        messages: 11,
    },
    Earlier {
        calls: 15,
        pauses: 16,
        turns: 20,
        messages: 17,
    },
];

/// One event: its kind, and seven indices whose meaning the kind gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Record(pub [u8; RECORD]);

impl Record {
    pub fn kind(&self) -> Kind {
        let [kind, ..] = self.0;
        KINDS[usize::from(kind) % KINDS.len()]
    }

    /// A record of an earlier version, as one of this.
    fn of(mut self, earlier: &Earlier) -> Record {
        let kind = self.kind();
        let [_, which, ..] = &mut self.0;
        match kind {
            Kind::Call => *which %= earlier.calls,
            Kind::Time => *which %= earlier.pauses,
            Kind::Turn => *which %= earlier.turns,
            Kind::Message => *which %= earlier.messages,
            Kind::Segment | Kind::Network => {}
        }
        self
    }

    /// Whether it brings packets by the dozen, whatever came before.
    pub fn is_heavy(&self) -> bool {
        let [which, ..] = self.arguments();
        match self.kind() {
            Kind::Turn => matches!(pick(palette::TURNS, which), Turn::Living | Turn::Flood),
            Kind::Time => matches!(pick(palette::PAUSES, which), Pause::Day),
            _ => false,
        }
    }

    /// The arguments, from 1 to 7.
    pub fn arguments(&self) -> [u8; RECORD - 1] {
        let [_, arguments @ ..] = self.0;
        arguments
    }
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The peer sends a segment: flags, SEQ, ACK, length, window, options, oddity.
    Segment,
    /// The stack's application makes a call: which, size, connection.
    Call,
    /// Time passes: how long.
    Time,
    /// An ordinary peer's turn: what it does, how much, connection.
    Turn,
    /// The network: what happens to the next packets, how many, where.
    Network,
    /// An ICMP or UDP message: which, MTU, about what.
    Message,
}

/// The kind octet, modulo the length: segments are the most frequent.
pub const KINDS: [Kind; 16] = [
    Kind::Segment,
    Kind::Call,
    Kind::Time,
    Kind::Turn,
    Kind::Segment,
    Kind::Network,
    Kind::Segment,
    Kind::Turn,
    Kind::Segment,
    Kind::Call,
    Kind::Segment,
    Kind::Time,
    Kind::Segment,
    Kind::Call,
    Kind::Segment,
    Kind::Message,
];

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Input {
    pub header: Header,
    pub records: Vec<Record>,
}

/// Why octets are no input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInput {
    Empty,
    /// The first octet, which should have been [`VERSION`].
    Version(u8),
}

impl std::fmt::Display for NoInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoInput::Empty => write!(f, "the input is empty; expected a header of {HEADER} octets"),
            NoInput::Version(seen) => write!(f, "octet 0 is {seen}; expected format version {VERSION}"),
        }
    }
}

impl std::error::Error for NoInput {}

impl Input {
    /// A header that is cut short is filled up with zeros; what is left of the last record is passed over.
    pub fn decode(octets: &[u8]) -> Result<Input, NoInput> {
        let (&version, rest) = octets.split_first().ok_or(NoInput::Empty)?;
        let earlier = EARLIER.get(usize::from(version).wrapping_sub(1));
        if earlier.is_none() && version != VERSION {
            return Err(NoInput::Version(version));
        }
        let (header, records) = rest.split_at(rest.len().min(HEADER - 1));
        let (records, _) = records.as_chunks::<RECORD>();
        Ok(Input {
            header: Header::arbitrary(&mut Unstructured::new(header)).unwrap_or_default(),
            records: records
                .iter()
                .take(MAX_RECORDS)
                .copied()
                .map(Record)
                .map(|record| earlier.map_or(record, |earlier| record.of(earlier)))
                .collect(),
        })
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut octets = self.header.octets().to_vec();
        for record in &self.records {
            octets.extend(record.0);
        }
        octets
    }
}
