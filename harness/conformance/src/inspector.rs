//! From frames to verdicts: one capture's way through decoding, reassembly, tracker and checks.

use crate::dns::{DnsStreams, Resolver};
use crate::hosts::Hosts;
use crate::http::Streams;
use crate::net::arp::{self, ArpPacket, ArpSeen};
use crate::net::ndp::{self, NdpSeen, Solicitation};
use crate::net::{Asked, NetChecks, Packet};
use crate::retries::Retries;
use crate::tracker::{Checksum, IpFacts, Segment, Tracker, Vantage};
use crate::verdict::{Book, Judge, Reason, Scene};
use std::net::IpAddr;
use wire::arp::Arp;
use wire::checksum::Sum;
use wire::ethernet::MacAddress;
use wire::frame::{Flow, Layer, Sink, decode, decode_transport};
use wire::icmpv6::Icmpv6;
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::link::LinkType;
use wire::reassembly::{Fragment, Outcome, Reassembler};
use wire::tcp::Tcp;
use wire::udp::Udp;
use wire::{Duration, FrameNumber, Instant, icmpv4, icmpv6};

/// RFC 792: the code of "fragmentation needed and DF set".
const FRAGMENTATION_NEEDED: u8 = 4;

/// What is known of a frame beside its bytes.
#[derive(Debug, Clone, Copy)]
pub struct FrameInfo {
    pub number: FrameNumber,
    pub time: Instant,
    pub link: LinkType,
    /// Octets on the wire; more than were captured when the snap length cut the frame.
    pub original_len: u32,
}

/// How to look at a capture.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    pub vantage: Vantage,
}

/// What was counted along the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub frames: u64,
    pub tcp_segments: u64,
    pub connections: u64,
    /// Headers that could not be read.
    pub malformed: u64,
}

/// Judges one capture, frame by frame.
pub struct Inspector {
    tracker: Tracker,
    live: bool,
    book: Book,
    reassembler: Reassembler,
    retries: Retries,
    hosts: Hosts<NetChecks>,
    arp_asked: Asked<ArpPacket>,
    ndp_asked: Asked<Solicitation>,
    resolver: Resolver,
    streams: Streams,
    dns_streams: DnsStreams,
    counts: Counts,
}

/// The verdicts of one capture.
#[derive(Debug)]
pub struct Report {
    pub book: Book,
    pub counts: Counts,
    /// Connections let go early to bound memory.
    pub evicted: u64,
}

impl Inspector {
    pub fn new(settings: Settings) -> Inspector {
        Inspector {
            tracker: Tracker::new(settings.vantage),
            live: settings.vantage.is_live(),
            book: Book::default(),
            reassembler: Reassembler::default(),
            retries: Retries::default(),
            hosts: Hosts::default(),
            arp_asked: Asked::default(),
            ndp_asked: Asked::default(),
            resolver: Resolver::default(),
            streams: Streams::default(),
            dns_streams: DnsStreams::default(),
            counts: Counts::default(),
        }
    }

    /// The application at `me` has left its connection with `peer`, by ABORT or CLOSE: only a live test can tell.
    pub fn application_left(&mut self, me: (IpAddr, u16), peer: (IpAddr, u16), aborted: bool) {
        self.tracker.application_left(me, peer, aborted);
    }

    /// Takes the next frame, in the order of the capture.
    pub fn frame(&mut self, info: FrameInfo, bytes: &[u8]) {
        self.counts.frames += 1;
        self.tracker.clock(info.time);
        let mut walk = Walk {
            inspector: self,
            info,
            ip: None,
            link: None,
            ethernet: None,
            overheard: false,
        };
        decode(info.link, bytes, info.original_len, &mut walk);
    }

    /// Takes the verdict of a scenario on something that packets alone do not show: `id` is one of [`crate::live`]'s, `ends` the
    /// judged host and its peer, `last` the latest frame.
    pub fn observe(
        &mut self,
        id: &str,
        ends: (IpAddr, IpAddr),
        last: (FrameNumber, Instant),
        kept: bool,
        expected: &str,
        seen: &str,
    ) {
        self.with_judge(id, ends, last, |judge| judge.require(kept, &[last.0], expected, seen));
    }

