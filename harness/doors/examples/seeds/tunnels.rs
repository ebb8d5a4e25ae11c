//! Seeds of tunnels and of IEEE 802.11, which no capture of `pcaps/` holds.

use super::Seeds;
use std::net::{Ipv4Addr, Ipv6Addr};
use wire::ethernet::{Ethernet, MacAddress};
use wire::geneve::{self, Geneve};
use wire::ieee80211::{Ieee80211, Subframe};
use wire::ipv4::{Flags, Ipv4};
use wire::ipv6::Ipv6;
use wire::llc::{Llc, Snap, sap};
use wire::radiotap::Radiotap;
use wire::teredo::{self, Authentication, Origin, Teredo};
use wire::udp::Udp;
use wire::{EtherType, protocol};

/// What `emit` of one of `wire`'s headers writes.
macro_rules! octets {
    ($header:expr) => {{
        let mut out = Vec::new();
        $header.emit(&mut out);
        out
    }};
}

/// Link types, as the first octet of `frame` has them.
const ETHERNET: u8 = 1;
const RAW: u8 = 101;
const IEEE802_11: u8 = 105;
const RADIOTAP: u8 = 127;

/// Present: the flags alone. A frame check sequence follows the frame.
const FLAGS_WITH_FCS: &[u8] = &[2, 0, 0, 0, 0x10];

fn mac(last: u8) -> MacAddress {
    MacAddress([2, 0, 0, 0, 0, last])
}

pub fn add(seeds: &mut Seeds) {
    let inner = ethernet(EtherType::IPV4, &datagram(1000, 2000, b"inside"));
    let geneve = geneve(&inner);
    seeds.keep("encapsulation", "geneve", &[&[12], &geneve]);
    let outer = ethernet(EtherType::IPV4, &datagram(50_000, geneve::PORT, &geneve));
    seeds.keep("frame", "geneve", &[&[ETHERNET], &outer]);

    let bubble = bubble();
    seeds.keep("encapsulation", "teredo", &[&[13], &teredo(&bubble)]);
    let (from, to) = (
        datagram(teredo::PORT, 40_000, &teredo(&bubble)),
        datagram(40_000, teredo::PORT, &bubble),
    );
    seeds.keep("frame", "teredo-indications", &[&[RAW], &from]);
    seeds.keep("frame", "teredo-bubble", &[&[RAW], &to]);

    let msdu = llc(&datagram(1000, 2000, b"on the air"));
    let frame = data([0x88, 1], &msdu);
    let captured = octets!(Radiotap {
        version: 0,
        padding: 0,
        fields: FLAGS_WITH_FCS,
        payload: &[&frame[..], &[1, 2, 3, 4]].concat(),
    });
    seeds.keep("encapsulation", "radiotap", &[&[14], &captured]);
    seeds.keep("encapsulation", "ieee80211", &[&[15], &frame]);
    seeds.keep("frame", "radiotap", &[&[RADIOTAP], &captured]);
    let subframes = subframes(&msdu);
    seeds.keep("encapsulation", "a-msdu", &[&[16], &subframes]);
    let aggregate = Ieee80211 {
        qos_control: Some(0x80),
        ..header([0x88, 3])
    };
    let aggregate = octets!(Ieee80211 {
        payload: &subframes,
        ..aggregate
    });
    seeds.keep("frame", "a-msdu", &[&[IEEE802_11], &aggregate]);
}

fn geneve(frame: &[u8]) -> Vec<u8> {
    octets!(Geneve {
        version: 0,
        flags: 0x40,
        protocol: EtherType::TRANSPARENT_ETHERNET,
        identifier: 7 << 8,
        options: &[1, 2, 0x83, 1, 9, 9, 9, 9],
        payload: frame,
    })
}

fn teredo(packet: &[u8]) -> Vec<u8> {
    octets!(Teredo {
        authentication: Some(Authentication {
            client: b"",
            value: b"",
            nonce: *b"12345678",
            confirmation: 0,
        }),
        origin: Some(Origin {
            inverted_port: !40_000,
            inverted_address: [!192, !0, !2, !1],
        }),
        payload: packet,
    })
}

fn bubble() -> Vec<u8> {
    octets!(Ipv6 {
        traffic_class: 0,
        flow_label: 0,
        payload_length: 0,
        next_header: protocol::NO_NEXT_HEADER,
        hop_limit: 21,
        source: Ipv6Addr::new(0x2001, 0, 0xc000, 0x201, 0, 0, 0, 1),
        destination: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1),
        header: &[],
        payload: &[],
        missing: 0,
    })
}

/// UDP in IPv4; the checksum is left out.
fn datagram(source_port: u16, destination_port: u16, payload: &[u8]) -> Vec<u8> {
    let udp = octets!(Udp {
        source_port,
        destination_port,
        length: (8 + payload.len()) as u16,
        checksum: 0,
        payload,
        surplus: &[],
        missing: 0,
    });
    let mut ip = Ipv4 {
        header_len: 20,
        dscp_ecn: 0,
        total_length: (20 + udp.len()) as u16,
        id: 7,
        flags: Flags(0),
        fragment_offset: 0,
        ttl: 64,
        protocol: protocol::UDP,
        checksum: 0,
        source: Ipv4Addr::new(192, 0, 2, 1),
        destination: Ipv4Addr::new(192, 0, 2, 2),
        raw_options: &[],
        header: &[],
        payload: &udp,
        missing: 0,
    };
    ip.checksum = ip.correct_checksum();
    octets!(ip)
}

fn ethernet(ether_type: EtherType, payload: &[u8]) -> Vec<u8> {
    octets!(Ethernet {
        destination: mac(2),
        source: mac(1),
        type_or_length: ether_type.0,
        payload,
        trailer: &[],
    })
}

fn llc(payload: &[u8]) -> Vec<u8> {
    octets!(Llc {
        dsap: sap::SNAP,
        ssap: sap::SNAP,
        control: 3,
        snap: Some(Snap {
            organisation: [0; 3],
            protocol: EtherType::IPV4.0,
        }),
        payload,
    })
}

fn header(control: [u8; 2]) -> Ieee80211<'static> {
    Ieee80211 {
        control,
        duration: 0x2c,
        address1: mac(3),
        address2: mac(1),
        address3: mac(2),
        sequence_control: 7 << 4,
        address4: (control[1] & 3 == 3).then_some(mac(4)),
        qos_control: Some(0),
        ht_control: None,
        payload: &[],
    }
}

fn data(control: [u8; 2], payload: &[u8]) -> Vec<u8> {
    octets!(Ieee80211 {
        payload,
        ..header(control)
    })
}

/// Two, the first padded.
fn subframes(msdu: &[u8]) -> Vec<u8> {
    let one = octets!(Subframe {
        destination: mac(2),
        source: mac(1),
        length: msdu.len() as u16,
        payload: msdu,
        rest: &[],
    });
    let padding = one.len().next_multiple_of(4) - one.len();
    [&one[..], &vec![0; padding], &one].concat()
}
