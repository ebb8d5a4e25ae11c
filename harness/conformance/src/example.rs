//! Crafted traffic that keeps a requirement, breaks it, or leaves it open: written like a packet trace, built with the
//! emitters of `wire`. Each check brings its own; they prove it, `stackproof explain` shows them, fuzzing starts from them.

use crate::tracker::Vantage;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::link::LinkType;
use wire::tcp::{Flags, TcpOption};
use wire::{Duration, Instant, SeqNumber};

/// What an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    Holds,
    Violates,
    /// Inconclusive, or not exercised.
    Abstains,
}

/// One crafted frame.
#[derive(Debug, Clone)]
pub struct CraftedFrame {
    pub time: Instant,
    pub link: LinkType,
    pub bytes: Vec<u8>,
    /// Octets on the wire; more than `bytes` when the snap length cut it.
    pub original_len: u32,
}

/// Crafted traffic and what it shows of one requirement.
#[derive(Debug, Clone)]
pub struct Example {
    pub shows: Shows,
    pub title: &'static str,
    pub vantage: Vantage,
    pub frames: Vec<CraftedFrame>,
    /// Requirements that the same traffic cannot help breaking too.
    pub also_breaks: Vec<&'static str>,
}

pub fn holds(title: &'static str, script: impl FnOnce(&mut Trace)) -> Example {
    Trace::play(Shows::Holds, title, script)
}

pub fn violates(title: &'static str, script: impl FnOnce(&mut Trace)) -> Example {
    Trace::play(Shows::Violates, title, script)
}

pub fn abstains(title: &'static str, script: impl FnOnce(&mut Trace)) -> Example {
    Trace::play(Shows::Abstains, title, script)
}

/// When an example's first frame is seen.
pub const START: Instant = Instant(1_700_000_000_000_000_000);
/// The port that `server()` listens on unless told otherwise.
pub const SERVER_PORT: u16 = 80;
/// The client's port until `connection` chooses another.
pub const CLIENT_PORT: u16 = 40_000;

const CLIENT_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const SERVER_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
const CLIENT_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
const SERVER_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Client,
    Server,
}

/// A trace in the making. Segments fill in sequence and acknowledgement numbers, timestamps and checksums by themselves, as
/// a conforming end would that has received everything sent so far; setters on the segment change what matters.
/// Numbers given to setters are relative to the ISNs, as in packet traces: the SYN is 0, the first octet of data 1.
#[derive(Debug)]
pub struct Trace {
    vantage: Vantage,
    now: Instant,
    step: Duration,
    next_in: Option<Duration>,
    ipv6: bool,
    port: u16,
    server_port: u16,
    opened: u32,
    conversations: BTreeMap<u16, Conversation>,
    ip_id: u16,
    pending: Option<Draft>,
    frames: Vec<CraftedFrame>,
    also_breaks: Vec<&'static str>,
}

/// Both ends' running numbers on one client port.
#[derive(Debug, Clone, Default)]
struct Conversation {
    iss: [u32; 2],
    /// Relative SND.NXT.
    next: [u32; 2],
    /// The SYN carried timestamps.
    timestamps: [bool; 2],
    last_tsval: [u32; 2],
}

/// A segment being described; it is sent when the next one begins.
#[derive(Debug, Clone)]
pub struct Draft {
    from: From,
    port: u16,
    time: Instant,
    seq: u32,
    ack: u32,
    flags: Flags,
    wnd: u16,
    urgent: u16,
    payload: Vec<u8>,
    options: Vec<u8>,
    timestamps: Option<(u32, u32)>,
    data_offset: Option<u8>,
    wrong_checksum: Option<u16>,
    ttl: u8,
    tos: u8,
    id: u16,
    dont_fragment: bool,
    cut: Option<usize>,
    unseen: bool,
    times: u32,
}

impl Trace {
    fn play(shows: Shows, title: &'static str, script: impl FnOnce(&mut Trace)) -> Example {
        let mut trace = Trace {
            vantage: Vantage::Auto,
            now: START,
            step: Duration::millis(10),
            next_in: Some(Duration::ZERO),
            ipv6: false,
            port: CLIENT_PORT,
            server_port: SERVER_PORT,
            opened: 0,
            conversations: BTreeMap::new(),
            ip_id: 0x1000,
            pending: None,
            frames: Vec::new(),
            also_breaks: Vec::new(),
        };
        script(&mut trace);
        trace.settle();
        Example {
            shows,
            title,
            vantage: trace.vantage,
            frames: trace.frames,
            also_breaks: trace.also_breaks,
        }
    }

