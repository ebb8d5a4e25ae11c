//! smoltcp 0.6 and 0.7: Ethernet alone. A neighbour stands between them and the peer: it adds and removes link headers, and answers
//! ARP.

use super::wire::{Arrived, Sending, Wire};
use super::{KEEPALIVE, NoData, Release, state};
use ::wire::Instant;
use stacks::{Setup, State};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Octets of an Ethernet header: destination, source, type.
const HEADER: usize = 14;
const ITS: [u8; 6] = [2, 0, 0, 0, 0, 1];
const OURS: [u8; 6] = [2, 0, 0, 0, 0, 2];
const IPV4: [u8; 2] = [0x08, 0x00];
const ARP: [u8; 2] = [0x08, 0x06];
const IPV6: [u8; 2] = [0x86, 0xdd];

macro_rules! ethernet {
    ($name:ident, $version:literal, $crate_name:ident, interface: $interface:ty, sockets: $sockets:ty, end: $end:expr) => {
        pub struct $name {
            interface: $interface,
            sockets: $sockets,
            /// Whose ARP is answered.
            outside: Wire,
        }

        const _: () = {
            use $crate_name::Result as Outcome;
            use $crate_name::iface::{EthernetInterfaceBuilder, NeighborCache};
            use $crate_name::phy::{Device, DeviceCapabilities, RxToken, TxToken};
            use $crate_name::socket::{SocketHandle, SocketSet, TcpSocket, TcpSocketBuffer, TcpState};
            use $crate_name::time::{Duration, Instant as Moment};
            use $crate_name::wire::{EthernetAddress, IpAddress, IpCidr};

            /// smoltcp's time has milliseconds.
            fn moment(time: Instant) -> Moment {
                Moment::from_millis(time.0.div_euclid(1_000_000))
            }

            impl Release for $name {
                type Handle = SocketHandle;
                const VERSION: &'static str = $version;
                const NAGLE: bool = false;

                fn open(setup: &Setup, outside: Wire) -> $name {
                    let length = if setup.address.is_ipv4() { 24 } else { 64 };
                    let address = IpCidr::new(IpAddress::from(setup.address), length);
                    let builder = EthernetInterfaceBuilder::new(Wire::new(setup.mtu + HEADER as u16));
                    let builder = builder.ethernet_addr(EthernetAddress(ITS));
                    let builder = builder.neighbor_cache(NeighborCache::new(BTreeMap::new()));
                    let interface = builder.ip_addrs(vec![address]).finalize();
                    let sockets = SocketSet::new(Vec::new());
                    $name {
                        interface,
                        sockets,
                        outside,
                    }
                }

                fn wire(&mut self) -> &mut Wire {
                    &mut self.outside
                }

                fn poll(&mut self, now: Instant) {
                    let inside = self.interface.device_mut();
                    inside.arrived.extend(self.outside.arrived.drain(..).map(framed));
                    loop {
                        // What it cannot take it says; the peer hears nothing of it.
                        let _ = self.interface.poll(&mut self.sockets, moment(now));
                        let inside = self.interface.device_mut();
                        while let Some(frame) = inside.sent.pop_front() {
                            match answer(&frame) {
                                Some(answer) => inside.arrived.push_back(answer),
                                None => self.outside.sent.extend(unframed(&frame)),
                            }
                        }
                        if inside.arrived.is_empty() {
                            break;
                        }
                    }
                }

                fn poll_at(&mut self, now: Instant) -> Option<Instant> {
                    let at = self.interface.poll_at(&self.sockets, moment(now))?;
                    Some(Instant(at.total_millis().saturating_mul(1_000_000)))
                }

                fn fresh(&mut self, receive: usize, send: usize) -> SocketHandle {
                    let [receive, send] = [receive, send].map(|octets| TcpSocketBuffer::new(vec![0; octets]));
                    self.sockets.add(TcpSocket::new(receive, send))
                }

                fn listen(&mut self, handle: SocketHandle, port: u16) -> bool {
                    self.sockets.get::<TcpSocket<'_>>(handle).listen(port).is_ok()
                }

                fn connect(&mut self, handle: SocketHandle, local: (IpAddr, u16), remote: (IpAddr, u16)) -> bool {
                    let [remote, local] = [remote, local].map(|(address, port)| (IpAddress::from(address), port));
                    self.sockets
                        .get::<TcpSocket<'_>>(handle)
                        .connect(remote, local)
                        .is_ok()
                }

                fn state(&mut self, handle: SocketHandle) -> State {
                    state!(TcpState, self.sockets.get::<TcpSocket<'_>>(handle).state())
                }

                fn send(&mut self, handle: SocketHandle, data: &[u8]) -> Option<usize> {
                    self.sockets.get::<TcpSocket<'_>>(handle).send_slice(data).ok()
                }

                fn receive(&mut self, handle: SocketHandle, data: &mut [u8]) -> Result<usize, NoData> {
                    let mut socket = self.sockets.get::<TcpSocket<'_>>(handle);
                    let end: fn($crate_name::Error, State) -> NoData = $end;
                    let received = socket.recv_slice(data);
                    received.map_err(|error| end(error, state!(TcpState, socket.state())))
                }

                fn close(&mut self, handle: SocketHandle) {
                    self.sockets.get::<TcpSocket<'_>>(handle).close();
                }

                fn abort(&mut self, handle: SocketHandle) {
                    self.sockets.get::<TcpSocket<'_>>(handle).abort();
                }

                fn keepalive(&mut self, handle: SocketHandle, on: bool) {
                    let interval = on.then_some(Duration::from_secs(KEEPALIVE));
                    self.sockets.get::<TcpSocket<'_>>(handle).set_keep_alive(interval);
                }

                fn nagle(&mut self, _: SocketHandle, _: bool) {}
            }

            impl<'a> Device<'a> for Wire {
                type RxToken = Arrived;
                type TxToken = Sending<'a>;

                fn capabilities(&self) -> DeviceCapabilities {
                    let mut capabilities = DeviceCapabilities::default();
                    capabilities.max_transmission_unit = self.mtu;
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
        };
    };
}

ethernet!(
    V0_6, "0.6.0", smoltcp_0_6,
    interface: smoltcp_0_6::iface::EthernetInterface<'static, 'static, 'static, Wire>,
    sockets: smoltcp_0_6::socket::SocketSet<'static, 'static, 'static>,
    // It has one error for a stream that ended and for one that broke.
    end: |_, state| match state {
        State::CloseWait | State::Closing | State::LastAck | State::TimeWait => NoData::Finished,
        _ => NoData::InvalidState,
    }
);
ethernet!(
    V0_7, "0.7.0", smoltcp_0_7,
    interface: smoltcp_0_7::iface::EthernetInterface<'static, Wire>,
    sockets: smoltcp_0_7::socket::SocketSet<'static>,
    end: |error, _| match error {
        smoltcp_0_7::Error::Finished => NoData::Finished,
        _ => NoData::InvalidState,
    }
);

fn framed(packet: Vec<u8>) -> Vec<u8> {
    let kind = match packet.first() {
        Some(first) if first >> 4 == 6 => IPV6,
        _ => IPV4,
    };
    frame(kind, &packet)
}

fn frame(kind: [u8; 2], payload: &[u8]) -> Vec<u8> {
    [&ITS[..], &OURS, &kind, payload].concat()
}

/// The packet in a frame, if it is one of IP.
fn unframed(frame: &[u8]) -> Option<Vec<u8>> {
    let (header, packet) = frame.split_at_checked(HEADER)?;
    (header.ends_with(&IPV4) || header.ends_with(&IPV6)).then(|| packet.to_vec())
}

/// What the neighbour says to an ARP request (RFC 826): every address is its own.
fn answer(request: &[u8]) -> Option<Vec<u8>> {
    let (header, packet) = request.split_at_checked(HEADER)?;
    // Hardware and protocol, their lengths, and the operation; then the two addresses of each end.
    let (fixed, addresses) = packet.split_at_checked(8)?;
    let (asks, asked) = (addresses.get(..10)?, addresses.get(16..20)?);
    if !header.ends_with(&ARP) || fixed != [0, 1, 8, 0, 6, 4, 0, 1] {
        return None;
    }
    Some(frame(
        ARP,
        &[&[0, 1, 8, 0, 6, 4, 0, 2], &OURS[..], asked, asks].concat(),
    ))
}
