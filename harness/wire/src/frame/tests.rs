//! Walks over crafted frames: each layer by name, the outermost first.

use super::*;
use crate::ieee80211::FCS_LEN;
use crate::radiotap::Flags;
use crate::teredo::{self, Origin};
use crate::{geneve, vxlan};
use rstest::rstest;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What `emit` of one of this crate's headers writes.
macro_rules! octets {
    ($header:expr) => {{
        let mut out = Vec::new();
        $header.emit(&mut out);
        out
    }};
}

/// Names of layers, with what matters of them; a place that does not lie in the frame is a fault of the walk.
struct Names(Vec<&'static str>, usize);

impl<'a> Sink<'a> for Names {
    fn layer(&mut self, offset: usize, layer: &Layer<'a>) -> Flow {
        assert!(offset <= self.1);
        self.0.push(match layer {
            Layer::Ethernet(_) => "ethernet",
            Layer::Llc(_) => "llc",
            Layer::Ipv4(_) => "ipv4",
            Layer::Ipv6(_) => "ipv6",
            Layer::Udp(udp) if udp.missing > 0 => "udp cut",
            Layer::Udp(_) => "udp",
            Layer::Arp(_) => "arp",
            Layer::Geneve(_) => "geneve",
            Layer::Vxlan(_) => "vxlan",
            Layer::Teredo(_) => "teredo",
            Layer::Radiotap(_) => "radiotap",
            Layer::Ieee80211(_) => "802.11",
            Layer::AMsdu(_) => "msdu",
            Layer::Other { .. } => "other",
            Layer::Malformed(_) => "malformed",
            Layer::Truncated(_) => "truncated",
            _ => "?",
        });
        Flow::Into
    }
}

fn names(link: LinkType, bytes: &[u8], wire_len: usize) -> String {
    let mut names = Names(Vec::new(), bytes.len());
    decode(link, bytes, wire_len as u32, &mut names);
    names.0.join(" ")
}

fn walk(link: LinkType, bytes: &[u8]) -> String {
    names(link, bytes, bytes.len())
}

fn udp(source_port: u16, destination_port: u16, payload: &[u8]) -> Vec<u8> {
    octets!(Udp {
        source_port,
        destination_port,
        length: (8 + payload.len()) as u16,
        checksum: 0,
        payload,
        surplus: &[],
        missing: 0,
    })
}

fn ipv4(payload: &[u8]) -> Vec<u8> {
    octets!(Ipv4 {
        header_len: 20,
        dscp_ecn: 0,
        total_length: (20 + payload.len()) as u16,
        id: 7,
        flags: crate::ipv4::Flags(0),
        fragment_offset: 0,
        ttl: 64,
        protocol: protocol::UDP,
        checksum: 0,
        source: Ipv4Addr::new(192, 0, 2, 1),
        destination: Ipv4Addr::new(192, 0, 2, 2),
        raw_options: &[],
        header: &[],
        payload,
        missing: 0,
    })
}

/// From a link-local address, as in qualification.
fn ipv6(payload: &[u8]) -> Vec<u8> {
    octets!(Ipv6 {
        traffic_class: 0,
        flow_label: 0,
        payload_length: payload.len() as u16,
        next_header: protocol::UDP,
        hop_limit: 64,
        source: Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1),
        destination: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2),
        header: &[],
        payload,
        missing: 0,
    })
}

fn inside() -> Vec<u8> {
    ipv4(&udp(1000, 2000, b"inside"))
}

fn llc(payload: &[u8]) -> Vec<u8> {
    [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], payload].concat()
}

fn geneve(flags: u8, protocol: u16, payload: &[u8]) -> Vec<u8> {
    octets!(Geneve {
        version: 0,
        flags,
        protocol: EtherType(protocol),
        identifier: 0,
        options: &[1, 2, 3, 0],
        payload,
    })
}

#[rstest]
#[case::an_ethernet_frame(0, 0x6558, "ipv4 udp geneve ethernet ipv4 udp")]
#[case::a_bare_packet(0, 0x0800, "ipv4 udp geneve malformed")]
#[case::something_else(0, 0x1234, "ipv4 udp geneve other")]
#[case::a_control_message(0x80, 0x6558, "ipv4 udp geneve")]
fn geneve_carries_what_its_protocol_says(#[case] flags: u8, #[case] protocol: u16, #[case] layers: &str) {
    let frame = [&[2; 12][..], &[8, 0], &inside()].concat();
    let packet = |port| ipv4(&udp(50_000, port, &geneve(flags, protocol, &frame)));
    assert_eq!(walk(LinkType::RAW, &packet(geneve::PORT)), layers);
    assert_eq!(walk(LinkType::RAW, &packet(geneve::PORT + 1)), "ipv4 udp");
}

