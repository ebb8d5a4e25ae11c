//! UDP, as far as RFC 1122 section 4.1 asks of a host.

use crate::host::Host;
use crate::segment::wrap;
use std::net::IpAddr;
use wire::checksum::Sum;
use wire::protocol;
use wire::udp::Udp;

/// Datagrams that a port keeps for its user.
const QUEUE: usize = 64;

/// A datagram for a user: where it came from, and its data.
pub type Datagram = ((IpAddr, u16), Vec<u8>);

impl Host {
    /// Opens a port for UDP.
    pub fn udp_open(&mut self, port: u16) {
        self.udp.entry(port).or_default();
    }

    /// The next datagram that arrived at an open port.
    pub fn udp_receive(&mut self, port: u16) -> Option<Datagram> {
        self.udp.get_mut(&port)?.pop_front()
    }

    /// Sends a datagram. The destination must be of the host's own address family.
    pub fn udp_send(&mut self, port: u16, to: (IpAddr, u16), data: &[u8]) {
        let length = (8 + data.len()).min(65_535) as u16;
        let mut datagram = [
            &port.to_be_bytes()[..],
            &to.1.to_be_bytes(),
            &length.to_be_bytes(),
            &[0, 0],
            data,
        ]
        .concat();
        let sum = Sum::default()
            .pseudo_header(self.config.address, to.0, protocol::UDP, u32::from(length))
            .add(&datagram)
            .checksum();
        // RFC 768: a sum of zero is sent as all ones.
        datagram[6..8].copy_from_slice(&(if sum == 0 { 0xffff } else { sum }).to_be_bytes());
        self.send_packet(to.0, protocol::UDP, &datagram);
    }

    pub(crate) fn udp_arrives(&mut self, source: IpAddr, udp: &Udp<'_>, packet: &[u8]) {
        if !self.udp_checksum_is_right(source, udp) {
            return;
        }
        match self.udp.get_mut(&udp.destination_port) {
            Some(queue) if queue.len() < QUEUE => queue.push_back(((source, udp.source_port), udp.payload.to_vec())),
            Some(_) => {}
            // RFC 1122 section 4.1.3.1, RFC 4443 section 3.1.
            None => self.port_unreachable(source, packet),
        }
    }

    /// RFC 1122 section 4.1.3.4; over IPv6 there is no leaving it out (RFC 8200 section 8.1).
    fn udp_checksum_is_right(&self, source: IpAddr, udp: &Udp<'_>) -> bool {
        if udp.checksum == 0 {
            return source.is_ipv4();
        }
        let mut bytes = Vec::with_capacity(8 + udp.payload.len());
        udp.emit(&mut bytes);
        let sum = Sum::default().pseudo_header(source, self.config.address, protocol::UDP, bytes.len() as u32);
        sum.add(&bytes).fold() == 0xffff
    }

    /// A whole packet, to be sent.
    pub(crate) fn send_packet(&mut self, to: IpAddr, protocol: u8, payload: &[u8]) {
        if self.packets.len() >= crate::host::MAX_ANSWERS {
            return;
        }
        self.ip_id = self.ip_id.wrapping_add(1);
        let mut packet = Vec::new();
        wrap(self.config.address, to, protocol, 0, self.ip_id, payload, &mut packet);
        self.packets.push_back(packet);
    }
}