    fn with_judge(
        &mut self,
        id: &str,
        ends: (IpAddr, IpAddr),
        last: (FrameNumber, Instant),
        act: impl FnOnce(&mut Judge<'_>),
    ) {
        let Some((index, _)) = crate::requirement_by_id(id) else {
            return;
        };
        let scene = Scene {
            endpoint: self.book.endpoint(ends.0),
            source: (&ends.0, 0),
            destination: (&ends.1, 0),
            frame: last.0,
            time: last.1,
        };
        if let Some(mut judge) = Judge::new(&mut self.book, scene) {
            judge.turn_to(index.0);
            act(&mut judge);
        }
    }

    /// The same where the machine was too late to tell.
    pub fn leave_open(&mut self, id: &str, ends: (IpAddr, IpAddr), last: (FrameNumber, Instant)) {
        self.with_judge(id, ends, last, |judge| judge.inconclusive(Reason::Vantage));
    }

    /// A live test on a clock that is not ours: times seen from now on may be off by so much.
    pub fn may_be_late(&mut self, lateness: Duration) {
        self.tracker.may_be_late(lateness);
    }

    /// It is now `time`, and nothing was sent since the last frame.
    pub fn clock(&mut self, time: Instant) {
        self.tracker.clock(time);
    }

    /// Connections followed now.
    pub fn live_connections(&self) -> usize {
        self.tracker.live()
    }

    /// The capture has ended.
    pub fn finish(mut self) -> Report {
        self.tracker.finish(&mut self.book);
        self.counts.connections = self.tracker.connections;
        Report {
            book: self.book,
            counts: self.counts,
            evicted: self.tracker.evicted,
        }
    }
}

/// One frame on its way through the layers.
struct Walk<'i> {
    inspector: &'i mut Inspector,
    info: FrameInfo,
    /// The innermost IP header so far, and the octets that the capture lacks of its payload.
    ip: Option<(IpFacts, u32)>,
    /// Link addresses, source and destination, that no IP header has followed yet.
    link: Option<(MacAddress, MacAddress)>,
    /// Those that stood in front of the innermost IP header, with no other between.
    ethernet: Option<(MacAddress, MacAddress)>,
    /// In a frame of IEEE 802.11.
    overheard: bool,
}

impl<'a> Sink<'a> for Walk<'_> {
    #[inline]
    fn layer(&mut self, _offset: usize, layer: &Layer<'a>) -> Flow {
        // Nobody tunnels to a live stack: a packet within a packet has whatever addresses its sender liked.
        let inner = self.ip.is_some() && matches!(layer, Layer::Ipv4(_) | Layer::Ipv6(_) | Layer::Arp(_));
        if inner && self.inspector.live {
            return Flow::Stop;
        }
        match layer {
            Layer::Ipv4(ip) => {
                self.ethernet = self.link.take();
                self.ip = Some((
                    IpFacts {
                        source: IpAddr::V4(ip.source),
                        destination: IpAddr::V4(ip.destination),
                        ttl: ip.ttl,
                        dscp_ecn: ip.dscp_ecn,
                        id: Some(ip.id),
                        dont_fragment: ip.dont_fragment(),
                        total_len: u32::from(ip.header_len) + ip.payload.len() as u32 + ip.missing,
                    },
                    ip.missing,
                ));
                self.tell(|checks, at, judge| checks.on_ipv4(at, ip, judge));
                if let Some(fragment) = Fragment::of_ipv4(ip) {
                    self.fragment(fragment);
                }
            }
            Layer::Ipv6(ip) => {
                self.ethernet = self.link.take();
                self.ip = Some((
                    IpFacts {
                        source: IpAddr::V6(ip.source),
                        destination: IpAddr::V6(ip.destination),
                        ttl: ip.hop_limit,
                        dscp_ecn: ip.traffic_class,
                        id: None,
                        dont_fragment: true,
                        total_len: 40 + ip.payload.len() as u32 + ip.missing,
                    },
                    ip.missing,
                ));
                self.tell(|checks, at, judge| checks.on_ipv6(at, ip, judge));
                if let Some(fragment) = Fragment::of_ipv6(ip) {
                    self.fragment(fragment);
                }
            }
            Layer::Ethernet(frame) => self.link = Some((frame.source, frame.destination)),
            Layer::Ieee80211(frame) => {
                if self.inspector.retries.is_copy(frame) {
                    return Flow::Stop;
                }
                (self.link, self.overheard) = (Some(frame.ends()), true);
            }
            // A packet beside those before it in the frame, not within them.
            Layer::AMsdu(msdu) => (self.ip, self.link) = (None, Some((msdu.source, msdu.destination))),
            Layer::Tcp(tcp) => self.tcp(tcp),
            Layer::Udp(udp) => self.udp(udp),
            Layer::Icmpv4(icmp) => {
                if let icmpv4::Message::DestinationUnreachable { quoted, .. } = icmp.message()
                    && icmp.code == FRAGMENTATION_NEEDED
                {
                    self.too_big(quoted);
                }
                self.tell(|checks, at, judge| checks.on_icmpv4(at, icmp, judge));
                self.tell_receiver(|checks, at, judge| checks.on_icmpv4_received(at, icmp, judge));
            }
            Layer::Icmpv6(icmp) => {
                if let icmpv6::Message::PacketTooBig { quoted, .. } = icmp.message() {
                    self.too_big(quoted);
                }
                self.tell(|checks, at, judge| checks.on_icmpv6(at, icmp, judge));
                if wire::ndp::is_ndp(icmp.icmp_type) {
                    self.neighbours(icmp);
                }
            }
            Layer::Arp(packet) => self.arp(packet),
            Layer::Malformed(_) => self.inspector.counts.malformed += 1,
            _ => {}
        }
        Flow::Into
    }
}

