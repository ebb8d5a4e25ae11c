//! UDP, ICMP and bare IP datagrams of a trace.

use super::{CLIENT_V6, CraftedFrame, From, SERVER_V6, Trace};
use std::net::{IpAddr, Ipv4Addr};
use wire::link::LinkType;

impl Trace {
    /// A UDP datagram from the client to the server.
    pub fn udp(&mut self, source_port: u16, destination_port: u16, payload: &[u8]) {
        self.datagram(From::Client, source_port, destination_port, payload);
    }

    /// A UDP datagram from the server to the client.
    pub fn udp_from_server(&mut self, source_port: u16, destination_port: u16, payload: &[u8]) {
        self.datagram(From::Server, source_port, destination_port, payload);
    }

    /// A UDP datagram from the client whose right header was changed.
    pub fn udp_changed(&mut self, payload: &[u8], change: impl FnOnce(&mut wire::udp::Udp<'_>)) {
        let (source, destination) = self.addresses();
        self.emit_udp_changed((source, destination), (1000, 2000), payload, change);
    }

    /// An IPv4 datagram from the client with this header.
    pub fn ipv4(&mut self, header: IpHeader, protocol: u8, payload: &[u8]) {
        let bytes = header.datagram(protocol, payload);
        self.ip(&bytes);
    }

    /// The same on an Ethernet.
    pub fn ipv4_on_ethernet(&mut self, header: IpHeader, protocol: u8, payload: &[u8]) {
        let addresses = [0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00];
        let frame = [&addresses[..], &header.datagram(protocol, payload)].concat();
        self.ethernet(&frame);
    }

    /// An IPv6 packet from `source` to the server, its payload as it stands; an ICMPv6 checksum is filled in.
    pub fn ipv6_from(&mut self, source: &str, next_header: u8, payload: &[u8]) {
        let source = source.parse().map_or(CLIENT_V6, IpAddr::V6);
        let mut payload = payload.to_vec();
        if let (58, Some(field)) = (next_header, payload.get(2..4)) {
            let _ = field;
            let sum = wire::checksum::Sum::default()
                .pseudo_header(source, SERVER_V6, 58, payload.len() as u32)
                .add(&payload);
            payload[2..4].copy_from_slice(&sum.checksum().to_be_bytes());
        }
        let layer = IpLayer {
            source,
            destination: SERVER_V6,
            protocol: next_header,
            ttl: 64,
            tos: 0,
            id: 0,
            dont_fragment: true,
        };
        let bytes = layer.wrap(&payload);
        self.ip(&bytes);
    }

    /// An ICMP message from the client, identifier 1 and sequence number 1 where it has any.
    pub fn icmp(&mut self, icmp_type: u8, code: u8, payload: &[u8]) {
        self.icmp_changed(icmp_type, code, payload, |_| {});
    }

    /// The same with its right header changed.
    pub fn icmp_changed(
        &mut self,
        icmp_type: u8,
        code: u8,
        payload: &[u8],
        change: impl FnOnce(&mut wire::icmpv4::Icmpv4<'_>),
    ) {
        let message = icmp_message(icmp_type, code, payload, [0, 1, 0, 1], change);
        self.ipv4(IpHeader::default(), 1, &message);
    }

    /// An ICMP message from the server.
    pub fn icmp_from_server(&mut self, icmp_type: u8, code: u8, payload: &[u8]) {
        let message = icmp_message(icmp_type, code, payload, [0, 1, 0, 1], |_| {});
        let header = IpHeader::default();
        self.ipv4(
            IpHeader {
                source: header.destination,
                destination: header.source,
                ..header
            },
            1,
            &message,
        );
    }

    /// An ICMP error from the client about a datagram that the server sent.
    pub fn icmp_error(&mut self, icmp_type: u8, code: u8) {
        self.icmp_error_about(icmp_type, code, IpHeader::default(), 253, 8);
    }

    /// An ICMP error from the client about a datagram with this header: `quoted` octets of its data come back (for protocol 1,
    /// eight of an ICMP message of type `quoted`).
    pub fn icmp_error_about(&mut self, icmp_type: u8, code: u8, header: IpHeader, protocol: u8, quoted: u8) {
        let data = if protocol == 1 {
            vec![quoted, 0, 0, 0, 0, 0, 0, 0]
        } else {
            vec![0; 8]
        };
        let whole = header.datagram(protocol, &data);
        let kept = if protocol == 1 {
            whole.len()
        } else {
            20 + usize::from(quoted)
        };
        let message = icmp_message(icmp_type, code, &whole[..kept.min(whole.len())], [0; 4], |_| {});
        self.ipv4(IpHeader::default(), 1, &message);
    }

    fn datagram(&mut self, from: From, source_port: u16, destination_port: u16, payload: &[u8]) {
        let (client, server) = self.addresses();
        let (source, destination) = if from == From::Client {
            (client, server)
        } else {
            (server, client)
        };
        self.emit_udp(source, destination, source_port, destination_port, payload);
    }

    pub(super) fn emit_udp(
        &mut self,
        source: IpAddr,
        destination: IpAddr,
        source_port: u16,
        destination_port: u16,
        payload: &[u8],
    ) {
        self.emit_udp_changed((source, destination), (source_port, destination_port), payload, |_| {});
    }

    fn emit_udp_changed(
        &mut self,
        (source, destination): (IpAddr, IpAddr),
        (source_port, destination_port): (u16, u16),
        payload: &[u8],
        change: impl FnOnce(&mut wire::udp::Udp<'_>),
    ) {
        self.settle();
        let time = self.tick();
        let id = self.next_id(From::Client);
        let segment = super::tunnels::udp((source, destination), (source_port, destination_port), payload, change);
        let layer = IpLayer {
            source,
            destination,
            protocol: 17,
            ttl: 64,
            tos: 0,
            id,
            dont_fragment: false,
        };
        let bytes = layer.wrap(&segment);
        self.frames.push(CraftedFrame {
            time,
            link: LinkType::RAW,
            original_len: bytes.len() as u32,
            bytes,
        });
    }
}

/// An IPv4 header from the client to the server; change what matters.
#[derive(Debug, Clone, Copy)]
pub struct IpHeader {
    pub source: Ipv4Addr,
    pub destination: Ipv4Addr,
    pub ttl: u8,
    /// Reserved, DF and MF.
    pub flags: u8,
    /// In octets.
    pub offset: u16,
    /// The checksum is the right one XOR this.
    pub wrong_checksum: u16,
}

impl Default for IpHeader {
    fn default() -> IpHeader {
        IpHeader {
            source: Ipv4Addr::new(192, 0, 2, 1),
            destination: Ipv4Addr::new(192, 0, 2, 2),
            ttl: 64,
            flags: 0,
            offset: 0,
            wrong_checksum: 0,
        }
    }
}

impl IpHeader {
    pub(super) fn datagram(&self, protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut ip = wire::ipv4::Ipv4 {
            header_len: 20,
            dscp_ecn: 0,
            total_length: (20 + payload.len()) as u16,
            id: 7,
            flags: wire::ipv4::Flags(self.flags),
            fragment_offset: self.offset,
            ttl: self.ttl,
            protocol,
            checksum: 0,
            source: self.source,
            destination: self.destination,
            raw_options: &[],
            header: &[],
            payload,
            missing: 0,
        };
        ip.checksum = ip.correct_checksum() ^ self.wrong_checksum;
        let mut out = Vec::new();
        ip.emit(&mut out);
        out
    }
}

fn icmp_message(
    icmp_type: u8,
    code: u8,
    payload: &[u8],
    rest_of_header: [u8; 4],
    change: impl FnOnce(&mut wire::icmpv4::Icmpv4<'_>),
) -> Vec<u8> {
    let mut icmp = wire::icmpv4::Icmpv4 {
        icmp_type,
        code,
        checksum: 0,
        rest_of_header,
        payload,
    };
    icmp.checksum = icmp.correct_checksum();
    change(&mut icmp);
    let mut out = Vec::new();
    icmp.emit(&mut out);
    out
}

/// The IP header of a crafted datagram.
pub(super) struct IpLayer {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: u8,
    pub(super) ttl: u8,
    pub(super) tos: u8,
    pub(super) id: u16,
    pub(super) dont_fragment: bool,
}

impl IpLayer {
    pub(super) fn wrap(&self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(payload.len() + 40);
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let mut ip = wire::ipv4::Ipv4 {
                    header_len: 20,
                    dscp_ecn: self.tos,
                    total_length: (20 + payload.len()).min(65_535) as u16,
                    id: self.id,
                    flags: wire::ipv4::Flags(if self.dont_fragment { 0b010 } else { 0 }),
                    fragment_offset: 0,
                    ttl: self.ttl,
                    protocol: self.protocol,
                    checksum: 0,
                    source,
                    destination,
                    raw_options: &[],
                    header: &[],
                    payload,
                    missing: 0,
                };
                ip.checksum = ip.correct_checksum();
                ip.emit(&mut out);
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                wire::ipv6::Ipv6 {
                    traffic_class: self.tos,
                    flow_label: 0,
                    payload_length: payload.len() as u16,
                    next_header: self.protocol,
                    hop_limit: self.ttl,
                    source,
                    destination,
                    header: &[],
                    payload,
                    missing: 0,
                }
                .emit(&mut out);
            }
            _ => {}
        }
        out
    }
}
