//! The reference alone: packets of any octets and calls, and every packet that it sends looked at.
//!
//! The conversation targets never send a header that cannot be read, a fragment, IP options or extension headers, or another
//! protocol than TCP, UDP and ICMP. Here nothing but addresses and lengths is mended, and mostly checksums.

use crate::conversation::is_known;
use arbitrary::{Result, Unstructured};
use conformance::tracker::Vantage;
use conformance::{FrameInfo, Inspector, Level, Settings};
use stacks::{Setup, Socket, Stack};
use std::collections::BTreeSet;
use std::net::IpAddr;
use suite::Family;
use wire::checksum::Sum;
use wire::frame::{Flow, Layer, Sink, decode_ip};
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::link::LinkType;
use wire::{Duration, FrameNumber, Instant, protocol};

/// Packets that one event may prompt: a window of the smallest segments is fewer.
const MOST_PACKETS: u32 = 2_000;
const MOST_EVENTS: usize = 64;
/// Times that a stack may ask to be woken within the longest wait, nine minutes.
const MOST_WAKES: u32 = 10_000;
const PORT: u16 = 80;

pub fn host(octets: &[u8]) {
    watched(octets, &mut |_, _| {});
}

/// The same; `watch` is shown each packet, either way, as it passes.
///
/// # Panics
///
/// Upon a find.
pub fn watched(octets: &[u8], watch: &mut dyn FnMut(Instant, &[u8])) {
    let mut rest = Unstructured::new(octets);
    let family = match rest.arbitrary::<bool>() {
        Ok(true) => Family::Ipv6,
        _ => Family::Ipv4,
    };
    let (its, peer) = family.addresses();
    let mut world = World {
        stack: stacks::open("reference", &Setup::new(its, peer)).expect("the reference is always here"),
        inspector: Inspector::new(Settings {
            vantage: Vantage::Live(its),
        }),
        ends: (its, peer),
        frame: 0,
        sockets: Vec::new(),
        connections: BTreeSet::new(),
        packet: Vec::new(),
        watch,
    };
    for _ in 0..MOST_EVENTS {
        if rest.is_empty() || world.event(&mut rest).is_err() {
            break;
        }
        world.transmit();
    }
    world.finish();
}

struct World<'w> {
    stack: Box<dyn Stack>,
    inspector: Inspector,
    /// The stack's address and its peer's.
    ends: (IpAddr, IpAddr),
    frame: u32,
    sockets: Vec<Socket>,
    /// Ports, its own first, between which it has sent segments.
    connections: BTreeSet<(u16, u16)>,
    packet: Vec<u8>,
    watch: &'w mut dyn FnMut(Instant, &[u8]),
}

impl World<'_> {
    fn event(&mut self, rest: &mut Unstructured<'_>) -> Result<()> {
        let [kind, choice] = rest.arbitrary::<[u8; 2]>()?;
        match kind % 8 {
            0..4 => {
                let packet = rest.bytes(usize::from(choice).min(rest.len()))?;
                self.arrives(packet, kind & 0x80 == 0);
            }
            4..6 => self.call(choice),
            6 => self.wait(Duration::millis(1 << (choice % 20))),
            _ => {
                if let Some(time) = self.stack.wake_at() {
                    self.stack.advance_to(time);
                }
            }
        }
        Ok(())
    }

    /// A stack is woken when it asks for it: one that oversleeps looks as if its timers were wrong.
    fn wait(&mut self, long: Duration) {
        let until = self.stack.now() + long;
        for woken in 0.. {
            let wakes = self.stack.wake_at().filter(|&wakes| wakes < until);
            self.stack
                .advance_to(wakes.map_or(until, |wakes| wakes.max(self.stack.now())));
            if wakes.is_none() {
                return;
            }
            assert!(woken < MOST_WAKES, "no time passes");
            self.transmit();
        }
    }

    /// The addresses are always right: nobody else's packets are blamed on the stack.
    fn arrives(&mut self, packet: &[u8], right_checksums: bool) {
        let mut packet = packet.to_vec();
        mend(&mut packet, self.ends, right_checksums);
        self.seen(&packet);
        self.stack.deliver(&packet);
    }

    /// What the stack lacks or refuses is no find.
    fn call(&mut self, choice: u8) {
        let socket = self.sockets.last().copied().unwrap_or(Socket(0));
        if matches!(choice % 10, 7 | 8) {
            // Which connection the socket's is, nobody knows here: the checks are told of all.
            for &(here, there) in &self.connections {
                let (me, peer) = ((self.ends.0, here), (self.ends.1, there));
                self.inspector.application_left(me, peer, true);
            }
        }
        let stack = &mut self.stack;
        match choice % 10 {
            0 => drop(stack.listen(PORT)),
            1 => self.sockets.extend(stack.accept(PORT).ok().flatten()),
            2 => self.sockets.extend(stack.connect(0, (self.ends.1, PORT)).ok()),
            3 => drop(stack.send(socket, &[b'x'; 5_000])),
            4 => drop(stack.send_urgent(socket, b"now")),
            5 => drop(stack.receive(socket, 10_000)),
            6 => drop(stack.shutdown(socket)),
            7 => drop(stack.close(socket)),
            8 => drop(stack.abort(socket)),
            _ => drop(stack.status(socket)),
        }
    }

    fn transmit(&mut self) {
        let mut packet = std::mem::take(&mut self.packet);
        for sent in 0.. {
            packet.clear();
            if !self.stack.transmit(&mut packet) {
                break;
            }
            assert!(sent < MOST_PACKETS, "it sends without end");
            decode_ip(&packet, &mut Sound(&mut self.connections));
            self.seen(&packet);
        }
        self.packet = packet;
        assert!(self.stack.trouble().is_none());
    }

    fn seen(&mut self, packet: &[u8]) {
        self.frame += 1;
        (self.watch)(self.stack.now(), packet);
        let info = FrameInfo {
            number: FrameNumber(self.frame),
            time: self.stack.now(),
            link: LinkType::RAW,
            original_len: packet.len() as u32,
        };
        self.inspector.frame(info, packet);
    }

    fn finish(self) {
        let known = include_str!("../../../fuzz/known/reference.txt");
        let report = self.inspector.finish();
        for finding in report.book.findings().filter(|finding| finding.endpoint == self.ends.0) {
            let requirement = conformance::all_requirements().nth(usize::from(finding.requirement.0));
            let Some(requirement) = requirement.filter(|one| one.level <= Level::Must) else {
                continue;
            };
            assert!(
                is_known(known, requirement.id, &finding.seen),
                "{}: expected {}, seen {} in {:?}",
                requirement.id,
                finding.expected,
                finding.seen,
                finding.frames
            );
        }
    }
}

