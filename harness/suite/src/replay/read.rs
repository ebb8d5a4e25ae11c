//! A capture's connection, out of its packets. Connections are numbered as Wireshark's `tcp.stream`.

use super::captured::{Captured, Conversation};
use capture::{Capture, CaptureError};
use std::collections::HashMap;
use std::net::IpAddr;
use wire::frame::{Flow, Layer, Sink, decode, decode_transport};
use wire::reassembly::{Fragment, Outcome, Reassembler};
use wire::tcp::Tcp;
use wire::{FrameNumber, Instant, SeqNumber};

/// Segments of one connection that are replayed; the rest of a longer one is left out.
const MOST: usize = 100_000;

/// Why there is nothing to replay.
#[derive(Debug)]
pub enum Unfit {
    Unreadable(CaptureError),
    /// The capture has so many connections, and this is none of them.
    NoSuchConnection(Option<u32>, u32),
    /// A connection without a SYN; its first frame.
    NoSyn(Option<u32>, FrameNumber),
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unfit::Unreadable(error) => error.fmt(f),
            Unfit::NoSuchConnection(_, 0) => f.write_str("it holds no TCP connection"),
            Unfit::NoSuchConnection(Some(wanted), held) => {
                write!(
                    f,
                    "it holds no connection {wanted}; expected a number from 0 to {}",
                    held - 1
                )
            }
            Unfit::NoSuchConnection(None, held) => {
                write!(
                    f,
                    "expected a SYN, but none of its {held} TCP connections begins with one"
                )
            }
            Unfit::NoSyn(wanted, frame) => {
                let number = wanted.map_or(String::new(), |number| format!(" {number}"));
                write!(
                    f,
                    "connection{number} begins in frame {frame} without a handshake; expected a SYN"
                )
            }
        }
    }
}

impl std::error::Error for Unfit {}

