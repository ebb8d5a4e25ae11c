//! smoltcp, in process, on virtual time. Its listening sockets take one connection each: a listener is a handful of them.

use crate::adapter::{Adapter, Trouble};
use crate::stack::{
    Abilities, Ability, CallError, Clock, Identity, Received, START, Setting, Setup, Socket, Stack, Status,
};
use crate::sums;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::socket::tcp as sockets;
use smoltcp::time::{Duration, Instant as Moment};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, IpListenEndpoint};
use std::collections::VecDeque;
use std::net::IpAddr;
use wire::Instant;

pub const ADAPTER: Adapter = Adapter {
    name: "smoltcp",
    about: "smoltcp 0.14, in process, on virtual time",
    needs: || Ok(()),
    open: |_, setup| open(setup),
};

/// The keepalive interval that applications commonly choose; smoltcp has none of its own.
const KEEPALIVE: Duration = Duration::from_secs(7200);
/// Packets that one poll may leave; more is a stack that never stops.
const MAX_QUEUED: usize = 4096;

struct Smoltcp {
    now: Instant,
    wire: Queues,
    interface: Interface,
    sockets: SocketSet<'static>,
    listening: Vec<(u16, SocketHandle)>,
    /// By the numbers that the application knows them by.
    open: Vec<SocketHandle>,
    /// Octets of a connection's buffers, to receive and to send.
    buffers: [usize; 2],
    backlog: usize,
}

/// What is on its way to the stack, and what it has sent.
struct Queues {
    mtu: usize,
    arrived: VecDeque<Vec<u8>>,
    sent: VecDeque<Vec<u8>>,
}

fn open(setup: &Setup) -> Result<Box<dyn Stack>, Trouble> {
    let mut wire = Queues {
        mtu: usize::from(setup.mtu),
        arrived: VecDeque::new(),
        sent: VecDeque::new(),
    };
    let mut config = Config::new(HardwareAddress::Ip);
    config.random_seed = setup.seed;
    let mut interface = Interface::new(config, &mut wire, moment(START));
    let length = if setup.address.is_ipv4() { 24 } else { 64 };
    interface.update_ip_addrs(|addresses| {
        let _ = addresses.push(IpCidr::new(IpAddress::from(setup.address), length));
    });
    Ok(Box::new(Smoltcp {
        now: START,
        wire,
        interface,
        sockets: SocketSet::new(Vec::new()),
        listening: Vec::new(),
        open: Vec::new(),
        buffers: [setup.receive_buffer, setup.send_buffer],
        backlog: setup.backlog,
    }))
}

/// smoltcp's time has microseconds.
fn moment(time: Instant) -> Moment {
    Moment::from_micros(time.0.div_euclid(1000))
}

impl Smoltcp {
    /// Lets it work until it has nothing more to send: a poll sends one fragment of a datagram.
    fn poll(&mut self) {
        loop {
            let before = self.wire.sent.len();
            self.interface.poll(moment(self.now), &mut self.wire, &mut self.sockets);
            if self.wire.sent.len() == before || self.wire.sent.len() >= MAX_QUEUED {
                break;
            }
        }
    }

    fn fresh(&mut self) -> SocketHandle {
        let [receive, send] = self.buffers.map(|octets| sockets::SocketBuffer::new(vec![0; octets]));
        let mut socket = sockets::Socket::new(receive, send);
        // RFC 9293 MUST-19 asks for congestion control; smoltcp leaves the choice to the application.
        socket.set_congestion_control(sockets::CongestionControl::Reno);
        self.sockets.add(socket)
    }

    fn listener(&mut self, port: u16) -> Result<(), CallError> {
        let handle = self.fresh();
        let endpoint = IpListenEndpoint { addr: None, port };
        let listened = self.socket_at(handle).listen(endpoint);
        listened.map_err(|_| CallError::BadAddress)?;
        self.listening.push((port, handle));
        Ok(())
    }

    fn socket_at(&mut self, handle: SocketHandle) -> &mut sockets::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    fn socket(&mut self, socket: Socket) -> Result<&mut sockets::Socket<'static>, CallError> {
        let handle = *self.open.get(socket.0 as usize).ok_or(CallError::NoSuchSocket)?;
        Ok(self.sockets.get_mut(handle))
    }

    fn keep(&mut self, handle: SocketHandle) -> Socket {
        self.open.push(handle);
        Socket(self.open.len() as u64 - 1)
    }
}

