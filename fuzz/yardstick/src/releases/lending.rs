//! smoltcp from 0.9 on: the interface borrows its device and its sockets.

use super::wire::{Arrived, Sending, Wire};
use super::{KEEPALIVE, NoData, Release, state};
use ::wire::Instant;
use stacks::{Setup, State};
use std::net::IpAddr;

macro_rules! lending {
    ($name:ident, $version:literal, $crate_name:ident, octets: $octets:ty, interface: $open:expr, congestion: $congestion:expr) => {
        pub struct $name {
            wire: Wire,
            interface: $crate_name::iface::Interface,
            sockets: $crate_name::iface::SocketSet<'static>,
        }

        const _: () = {
            use $crate_name::iface::{SocketHandle, SocketSet};
            use $crate_name::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
            use $crate_name::socket::tcp;
            use $crate_name::time::{Duration, Instant as Moment};
            use $crate_name::wire::{IpAddress, IpCidr};

            /// smoltcp's time has microseconds.
            fn moment(time: Instant) -> Moment {
                Moment::from_micros(time.0.div_euclid(1000))
            }

            impl $name {
                fn socket(&mut self, handle: SocketHandle) -> &mut tcp::Socket<'static> {
                    self.sockets.get_mut(handle)
                }
            }

            impl Release for $name {
                type Handle = SocketHandle;
                const VERSION: &'static str = $version;
                const NAGLE: bool = true;

                fn open(setup: &Setup, mut wire: Wire) -> $name {
                    let mut interface = ($open)(&mut wire, setup.seed, moment(stacks::START));
                    let length = if setup.address.is_ipv4() { 24 } else { 64 };
                    interface.update_ip_addrs(|addresses| {
                        let _ = addresses.push(IpCidr::new(IpAddress::from(setup.address), length));
                    });
                    let sockets = SocketSet::new(Vec::new());
                    $name {
                        wire,
                        interface,
                        sockets,
                    }
                }

                fn wire(&mut self) -> &mut Wire {
                    &mut self.wire
                }

                fn poll(&mut self, now: Instant) {
                    self.interface
                        .poll(moment(now), &mut self.wire, &mut self.sockets);
                }

                fn poll_at(&mut self, now: Instant) -> Option<Instant> {
                    let at = self.interface.poll_at(moment(now), &self.sockets)?;
                    Some(Instant(at.total_micros().saturating_mul(1000)))
                }

                fn fresh(&mut self, receive: usize, send: usize) -> SocketHandle {
                    let [receive, send] = [receive, send].map(|octets| tcp::SocketBuffer::new(vec![0; octets]));
                    let mut socket = tcp::Socket::new(receive, send);
                    ($congestion)(&mut socket);
                    self.sockets.add(socket)
                }

                fn listen(&mut self, handle: SocketHandle, port: u16) -> bool {
                    self.socket(handle).listen(port).is_ok()
                }

                fn connect(&mut self, handle: SocketHandle, local: (IpAddr, u16), remote: (IpAddr, u16)) -> bool {
                    let socket = self.sockets.get_mut::<tcp::Socket<'_>>(handle);
                    let remote = (IpAddress::from(remote.0), remote.1);
                    socket.connect(self.interface.context(), remote, local.1).is_ok()
                }

                fn state(&mut self, handle: SocketHandle) -> State {
                    state!(tcp::State, self.socket(handle).state())
                }

                fn send(&mut self, handle: SocketHandle, data: &[u8]) -> Option<usize> {
                    self.socket(handle).send_slice(data).ok()
                }

                fn receive(&mut self, handle: SocketHandle, data: &mut [u8]) -> Result<usize, NoData> {
                    self.socket(handle).recv_slice(data).map_err(|error| match error {
                        tcp::RecvError::Finished => NoData::Finished,
                        tcp::RecvError::InvalidState => NoData::InvalidState,
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

            impl Device for Wire {
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
                    (!self.is_full()).then_some(Sending(&mut self.sent))
                }
            }

            impl RxToken for Arrived {
                #[allow(unused_mut, reason = "some releases read through a mutable reference")]
                fn consume<R, F: FnOnce($octets) -> R>(mut self, read: F) -> R {
                    read(&mut self.0)
                }
            }

            impl TxToken for Sending<'_> {
                fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
                    self.write(len, write)
                }
            }
        };
    };
}

/// From 0.10 on an interface knows its kind and the time from the beginning.
macro_rules! timed {
    ($crate_name:ident) => {
        |wire: &mut Wire, seed: u64, now: $crate_name::time::Instant| {
            let mut config = $crate_name::iface::Config::new($crate_name::wire::HardwareAddress::Ip);
            config.random_seed = seed;
            $crate_name::iface::Interface::new(config, wire, now)
        }
    };
}

/// From 0.12 on: RFC 9293 MUST-19 asks for congestion control; smoltcp leaves the choice to the application.
macro_rules! reno {
    ($crate_name:ident) => {
        |socket: &mut $crate_name::socket::tcp::Socket<'static>| {
            socket.set_congestion_control($crate_name::socket::tcp::CongestionControl::Reno);
        }
    };
}

lending!(
    V0_9, "0.9.1", smoltcp_0_9, octets: &mut [u8],
    interface: |wire: &mut Wire, seed: u64, _| {
        let mut config = smoltcp_0_9::iface::Config::new();
        config.random_seed = seed;
        smoltcp_0_9::iface::Interface::new(config, wire)
    },
    congestion: |_: &mut _| {}
);
lending!(
    V0_10, "0.10.0", smoltcp_0_10, octets: &mut [u8], interface: timed!(smoltcp_0_10), congestion: |_: &mut _| {}
);
lending!(
    V0_11, "0.11.0", smoltcp_0_11, octets: &mut [u8], interface: timed!(smoltcp_0_11), congestion: |_: &mut _| {}
);
lending!(
    V0_12, "0.12.0", smoltcp_0_12, octets: &[u8], interface: timed!(smoltcp_0_12), congestion: reno!(smoltcp_0_12)
);
lending!(
    V0_13, "0.13.0", smoltcp_0_13, octets: &[u8], interface: timed!(smoltcp_0_13), congestion: reno!(smoltcp_0_13)
);
lending!(
    V0_14, "0.14.0", smoltcp_0_14, octets: &[u8], interface: timed!(smoltcp_0_14), congestion: reno!(smoltcp_0_14)
);