impl Walk<'_> {
    /// The packet as checks see it; none outside an IP datagram.
    #[inline]
    fn parts(&mut self) -> Option<(&mut Inspector, Packet<'_>)> {
        let (ip, missing) = self.ip.as_ref()?;
        let packet = Packet {
            frame: self.info.number,
            time: self.info.time,
            ip,
            ethernet: self.ethernet.as_ref(),
            whole: *missing == 0,
        };
        Some((&mut *self.inspector, packet))
    }

    /// The sender's checks below and beside TCP.
    #[inline]
    fn tell(&mut self, event: impl FnOnce(&mut NetChecks, &Packet<'_>, &mut Judge<'_>)) {
        let Some((Inspector { hosts, book, .. }, packet)) = self.parts() else {
            return;
        };
        let ends = (&packet.ip.source, &packet.ip.destination);
        hosts.tell(ends, packet.when(), book, |checks, judge| event(checks, &packet, judge));
    }

    /// The receiver's.
    fn tell_receiver(&mut self, event: impl FnOnce(&mut NetChecks, &Packet<'_>, &mut Judge<'_>)) {
        let Some((Inspector { hosts, book, .. }, packet)) = self.parts() else {
            return;
        };
        let ends = (&packet.ip.destination, &packet.ip.source);
        hosts.tell(ends, packet.when(), book, |checks, judge| event(checks, &packet, judge));
    }

    /// An ARP packet, judged as what its sender protocol address sends. A probe has none, and waits.
    #[cold]
    fn arp(&mut self, packet: &Arp<'_>) {
        let when = (self.info.number, self.info.time);
        let Some(packet) = ArpPacket::new(when, packet, self.link) else {
            return;
        };
        let Inspector {
            hosts, book, arp_asked, ..
        } = &mut *self.inspector;
        let sender = packet.addresses.sender_protocol;
        if !sender.is_unspecified() {
            let ends = (&IpAddr::V4(sender), &IpAddr::V4(packet.addresses.target_protocol));
            let seen = ArpSeen {
                packet,
                asked: arp_asked,
            };
            hosts.tell(ends, when, book, |checks, judge| checks.on_arp(&seen, judge));
        }
        arp::remember(arp_asked, packet);
    }

    /// A message of Neighbour Discovery.
    #[cold]
    fn neighbours(&mut self, icmp: &Icmpv6<'_>) {
        let Some((inspector, packet)) = self.parts() else {
            return;
        };
        let Inspector {
            hosts, book, ndp_asked, ..
        } = inspector;
        let Some(seen) = NdpSeen::read(&packet, icmp, ndp_asked) else {
            return;
        };
        let ends = (&packet.ip.source, &packet.ip.destination);
        hosts.tell(ends, packet.when(), book, |checks, judge| {
            checks.on_ndp(&packet, &seen, judge)
        });
        let news = seen.news(packet.frame);
        ndp::remember(ndp_asked, packet.time, news);
    }

    fn udp(&mut self, udp: &Udp<'_>) {
        self.tell(|checks, at, judge| checks.on_udp(at, udp, judge));
        let Some((Inspector { resolver, book, .. }, packet)) = self.parts().filter(|_| Resolver::concerns(udp)) else {
            return;
        };
        resolver.datagram(&packet, udp, book);
    }

    /// A router's error about a packet, of which it quotes the beginning.
    #[cold]
    fn too_big(&mut self, quoted: &[u8]) {
        if let Some((source, destination)) = quoted_ends(quoted) {
            self.inspector.tracker.too_big(source, destination, self.info.time);
        }
    }

    /// Feeds the reassembler; a completed datagram goes on as if it had come whole, in the frame that completed it.
    #[cold]
    fn fragment(&mut self, fragment: Fragment<'_>) {
        let Walk {
            inspector,
            info,
            ip,
            ethernet,
            overheard,
            ..
        } = self;
        let outcome = inspector.reassembler.push(info.time, info.number, fragment);
        let Outcome::Complete { protocol, payload, .. } = outcome else {
            return;
        };
        // A copy: what is inside may be fragments again.
        let payload = payload.to_vec();
        if let Some((ip, missing)) = ip {
            let header = if ip.source.is_ipv4() { 20 } else { 40 };
            (ip.total_len, *missing) = (header + payload.len() as u32, 0);
        }
        decode_transport(
            protocol,
            &payload,
            &mut Walk {
                inspector,
                info: *info,
                ip: *ip,
                link: None,
                ethernet: *ethernet,
                overheard: *overheard,
            },
        );
    }

    #[inline]
    fn tcp(&mut self, tcp: &Tcp<'_>) {
        let (info, missing) = (self.info, self.ip.map_or(0, |(_, missing)| missing));
        let overheard = self.overheard;
        let Some((inspector, packet)) = self.parts() else {
            return;
        };
        inspector.counts.tcp_segments += 1;
        let segment = Segment {
            overheard,
            ..segment(info, packet.ip, missing, tcp)
        };
        let Inspector {
            tracker,
            streams,
            dns_streams,
            resolver,
            book,
            ..
        } = inspector;
        if let Some((connection, from)) = tracker.segment(&segment, book) {
            streams.segment(connection, from, &packet, &segment, book);
            dns_streams.segment(connection, &packet, &segment, resolver, book);
        }
    }
}