/// Whatever the reference sends can be read, and its checksums are right.
struct Sound<'c>(&'c mut BTreeSet<(u16, u16)>);

impl<'a> Sink<'a> for Sound<'_> {
    fn layer(&mut self, _: usize, layer: &Layer<'a>) -> Flow {
        match layer {
            Layer::Malformed(error) | Layer::Truncated(error) => panic!("it sends what cannot be read: {error}"),
            Layer::Ipv4(ip) => assert!(ip.checksum_ok()),
            Layer::Tcp(tcp) => drop(self.0.insert((tcp.source_port, tcp.destination_port))),
            _ => {}
        }
        // An error quotes what may be anything.
        Flow::Into
    }
}

/// Puts the right addresses, lengths and checksums into a packet, as far as it has room for them.
fn mend(packet: &mut [u8], (its, peer): (IpAddr, IpAddr), right_checksums: bool) {
    let Some(first) = packet.first_mut() else { return };
    let total = match (its, peer) {
        (IpAddr::V4(its), IpAddr::V4(peer)) => {
            *first = 0x40 | (*first & 0x0f).max(5);
            put(packet, 12, &peer.octets());
            put(packet, 16, &its.octets());
            put(packet, 2, &(packet.len() as u16).to_be_bytes());
            Ipv4::parse(packet)
                .ok()
                .map(|ip| (ip.correct_checksum(), ip.protocol, usize::from(ip.header_len)))
        }
        (IpAddr::V6(its), IpAddr::V6(peer)) => {
            *first = 0x60 | *first & 0x0f;
            put(packet, 8, &peer.octets());
            put(packet, 24, &its.octets());
            put(packet, 4, &(packet.len().saturating_sub(40) as u16).to_be_bytes());
            let upper = Ipv6::parse(packet).and_then(|ip| ip.upper_layer()).ok();
            upper.map(|upper| (0, upper.protocol, 40 + upper.extensions_len))
        }
        _ => None,
    };
    let Some((header_checksum, number, start)) = total.filter(|_| right_checksums) else {
        return;
    };
    if its.is_ipv4() {
        put(packet, 10, &header_checksum.to_be_bytes());
    }
    let at = match number {
        protocol::TCP => start + 16,
        protocol::UDP => start + 6,
        protocol::ICMPV4 | protocol::ICMPV6 => start + 2,
        _ => return,
    };
    put(packet, at, &[0, 0]);
    let data = packet.get(start..).unwrap_or_default();
    let mut sum = Sum::default();
    if number != protocol::ICMPV4 {
        sum = sum.pseudo_header(peer, its, number, data.len() as u32);
    }
    let checksum = sum.add(data).checksum();
    put(packet, at, &checksum.to_be_bytes());
}

fn put(packet: &mut [u8], at: usize, octets: &[u8]) {
    if let Some(place) = packet.get_mut(at..at + octets.len()) {
        place.copy_from_slice(octets);
    }
}
