//! What a packet shows of its sender does not depend on what carries it. Every example is put into a tunnel, where it must show
//! the same, and on the air, where it may show less but never more.

use conformance::example::{CraftedFrame, Example};
use conformance::{Tally, examples, requirements};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use wire::ethernet::MacAddress;
use wire::geneve::{self, Geneve};
use wire::ieee80211::{Ieee80211, Subframe};
use wire::ipv6::{self, Ipv6};
use wire::link::LinkType;
use wire::llc::{Llc, Snap, sap};
use wire::udp::{self, Udp};
use wire::{EtherType, protocol};

/// The ends of the tunnel, which no example uses.
const TUNNEL: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1),
    Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 2),
];

/// The one requirement about the link below IP.
const OF_THE_LINK: &str = "ip/loopback-not-on-wire";

const STATION: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const ACCESS_POINT: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);

/// What `emit` of one of `wire`'s headers writes.
macro_rules! octets {
    ($header:expr) => {{
        let mut out = Vec::new();
        $header.emit(&mut out);
        out
    }};
}

/// Tallies by address, without the tunnel's ends.
fn shown(example: &Example, wrap: fn(usize, &CraftedFrame) -> CraftedFrame) -> BTreeMap<IpAddr, Vec<Tally>> {
    let frames = example.frames.iter().enumerate();
    let wrapped = Example {
        frames: frames.map(|(number, frame)| wrap(number, frame)).collect(),
        ..example.clone()
    };
    let report = wrapped.inspect();
    let rows = report.book.rows().map(|(address, row)| (address, row.to_vec()));
    rows.filter(|(address, _)| TUNNEL.iter().all(|end| address != end))
        .collect()
}

/// Nobody tunnels to a live stack, and nobody sits on the air beside it.
fn captured() -> impl Iterator<Item = (usize, Example)> {
    let all = examples().into_iter().enumerate();
    all.flat_map(|(at, rows)| rows.into_iter().map(move |example| (at, example)))
        .filter(|(_, example)| !example.vantage.is_live())
}

/// The EtherType of a frame that has no link header.
fn ether_type(frame: &CraftedFrame) -> Option<EtherType> {
    let version = frame.bytes.first().map(|octet| octet >> 4);
    (frame.link == LinkType::RAW).then_some(match version {
        Some(6) => EtherType::IPV6,
        _ => EtherType::IPV4,
    })
}

fn with(frame: &CraftedFrame, link: LinkType, bytes: Vec<u8>) -> CraftedFrame {
    CraftedFrame {
        link,
        original_len: frame.original_len + (bytes.len() - frame.bytes.len()) as u32,
        bytes,
        ..*frame
    }
}

fn in_geneve(_: usize, frame: &CraftedFrame) -> CraftedFrame {
    let protocol = match frame.link {
        LinkType::ETHERNET => EtherType::TRANSPARENT_ETHERNET,
        _ => match ether_type(frame) {
            Some(protocol) => protocol,
            None => return frame.clone(),
        },
    };
    let tunnelled = octets!(Geneve {
        version: 0,
        flags: 0,
        protocol,
        identifier: 7 << 8,
        options: &[1, 2, 3, 0],
        payload: &frame.bytes,
    });
    let missing = frame.original_len as usize - frame.bytes.len();
    let Ok(length) = u16::try_from(udp::HEADER_LEN + tunnelled.len() + missing) else {
        return frame.clone();
    };
    let datagram = octets!(Udp {
        source_port: 50_000,
        destination_port: geneve::PORT,
        length,
        checksum: 0,
        payload: &tunnelled,
        surplus: &[],
        missing: 0,
    });
    let packet = octets!(Ipv6 {
        traffic_class: 0,
        flow_label: 0,
        payload_length: length,
        next_header: protocol::UDP,
        hop_limit: 64,
        source: TUNNEL[0],
        destination: TUNNEL[1],
        header: &[],
        payload: &datagram,
        missing: 0,
    });
    assert_eq!(packet.len() + missing, ipv6::HEADER_LEN + usize::from(length));
    with(frame, LinkType::RAW, packet)
}

fn on_the_air(number: usize, frame: &CraftedFrame) -> CraftedFrame {
    let Some(protocol) = ether_type(frame) else {
        return frame.clone();
    };
    let msdu = llc(protocol, &frame.bytes);
    with(frame, LinkType::IEEE802_11, ieee80211(number, 0, &msdu))
}

/// Behind an MSDU that is none of IP.
fn in_an_a_msdu(number: usize, frame: &CraftedFrame) -> CraftedFrame {
    let whole = frame.original_len as usize == frame.bytes.len();
    let Some(protocol) = ether_type(frame).filter(|_| whole) else {
        return on_the_air(number, frame);
    };
    let subframe = |msdu: &[u8]| {
        octets!(Subframe {
            destination: ACCESS_POINT,
            source: STATION,
            length: msdu.len() as u16,
            payload: msdu,
            rest: &[],
        })
    };
    let mut bytes = subframe(&[0x42, 0x42, 3, 9]);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes.extend(subframe(&llc(protocol, &frame.bytes)));
    with(frame, LinkType::IEEE802_11, ieee80211(number, 0x80, &bytes))
}

fn llc(protocol: EtherType, payload: &[u8]) -> Vec<u8> {
    octets!(Llc {
        dsap: sap::SNAP,
        ssap: sap::SNAP,
        control: 3,
        snap: Some(Snap {
            organisation: [0; 3],
            protocol: protocol.0,
        }),
        payload,
    })
}

fn ieee80211(number: usize, qos_control: u16, payload: &[u8]) -> Vec<u8> {
    octets!(Ieee80211 {
        control: [0x88, 1],
        duration: 0,
        address1: ACCESS_POINT,
        address2: STATION,
        address3: ACCESS_POINT,
        sequence_control: (number as u16) << 4,
        address4: None,
        qos_control: Some(qos_control),
        ht_control: None,
        payload,
    })
}

#[test]
fn a_tunnel_changes_nothing() {
    let mut compared = 0;
    for (at, example) in captured() {
        let (direct, tunnelled) = (shown(&example, |_, frame| frame.clone()), shown(&example, in_geneve));
        let id = requirements()[at].id;
        assert_eq!(direct.len(), tunnelled.len(), "{id} '{}'", example.title);
        for ((address, direct), (_, tunnelled)) in direct.iter().zip(&tunnelled) {
            for (requirement, (direct, tunnelled)) in direct.iter().zip(tunnelled).enumerate() {
                assert!(
                    direct == tunnelled || requirements()[requirement].id == OF_THE_LINK,
                    "{id} '{}': {} of {address} is {direct:?}, and in a tunnel {tunnelled:?}",
                    example.title,
                    requirements()[requirement].id,
                );
            }
        }
        compared += 1;
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn the_air_accuses_nobody_of_more() {
    for wrap in [on_the_air, in_an_a_msdu] {
        for (at, example) in captured() {
            let (direct, aloft) = (shown(&example, |_, frame| frame.clone()), shown(&example, wrap));
            assert!(aloft.len() >= direct.len().min(1));
            for (address, row) in &aloft {
                let empty = vec![Tally::default(); row.len()];
                let direct = direct.get(address).unwrap_or(&empty);
                for (requirement, (direct, aloft)) in direct.iter().zip(row).enumerate() {
                    assert!(
                        aloft.broken <= direct.broken || requirements()[requirement].id == OF_THE_LINK,
                        "{} '{}': {} of {address} is {direct:?}, and on the air {aloft:?}",
                        requirements()[at].id,
                        example.title,
                        requirements()[requirement].id,
                    );
                }
            }
        }
    }
}
