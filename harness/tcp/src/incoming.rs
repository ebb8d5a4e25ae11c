//! What an IP packet turns out to be, fragments put together.

use crate::fault::Fault;
use crate::host::Host;
use crate::segment::Arrived;
use std::net::IpAddr;
use wire::frame::{Flow, Layer, Sink, decode_ip, decode_transport};
use wire::reassembly::{Fragment, Outcome};
use wire::tcp::Tcp;
use wire::udp::Udp;
use wire::{FrameNumber, Instant, protocol};

/// What was found on the way down.
#[derive(Default)]
struct Found<'a> {
    addresses: Option<(IpAddr, IpAddr)>,
    congestion: bool,
    protocol: u8,
    /// Behind the IP header.
    payload: &'a [u8],
    fragment: Option<Fragment<'a>>,
    tcp: Option<Tcp<'a>>,
    udp: Option<Udp<'a>>,
    icmp: bool,
    ip_options: bool,
    /// [`Fault::TakesDamagedIp`]
    trusting: bool,
}

impl<'a> Sink<'a> for Found<'a> {
    fn layer(&mut self, _: usize, layer: &Layer<'a>) -> Flow {
        match layer {
            // RFC 1122 section 3.2.1.2: a wrong header checksum is a datagram dropped in silence.
            Layer::Ipv4(ip) if self.addresses.is_none() && (ip.checksum_ok() || self.trusting) => {
                self.addresses = Some((ip.source.into(), ip.destination.into()));
                (self.congestion, self.protocol, self.payload) = (ip.dscp_ecn & 3 == 3, ip.protocol, ip.payload);
                self.ip_options = !ip.raw_options.is_empty();
                self.fragment = Fragment::of_ipv4(ip);
            }
            Layer::Ipv6(ip) if self.addresses.is_none() => {
                self.addresses = Some((ip.source.into(), ip.destination.into()));
                (self.congestion, self.protocol, self.payload) =
                    (ip.traffic_class & 3 == 3, ip.next_header, ip.payload);
                self.fragment = Fragment::of_ipv6(ip);
            }
            Layer::Icmpv4(_) | Layer::Icmpv6(_) => self.icmp = true,
            Layer::Tcp(tcp) if self.addresses.is_some() && !self.icmp => self.tcp = Some(*tcp),
            Layer::Udp(udp) if self.addresses.is_some() && !self.icmp => self.udp = Some(*udp),
            _ => {}
        }
        Flow::Into
    }
}

impl Host {
    /// Takes an IP packet. What is damaged, or for another address, is dropped.
    pub fn deliver(&mut self, now: Instant, packet: &[u8]) {
        let faults = self.config.faults;
        let mut found = Found {
            trusting: faults.has(Fault::TakesDamagedIp),
            ..Found::default()
        };
        decode_ip(packet, &mut found);
        let Some((source, destination)) = found.addresses else {
            return;
        };
        let group = destination.is_multicast() || destination == IpAddr::from([255; 4]);
        let wrongly = faults.has(if group { Fault::HearsGroups } else { Fault::TakesForeign });
        if destination != self.config.address && !wrongly {
            return;
        }
        if found.ip_options && faults.has(Fault::DropsIpOptions) {
            return;
        }
        if let Some(fragment) = found.fragment {
            return self.fragment(now, (source, destination), found.congestion, fragment);
        }
        self.whole(now, (source, destination), &found, packet);
    }

    /// RFC 1122 section 3.3.2, RFC 8200 section 4.5.
    fn fragment(&mut self, now: Instant, addresses: (IpAddr, IpAddr), congestion: bool, fragment: Fragment<'_>) {
        let dropped = if addresses.0.is_ipv4() {
            Fault::NoReassembly
        } else {
            Fault::NoReassemblyV6
        };
        if self.config.faults.has(dropped) {
            return;
        }
        let Outcome::Complete { protocol, payload, .. } = self.reassembler.push(now, FrameNumber(0), fragment) else {
            return;
        };
        let payload = payload.to_vec();
        let mut found = Found {
            addresses: Some(addresses),
            congestion,
            protocol,
            payload: &payload,
            ..Found::default()
        };
        decode_transport(protocol, &payload, &mut found);
        self.whole(now, addresses, &found, &[]);
    }

    /// `packet` is the datagram for an ICMP error to quote; empty where it came in pieces.
    fn whole(&mut self, now: Instant, (source, destination): (IpAddr, IpAddr), found: &Found<'_>, packet: &[u8]) {
        if let Some(tcp) = &found.tcp {
            if checksum_is_right(source, destination, tcp) || self.config.faults.has(Fault::TakesDamaged) {
                let remote = (source, tcp.source_port);
                self.segment(now, remote, tcp.destination_port, &Arrived::of(tcp, found.congestion));
            }
        } else if found.icmp {
            self.icmp_arrives(now, source, found.payload);
        } else if let Some(udp) = &found.udp {
            self.udp_arrives(source, udp, packet);
        } else if ![protocol::TCP, protocol::UDP, icmp_over(source)].contains(&found.protocol) {
            self.protocol_unreachable(source, found.protocol, packet);
        }
    }
}

/// Its protocol is known even where the message is too short to be read: it may be an error, and RFC 1122 section 3.2.2 and
/// RFC 4443 section 2.4 (e) forbid an error about one.
fn icmp_over(source: IpAddr) -> u8 {
    if source.is_ipv4() {
        protocol::ICMPV4
    } else {
        protocol::ICMPV6
    }
}

/// RFC 9293 section 3.1: over pseudo-header, header and data.
fn checksum_is_right(source: IpAddr, destination: IpAddr, tcp: &Tcp<'_>) -> bool {
    let length = u32::from(tcp.data_offset) * 4 + tcp.payload.len() as u32;
    let words = [
        tcp.source_port,
        tcp.destination_port,
        (tcp.seq.0 >> 16) as u16,
        tcp.seq.0 as u16,
        (tcp.ack.0 >> 16) as u16,
        tcp.ack.0 as u16,
        u16::from(tcp.data_offset) << 12 | tcp.flags.0,
        tcp.window,
        tcp.checksum,
        tcp.urgent_pointer,
    ];
    let pseudo = wire::checksum::Sum::default().pseudo_header(source, destination, protocol::TCP, length);
    let header = words.iter().fold(pseudo, |sum, &word| sum.add_u16(word));
    header.add(tcp.raw_options).add(tcp.payload).fold() == 0xffff
}
