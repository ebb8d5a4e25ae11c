//! How packets come to a kernel and from it: a TUN device, or, without access to one, a veth pair whose other end is read raw.

use super::device::{Device, NAME, prefix};
use smoltcp::phy::{Device as _, Medium, RawSocket, RxToken, TxToken, wait};
use smoltcp::time::{Duration as SmolDuration, Instant as SmolInstant};
use std::io::{Error, Result};
use std::net::{IpAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::process::Command;
use std::time::Duration;
use wire::checksum::Sum;

/// Our end; the kernel's has the name of the TUN device.
const OUR_END: &str = "stackproof-far";
/// The hardware addresses of the two: of the range that nobody is given.
const ITS_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
const OUR_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
/// Destination, source and type of an Ethernet frame.
const ETHERNET: usize = 14;

pub enum Cable {
    Tun(Box<Device>),
    Veth(RawSocket),
}

impl Cable {
    /// A TUN device of our own; the kernel gets `address` on it.
    pub fn tun(address: IpAddr, peer: IpAddr, mtu: u16, offload: bool) -> Result<Cable> {
        Ok(Cable::Tun(Box::new(Device::open(address, peer, mtu, offload)?)))
    }

    /// A TUN device that is there already, with whatever sits behind it.
    pub fn existing(name: &str) -> Result<Cable> {
        Ok(Cable::Tun(Box::new(Device::existing(name)?)))
    }

    /// A veth pair: the kernel has one end, without neighbour discovery; a raw socket reads the other.
    pub fn veth(address: IpAddr, peer: IpAddr, mtu: u16) -> Result<Cable> {
        let far_mtu = (u32::from(mtu) + 100).to_string();
        let (mtu, its, ours) = (mtu.to_string(), mac(ITS_MAC), mac(OUR_MAC));
        let address = format!("{address}/{}", prefix(address, peer));
        // One segment at a time: a card that splits large ones would hide how the kernel sends.
        for line in [
            &[
                "link",
                "add",
                NAME,
                "address",
                &its,
                "mtu",
                &mtu,
                "gso_max_segs",
                "1",
                "type",
                "veth",
                "peer",
                "name",
                OUR_END,
                "address",
                &ours,
                "mtu",
                &far_mtu,
            ][..],
            &["link", "set", NAME, "arp", "off", "up"],
            &["link", "set", OUR_END, "arp", "off", "up"],
            &["address", "add", &address, "dev", NAME, "nodad"],
        ] {
            ip(line)?;
        }
        Ok(Cable::Veth(RawSocket::new(OUR_END, Medium::Ip)?))
    }

    /// A kernel takes a moment to believe in a new cable, at either end; until then it drops what is sent. A datagram is to go out,
    /// and come back as it went, its ends exchanged.
    pub fn up(mut self, address: IpAddr, peer: IpAddr) -> Result<Cable> {
        let probe = UdpSocket::bind((address, 0))?;
        probe.set_nonblocking(true)?;
        for _ in 0..300 {
            probe.send_to(&[0], (peer, 9))?;
            self.wait(Duration::from_millis(10));
            while let Some(mut packet) = self.receive() {
                turn_round(&mut packet);
                self.send(&packet);
            }
            if probe.recv(&mut [0]).is_ok() {
                while self.receive().is_some() {}
                return Ok(self);
            }
            // It may carry one way already: then nothing above has waited.
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(Error::other("the veth pair carries nothing"))
    }

    /// What the kernel does not take, an absurd packet, is dropped as it would be on a wire.
    pub fn send(&mut self, packet: &[u8]) {
        match self {
            Cable::Tun(device) => drop(device.send(packet)),
            Cable::Veth(socket) => {
                let kind: [u8; 2] = if packet.first().is_some_and(|first| first >> 4 == 6) {
                    [0x86, 0xdd]
                } else {
                    [0x08, 0x00]
                };
                let frame = [&ITS_MAC[..], &OUR_MAC, &kind, packet].concat();
                if let Some(token) = socket.transmit(SmolInstant::ZERO) {
                    token.consume(frame.len(), |octets| octets.copy_from_slice(&frame));
                }
            }
        }
    }

    /// The next packet that the kernel has sent.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        match self {
            Cable::Tun(device) => device.receive(),
            Cable::Veth(socket) => {
                let (token, _) = socket.receive(SmolInstant::ZERO)?;
                let mut packet = token.consume(|frame| frame.get(ETHERNET..).unwrap_or_default().to_vec());
                fill_in(&mut packet);
                Some(packet)
            }
        }
    }

    /// Waits for a packet, so long at most.
    pub fn wait(&self, time: Duration) {
        // An interrupted wait is a short one.
        let _ = wait(
            self.as_raw_fd(),
            Some(SmolDuration::from_micros(time.as_micros() as u64)),
        );
    }
}

