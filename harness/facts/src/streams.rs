//! TCP and UDP streams: which packets belong together, and what each TCP stream amounts to.

use crate::analysis::{Direction, Segment, Signs};
use crate::dns;
use crate::http;
use hashbrown::HashMap;
use std::net::IpAddr;
use wire::tcp::{Flags, Tcp};
use wire::{Duration, Instant, SeqNumber};

pub type Endpoint = (IpAddr, u16);

/// A four-tuple, the smaller end first, so that both directions meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    a: Endpoint,
    b: Endpoint,
}

impl Pair {
    /// And whether the packet goes from `b` to `a`.
    pub fn of(source: Endpoint, destination: Endpoint) -> (Pair, bool) {
        let (a, b) = (source.min(destination), source.max(destination));
        (Pair { a, b }, source != a)
    }
}

/// One TCP stream's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The sender of the first segment, and its peer.
    pub source: Endpoint,
    pub destination: Endpoint,
    pub packets: u64,
    pub payload_bytes: u64,
    pub syn: u64,
    pub synack: u64,
    pub fin: u64,
    pub rst: u64,
}

/// A TCP stream.
#[derive(Debug)]
pub struct Stream {
    pub flow: Flow,
    sides: [Direction; 2],
    /// Sequence number of each side's first segment: the SYN's, or one before other segments'.
    base: [Option<SeqNumber>; 2],
    syn_time: Option<Instant>,
    first_rtt: Option<Duration>,
    messages: [Messages; 2],
}

/// Application messages in one direction.
#[derive(Debug, Default)]
pub struct Messages {
    expected: Option<SeqNumber>,
    pub http: http::Reader,
    pub dns: dns::StreamReader,
}

impl Messages {
    /// The part of `payload` that is new and joins on to what came before. A gap starts the readers anew.
    pub fn advance<'a>(&mut self, seq: SeqNumber, payload: &'a [u8], sent: u32) -> &'a [u8] {
        let end = seq + sent;
        let known = self.expected.map_or(0, |expected| expected.since(seq));
        if self.expected.is_some_and(|expected| end <= expected) {
            return &[];
        }
        self.expected = Some(end);
        match usize::try_from(known) {
            Ok(known) => payload.get(known..).unwrap_or_default(),
            Err(_) => {
                (self.http, self.dns) = Default::default();
                payload
            }
        }
    }
}

impl Stream {
    fn new(source: Endpoint, destination: Endpoint) -> Stream {
        Stream {
            flow: Flow {
                source,
                destination,
                packets: 0,
                payload_bytes: 0,
                syn: 0,
                synack: 0,
                fin: 0,
                rst: 0,
            },
            sides: Default::default(),
            base: [None; 2],
            syn_time: None,
            first_rtt: None,
            messages: Default::default(),
        }
    }

    /// What side `side` (0 or 1) says, and its peer.
    pub fn messages(&mut self, side: usize) -> (&mut Messages, &mut Messages) {
        let [a, b] = &mut self.messages;
        match side {
            0 => (a, b),
            _ => (b, a),
        }
    }

    fn tally(&mut self, flags: Flags, length: u32) {
        let flow = &mut self.flow;
        flow.packets += 1;
        flow.payload_bytes += u64::from(length);
        flow.syn += u64::from(flags.syn() && !flags.ack());
        flow.synack += u64::from(flags.syn() && flags.ack());
        flow.fin += u64::from(flags.fin());
        flow.rst += u64::from(flags.rst());
    }

    /// Analyses a segment of side `side` (0 or 1).
    fn analyse(&mut self, side: usize, now: &Segment, tcp: &Tcp<'_>) -> Signs {
        let [a, b] = &mut self.sides;
        let (from, to, from_base, to_base) = match side {
            0 => (a, b, self.base[0], self.base[1]),
            _ => (b, a, self.base[1], self.base[0]),
        };
        let syn = now.flags.syn();
        if self.first_rtt.is_none() && !syn && now.flags.ack() {
            let opened = from_base
                .zip(to_base)
                .is_some_and(|(own, other)| now.seq == own + 1 && now.ack == other + 1);
            self.first_rtt = self.syn_time.filter(|_| opened).map(|syn| now.time - syn);
        }
        let signs = from.take(to, now, self.first_rtt);
        if syn {
            from.offer_scale(to, tcp.options().window_scale, now.flags.ack());
            if !now.flags.ack() {
                self.syn_time = Some(now.time);
            }
        }
        let base = &mut self.base[side.min(1)];
        if base.is_none() || syn {
            *base = Some(if syn { now.seq } else { now.seq - 1 });
        }
        signs
    }

    /// Whether a SYN with this number does not fit the one that came before it.
    fn began_otherwise(&self, side: usize, seq: SeqNumber) -> bool {
        self.base.get(side).copied().flatten().is_some_and(|base| base != seq)
    }
}

/// All streams of a capture.
#[derive(Debug, Default)]
pub struct Streams {
    tcp: Vec<Stream>,
    by_pair: HashMap<Pair, usize>,
    udp: hashbrown::HashSet<Pair>,
}

/// What became of a segment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    pub stream: usize,
    pub side: usize,
    pub signs: Signs,
    pub reused_ports: bool,
}

impl Streams {
    pub fn tcp_count(&self) -> u64 {
        self.tcp.len() as u64
    }

    pub fn udp_count(&self) -> u64 {
        self.udp.len() as u64
    }

    pub fn udp(&mut self, source: Endpoint, destination: Endpoint) {
        self.udp.insert(Pair::of(source, destination).0);
    }

    pub fn stream(&mut self, place: Place) -> Option<&mut Stream> {
        self.tcp.get_mut(place.stream)
    }

    pub fn into_flows(self) -> Vec<Flow> {
        self.tcp.into_iter().map(|stream| stream.flow).collect()
    }

    /// Takes a segment. Quoted ones (`live` is false) count for their stream, and tell nothing about its course.
    pub fn tcp(&mut self, source: Endpoint, destination: Endpoint, now: &Segment, tcp: &Tcp<'_>, live: bool) -> Place {
        let (pair, reversed) = Pair::of(source, destination);
        let side = usize::from(reversed);
        let mut at = self.begin_unless_known(pair, source, destination);
        let reused_ports = live
            && now.flags.syn()
            && self
                .tcp
                .get(at)
                .is_some_and(|stream| stream.began_otherwise(side, now.seq));
        if reused_ports && !now.flags.ack() {
            self.by_pair.remove(&pair);
            at = self.begin_unless_known(pair, source, destination);
        }
        let mut signs = Signs::default();
        if let Some(stream) = self.tcp.get_mut(at) {
            stream.tally(now.flags, now.length);
            if live {
                signs = stream.analyse(side, now, tcp);
            }
        }
        Place {
            stream: at,
            side,
            signs,
            reused_ports,
        }
    }

    fn begin_unless_known(&mut self, pair: Pair, source: Endpoint, destination: Endpoint) -> usize {
        *self.by_pair.entry(pair).or_insert_with(|| {
            self.tcp.push(Stream::new(source, destination));
            self.tcp.len() - 1
        })
    }
}
