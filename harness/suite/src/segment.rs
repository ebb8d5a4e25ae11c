//! Segments as the Tester sends and sees them.

use crate::hearing::uncuttable;
use std::net::IpAddr;
use wire::checksum::Sum;
use wire::frame::{Flow, Layer, Sink, decode_ip, decode_transport};
use wire::tcp::{Flags, Options, Tcp, TcpOption};
use wire::{Duration, FrameNumber, Instant, SeqNumber, protocol};

/// A segment that the stack sent.
#[derive(Debug, Clone)]
pub struct Segment {
    pub time: Instant,
    pub frame: FrameNumber,
    pub source: (IpAddr, u16),
    pub destination: (IpAddr, u16),
    pub seq: SeqNumber,
    pub ack: SeqNumber,
    pub flags: Flags,
    /// As sent, before scaling.
    pub wnd: u16,
    pub urgent_pointer: u16,
    pub options: Options,
    /// RFC 5482's option.
    pub user_timeout: Option<Duration>,
    pub payload: Vec<u8>,
    /// The MTU that a path must have for it to arrive: its size, or its largest fragment's; zero where routers may cut it.
    pub needs_mtu: usize,
}

impl Segment {
    /// SEG.LEN.
    #[expect(clippy::len_without_is_empty, reason = "a term of RFC 9293, not a collection's")]
    pub fn len(&self) -> u32 {
        self.payload.len() as u32 + u32::from(self.flags.syn()) + u32::from(self.flags.fin())
    }

    /// Behind its last octet.
    pub fn end(&self) -> SeqNumber {
        self.seq + self.len()
    }

    /// An acknowledgement and nothing else.
    pub fn is_pure_ack(&self) -> bool {
        self.len() == 0 && self.flags.ack() && !self.flags.rst()
    }

    /// An acknowledgement without data: alone, or on a FIN, which is sent again where it was not acknowledged.
    pub fn acknowledges(&self) -> bool {
        self.payload.is_empty() && self.flags.ack() && !self.flags.rst() && !self.flags.syn()
    }

    /// The segment of an IP packet, if it has one.
    pub fn read(time: Instant, frame: FrameNumber, packet: &[u8]) -> Option<Segment> {
        let mut reader = Reader::default();
        decode_ip(packet, &mut reader);
        let segment = Segment::of(time, frame, reader.addresses?, reader.tcp?);
        Some(Segment {
            needs_mtu: uncuttable(packet),
            ..segment
        })
    }

    /// The segment that a reassembled datagram carries, if it does.
    pub(crate) fn reassembled(
        time: Instant,
        frame: FrameNumber,
        addresses: (IpAddr, IpAddr),
        protocol: u8,
        payload: &[u8],
    ) -> Option<Segment> {
        let mut reader = Reader::default();
        decode_transport(protocol, payload, &mut reader);
        Some(Segment::of(time, frame, addresses, reader.tcp?))
    }

    fn of(time: Instant, frame: FrameNumber, (source, destination): (IpAddr, IpAddr), tcp: Tcp<'_>) -> Segment {
        Segment {
            time,
            frame,
            source: (source, tcp.source_port),
            destination: (destination, tcp.destination_port),
            seq: tcp.seq,
            ack: tcp.ack,
            flags: tcp.flags,
            wnd: tcp.window,
            urgent_pointer: tcp.urgent_pointer,
            options: tcp.options(),
            user_timeout: wire::tcp::options(tcp.raw_options).flatten().find_map(user_timeout),
            payload: tcp.payload.to_vec(),
            needs_mtu: 0,
        }
    }
}

/// RFC 5482 section 3.3.
fn user_timeout(option: TcpOption<'_>) -> Option<Duration> {
    let TcpOption::UserTimeout { minutes, timeout } = option else {
        return None;
    };
    let unit = if minutes {
        Duration::minutes(1)
    } else {
        Duration::secs(1)
    };
    Some(unit * i64::from(timeout))
}

#[derive(Default)]
struct Reader<'a> {
    addresses: Option<(IpAddr, IpAddr)>,
    tcp: Option<Tcp<'a>>,
    icmp: bool,
}