    /// Where the capture is taken.
    pub fn vantage(&mut self, vantage: Vantage) {
        self.vantage = vantage;
    }

    /// Says that this traffic cannot help breaking `id` as well.
    pub fn also_breaks(&mut self, id: &'static str) {
        self.also_breaks.push(id);
    }

    /// Everything from here on goes over IPv6.
    pub fn ipv6(&mut self) {
        self.ipv6 = true;
    }

    /// The next frame comes this long after the one before it, instead of the usual step.
    pub fn after(&mut self, gap: Duration) {
        self.settle();
        self.next_in = Some(gap);
    }

    /// The usual gap between two frames; 10 ms at first.
    pub fn step(&mut self, step: Duration) {
        self.step = step;
    }

    /// From here on the client uses `port`: another connection, or back to one.
    pub fn connection(&mut self, port: u16) {
        self.settle();
        self.port = port;
    }

    /// The server's port from here on.
    pub fn server_port(&mut self, port: u16) {
        self.settle();
        self.server_port = port;
    }

    /// The same four-tuple begins anew, with new ISNs.
    pub fn reopen(&mut self) {
        self.settle();
        self.conversations.remove(&self.port);
    }

    /// Chooses both ISNs of the present connection; call before its first segment.
    pub fn isns(&mut self, client: u32, server: u32) {
        self.settle();
        self.conversation().iss = [client, server];
    }

    /// SYN, SYN-ACK, ACK: MSS 1460, SACK permitted, window scale 0, no timestamps.
    pub fn handshake(&mut self) {
        self.client().syn().mss(1460).sack_permitted().scale(0);
        self.server().syn().mss(1460).sack_permitted().scale(0);
        self.client();
    }

    /// The same with timestamps.
    pub fn handshake_with_timestamps(&mut self) {
        self.client().syn().mss(1460).sack_permitted().timestamps().scale(0);
        self.server().syn().mss(1460).sack_permitted().timestamps().scale(0);
        self.client();
    }

    /// The plain one, with a server that offers no more than this window.
    pub fn handshake_with_server_window(&mut self, wnd: u16) {
        self.client().syn().mss(1460);
        self.server().syn().mss(1460).wnd(wnd);
        self.client();
    }

    /// Without any option but MSS.
    pub fn plain_handshake(&mut self) {
        self.client().syn().mss(1460);
        self.server().syn().mss(1460);
        self.client();
    }

    /// FIN and ACK both ways, the client first.
    pub fn close(&mut self) {
        self.client().fin();
        self.server();
        self.server().fin();
        self.client();
    }

    /// A segment from the client: an acknowledgement until told otherwise.
    pub fn client(&mut self) -> &mut Draft {
        self.draft(From::Client)
    }

    /// A segment from the server: an acknowledgement until told otherwise.
    pub fn server(&mut self) -> &mut Draft {
        self.draft(From::Server)
    }

    /// A connection with a request and its response, each in one segment.
    pub fn http(&mut self, request: &str, response: &str) {
        self.handshake();
        self.client().bytes(request.as_bytes());
        self.server().bytes(response.as_bytes());
        self.client();
    }

    /// A UDP datagram from the client to the server.
    pub fn udp(&mut self, source_port: u16, destination_port: u16, payload: &[u8]) {
        self.datagram(From::Client, source_port, destination_port, payload);
    }

    /// A UDP datagram from the server to the client.
    pub fn udp_from_server(&mut self, source_port: u16, destination_port: u16, payload: &[u8]) {
        self.datagram(From::Server, source_port, destination_port, payload);
    }