/// Source and destination of a quoted TCP segment.
fn quoted_ends(quoted: &[u8]) -> Option<((IpAddr, u16), (IpAddr, u16))> {
    let (source, destination, protocol, payload): (IpAddr, IpAddr, _, _) = match quoted.first()? >> 4 {
        4 => {
            let ip = Ipv4::parse(quoted).ok()?;
            (ip.source.into(), ip.destination.into(), ip.protocol, ip.payload)
        }
        _ => {
            let ip = Ipv6::parse(quoted).ok()?;
            (ip.source.into(), ip.destination.into(), ip.next_header, ip.payload)
        }
    };
    let &[a, b, c, d] = payload.first_chunk::<4>().filter(|_| protocol == 6)?;
    let port = |high, low| u16::from_be_bytes([high, low]);
    Some(((source, port(a, b)), (destination, port(c, d))))
}

/// A segment out of its headers. `missing` octets of its data were not captured.
#[inline]
fn segment<'a>(info: FrameInfo, ip: &IpFacts, missing: u32, tcp: &Tcp<'a>) -> Segment<'a> {
    let (payload_sum, checksum) = verify(ip, missing, tcp);
    Segment {
        frame: info.number,
        time: info.time,
        ip: *ip,
        source_port: tcp.source_port,
        destination_port: tcp.destination_port,
        seq: tcp.seq,
        ack: tcp.ack,
        flags: tcp.flags,
        wnd: tcp.window,
        urgent_pointer: tcp.urgent_pointer,
        data_offset: tcp.data_offset,
        options: tcp.options(),
        raw_options: tcp.raw_options,
        payload_len: tcp.payload.len() as u32 + missing,
        payload: tcp.payload,
        payload_sum,
        checksum,
        checksum_field: tcp.checksum,
        overheard: false,
    }
}

/// RFC 9293 section 3.1: the checksum over pseudo-header, header and data.
#[inline]
fn verify(ip: &IpFacts, missing: u32, tcp: &Tcp<'_>) -> (Option<u16>, Checksum) {
    if missing > 0 {
        return (None, Checksum::Unverifiable);
    }
    let data = Sum::default().add(tcp.payload).fold();
    let length = u32::from(tcp.data_offset) * 4 + tcp.payload.len() as u32;
    let pseudo = Sum::default().pseudo_header(ip.source, ip.destination, 6, length);
    let word = |value: u32| [(value >> 16) as u16, value as u16];
    let [seq_high, seq_low] = word(tcp.seq.0);
    let [ack_high, ack_low] = word(tcp.ack.0);
    let fields = [
        tcp.source_port,
        tcp.destination_port,
        seq_high,
        seq_low,
        ack_high,
        ack_low,
        u16::from(tcp.data_offset) << 12 | tcp.flags.0,
        tcp.window,
        tcp.checksum,
        tcp.urgent_pointer,
        data,
    ];
    let total = fields
        .iter()
        .fold(pseudo.add(tcp.raw_options), |sum, &field| sum.add_u16(field))
        .fold();
    let verdict = match tcp.checksum {
        _ if total == 0xffff => Checksum::Correct,
        0 => Checksum::LeftToHardware,
        field if field == pseudo.fold() || field == !pseudo.fold() => Checksum::LeftToHardware,
        // Segmentation offload leaves the length out of the partial sum.
        field if field == Sum::default().pseudo_header(ip.source, ip.destination, 6, 0).fold() => {
            Checksum::LeftToHardware
        }
        _ => Checksum::Wrong,
    };
    ((!tcp.payload.is_empty()).then_some(data), verdict)
}
