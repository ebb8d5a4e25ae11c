//! Whatever is read as a header is written and read again as the same value.

use proptest::collection::vec;
use proptest::prelude::*;

/// Bytes that begin like the header, so that most of them can be read, and go on at random.
fn beginning(first: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (first, vec(any::<u8>(), 0..200)).prop_map(|(first, rest)| [first, rest].concat())
}

macro_rules! round_trip {
    ($name:ident, $header:ty, $first:expr) => {
        proptest! {
            #[test]
            fn $name(bytes in beginning($first)) {
                if let Ok(read) = <$header>::parse(&bytes) {
                    let mut written = Vec::new();
                    read.emit(&mut written);
                    prop_assert_eq!(<$header>::parse(&written), Ok(read));
                }
            }
        }
    };
}

fn any_bytes(count: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), count)
}

/// A first octet of these, then others.
fn starting(first: &'static [u8], count: usize) -> impl Strategy<Value = Vec<u8>> {
    (proptest::sample::select(first), any_bytes(count)).prop_map(|(first, rest)| [vec![first], rest].concat())
}

round_trip!(ethernet_frames, wire::ethernet::Ethernet<'_>, any_bytes(14));
round_trip!(vlan_tags, wire::vlan::Vlan<'_>, any_bytes(4));
round_trip!(llc_headers, wire::llc::Llc<'_>, starting(&[0xaa, 0x06, 0x42], 8));
round_trip!(cooked_headers, wire::sll::Sll<'_>, any_bytes(16));
round_trip!(cooked_headers_of_version_2, wire::sll::Sll2<'_>, any_bytes(20));
round_trip!(bsd_loopback_headers, wire::null_loop::Null<'_>, any_bytes(4));
round_trip!(ppp_packets, wire::ppp::Ppp<'_>, starting(&[0xff, 0x00, 0x21, 0x80], 3));
round_trip!(
    pppoe_headers,
    wire::ppp::Pppoe<'_>,
    (0u8..100).prop_map(|length| vec![0x11, 0, 0, 1, 0, length])
);
round_trip!(mpls_entries, wire::mpls::Mpls<'_>, any_bytes(4));
round_trip!(
    arp_packets,
    wire::arp::Arp<'_>,
    any_bytes(8).prop_map(|rest| [vec![0, 1, 8, 0, 6, 4], rest].concat())
);
round_trip!(gre_headers, wire::gre::Gre<'_>, any_bytes(20));
round_trip!(vxlan_headers, wire::vxlan::Vxlan<'_>, any_bytes(8));
round_trip!(
    geneve_headers,
    wire::geneve::Geneve<'_>,
    starting(&[0, 1, 2, 0x3f, 0x43], 7)
);
round_trip!(
    teredo_indications,
    wire::teredo::Teredo<'_>,
    (proptest::sample::select(&[0_u8, 1, 0x60][..]), any_bytes(2))
        .prop_map(|(second, rest)| [vec![0, second], rest].concat())
);
round_trip!(
    radiotap_headers,
    wire::radiotap::Radiotap<'_>,
    (8u8..60).prop_map(|length| vec![0, 0, length, 0])
);
round_trip!(
    ieee80211_frames,
    wire::ieee80211::Ieee80211<'_>,
    starting(&[0x08, 0x48, 0x88, 0xc8], 35)
);
round_trip!(a_msdu_subframes, wire::ieee80211::Subframe<'_>, any_bytes(14));
round_trip!(icmp_messages, wire::icmpv4::Icmpv4<'_>, any_bytes(8));
round_trip!(icmpv6_messages, wire::icmpv6::Icmpv6<'_>, any_bytes(8));
round_trip!(
    udp_datagrams,
    wire::udp::Udp<'_>,
    (0u8..100).prop_map(|length| vec![0, 1, 0, 2, 0, length, 3, 4])
);
round_trip!(
    tcp_segments,
    wire::tcp::Tcp<'_>,
    (any_bytes(12), 5u8..16, any_bytes(7))
        .prop_map(|(front, words, back)| { [front, vec![words << 4], back].concat() })
);
round_trip!(
    ipv4_datagrams,
    wire::ipv4::Ipv4<'_>,
    (5u8..16, 20u8..200, any_bytes(16))
        .prop_map(|(words, total, rest)| { [vec![0x40 | words, 0, 0, total], rest].concat() })
);
round_trip!(
    ipv6_packets,
    wire::ipv6::Ipv6<'_>,
    (any_bytes(3), 1u8..100, any_bytes(34))
        .prop_map(|(word, length, rest)| { [vec![0x60], word, vec![0, length], rest].concat() })
);

proptest! {
    /// Whatever can be delimited among TCP options is written as it stood.
    #[test]
    fn tcp_options(raw in vec(any::<u8>(), 0..40)) {
        for option in wire::tcp::options(&raw).flatten() {
            let mut written = Vec::new();
            option.emit(&mut written);
            prop_assert_eq!(wire::tcp::options(&written).next(), Some(Ok(option)));
        }
    }
}

proptest! {
    /// Neighbour Discovery: the message, and each option that can be delimited, is written as it stood.
    #[test]
    fn neighbour_discovery(kind in 133u8..=137, first in any_bytes(7), rest in vec(any::<u8>(), 0..120)) {
        let octets = [vec![kind], first, rest].concat();
        let icmp = wire::icmpv6::Icmpv6::parse(&octets).unwrap();
        if let Ok(read) = wire::ndp::Ndp::parse(&icmp) {
            let mut written = Vec::new();
            read.emit(&mut written);
            prop_assert_eq!(&written[..], &octets[4..]);
            prop_assert_eq!(read.message.icmp_type(), kind);
        }
    }

    #[test]
    fn neighbour_discovery_options(raw in vec(0u8..6, 0..120)) {
        for option in wire::ndp::Options::new(&raw).flatten() {
            let mut written = Vec::new();
            option.emit(&mut written);
            prop_assert_eq!(wire::ndp::Options::new(&written).next(), Some(Ok(option)));
        }
    }
}