#[test]
fn geneve_carries_ip_without_ethernet() {
    let tunnelled = geneve(0x40, 0x0800, &inside());
    let packet = ipv4(&udp(50_000, geneve::PORT, &tunnelled));
    assert_eq!(walk(LinkType::RAW, &packet), "ipv4 udp geneve ipv4 udp");
    let back = ipv4(&udp(geneve::PORT, 50_000, &tunnelled));
    assert_eq!(walk(LinkType::RAW, &back), "ipv4 udp", "a sender's port says nothing");
}

#[test]
fn a_geneve_of_another_version_is_no_fault() {
    let packet = ipv4(&udp(50_000, geneve::PORT, &[0x7f, 0, 8, 0]));
    assert_eq!(walk(LinkType::RAW, &packet), "ipv4 udp");
    let short = ipv4(&udp(50_000, geneve::PORT, &[0x3f, 0, 8, 0, 0, 0, 0, 0]));
    assert_eq!(walk(LinkType::RAW, &short), "ipv4 udp malformed");
}

#[test]
fn teredo_is_told_by_the_packet_and_either_port() {
    let packet = ipv6(&udp(1000, 2000, b"inside"));
    let origin = Origin {
        inverted_port: 1,
        inverted_address: [2; 4],
    };
    let indicated = octets!(Teredo {
        authentication: None,
        origin: Some(origin),
        payload: &packet,
    });
    for (ports, payload, layers) in [
        ((40_000, teredo::PORT), &packet, "ipv4 udp teredo ipv6 udp"),
        ((teredo::PORT, 40_000), &indicated, "ipv4 udp teredo ipv6 udp"),
        ((40_000, 40_001), &packet, "ipv4 udp"),
        (
            (40_000, teredo::PORT),
            &b"neither IPv6 nor an indication of it".to_vec(),
            "ipv4 udp",
        ),
        ((40_000, teredo::PORT), &packet[..packet.len() - 1].to_vec(), "ipv4 udp"),
    ] {
        let datagram = ipv4(&udp(ports.0, ports.1, payload));
        assert_eq!(walk(LinkType::RAW, &datagram), layers);
    }
}

#[test]
fn teredo_that_the_snap_length_cuts_is_still_teredo() {
    let packet = ipv6(&udp(1000, 2000, b"inside"));
    let datagram = ipv4(&udp(40_000, teredo::PORT, &packet));
    let cut = &datagram[..datagram.len() - 3];
    assert_eq!(
        names(LinkType::RAW, cut, datagram.len()),
        "ipv4 udp cut teredo ipv6 udp cut"
    );
}

fn data(control: [u8; 2], qos_control: u16, payload: &[u8]) -> Vec<u8> {
    octets!(Ieee80211 {
        control,
        duration: 0,
        address1: crate::ethernet::MacAddress([1; 6]),
        address2: crate::ethernet::MacAddress([2; 6]),
        address3: crate::ethernet::MacAddress([3; 6]),
        sequence_control: 0x10,
        address4: None,
        qos_control: (control[0] & 0x80 != 0).then_some(qos_control),
        ht_control: None,
        payload,
    })
}

fn radiotap(flags: u8, frame: &[u8]) -> Vec<u8> {
    octets!(Radiotap {
        version: 0,
        padding: 0,
        fields: &[2, 0, 0, 0, flags],
        payload: frame,
    })
}

#[rstest]
#[case::data([0x08, 1], "802.11 llc ipv4 udp")]
#[case::qos_data([0x88, 2], "802.11 llc ipv4 udp")]
#[case::no_data([0x48, 1], "802.11")]
#[case::encrypted([0x88, 0x41], "802.11 other")]
#[case::a_fragment([0x88, 5], "802.11 other")]
#[case::a_beacon([0x80, 0], "other")]
#[case::an_acknowledgement([0xd4, 0], "other")]
fn frames_are_stepped_into_where_llc_follows(#[case] control: [u8; 2], #[case] layers: &str) {
    let frame = data(control, 0, &llc(&inside()));
    assert_eq!(walk(LinkType::IEEE802_11, &frame), layers);
    assert_eq!(
        walk(LinkType::IEEE802_11_RADIOTAP, &radiotap(0, &frame)),
        format!("radiotap {layers}")
    );
}

/// A packet of a length that it does not tell, so that what follows would be taken for a part of it.
#[test]
fn the_frame_check_sequence_is_no_part_of_the_packet() {
    struct Surplus(Option<usize>);
    impl<'a> Sink<'a> for Surplus {
        fn layer(&mut self, _: usize, layer: &Layer<'a>) -> Flow {
            if let Layer::Llc(llc) = layer {
                self.0 = Some(llc.payload.len());
            }
            Flow::Into
        }
    }
    let packet = inside();
    let frame = [&data([0x08, 1], 0, &llc(&packet))[..], &[9; FCS_LEN]].concat();
    let captured = radiotap(Flags::FCS.0, &frame);
    // However many of its octets the snap length left.
    for cut in 0..=FCS_LEN {
        let mut surplus = Surplus(None);
        let bytes = &captured[..captured.len() - cut];
        decode(
            LinkType::IEEE802_11_RADIOTAP,
            bytes,
            captured.len() as u32,
            &mut surplus,
        );
        assert_eq!(surplus.0, Some(packet.len()), "{cut}");
    }
}