impl<'a> Sink<'a> for Reader<'a> {
    fn layer(&mut self, _: usize, layer: &Layer<'a>) -> Flow {
        match layer {
            Layer::Ipv4(ip) if self.addresses.is_none() => {
                self.addresses = Some((ip.source.into(), ip.destination.into()))
            }
            Layer::Ipv6(ip) if self.addresses.is_none() => {
                self.addresses = Some((ip.source.into(), ip.destination.into()))
            }
            Layer::Icmpv4(_) | Layer::Icmpv6(_) => self.icmp = true,
            // Not the one that an error quotes.
            Layer::Tcp(tcp) if !self.icmp => self.tcp = Some(*tcp),
            _ => {}
        }
        Flow::Into
    }
}

/// Which timestamps a segment is to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// As the connection agreed: the present time and the newest TSval of the stack, or none.
    AsAgreed,
    None,
    /// TSval and TSecr.
    Of(u32, u32),
}

/// A segment that the Tester is about to send: anything may be wrong with it.
#[derive(Debug, Clone)]
pub struct Draft {
    pub source: (IpAddr, u16),
    pub destination: (IpAddr, u16),
    pub seq: SeqNumber,
    pub ack: SeqNumber,
    pub flags: Flags,
    pub wnd: u16,
    pub urgent_pointer: u16,
    pub stamp: Stamp,
    /// Options as they stand on the wire, but for timestamps and padding.
    pub options: Vec<u8>,
    pub payload: Vec<u8>,
    /// Added to the right checksum.
    pub checksum_error: u16,
    /// In words, instead of the right one.
    pub data_offset: Option<u8>,
    /// ECN bits of the IP header.
    pub ecn: u8,
}

impl Draft {
    pub fn new(source: (IpAddr, u16), destination: (IpAddr, u16), flags: Flags) -> Draft {
        Draft {
            source,
            destination,
            seq: SeqNumber(0),
            ack: SeqNumber(0),
            flags,
            wnd: 65_535,
            urgent_pointer: 0,
            stamp: Stamp::AsAgreed,
            options: Vec::new(),
            payload: Vec::new(),
            checksum_error: 0,
            data_offset: None,
            ecn: 0,
        }
    }

    pub fn seq(mut self, seq: SeqNumber) -> Draft {
        self.seq = seq;
        self
    }
    pub fn ack(mut self, ack: SeqNumber) -> Draft {
        self.ack = ack;
        self.flags = self.flags.with(Flags::ACK);
        self
    }
    pub fn wnd(mut self, wnd: u16) -> Draft {
        self.wnd = wnd;
        self
    }
    pub fn with(mut self, flags: Flags) -> Draft {
        self.flags = self.flags.with(flags);
        self
    }
    pub fn without(mut self, flags: Flags) -> Draft {
        self.flags = Flags(self.flags.0 & !flags.0);
        self
    }
    pub fn payload(mut self, octets: impl Into<Vec<u8>>) -> Draft {
        self.payload = octets.into();
        self
    }
    pub fn stamp(mut self, stamp: Stamp) -> Draft {
        self.stamp = stamp;
        self
    }
    pub fn urgent(mut self, pointer: u16) -> Draft {
        self.urgent_pointer = pointer;
        self.with(Flags::URG)
    }
    pub fn option(mut self, option: TcpOption<'_>) -> Draft {
        option.emit(&mut self.options);
        self
    }
    /// SACK blocks, in this order.
    pub fn sack(mut self, blocks: &[(SeqNumber, SeqNumber)]) -> Draft {
        self.options.extend([1, 1, 5, (2 + 8 * blocks.len()) as u8]);
        for (left, right) in blocks {
            self.options.extend(left.0.to_be_bytes());
            self.options.extend(right.0.to_be_bytes());
        }
        self
    }
    /// Options as they are, legal or not.
    pub fn raw_options(mut self, octets: &[u8]) -> Draft {
        self.options.extend(octets);
        self
    }
    pub fn bad_checksum(mut self) -> Draft {
        self.checksum_error = 1;
        self
    }
    pub fn congestion_experienced(mut self) -> Draft {
        self.ecn = 3;
        self
    }

