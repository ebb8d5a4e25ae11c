//! The TUN device: what the kernel sends, as it would be on a wire, and what it is sent.

use super::link;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
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
    device: Arc<SyncDevice>,
    mtu: u16,
    /// Each packet has a header that says how it is to be cut, and where its checksum belongs.
    offload: bool,
}

impl Device {
    /// A link that is wide enough to reach the peer. With `offload` the kernel leaves cutting and sums to it, as to most cards.
    pub fn open(address: IpAddr, peer: IpAddr, mtu: u16, offload: bool) -> io::Result<Device> {
        let builder = DeviceBuilder::new().name(NAME).mtu(mtu).offload(offload);
        let device = match address {
            IpAddr::V4(address) => builder.ipv4(address, shared(address.into(), peer).clamp(WIDEST, 24), None),
            IpAddr::V6(address) => builder.ipv6(address, shared(address.into(), peer).clamp(WIDEST, 64)),
        }
        .build_sync()?;
        if shared(address, peer) < WIDEST {
            link::reach(peer);
        }
        Ok(Device {
            device: Arc::new(device),
            mtu,
            offload,
        })
    }

    pub fn send(&self, packet: &[u8]) -> io::Result<usize> {
        if !self.offload {
            return self.device.send(packet);
        }
        // A header of zeros: nothing is left to be done.
        self.device.send(&[&[0; VIRTIO_NET_HDR_LEN], packet].concat())
    }

    /// Hands over each packet that the kernel sends, from a thread of its own, until nobody wants more.
    pub fn listen(&self, take: impl Fn(Vec<u8>) -> bool + Send + 'static) {
        let device = Arc::clone(&self.device);
        let size = usize::from(self.mtu) + ROOM;
        let count = if self.offload { SEGMENTS } else { 1 };
        std::thread::spawn(move || {
            let mut whole = vec![0; LARGEST];
            let mut segments = vec![vec![0; size]; count];
            let mut sizes = vec![0; count];
            loop {
                match device.recv_multiple(&mut whole, &mut segments, &mut sizes, 0) {
                    Ok(cut) => {
                        let mut packets = segments.iter().zip(&sizes).take(cut);
                        if !packets.all(|(segment, size)| take(segment[..*size].to_vec())) {
                            return;
                        }
                    }
                    // A packet that cannot be cut is lost, as it would be on a wire.
                    Err(error) if error.raw_os_error().is_none() => {}
                    Err(_) => return,
                }
            }
        });
    }
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