    /// A UDP datagram from the client whose right header was changed.
    pub fn udp_changed(&mut self, payload: &[u8], change: impl FnOnce(&mut wire::udp::Udp<'_>)) {
        let (source, destination) = self.addresses();
        self.emit_udp_changed((source, destination), (1000, 2000), payload, change);
    }

    /// An IPv4 datagram from the client with this header.
    pub fn ipv4(&mut self, header: IpHeader, protocol: u8, payload: &[u8]) {
        let bytes = header.datagram(protocol, payload);
        self.ip(&bytes);
    }

    /// The same on an Ethernet.
    pub fn ipv4_on_ethernet(&mut self, header: IpHeader, protocol: u8, payload: &[u8]) {
        let addresses = [0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00];
        let frame = [&addresses[..], &header.datagram(protocol, payload)].concat();
        self.ethernet(&frame);
    }

    /// An IPv6 packet from `source` to the server, its payload as it stands; an ICMPv6 checksum is filled in.
    pub fn ipv6_from(&mut self, source: &str, next_header: u8, payload: &[u8]) {
        let source = source.parse().map_or(CLIENT_V6, IpAddr::V6);
        let mut payload = payload.to_vec();
        if let (58, Some(field)) = (next_header, payload.get(2..4)) {
            let _ = field;
            let sum = wire::checksum::Sum::default()
                .pseudo_header(source, SERVER_V6, 58, payload.len() as u32)
                .add(&payload);
            payload[2..4].copy_from_slice(&sum.checksum().to_be_bytes());
        }
        let layer = IpLayer {
            source,
            destination: SERVER_V6,
            protocol: next_header,
            ttl: 64,
            tos: 0,
            id: 0,
            dont_fragment: true,
        };
        let bytes = layer.wrap(&payload);
        self.ip(&bytes);
    }

    /// An ICMP message from the client, identifier 1 and sequence number 1 where it has any.
    pub fn icmp(&mut self, icmp_type: u8, code: u8, payload: &[u8]) {
        self.icmp_changed(icmp_type, code, payload, |_| {});
    }

    /// The same with its right header changed.
    pub fn icmp_changed(
        &mut self,
        icmp_type: u8,
        code: u8,
        payload: &[u8],
        change: impl FnOnce(&mut wire::icmpv4::Icmpv4<'_>),
    ) {
        let message = icmp_message(icmp_type, code, payload, [0, 1, 0, 1], change);
        self.ipv4(IpHeader::default(), 1, &message);
    }

    /// An ICMP message from the server.
    pub fn icmp_from_server(&mut self, icmp_type: u8, code: u8, payload: &[u8]) {
        let message = icmp_message(icmp_type, code, payload, [0, 1, 0, 1], |_| {});
        let header = IpHeader::default();
        self.ipv4(
            IpHeader {
                source: header.destination,
                destination: header.source,
                ..header
            },
            1,
            &message,
        );
    }

    /// An ICMP error from the client about a datagram that the server sent.
    pub fn icmp_error(&mut self, icmp_type: u8, code: u8) {
        self.icmp_error_about(icmp_type, code, IpHeader::default(), 253, 8);
    }

    /// An ICMP error from the client about a datagram with this header: `quoted` octets of its data come back (for protocol 1,
    /// eight of an ICMP message of type `quoted`).
    pub fn icmp_error_about(&mut self, icmp_type: u8, code: u8, header: IpHeader, protocol: u8, quoted: u8) {
        let data = if protocol == 1 {
            vec![quoted, 0, 0, 0, 0, 0, 0, 0]
        } else {
            vec![0; 8]
        };
        let whole = header.datagram(protocol, &data);
        let kept = if protocol == 1 {
            whole.len()
        } else {
            20 + usize::from(quoted)
        };
        let message = icmp_message(icmp_type, code, &whole[..kept.min(whole.len())], [0; 4], |_| {});
        self.ipv4(IpHeader::default(), 1, &message);
    }

    /// An IP datagram as it stands, version 4 or 6.
    pub fn ip(&mut self, datagram: &[u8]) {
        self.frame(LinkType::RAW, datagram);
    }

    /// An Ethernet frame as it stands.
    pub fn ethernet(&mut self, frame: &[u8]) {
        self.frame(LinkType::ETHERNET, frame);
    }

    /// Any frame as it stands.
    pub fn frame(&mut self, link: LinkType, bytes: &[u8]) {
        self.settle();
        let time = self.tick();
        self.frames.push(CraftedFrame {
            time,
            link,
            bytes: bytes.to_vec(),
            original_len: bytes.len() as u32,
        });
    }

    /// The client's and the server's address.
    pub fn addresses(&self) -> (IpAddr, IpAddr) {
        if self.ipv6 {
            (CLIENT_V6, SERVER_V6)
        } else {
            (CLIENT_V4, SERVER_V4)
        }
    }

    /// Time passes with nothing seen until another, unrelated host sends a frame: absence shows only when a capture goes on.
    pub fn quiet(&mut self, gap: Duration) {
        self.after(gap);
        let bystander = |last| IpAddr::V4(Ipv4Addr::new(198, 51, 100, last));
        self.emit_udp(bystander(1), bystander(2), 9, 9, b"later");
    }

    fn datagram(&mut self, from: From, source_port: u16, destination_port: u16, payload: &[u8]) {
        let (client, server) = self.addresses();
        let (source, destination) = if from == From::Client {
            (client, server)
        } else {
            (server, client)
        };
        self.emit_udp(source, destination, source_port, destination_port, payload);
    }

    fn emit_udp(
        &mut self,
        source: IpAddr,
        destination: IpAddr,
        source_port: u16,
        destination_port: u16,
        payload: &[u8],
    ) {
        self.emit_udp_changed((source, destination), (source_port, destination_port), payload, |_| {});
    }

    fn emit_udp_changed(
        &mut self,
        (source, destination): (IpAddr, IpAddr),
        (source_port, destination_port): (u16, u16),
        payload: &[u8],
        change: impl FnOnce(&mut wire::udp::Udp<'_>),
    ) {
        self.settle();
        let time = self.tick();
        self.ip_id = self.ip_id.wrapping_add(1);
        let mut udp = wire::udp::Udp {
            source_port,
            destination_port,
            length: (8 + payload.len()).min(65_535) as u16,
            checksum: 0,
            payload,
            surplus: &[],
            missing: 0,
        };
        udp.checksum = udp.correct_checksum(source, destination);
        change(&mut udp);
        let mut segment = Vec::new();
        udp.emit(&mut segment);
        let layer = IpLayer {
            source,
            destination,
            protocol: 17,
            ttl: 64,
            tos: 0,
            id: self.ip_id,
            dont_fragment: false,
        };
        let bytes = layer.wrap(&segment);
        self.frames.push(CraftedFrame {
            time,
            link: LinkType::RAW,
            original_len: bytes.len() as u32,
            bytes,
        });
    }

    fn tick(&mut self) -> Instant {
        self.now += self.next_in.take().unwrap_or(self.step);
        self.now
    }

    fn conversation(&mut self) -> &mut Conversation {
        let opened = &mut self.opened;
        self.conversations.entry(self.port).or_insert_with(|| {
            *opened += 1;
            // Spread so that no two connections look related (RFC 6528).
            let spread = opened.wrapping_mul(0x9e37_79b9);
            let iss = [spread ^ 0x1357_9bdf, spread.rotate_left(13) ^ 0x8ace_0246];
            Conversation {
                iss,
                ..Conversation::default()
            }
        })
    }

    fn draft(&mut self, from: From) -> &mut Draft {
        self.settle();
        let time = self.tick();
        let port = self.port;
        self.ip_id = self.ip_id.wrapping_add(1);
        let id = self.ip_id;
        let talk = self.conversation();
        let (me, peer) = (from as usize, 1 - from as usize);
        // Each end's timestamp clock ticks in milliseconds from a start of its own.
        let clock = ((time - START).0 / 1_000_000) as u32;
        let tsval = clock.wrapping_add([7_000, 90_000][me]);
        let timestamps = (talk.timestamps[0] && talk.timestamps[1]).then_some((tsval, talk.last_tsval[peer]));
        let draft = Draft {
            from,
            port,
            time,
            seq: talk.next[me],
            ack: talk.next[peer],
            flags: Flags::ACK,
            wnd: 65_535,
            urgent: 0,
            payload: Vec::new(),
            options: Vec::new(),
            timestamps,
            data_offset: None,
            wrong_checksum: None,
            ttl: 64,
            tos: 0,
            id,
            dont_fragment: true,
            cut: None,
            unseen: false,
            times: 1,
        };
        self.pending.insert(draft)
    }

    /// Sends the segment that was being described.
    fn settle(&mut self) {
        let Some(draft) = self.pending.take() else { return };
        let (client, server) = self.addresses();
        let (server_port, port) = (self.server_port, self.port);
        self.port = draft.port;
        let talk = self.conversation();
        let (me, peer) = (draft.from as usize, 1 - draft.from as usize);
        let occupied = draft.payload.len() as u32 + u32::from(draft.flags.syn()) + u32::from(draft.flags.fin());
        if !draft.flags.rst() {
            talk.next[me] = talk.next[me].max(draft.seq.wrapping_add(occupied));
        }
        if let Some((tsval, _)) = draft.timestamps {
            talk.last_tsval[me] = tsval;
            talk.timestamps[me] |= draft.flags.syn();
        }
        let iss = [talk.iss[me], talk.iss[peer]];
        self.port = port;
        if draft.unseen {
            return;
        }
        let (source, destination, ports) = match draft.from {
            From::Client => (client, server, (draft.port, server_port)),
            From::Server => (server, client, (server_port, draft.port)),
        };
        let bytes = draft.render(source, destination, ports, iss);
        let original_len = bytes.len() as u32;
        let kept = draft.cut.unwrap_or(bytes.len()).min(bytes.len());
        for _ in 0..draft.times {
            let bytes = bytes[..kept].to_vec();
            self.frames.push(CraftedFrame {
                time: draft.time,
                link: LinkType::RAW,
                bytes,
                original_len,
            });
        }
    }
}

impl Draft {
    /// `len` octets of data that depend on their place in the stream, so that a retransmission carries the same.
    pub fn data(&mut self, len: usize) -> &mut Draft {
        let first = self.seq;
        self.payload = (0..len as u32).map(|i| (first.wrapping_add(i) % 251) as u8).collect();
        self
    }
    /// These octets as data, with PSH.
    pub fn bytes(&mut self, data: &[u8]) -> &mut Draft {
        self.payload = data.to_vec();
        self.flags = self.flags.with(Flags::PSH);
        self
    }
    pub fn psh(&mut self) -> &mut Draft {
        self.set(Flags::PSH)
    }
    /// The first SYN has no ACK; the second acknowledges it.
    pub fn syn(&mut self) -> &mut Draft {
        if self.from == From::Client || self.ack == 0 {
            self.flags = Flags::SYN;
        }
        self.timestamps = None;
        self.set(Flags::SYN)
    }
    pub fn fin(&mut self) -> &mut Draft {
        self.set(Flags::FIN)
    }
    pub fn rst(&mut self) -> &mut Draft {
        self.set(Flags::RST)
    }
    /// RST without ACK.
    pub fn bare_rst(&mut self) -> &mut Draft {
        self.flags = Flags::RST;
        self
    }
    pub fn urg(&mut self, pointer: u16) -> &mut Draft {
        self.urgent = pointer;
        self.set(Flags::URG)
    }
    pub fn set(&mut self, flags: Flags) -> &mut Draft {
        self.flags = self.flags.with(flags);
        self
    }
    /// All control bits, as given.
    pub fn flags(&mut self, flags: Flags) -> &mut Draft {
        self.flags = flags;
        self
    }
    /// The reserved bits, 0..=7.
    pub fn reserved(&mut self, bits: u16) -> &mut Draft {
        self.flags = Flags(self.flags.0 | bits << 9);
        self
    }
    /// Relative to my ISN. Call before `data`, whose octets depend on it.
    pub fn seq(&mut self, seq: u32) -> &mut Draft {
        self.seq = seq;
        self
    }
    /// Relative to the peer's ISN.
    pub fn ack(&mut self, ack: u32) -> &mut Draft {
        self.ack = ack;
        self
    }
    /// What it acknowledges so far, relative to the peer's ISN.
    pub fn acknowledges(&self) -> u32 {
        self.ack
    }
    /// The window field as sent.
    pub fn wnd(&mut self, wnd: u16) -> &mut Draft {
        self.wnd = wnd;
        self
    }
    pub fn mss(&mut self, mss: u16) -> &mut Draft {
        self.option(TcpOption::MaximumSegmentSize(mss))
    }
    pub fn scale(&mut self, shift: u8) -> &mut Draft {
        self.option(TcpOption::NoOperation)
            .option(TcpOption::WindowScale(shift))
    }
    pub fn sack_permitted(&mut self) -> &mut Draft {
        self.option(TcpOption::NoOperation)
            .option(TcpOption::NoOperation)
            .option(TcpOption::SackPermitted)
    }
    /// A timestamps option on a SYN, with the end's own clock. Once both SYNs have one it goes on every segment by itself.
    pub fn timestamps(&mut self) -> &mut Draft {
        let clock = ((self.time - START).0 / 1_000_000) as u32;
        let value = clock.wrapping_add([7_000, 90_000][self.from as usize]);
        // The server's SYN-ACK echoes the client's SYN, which is the only TSval it can have seen.
        let echo = if self.flags.ack() { 7_000 } else { 0 };
        self.ts(value, echo)
    }
    /// TSval and TSecr as given.
    pub fn ts(&mut self, value: u32, echo: u32) -> &mut Draft {
        self.timestamps = Some((value, echo));
        self
    }
    pub fn no_timestamps(&mut self) -> &mut Draft {
        self.timestamps = None;
        self
    }
    /// SACK blocks, relative to the peer's ISN.
    pub fn sack(&mut self, blocks: &[(u32, u32)]) -> &mut Draft {
        // Rendered later with the peer's ISN added; until then they stand as a private marker option.
        self.options.extend([1, 1, 5, (2 + 8 * blocks.len()) as u8]);
        for (left, right) in blocks {
            self.options.extend(left.to_be_bytes());
            self.options.extend(right.to_be_bytes());
        }
        self
    }
    pub fn option(&mut self, option: TcpOption<'_>) -> &mut Draft {
        option.emit(&mut self.options);
        self
    }
    /// Option bytes as they stand; padded to a multiple of four with zeros.
    pub fn raw_options(&mut self, bytes: &[u8]) -> &mut Draft {
        self.options.extend(bytes);
        self
    }
    /// In words, whatever the options' length.
    pub fn data_offset(&mut self, words: u8) -> &mut Draft {
        self.data_offset = Some(words);
        self
    }
    /// The checksum field is the right one XOR `change`.
    pub fn wrong_checksum(&mut self, change: u16) -> &mut Draft {
        self.wrong_checksum = Some(change);
        self
    }
    pub fn ttl(&mut self, ttl: u8) -> &mut Draft {
        self.ttl = ttl;
        self
    }
    /// DSCP and ECN.
    pub fn tos(&mut self, tos: u8) -> &mut Draft {
        self.tos = tos;
        self
    }
    pub fn id(&mut self, id: u16) -> &mut Draft {
        self.id = id;
        self
    }
    /// Cut by the snap length after this many octets of the datagram.
    pub fn cut(&mut self, octets: usize) -> &mut Draft {
        self.cut = Some(octets);
        self
    }
    /// Sent, but the capture misses it.
    pub fn unseen(&mut self) -> &mut Draft {
        self.unseen = true;
        self
    }
    /// The capture point sees it twice.
    pub fn seen_twice(&mut self) -> &mut Draft {
        self.times = 2;
        self
    }

    fn render(&self, source: IpAddr, destination: IpAddr, ports: (u16, u16), iss: [u32; 2]) -> Vec<u8> {
        let mut options = self.options_on_the_wire(iss[1]);
        options.resize(options.len().next_multiple_of(4), 0);
        let words = self.data_offset.unwrap_or(5 + (options.len() / 4) as u8);
        let mut tcp = wire::tcp::Tcp {
            source_port: ports.0,
            destination_port: ports.1,
            seq: SeqNumber(iss[0]) + self.seq,
            ack: if self.flags.ack() {
                SeqNumber(iss[1]) + self.ack
            } else {
                SeqNumber(0)
            },
            data_offset: words,
            flags: self.flags,
            window: self.wnd,
            checksum: 0,
            urgent_pointer: self.urgent,
            raw_options: &options,
            payload: &self.payload,
        };
        let mut segment = Vec::new();
        tcp.emit(&mut segment);
        let sum = wire::checksum::Sum::default()
            .pseudo_header(source, destination, 6, segment.len() as u32)
            .add(&segment);
        tcp.checksum = sum.checksum() ^ self.wrong_checksum.unwrap_or(0);
        segment.clear();
        tcp.emit(&mut segment);
        let Draft {
            ttl,
            tos,
            id,
            dont_fragment,
            ..
        } = *self;
        IpLayer {
            source,
            destination,
            protocol: 6,
            ttl,
            tos,
            id,
            dont_fragment,
        }
        .wrap(&segment)
    }

    fn options_on_the_wire(&self, peer_iss: u32) -> Vec<u8> {
        let mut all = Vec::new();
        if let Some((value, echo)) = self.timestamps {
            all.extend([1, 1]);
            TcpOption::Timestamps { value, echo }.emit(&mut all);
        }
        let mut rest = self.options.as_slice();
        while let [1, 1, 5, length, after @ ..] = rest {
            // A SACK option of ours: its edges are relative until now.
            let blocks = usize::from(*length).saturating_sub(2).min(after.len());
            all.extend([1, 1, 5, *length]);
            for edge in after[..blocks].chunks_exact(4) {
                let relative = u32::from_be_bytes([edge[0], edge[1], edge[2], edge[3]]);
                all.extend(relative.wrapping_add(peer_iss).to_be_bytes());
            }
            rest = &after[blocks..];
        }
        all.extend(rest);
        all
    }
}

/// An IPv4 header from the client to the server; change what matters.
#[derive(Debug, Clone, Copy)]
pub struct IpHeader {
    pub source: Ipv4Addr,
    pub destination: Ipv4Addr,
    pub ttl: u8,
    /// Reserved, DF and MF.
    pub flags: u8,
    /// In octets.
    pub offset: u16,
    /// The checksum is the right one XOR this.
    pub wrong_checksum: u16,
}

impl Default for IpHeader {
    fn default() -> IpHeader {
        IpHeader {
            source: Ipv4Addr::new(192, 0, 2, 1),
            destination: Ipv4Addr::new(192, 0, 2, 2),
            ttl: 64,
            flags: 0,
            offset: 0,
            wrong_checksum: 0,
        }
    }
}

impl IpHeader {
    fn datagram(&self, protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut ip = wire::ipv4::Ipv4 {
            header_len: 20,
            dscp_ecn: 0,
            total_length: (20 + payload.len()) as u16,
            id: 7,
            flags: wire::ipv4::Flags(self.flags),
            fragment_offset: self.offset,
            ttl: self.ttl,
            protocol,
            checksum: 0,
            source: self.source,
            destination: self.destination,
            raw_options: &[],
            header: &[],
            payload,
            missing: 0,
        };
        ip.checksum = ip.correct_checksum() ^ self.wrong_checksum;
        let mut out = Vec::new();
        ip.emit(&mut out);
        out
    }
}

fn icmp_message(
    icmp_type: u8,
    code: u8,
    payload: &[u8],
    rest_of_header: [u8; 4],
    change: impl FnOnce(&mut wire::icmpv4::Icmpv4<'_>),
) -> Vec<u8> {
    let mut icmp = wire::icmpv4::Icmpv4 {
        icmp_type,
        code,
        checksum: 0,
        rest_of_header,
        payload,
    };
    icmp.checksum = icmp.correct_checksum();
    change(&mut icmp);
    let mut out = Vec::new();
    icmp.emit(&mut out);
    out
}

/// The IP header of a crafted datagram.
struct IpLayer {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    ttl: u8,
    tos: u8,
    id: u16,
    dont_fragment: bool,
}

impl IpLayer {
    fn wrap(&self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(payload.len() + 40);
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let mut ip = wire::ipv4::Ipv4 {
                    header_len: 20,
                    dscp_ecn: self.tos,
                    total_length: (20 + payload.len()).min(65_535) as u16,
                    id: self.id,
                    flags: wire::ipv4::Flags(if self.dont_fragment { 0b010 } else { 0 }),
                    fragment_offset: 0,
                    ttl: self.ttl,
                    protocol: self.protocol,
                    checksum: 0,
                    source,
                    destination,
                    raw_options: &[],
                    header: &[],
                    payload,
                    missing: 0,
                };
                ip.checksum = ip.correct_checksum();
                ip.emit(&mut out);
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                wire::ipv6::Ipv6 {
                    traffic_class: self.tos,
                    flow_label: 0,
                    payload_length: payload.len() as u16,
                    next_header: self.protocol,
                    hop_limit: self.ttl,
                    source,
                    destination,
                    header: &[],
                    payload,
                    missing: 0,
                }
                .emit(&mut out);
            }
            _ => {}
        }
        out
    }
}