impl Stack for Smoltcp {
    fn identity(&self) -> Identity {
        Identity {
            name: "smoltcp".to_owned(),
            version: "0.14.0".to_owned(),
            clock: Clock::Virtual,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities::of(&[
            Ability::Listen,
            Ability::Connect,
            Ability::HalfClose,
            Ability::Keepalive,
            Ability::Nagle,
            Ability::Abort,
            Ability::Status,
            Ability::ReceiveBuffer,
        ])
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn deliver(&mut self, packet: &[u8]) {
        // Built by cargo-fuzz it takes any checksum for right: what it drops otherwise is dropped here.
        if cfg!(fuzzing) && !sums::verify(packet) {
            return;
        }
        self.wire.arrived.push_back(packet.to_vec());
        self.poll();
    }

    fn transmit(&mut self, packet: &mut Vec<u8>) -> bool {
        // Whatever could make it send has polled it already, until nothing was left.
        packet.clear();
        let Some(sent) = self.wire.sent.pop_front() else {
            return false;
        };
        *packet = sent;
        true
    }

    fn wake_at(&mut self) -> Option<Instant> {
        let at = self.interface.poll_at(moment(self.now), &self.sockets)?;
        Some(Instant(at.total_micros().saturating_mul(1000)).max(self.now))
    }

    fn advance_to(&mut self, time: Instant) {
        self.now = self.now.max(time);
        self.poll();
    }

    fn listen(&mut self, port: u16) -> Result<(), CallError> {
        (0..self.backlog).try_for_each(|_| self.listener(port))
    }

    fn accept(&mut self, port: u16) -> Result<Option<Socket>, CallError> {
        use sockets::State::{Closed, Listen, SynReceived, SynSent};
        let ready = self.listening.iter().position(|&(at, handle)| {
            let state = self.sockets.get::<sockets::Socket<'_>>(handle).state();
            at == port && !matches!(state, Closed | Listen | SynReceived | SynSent)
        });
        let Some(ready) = ready else { return Ok(None) };
        let (_, handle) = self.listening.remove(ready);
        self.listener(port)?;
        Ok(Some(self.keep(handle)))
    }

    fn connect(&mut self, port: u16, remote: (IpAddr, u16)) -> Result<Socket, CallError> {
        let port = if port == 0 { 49_152 } else { port };
        let handle = self.fresh();
        let context = self.interface.context();
        let socket = self.sockets.get_mut::<sockets::Socket<'_>>(handle);
        let opened = socket.connect(context, (IpAddress::from(remote.0), remote.1), port);
        opened.map_err(|_| CallError::BadAddress)?;
        self.poll();
        Ok(self.keep(handle))
    }

    fn send(&mut self, socket: Socket, data: &[u8]) -> Result<usize, CallError> {
        let one = self.socket(socket)?;
        let taken = one.send_slice(data).map_err(|_| match one.state() {
            sockets::State::Closed => CallError::Aborted,
            _ => CallError::Closed,
        })?;
        self.poll();
        Ok(taken)
    }

    fn receive(&mut self, socket: Socket, limit: usize) -> Result<Received, CallError> {
        let one = self.socket(socket)?;
        let mut octets = vec![0; limit.min(1 << 20)];
        let received = match one.recv_slice(&mut octets) {
            Ok(0) => Ok(Received::Nothing),
            Ok(count) => {
                octets.truncate(count);
                Ok(Received::Data(octets))
            }
            Err(sockets::RecvError::Finished) => Ok(Received::End),
            // Not yet open, or over without a word why.
            Err(sockets::RecvError::InvalidState) if one.state() == sockets::State::Closed => Err(CallError::Aborted),
            Err(sockets::RecvError::InvalidState) => Ok(Received::Nothing),
        };
        self.poll();
        received
    }

    fn shutdown(&mut self, socket: Socket) -> Result<(), CallError> {
        self.socket(socket)?.close();
        self.poll();
        Ok(())
    }

    fn close(&mut self, socket: Socket) -> Result<(), CallError> {
        self.shutdown(socket)
    }

    fn abort(&mut self, socket: Socket) -> Result<(), CallError> {
        self.socket(socket)?.abort();
        self.poll();
        Ok(())
    }

    fn status(&mut self, socket: Socket) -> Result<Status, CallError> {
        use tcp::State;
        Ok(Status::In(match self.socket(socket)?.state() {
            sockets::State::Closed => State::Closed,
            sockets::State::Listen => State::Listen,
            sockets::State::SynSent => State::SynSent,
            sockets::State::SynReceived => State::SynReceived,
            sockets::State::Established => State::Established,
            sockets::State::FinWait1 => State::FinWait1,
            sockets::State::FinWait2 => State::FinWait2,
            sockets::State::CloseWait => State::CloseWait,
            sockets::State::Closing => State::Closing,
            sockets::State::LastAck => State::LastAck,
            sockets::State::TimeWait => State::TimeWait,
        }))
    }

    fn set(&mut self, socket: Socket, setting: Setting) -> Result<(), CallError> {
        let one = self.socket(socket)?;
        match setting {
            Setting::Nagle(on) => one.set_nagle_enabled(on),
            Setting::Keepalive(on) => one.set_keep_alive(on.then_some(KEEPALIVE)),
            Setting::UserTimeout(_) => return Err(CallError::Unsupported),
        }
        self.poll();
        Ok(())
    }

    fn trouble(&self) -> Option<String> {
        (self.wire.sent.len() >= MAX_QUEUED).then(|| format!("one poll sent {MAX_QUEUED} packets"))
    }
}

impl Device for Queues {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Sending<'a>;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = self.mtu;
        capabilities.medium = Medium::Ip;
        capabilities
    }

    fn receive(&mut self, _: Moment) -> Option<(Arrived, Sending<'_>)> {
        let packet = self.arrived.pop_front()?;
        Some((Arrived(packet), Sending(&mut self.sent)))
    }

    fn transmit(&mut self, _: Moment) -> Option<Sending<'_>> {
        (self.sent.len() < MAX_QUEUED).then_some(Sending(&mut self.sent))
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
