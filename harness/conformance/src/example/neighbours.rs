//! ARP and Neighbour Discovery of a trace, on an Ethernet.

use super::Trace;
use std::net::Ipv6Addr;
use wire::arp::{self, Arp};
use wire::ethernet::{Ethernet, MacAddress};
use wire::icmpv6::Icmpv6;
use wire::ipv6::Ipv6;
use wire::ndp::{AdvertisementFlags, Message, Ndp, ethernet_multicast, solicited_node};
use wire::{EtherType, protocol};

/// The client's Ethernet address.
pub const CLIENT_MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
/// The server's Ethernet address.
pub const SERVER_MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);
/// The client's link-local address.
pub const CLIENT_LINK: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
/// The server's link-local address.
pub const SERVER_LINK: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 2);
/// RFC 4291 section 2.7.1.
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// An ARP packet and the Ethernet frame around it; change what matters.
#[derive(Debug, Clone, Copy)]
pub struct ArpDraft {
    pub source: [u8; 6],
    pub destination: [u8; 6],
    pub operation: u16,
    pub sender_hardware: [u8; 6],
    pub sender_protocol: [u8; 4],
    pub target_hardware: [u8; 6],
    pub target_protocol: [u8; 4],
}

impl ArpDraft {
    /// The client asks for the server.
    pub fn request() -> ArpDraft {
        ArpDraft {
            source: CLIENT_MAC.0,
            destination: [0xff; 6],
            operation: arp::operation::REQUEST,
            sender_hardware: CLIENT_MAC.0,
            sender_protocol: [192, 0, 2, 1],
            target_hardware: [0; 6],
            target_protocol: [192, 0, 2, 2],
        }
    }

    /// The server answers it.
    pub fn reply() -> ArpDraft {
        ArpDraft {
            source: SERVER_MAC.0,
            destination: CLIENT_MAC.0,
            operation: arp::operation::REPLY,
            sender_hardware: SERVER_MAC.0,
            sender_protocol: [192, 0, 2, 2],
            target_hardware: CLIENT_MAC.0,
            target_protocol: [192, 0, 2, 1],
        }
    }

    /// The client probes for its own address.
    pub fn probe() -> ArpDraft {
        ArpDraft {
            sender_protocol: [0; 4],
            target_protocol: [192, 0, 2, 1],
            ..ArpDraft::request()
        }
    }

    /// The client announces its address.
    pub fn announcement() -> ArpDraft {
        ArpDraft {
            target_protocol: [192, 0, 2, 1],
            ..ArpDraft::request()
        }
    }
}

/// A message of Neighbour Discovery and the headers around it; change what matters.
#[derive(Debug, Clone)]
pub struct NdpDraft {
    pub source: Ipv6Addr,
    pub destination: Ipv6Addr,
    pub hop_limit: u8,
    pub code: u8,
    pub message: Message,
    /// As they stand on the wire.
    pub options: Vec<u8>,
}

impl NdpDraft {
    /// From `source` to `destination`, right in everything else, without options.
    pub fn new(source: Ipv6Addr, destination: Ipv6Addr, message: Message) -> NdpDraft {
        NdpDraft {
            source,
            destination,
            hop_limit: 255,
            code: 0,
            message,
            options: Vec::new(),
        }
    }

    /// The client asks for the server's link-layer address, and tells its own.
    pub fn solicitation() -> NdpDraft {
        NdpDraft {
            options: link_layer(wire::ndp::option::SOURCE_LINK_LAYER, CLIENT_MAC),
            ..NdpDraft::new(CLIENT_LINK, solicited_node(SERVER_LINK), solicitation_of(SERVER_LINK))
        }
    }

    /// The client checks whether its address is free.
    pub fn duplicate_detection() -> NdpDraft {
        let group = solicited_node(CLIENT_LINK);
        NdpDraft::new(Ipv6Addr::UNSPECIFIED, group, solicitation_of(CLIENT_LINK))
    }

    /// The server answers the client.
    pub fn advertisement() -> NdpDraft {
        let message = Message::NeighborAdvertisement {
            flags: AdvertisementFlags::SOLICITED.with(AdvertisementFlags::OVERRIDE),
            target: SERVER_LINK,
        };
        NdpDraft {
            options: link_layer(wire::ndp::option::TARGET_LINK_LAYER, SERVER_MAC),
            ..NdpDraft::new(SERVER_LINK, CLIENT_LINK, message)
        }
    }