impl AsRawFd for Cable {
    fn as_raw_fd(&self) -> RawFd {
        match self {
            Cable::Tun(device) => device.as_raw_fd(),
            Cable::Veth(socket) => socket.as_raw_fd(),
        }
    }
}

/// A kernel leaves the checksums of TCP and UDP to the card, with the pseudo-header's sum in their place; this is the card.
fn fill_in(packet: &mut [u8]) {
    let Some((pseudo, header, field)) = transport(packet) else {
        return;
    };
    let whole = packet
        .get(header..)
        .map(|payload| Sum::default().add(payload).checksum());
    if let (Some(whole), Some(field)) = (whole, packet.get_mut(field..field + 2))
        && *field == pseudo.fold().to_be_bytes()
    {
        field.copy_from_slice(&whole.to_be_bytes());
    }
}

/// Exchanges addresses and ports, which leaves every checksum as it is.
fn turn_round(packet: &mut [u8]) {
    let (from, to, length, ports) = match packet.first() {
        Some(first) if first >> 4 == 4 => (12, 16, 4, usize::from(first & 15) * 4),
        _ => (8, 24, 16, 40),
    };
    for (one, other, length) in [(from, to, length), (ports, ports + 2, 2)] {
        if other + length <= packet.len() {
            for at in 0..length {
                packet.swap(one + at, other + at);
            }
        }
    }
}

/// The sum of the pseudo-header, where the transport's header begins, and where its checksum stands. A fragment has none of these.
fn transport(packet: &[u8]) -> Option<(Sum, usize, usize)> {
    let first = *packet.first()?;
    let (source, destination, protocol, header): (IpAddr, IpAddr, u8, usize) = if first >> 4 == 4 {
        let four = |at: usize| Some(IpAddr::from(<[u8; 4]>::try_from(packet.get(at..at + 4)?).ok()?));
        let fragment = u16::from_be_bytes([*packet.get(6)?, *packet.get(7)?]) & 0x3fff != 0;
        let protocol = (!fragment).then_some(*packet.get(9)?)?;
        (four(12)?, four(16)?, protocol, usize::from(first & 15) * 4)
    } else {
        let sixteen = |at: usize| Some(IpAddr::from(<[u8; 16]>::try_from(packet.get(at..at + 16)?).ok()?));
        (sixteen(8)?, sixteen(24)?, *packet.get(6)?, 40)
    };
    let checksum = match protocol {
        6 => header + 16,
        17 => header + 6,
        _ => return None,
    };
    let length = packet.len().checked_sub(header)? as u32;
    let pseudo = Sum::default().pseudo_header(source, destination, protocol, length);
    Some((pseudo, header, checksum))
}

fn mac(octets: [u8; 6]) -> String {
    octets.map(|octet| format!("{octet:02x}")).join(":")
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(Error::other(format!("ip {}: {}", arguments.join(" "), told.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_left_to_the_card_is_filled_in_and_any_other_is_left() {
        let mut packet = vec![0x45, 0, 0, 30, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
        packet.extend([0, 7, 0, 9, 0, 10, 0, 0, 1, 2]);
        let (pseudo, header, field) = transport(&packet).expect("a UDP header");
        packet[field..field + 2].copy_from_slice(&pseudo.fold().to_be_bytes());
        fill_in(&mut packet);
        assert_eq!(pseudo.add(&packet[header..]).fold(), 0xffff);
        let filled = packet.clone();
        fill_in(&mut packet);
        assert_eq!(packet, filled);
    }
}
