//! The TUN device: what the kernel sends, as it would be on a wire, and what it is sent.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, RawFd};
use tun_rs::{DeviceBuilder, SyncDevice, VIRTIO_NET_HDR_LEN};

/// Segments that the kernel may hand over as one.
const SEGMENTS: usize = 1024;
/// What a segment may have beyond the MTU: nothing, and some room.
const ROOM: usize = 128;
/// Bits of a prefix at least; a peer beyond it has a route of its own.
const WIDEST: u8 = 1;
const LARGEST: usize = 65_536 + VIRTIO_NET_HDR_LEN;

/// The device's name.
pub const NAME: &str = "stackproof";

pub struct Device {
    device: SyncDevice,
    /// Each packet has a header that says how it is to be cut, and where its checksum belongs.
    offload: bool,
    /// Where a packet is read, and the segments that it is cut into.
    whole: Vec<u8>,
    segments: Vec<Vec<u8>>,
    sizes: Vec<usize>,
    cut: VecDeque<Vec<u8>>,
}

impl Device {
    /// A link that is wide enough to reach the peer. With `offload` the kernel leaves cutting and sums to it, as to most cards.
    pub fn open(address: IpAddr, peer: IpAddr, mtu: u16, offload: bool) -> io::Result<Device> {
        let builder = DeviceBuilder::new().name(NAME).mtu(mtu).offload(offload);
        let prefix = prefix(address, peer);
        let device = match address {
            IpAddr::V4(address) => builder.ipv4(address, prefix, None),
            IpAddr::V6(address) => builder.ipv6(address, prefix),
        }
        .build_sync()?;
        Device::of(device, mtu, offload)
    }

    /// A device that is there already, with whatever sits behind it.
    pub fn existing(name: &str) -> io::Result<Device> {
        let device = DeviceBuilder::new().name(name).inherit_enable_state().build_sync()?;
        Device::of(device, u16::MAX - ROOM as u16, false)
    }

    fn of(device: SyncDevice, mtu: u16, offload: bool) -> io::Result<Device> {
        device.set_nonblocking(true)?;
        let (size, count) = (usize::from(mtu) + ROOM, if offload { SEGMENTS } else { 1 });
        Ok(Device {
            device,
            offload,
            whole: vec![0; LARGEST],
            segments: vec![vec![0; size]; count],
            sizes: vec![0; count],
            cut: VecDeque::new(),
        })
    }

    pub fn send(&self, packet: &[u8]) -> io::Result<usize> {
        if !self.offload {
            return self.device.send(packet);
        }
        // A header of zeros: nothing is left to be done.
        self.device.send(&[&[0; VIRTIO_NET_HDR_LEN], packet].concat())
    }

    /// The next packet that the kernel has sent; none while there is none.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        while self.cut.is_empty() {
            let read = self
                .device
                .recv_multiple(&mut self.whole, &mut self.segments, &mut self.sizes, 0);
            match read {
                Ok(count) => {
                    let segments = self.segments.iter().zip(&self.sizes).take(count);
                    self.cut
                        .extend(segments.filter_map(|(segment, size)| Some(segment.get(..*size)?.to_vec())));
                }
                // A packet that cannot be cut is lost, as it would be on a wire.
                Err(error) if error.raw_os_error().is_none() && error.kind() != io::ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
        }
        self.cut.pop_front()
    }
}

impl AsRawFd for Device {
    fn as_raw_fd(&self) -> RawFd {
        self.device.as_raw_fd()
    }
}

/// Of the link's addresses: wide enough to reach the peer, where that can be.
pub fn prefix(address: IpAddr, peer: IpAddr) -> u8 {
    shared(address, peer).clamp(WIDEST, if address.is_ipv4() { 24 } else { 64 })
}

/// No prefix is: the peer needs a route of its own.
pub fn is_far(address: IpAddr, peer: IpAddr) -> bool {
    shared(address, peer) < WIDEST
}

/// The bits that both addresses begin with.
fn shared(one: IpAddr, other: IpAddr) -> u8 {
    let bits = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (u32::from(one) ^ u32::from(other)).leading_zeros(),
        (IpAddr::V6(one), IpAddr::V6(other)) => (u128::from(one) ^ u128::from(other)).leading_zeros(),
        _ => 0,
    };
    bits as u8
}