    /// The server is a router and says so to all.
    pub fn router() -> NdpDraft {
        let message = Message::RouterAdvertisement {
            hop_limit: 64,
            flags: 0,
            router_lifetime: 1800,
            reachable_time: 0,
            retrans_timer: 0,
        };
        NdpDraft::new(SERVER_LINK, ALL_NODES, message)
    }

    /// With these options instead.
    pub fn options(mut self, options: Vec<u8>) -> NdpDraft {
        self.options = options;
        self
    }
}

/// A solicitation for `target`.
pub const fn solicitation_of(target: Ipv6Addr) -> Message {
    Message::NeighborSolicitation { reserved: 0, target }
}

/// A link-layer address option.
pub fn link_layer(kind: u8, address: MacAddress) -> Vec<u8> {
    [&[kind, 1][..], &address.0].concat()
}

impl Trace {
    /// An ARP packet on an Ethernet.
    pub fn arp(&mut self, draft: ArpDraft) {
        let packet = Arp {
            hardware_type: arp::HARDWARE_ETHERNET,
            protocol_type: EtherType::IPV4.0,
            hardware_length: 6,
            protocol_length: 4,
            operation: draft.operation,
            sender_hardware: &draft.sender_hardware,
            sender_protocol: &draft.sender_protocol,
            target_hardware: &draft.target_hardware,
            target_protocol: &draft.target_protocol,
            trailer: &[],
        };
        let mut payload = Vec::new();
        packet.emit(&mut payload);
        let addresses = (MacAddress(draft.source), MacAddress(draft.destination));
        self.on_ethernet(addresses, EtherType::ARP, &payload);
    }

    /// A message of Neighbour Discovery on an Ethernet, with the right checksum.
    pub fn ndp(&mut self, draft: NdpDraft) {
        let packet = message(&draft);
        self.ipv6_on_ethernet(&draft, protocol::ICMPV6, &packet);
    }

    /// The same in two fragments, or behind a fragment header that makes one piece of it.
    pub fn ndp_in_fragments(&mut self, draft: NdpDraft, pieces: usize) {
        let packet = message(&draft);
        let size = packet.len().div_ceil(pieces.max(1)).next_multiple_of(8);
        for (place, piece) in packet.chunks(size).enumerate() {
            let offset = place * size;
            let more = u16::from(offset + piece.len() < packet.len());
            let [high, low] = (offset as u16 | more).to_be_bytes();
            let header = [protocol::ICMPV6, 0, high, low, 0, 0, 0, 7];
            self.ipv6_on_ethernet(&draft, protocol::FRAGMENT, &[&header[..], piece].concat());
        }
    }

    fn ipv6_on_ethernet(&mut self, draft: &NdpDraft, next_header: u8, payload: &[u8]) {
        let mut packet = Vec::new();
        Ipv6 {
            traffic_class: 0,
            flow_label: 0,
            payload_length: payload.len() as u16,
            next_header,
            hop_limit: draft.hop_limit,
            source: draft.source,
            destination: draft.destination,
            header: &[],
            payload,
            missing: 0,
        }
        .emit(&mut packet);
        let from_server = draft.source == SERVER_LINK;
        let source = if from_server { SERVER_MAC } else { CLIENT_MAC };
        let destination = match draft.destination.is_multicast() {
            true => ethernet_multicast(draft.destination),
            false if from_server => CLIENT_MAC,
            false => SERVER_MAC,
        };
        self.on_ethernet((source, destination), EtherType::IPV6, &packet);
    }

    fn on_ethernet(&mut self, (source, destination): (MacAddress, MacAddress), kind: EtherType, payload: &[u8]) {
        let mut frame = Vec::new();
        Ethernet {
            destination,
            source,
            type_or_length: kind.0,
            payload,
            trailer: &[],
        }
        .emit(&mut frame);
        self.ethernet(&frame);
    }
}

/// The ICMPv6 message with its checksum.
fn message(draft: &NdpDraft) -> Vec<u8> {
    let mut behind = Vec::new();
    Ndp {
        code: draft.code,
        message: draft.message,
        raw_options: &draft.options,
    }
    .emit(&mut behind);
    let (first, payload) = behind.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let mut icmp = Icmpv6 {
        icmp_type: draft.message.icmp_type(),
        code: draft.code,
        checksum: 0,
        rest_of_header: *first,
        payload,
    };
    icmp.checksum = icmp.correct_checksum(draft.source, draft.destination);
    let mut out = Vec::new();
    icmp.emit(&mut out);
    out
}