    /// SEG.LEN.
    #[expect(clippy::len_without_is_empty, reason = "a term of RFC 9293, not a collection's")]
    pub fn len(&self) -> u32 {
        self.payload.len() as u32 + u32::from(self.flags.syn()) + u32::from(self.flags.fin())
    }

    /// The IP packet.
    pub fn packet(&self, id: u16) -> Vec<u8> {
        let mut options = self.options.clone();
        if let Stamp::Of(value, echo) = self.stamp {
            options.extend([1, 1]);
            TcpOption::Timestamps { value, echo }.emit(&mut options);
        }
        options.resize(options.len().next_multiple_of(4).min(40), 0);
        let mut tcp = Tcp {
            source_port: self.source.1,
            destination_port: self.destination.1,
            seq: self.seq,
            ack: self.ack,
            data_offset: self.data_offset.unwrap_or(5 + (options.len() / 4) as u8),
            flags: self.flags,
            window: self.wnd,
            checksum: 0,
            urgent_pointer: self.urgent_pointer,
            raw_options: &options,
            payload: &self.payload,
        };
        let mut octets = Vec::with_capacity(60 + self.payload.len());
        tcp.emit(&mut octets);
        let sum = Sum::default()
            .pseudo_header(self.source.0, self.destination.0, protocol::TCP, octets.len() as u32)
            .add(&octets);
        tcp.checksum = sum.checksum().wrapping_add(self.checksum_error);
        octets.clear();
        tcp.emit(&mut octets);
        ip_packet(self.source.0, self.destination.0, protocol::TCP, self.ecn, id, &octets)
    }
}

/// An IP packet around `payload`, 64 hops to live, not to be fragmented.
pub fn ip_packet(source: IpAddr, destination: IpAddr, protocol: u8, dscp_ecn: u8, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(40 + payload.len());
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let mut ip = wire::ipv4::Ipv4 {
                header_len: 20,
                dscp_ecn,
                total_length: (20 + payload.len()).min(65_535) as u16,
                id,
                flags: wire::ipv4::Flags::DONT_FRAGMENT,
                fragment_offset: 0,
                ttl: 64,
                protocol,
                checksum: 0,
                source,
                destination,
                raw_options: &[],
                header: &[],
                payload,
                missing: 0,
            };
            ip.checksum = ip.correct_checksum();
            ip.emit(&mut packet);
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => wire::ipv6::Ipv6 {
            traffic_class: dscp_ecn,
            flow_label: 0,
            payload_length: payload.len().min(65_535) as u16,
            next_header: protocol,
            hop_limit: 64,
            source,
            destination,
            header: &[],
            payload,
            missing: 0,
        }
        .emit(&mut packet),
        _ => {}
    }
    packet
}

/// The packet in pieces of `size` octets of payload, a multiple of eight.
pub fn fragments(packet: &[u8], size: usize) -> Vec<Vec<u8>> {
    let v4 = packet.first().is_some_and(|octet| octet >> 4 == 4);
    let header = if v4 { 20 } else { 40 };
    let Some((ip, payload)) = packet.split_at_checked(header) else {
        return Vec::new();
    };
    let size = size.max(8);
    let last = payload.len().div_ceil(size).saturating_sub(1);
    let piece = |(at, chunk): (usize, &[u8])| {
        let mut one = ip.to_vec();
        let offset = (at * size / 8) as u16;
        let more = u16::from(at != last);
        if v4 {
            one[2..4].copy_from_slice(&((20 + chunk.len()) as u16).to_be_bytes());
            one[6..8].copy_from_slice(&(more << 13 | offset).to_be_bytes());
            one[10..12].fill(0);
            let sum = Sum::default().add(&one).checksum();
            one[10..12].copy_from_slice(&sum.to_be_bytes());
        } else {
            // RFC 8200 section 4.5.
            one[4..6].copy_from_slice(&((8 + chunk.len()) as u16).to_be_bytes());
            let next = std::mem::replace(&mut one[6], 44);
            one.extend([next, 0]);
            one.extend((offset << 3 | more).to_be_bytes());
            one.extend([0, 0, 0, 77]);
        }
        one.extend(chunk);
        one
    };
    payload.chunks(size).enumerate().map(piece).collect()
}