#[test]
fn a_padded_header_and_a_damaged_frame_are_told_by_the_card() {
    let padded = [&data([0x88, 1], 0, &[])[..], &[0, 0], &llc(&inside())].concat();
    assert_eq!(
        walk(LinkType::IEEE802_11_RADIOTAP, &radiotap(Flags::PADDED.0, &padded)),
        "radiotap 802.11 llc ipv4 udp"
    );
    let damaged = radiotap(Flags::BAD_FCS.0, &data([0x08, 1], 0, &llc(&inside())));
    assert_eq!(walk(LinkType::IEEE802_11_RADIOTAP, &damaged), "radiotap other");
}

#[test]
fn every_msdu_of_an_aggregate_is_walked() {
    let msdu = llc(&inside());
    let subframe = |destination: [u8; 6]| {
        let length = (msdu.len() as u16).to_be_bytes();
        let mut out = [&destination[..], &[2; 6], &length, &msdu].concat();
        out.resize(out.len().next_multiple_of(4), 0);
        out
    };
    let many = subframe([1; 6]).repeat(20);
    let layers = "802.11".to_owned() + &" msdu llc ipv4 udp".repeat(20);
    assert_eq!(walk(LinkType::IEEE802_11, &data([0x88, 1], 0x80, &many)), layers);
    // The flag alone does not make LLC a subframe.
    let injected = data([0x88, 1], 0x80, &msdu);
    assert_eq!(walk(LinkType::IEEE802_11, &injected), "802.11 other");
}

#[rstest]
#[case::prism(LinkType::IEEE802_11_PRISM, vec![0; 144])]
#[case::avs(LinkType::IEEE802_11_AVS, vec![0x80, 0x21, 0x10, 1, 0, 0, 0, 10, 9, 9])]
#[case::avs_as_prism(LinkType::IEEE802_11_PRISM, vec![0x80, 0x21, 0x10, 1, 0, 0, 0, 10, 9, 9])]
fn older_headers_of_cards_are_stepped_over(#[case] link: LinkType, #[case] header: Vec<u8>) {
    let frame = [header, data([0x08, 1], 0, &llc(&inside()))].concat();
    assert_eq!(walk(link, &frame), "802.11 llc ipv4 udp");
}

#[rstest]
#[case::cisco_hdlc(LinkType::CISCO_HDLC, &[0x0f, 0, 8, 0], "ipv4 udp")]
#[case::cisco_hdlc_in_place_of_ppp(LinkType::PPP_HDLC, &[0x8f, 0, 8, 0], "ipv4 udp")]
#[case::its_keepalive(LinkType::CISCO_HDLC, &[0x8f, 0, 0x80, 0x35], "other")]
#[case::frame_relay(LinkType::FRAME_RELAY, &[0x18, 0x41, 3, 0xcc], "ipv4 udp")]
#[case::frame_relay_with_snap(LinkType::FRAME_RELAY, &[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0], "ipv4 udp")]
#[case::frame_relay_with_a_long_address(LinkType::FRAME_RELAY, &[0x18, 0x40, 0x41, 8, 0], "ipv4 udp")]
#[case::arcnet_of_rfc_1051(LinkType::ARCNET_LINUX, &[1, 2, 0, 0, 0xf0], "ipv4 udp")]
#[case::arcnet_of_rfc_1201(LinkType::ARCNET_LINUX, &[1, 2, 0, 0, 0xd4, 0, 0, 7], "ipv4 udp")]
#[case::a_piece_of_it(LinkType::ARCNET_LINUX, &[1, 2, 0, 0, 0xd4, 3, 0, 7], "other")]
#[case::solaris(LinkType::IPNET, &[0; 24], "ipv4 udp")]
fn short_link_headers_are_stepped_over(#[case] link: LinkType, #[case] header: &[u8], #[case] layers: &str) {
    assert_eq!(walk(link, &[header, &inside()].concat()), layers);
}

#[test]
fn tunnels_in_tunnels_end() {
    let mut packet = inside();
    for _ in 0..30 {
        packet = ipv4(&udp(50_000, geneve::PORT, &geneve(0, 0x0800, &packet)));
    }
    assert_eq!(walk(LinkType::RAW, &packet).split(' ').count(), usize::from(MAX_LAYERS));
    assert_eq!(
        walk(LinkType::RAW, &ipv4(&udp(1, vxlan::PORT, &[0; 3]))),
        "ipv4 udp malformed"
    );
}