/// Reads one connection: `wanted`, or the first that begins with a SYN. What a damaged capture still gave is read.
pub fn read(capture: &mut Capture, wanted: Option<u32>) -> Result<Conversation, Unfit> {
    let mut reader = Reader {
        wanted,
        chosen: wanted,
        known: HashMap::new(),
        connections: 0,
        reassembler: Reassembler::default(),
        segments: Vec::new(),
        copies: 0,
        left_out: 0,
    };
    let mut time = Instant(0);
    let error = loop {
        match capture.next_frame() {
            Ok(Some(frame)) => {
                time = frame.time.unwrap_or(time);
                let mut walk = Walk {
                    reader: &mut reader,
                    at: (frame.number, time),
                    cut: frame.original_len.saturating_sub(frame.data.len() as u32),
                    ip: None,
                    quoted: false,
                };
                decode(frame.link, frame.data, frame.original_len, &mut walk);
            }
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let mut notes = Vec::new();
    if let Some(error) = error {
        if reader.segments.is_empty() {
            return Err(Unfit::Unreadable(error));
        }
        notes.push(error.to_string());
    }
    if reader.copies > 0 {
        notes.push(format!(
            "{} packets were captured twice; each is taken once",
            reader.copies
        ));
    }
    if reader.left_out > 0 {
        notes.push(format!(
            "only its first {MOST} segments are replayed; {} more are left out",
            reader.left_out
        ));
    }
    let first = reader.segments.first().and_then(|one| one.frame);
    let (Some(number), Some(first)) = (reader.chosen, first) else {
        return Err(Unfit::NoSuchConnection(wanted, reader.connections));
    };
    Conversation::assemble(reader.segments, number, reader.connections, notes).ok_or(Unfit::NoSyn(wanted, first))
}

type Endpoint = (IpAddr, u16);

/// A four-tuple in use: the number of its connection, and the first sequence number of either end, the smaller end's first.
struct Known {
    number: u32,
    base: [Option<SeqNumber>; 2],
}

struct Reader {
    wanted: Option<u32>,
    chosen: Option<u32>,
    known: HashMap<(Endpoint, Endpoint), Known>,
    connections: u32,
    reassembler: Reassembler,
    segments: Vec<Captured>,
    copies: u64,
    left_out: u64,
}

impl Reader {
    /// The number of the connection that a segment belongs to: a SYN with another number than before begins a new one.
    fn number(&mut self, from: Endpoint, to: Endpoint, tcp: &Tcp<'_>, quoted: bool) -> u32 {
        let (pair, side) = if from <= to { ((from, to), 0) } else { ((to, from), 1) };
        let syn = tcp.flags.syn() && !quoted;
        let anew = |known: &Known| known.base[side].is_some_and(|base| base != tcp.seq);
        if syn && !tcp.flags.ack() && self.known.get(&pair).is_some_and(anew) {
            self.known.remove(&pair);
        }
        let known = self.known.entry(pair).or_insert_with(|| {
            self.connections += 1;
            Known {
                number: self.connections - 1,
                base: [None; 2],
            }
        });
        if !quoted && (known.base[side].is_none() || syn) {
            known.base[side] = Some(if syn { tcp.seq } else { tcp.seq - 1 });
        }
        known.number
    }

    fn take(&mut self, segment: Captured) {
        // An interface that sees packets twice: the same identification tells a copy from a retransmission.
        let copy = |one: &&Captured| one.id.is_some() && one.is_copy(&segment);
        if self.segments.iter().rev().take(8).any(|one| copy(&one)) {
            self.copies += 1;
        } else if self.segments.len() < MOST {
            self.segments.push(segment);
        } else {
            self.left_out += 1;
        }
    }
}

#[derive(Clone, Copy)]
struct Ip {
    source: IpAddr,
    destination: IpAddr,
    ecn: u8,
    id: Option<u16>,
    missing: u32,
}

struct Walk<'r> {
    reader: &'r mut Reader,
    at: (FrameNumber, Instant),
    cut: u32,
    ip: Option<Ip>,
    /// Inside of what an ICMP error quotes.
    quoted: bool,
}

impl<'a> Sink<'a> for Walk<'_> {
    fn layer(&mut self, _: usize, layer: &Layer<'a>) -> Flow {
        match layer {
            Layer::Ipv4(ip) => {
                self.ip = Some(Ip {
                    source: ip.source.into(),
                    destination: ip.destination.into(),
                    ecn: ip.dscp_ecn & 3,
                    id: Some(ip.id).filter(|id| *id != 0),
                    missing: ip.missing.min(self.cut),
                });
                if let Some(fragment) = Fragment::of_ipv4(ip).filter(|_| !self.quoted) {
                    self.fragment(fragment);
                }
            }
            Layer::Ipv6(ip) => {
                self.ip = Some(Ip {
                    source: ip.source.into(),
                    destination: ip.destination.into(),
                    ecn: ip.traffic_class & 3,
                    id: None,
                    missing: ip.missing.min(self.cut),
                });
                if let Some(fragment) = Fragment::of_ipv6(ip).filter(|_| !self.quoted) {
                    self.fragment(fragment);
                }
            }
            Layer::Icmpv4(_) | Layer::Icmpv6(_) => self.quoted = true,
            Layer::Tcp(tcp) => self.tcp(tcp),
            _ => {}
        }
        Flow::Into
    }
}

impl Walk<'_> {
    fn fragment(&mut self, mut fragment: Fragment<'_>) {
        fragment.sliced = self.ip.is_some_and(|ip| ip.missing > 0);
        let outcome = self.reader.reassembler.push(self.at.1, self.at.0, fragment);
        let Outcome::Complete { protocol, payload, .. } = outcome else {
            return;
        };
        let payload = payload.to_vec();
        let mut walk = Walk {
            reader: self.reader,
            ip: self.ip.map(|ip| Ip { missing: 0, ..ip }),
            ..*self
        };
        decode_transport(protocol, &payload, &mut walk);
    }

    fn tcp(&mut self, tcp: &Tcp<'_>) {
        let Some(ip) = self.ip else { return };
        let (from, to) = ((ip.source, tcp.source_port), (ip.destination, tcp.destination_port));
        let reader = &mut *self.reader;
        let number = reader.number(from, to, tcp, self.quoted);
        if reader.wanted.is_none() && tcp.flags.syn() && !tcp.flags.ack() && !self.quoted {
            reader.chosen.get_or_insert(number);
        }
        if self.quoted || reader.chosen != Some(number) {
            return;
        }
        let mut payload = tcp.payload.to_vec();
        payload.resize(payload.len() + ip.missing as usize, 0);
        reader.take(Captured {
            frame: Some(self.at.0),
            time: self.at.1,
            ends: (from, to),
            seq: tcp.seq,
            ack: tcp.ack,
            flags: tcp.flags,
            wnd: tcp.window,
            urgent_pointer: tcp.urgent_pointer,
            options: tcp.raw_options.to_vec(),
            payload,
            cut: ip.missing,
            ecn: ip.ecn,
            id: ip.id,
        });
    }
}
