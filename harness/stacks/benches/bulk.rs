//! Bulk transfer in memory: two reference hosts, and two of smoltcp, each across a network that loses nothing and takes no time.
//!
//! Both have Ethernet's MTU, buffers of 65,535 octets and congestion control. smoltcp has no clock for timestamps here and sends none; the
//! reference is measured with and without.
//! One thread does everything: applications, both hosts, the network. `cargo bench -p stackproof-stacks --bench bulk` prints segments
//! (of both directions) per second of one core.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::socket::tcp::{CongestionControl, Socket, SocketBuffer};
use smoltcp::time::Instant as Moment;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};
use std::collections::VecDeque;
use std::net::IpAddr;
use wire::{Duration, Instant};

/// Octets of one transfer.
const OCTETS: usize = 4 << 20;
const BUFFER: usize = 65_535;
const MTU: usize = 1500;
const PORTS: (u16, u16) = (40_000, 80);
const START: Instant = Instant(1_000_000_000_000);
/// What a turn of both hosts takes.
const TURN: Duration = Duration::micros(50);

/// One end: it has packets to send, takes them, and its application writes or reads.
trait End {
    fn deliver(&mut self, now: Instant, packet: Vec<u8>);
    fn transmit(&mut self, now: Instant) -> Option<Vec<u8>>;
    fn write(&mut self, octets: &[u8]) -> usize;
    fn read(&mut self, octets: &mut [u8]) -> usize;
}

/// Sends everything from the first end to the second; how many segments it took.
fn transfer(mut ends: [impl End; 2]) -> u64 {
    let (data, mut read) = (vec![7; BUFFER], vec![0; BUFFER]);
    let (mut written, mut received, mut segments, mut now) = (0, 0, 0, START);
    while received < OCTETS {
        written += ends[0].write(&data[..BUFFER.min(OCTETS - written)]);
        for (from, to) in [(0, 1), (1, 0)] {
            while let Some(packet) = ends[from].transmit(now) {
                segments += 1;
                ends[to].deliver(now, packet);
            }
        }
        received += ends[1].read(&mut read);
        now += TURN;
        assert!(now - START < Duration::minutes(10), "the transfer stands still");
    }
    segments
}

struct Reference {
    host: tcp::Host,
    id: Option<tcp::SocketId>,
}

fn reference(timestamps: bool) -> [Reference; 2] {
    let host = |last| {
        tcp::Host::new(tcp::Config {
            timestamps,
            ..tcp::Config::new(IpAddr::from([192, 0, 2, last]))
        })
    };
    let (mut client, mut server) = (host(1), host(2));
    server.listen(PORTS.1).expect("a free port");
    let id = client
        .connect(START, PORTS.0, (IpAddr::from([192, 0, 2, 2]), PORTS.1))
        .expect("a free port");
    let end = |host, id| Reference { host, id };
    [end(client, Some(id)), end(server, None)]
}

impl End for Reference {
    fn deliver(&mut self, now: Instant, packet: Vec<u8>) {
        self.host.deliver(now, &packet);
    }
    fn transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.host.wake_at().is_some_and(|at| at <= now) {
            self.host.advance_to(now);
        }
        let mut packet = Vec::with_capacity(MTU);
        self.host.transmit(now, &mut packet).then_some(packet)
    }
    fn write(&mut self, octets: &[u8]) -> usize {
        let Some(id) = self.id else { return 0 };
        self.host
            .connection(id)
            .ok()
            .and_then(|one| one.send(octets))
            .unwrap_or(0)
    }
    fn read(&mut self, octets: &mut [u8]) -> usize {
        self.id = self.id.or_else(|| self.host.accept(PORTS.1));
        let Some(id) = self.id else { return 0 };
        self.host
            .connection(id)
            .ok()
            .and_then(|one| one.receive(octets))
            .unwrap_or(0)
    }
}

struct Smoltcp {
    queues: Queues,
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
}

#[derive(Default)]
struct Queues {
    arrived: VecDeque<Vec<u8>>,
    sent: VecDeque<Vec<u8>>,
}

fn smoltcp() -> [Smoltcp; 2] {
    [1, 2].map(|last| {
        let mut queues = Queues::default();
        let mut interface = Interface::new(Config::new(HardwareAddress::Ip), &mut queues, moment(START));
        interface.update_ip_addrs(|addresses| {
            let _ = addresses.push(IpCidr::new(IpAddress::v4(192, 0, 2, last), 24));
        });
        let buffer = || SocketBuffer::new(vec![0; BUFFER]);
        let mut socket = Socket::new(buffer(), buffer());
        socket.set_congestion_control(CongestionControl::Reno);
        if last == 1 {
            let remote = (IpAddress::v4(192, 0, 2, 2), PORTS.1);
            socket
                .connect(interface.context(), remote, PORTS.0)
                .expect("a free port");
        } else {
            socket.listen(PORTS.1).expect("a free port");
        }
        let mut sockets = SocketSet::new(Vec::new());
        let handle = sockets.add(socket);
        Smoltcp {
            queues,
            interface,
            sockets,
            handle,
        }
    })
}

fn moment(time: Instant) -> Moment {
    Moment::from_micros(time.0 / 1000)
}

impl Smoltcp {
    fn poll(&mut self, now: Instant) {
        self.interface.poll(moment(now), &mut self.queues, &mut self.sockets);
    }
    fn socket(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.handle)
    }
}

impl End for Smoltcp {
    fn deliver(&mut self, _: Instant, packet: Vec<u8>) {
        self.queues.arrived.push_back(packet);
    }
    fn transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.queues.sent.is_empty() {
            self.poll(now);
        }
        self.queues.sent.pop_front()
    }
    fn write(&mut self, octets: &[u8]) -> usize {
        let socket = self.socket();
        if socket.can_send() {
            socket.send_slice(octets).unwrap_or(0)
        } else {
            0
        }
    }
    fn read(&mut self, octets: &mut [u8]) -> usize {
        let socket = self.socket();
        if socket.can_recv() {
            socket.recv_slice(octets).unwrap_or(0)
        } else {
            0
        }
    }
}

impl Device for Queues {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Sending<'a>;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = MTU;
        capabilities.medium = Medium::Ip;
        capabilities
    }
    fn receive(&mut self, _: Moment) -> Option<(Arrived, Sending<'_>)> {
        let packet = self.arrived.pop_front()?;
        Some((Arrived(packet), Sending(&mut self.sent)))
    }
    fn transmit(&mut self, _: Moment) -> Option<Sending<'_>> {
        Some(Sending(&mut self.sent))
    }
}

struct Arrived(Vec<u8>);

impl phy::RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

struct Sending<'a>(&'a mut VecDeque<Vec<u8>>);

impl phy::TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        let mut packet = vec![0; len];
        let result = write(&mut packet);
        self.0.push_back(packet);
        result
    }
}

fn bulk(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bulk");
    for (name, timestamps) in [("reference", true), ("reference without timestamps", false)] {
        group.throughput(Throughput::Elements(transfer(reference(timestamps))));
        group.bench_function(name, |bencher| bencher.iter(|| transfer(reference(timestamps))));
    }
    group.throughput(Throughput::Elements(transfer(smoltcp())));
    group.bench_function("smoltcp", |bencher| bencher.iter(|| transfer(smoltcp())));
    group.finish();
}

criterion_group!(benches, bulk);
criterion_main!(benches);
