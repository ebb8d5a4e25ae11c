//! smoltcp 0.8: the interface owns its device and its sockets.

use super::wire::{Arrived, Sending, Wire};
use super::{KEEPALIVE, NoData, Release, state};
use ::wire::Instant;
use smoltcp_0_8::iface::{Interface, InterfaceBuilder, SocketHandle};
use smoltcp_0_8::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp_0_8::socket::{TcpSocket, TcpSocketBuffer, TcpState};
use smoltcp_0_8::time::{Duration, Instant as Moment};
use smoltcp_0_8::wire::{IpAddress, IpCidr};
use smoltcp_0_8::{Error, Result as Outcome};
use stacks::{Setup, State};
use std::net::IpAddr;

pub struct V0_8(Interface<'static, Wire>);

/// smoltcp's time has microseconds.
fn moment(time: Instant) -> Moment {
    Moment::from_micros(time.0.div_euclid(1000))
}

impl V0_8 {
    fn socket(&mut self, handle: SocketHandle) -> &mut TcpSocket<'static> {
        self.0.get_socket(handle)
    }
}

impl Release for V0_8 {
    type Handle = SocketHandle;
    const VERSION: &'static str = "0.8.1";
    const NAGLE: bool = true;

    fn open(setup: &Setup, wire: Wire) -> V0_8 {
        let length = if setup.address.is_ipv4() { 24 } else { 64 };
        let address = IpCidr::new(IpAddress::from(setup.address), length);
        let builder = InterfaceBuilder::new(wire, Vec::new());
        V0_8(builder.ip_addrs(vec![address]).random_seed(setup.seed).finalize())
    }

    fn wire(&mut self) -> &mut Wire {
        self.0.device_mut()
    }

    fn poll(&mut self, now: Instant) {
        // What it cannot take it says; the peer hears nothing of it.
        let _ = self.0.poll(moment(now));
    }

    fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        let at = self.0.poll_at(moment(now))?;
        Some(Instant(at.total_micros().saturating_mul(1000)))
    }

    fn fresh(&mut self, receive: usize, send: usize) -> SocketHandle {
        let [receive, send] = [receive, send].map(|octets| TcpSocketBuffer::new(vec![0; octets]));
        self.0.add_socket(TcpSocket::new(receive, send))
    }

    fn listen(&mut self, handle: SocketHandle, port: u16) -> bool {
        self.socket(handle).listen(port).is_ok()
    }

    fn connect(&mut self, handle: SocketHandle, local: (IpAddr, u16), remote: (IpAddr, u16)) -> bool {
        let (socket, context) = self.0.get_socket_and_context::<TcpSocket<'_>>(handle);
        let [remote, local] = [remote, local].map(|(address, port)| (IpAddress::from(address), port));
        socket.connect(context, remote, local).is_ok()
    }

    fn state(&mut self, handle: SocketHandle) -> State {
        state!(TcpState, self.socket(handle).state())
    }

    fn send(&mut self, handle: SocketHandle, data: &[u8]) -> Option<usize> {
        self.socket(handle).send_slice(data).ok()
    }

    fn receive(&mut self, handle: SocketHandle, data: &mut [u8]) -> Result<usize, NoData> {
        self.socket(handle).recv_slice(data).map_err(|error| match error {
            Error::Finished => NoData::Finished,
            _ => NoData::InvalidState,
        })
    }

    fn close(&mut self, handle: SocketHandle) {
        self.socket(handle).close();
    }

    fn abort(&mut self, handle: SocketHandle) {
        self.socket(handle).abort();
    }

    fn keepalive(&mut self, handle: SocketHandle, on: bool) {
        self.socket(handle)
            .set_keep_alive(on.then_some(Duration::from_secs(KEEPALIVE)));
    }

    fn nagle(&mut self, handle: SocketHandle, on: bool) {
        self.socket(handle).set_nagle_enabled(on);
    }
}

impl<'a> Device<'a> for Wire {
    type RxToken = Arrived;
    type TxToken = Sending<'a>;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = self.mtu;
        capabilities.medium = Medium::Ip;
        capabilities
    }

    fn receive(&'a mut self) -> Option<(Arrived, Sending<'a>)> {
        let packet = self.arrived.pop_front()?;
        Some((Arrived(packet), Sending(&mut self.sent)))
    }

    fn transmit(&'a mut self) -> Option<Sending<'a>> {
        (!self.is_full()).then_some(Sending(&mut self.sent))
    }
}

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&mut [u8]) -> Outcome<R>>(mut self, _: Moment, read: F) -> Outcome<R> {
        read(&mut self.0)
    }
}

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> Outcome<R>>(self, _: Moment, len: usize, write: F) -> Outcome<R> {
        self.write(len, write)
    }
}
