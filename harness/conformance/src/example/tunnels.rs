//! Datagrams of a trace behind other headers than those of Ethernet.

use super::datagram::{IpHeader, IpLayer};
use super::{CraftedFrame, Trace};
use std::net::IpAddr;
use wire::ethernet::{Ethernet, MacAddress};
use wire::geneve::{self, Geneve};
use wire::ieee80211::Ieee80211;
use wire::link::LinkType;
use wire::llc::{Llc, Snap, sap};
use wire::udp::Udp;
use wire::{EtherType, protocol};

/// Frame Control of QoS data to the access point, sent for the first time and once more.
const FIRST: [u8; 2] = [0x88, 0x01];
const RETRY: [u8; 2] = [0x88, 0x09];

const HOST: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const ACCESS_POINT: MacAddress = MacAddress([2, 0, 0, 0, 0, 3]);
const PEER: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);

impl Trace {
    /// An IPv4 datagram with this header, in an IEEE 802.11 frame from a station.
    pub fn ipv4_on_ieee80211(&mut self, header: IpHeader, protocol: u8, payload: &[u8]) {
        self.on_ieee80211(FIRST, &header.datagram(protocol, payload));
    }

    /// The same with UDP; the card sends the frame `retries` times more.
    pub fn udp_on_ieee80211(&mut self, retries: u16, payload: &[u8]) {
        let header = IpHeader::default();
        let ends = (header.source.into(), header.destination.into());
        let datagram = udp(ends, (1000, 2000), payload, |_| {});
        let datagram = header.datagram(protocol::UDP, &datagram);
        self.on_ieee80211(FIRST, &datagram);
        for _ in 0..retries {
            self.on_ieee80211(RETRY, &datagram);
        }
    }

    /// An IPv4 datagram with this header, without a link header of its own, in Geneve over IPv6 on an Ethernet: the client
    /// mirrors it to the server, and leaves out the UDP checksum.
    pub fn ipv4_in_geneve(&mut self, header: IpHeader, protocol: u8, payload: &[u8]) {
        let datagram = header.datagram(protocol, payload);
        let mut tunnelled = Vec::new();
        Geneve {
            version: 0,
            flags: 0,
            protocol: EtherType::IPV4,
            identifier: 1 << 8,
            options: &[],
            payload: &datagram,
        }
        .emit(&mut tunnelled);
        self.ipv6();
        let (source, destination) = self.addresses();
        let ports = (50_000, geneve::PORT);
        let datagram = udp((source, destination), ports, &tunnelled, |udp| udp.checksum = 0);
        let packet = IpLayer {
            source,
            destination,
            protocol: protocol::UDP,
            ttl: 64,
            tos: 0,
            id: 0,
            dont_fragment: true,
        }
        .wrap(&datagram);
        let mut frame = Vec::new();
        Ethernet {
            destination: PEER,
            source: HOST,
            type_or_length: EtherType::IPV6.0,
            payload: &packet,
            trailer: &[],
        }
        .emit(&mut frame);
        self.ethernet(&frame);
    }

    fn on_ieee80211(&mut self, control: [u8; 2], datagram: &[u8]) {
        self.frame(LinkType::IEEE802_11, &ieee80211(control, datagram));
    }
}

/// A frame of link type RAW, in one of IEEE 802.11.
pub(super) fn put_on_the_air(frame: &mut CraftedFrame) {
    if frame.link == LinkType::RAW {
        let whole = frame.bytes.len();
        frame.bytes = ieee80211(FIRST, &frame.bytes);
        frame.original_len += (frame.bytes.len() - whole) as u32;
        frame.link = LinkType::IEEE802_11;
    }
}

fn ieee80211(control: [u8; 2], datagram: &[u8]) -> Vec<u8> {
    let (mut msdu, mut frame) = (Vec::new(), Vec::new());
    let version = datagram.first().map_or(0, |octet| octet >> 4);
    let protocol = if version == 6 { EtherType::IPV6 } else { EtherType::IPV4 };
    Llc {
        dsap: sap::SNAP,
        ssap: sap::SNAP,
        control: 3,
        snap: Some(Snap {
            organisation: [0; 3],
            protocol: protocol.0,
        }),
        payload: datagram,
    }
    .emit(&mut msdu);
    Ieee80211 {
        control,
        duration: 0x2c,
        address1: ACCESS_POINT,
        address2: HOST,
        address3: PEER,
        sequence_control: 7 << 4,
        address4: None,
        qos_control: Some(0),
        ht_control: None,
        payload: &msdu,
    }
    .emit(&mut frame);
    frame
}

/// A datagram with its checksum; then changed.
pub(super) fn udp(
    (source, destination): (IpAddr, IpAddr),
    (source_port, destination_port): (u16, u16),
    payload: &[u8],
    change: impl FnOnce(&mut Udp<'_>),
) -> Vec<u8> {
    let mut udp = Udp {
        source_port,
        destination_port,
        length: (8 + payload.len()).min(65_535) as u16,
        checksum: 0,
        payload,
        surplus: &[],
        missing: 0,
    };
    udp.checksum = udp.correct_checksum(source, destination);
    change(&mut udp);
    let mut out = Vec::new();
    udp.emit(&mut out);
    out
}
