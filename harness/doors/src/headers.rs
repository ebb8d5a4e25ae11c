//! Headers: what was read is written back octet by octet, and every reader of a part agrees with the whole.

use wire::frame::{Flow, Layer, Sink, decode};
use wire::icmpv4::Icmpv4;
use wire::icmpv6::Icmpv6;
use wire::ipv4::Ipv4;
use wire::ipv4_options::Ipv4Option;
use wire::ipv6::Ipv6;
use wire::ipv6_extension::Extension;
use wire::link::LinkType;
use wire::ndp::Ndp;
use wire::reassembly::Fragment;
use wire::tcp::{Tcp, TcpOption};
use wire::udp::Udp;

/// Reads a header; asserts that the octets it was read from are those that it writes, and that they are read as the same.
macro_rules! round_trip {
    ($header:ty, $octets:expr) => {{
        let octets: &[u8] = $octets;
        let read = <$header>::parse(octets).ok();
        if let Some(header) = read {
            let mut written = Vec::with_capacity(octets.len());
            header.emit(&mut written);
            assert!(octets.starts_with(&written), "{header:?} is written as {written:02x?}");
            // With nothing behind it, it is what was just read.
            if written.len() < octets.len() {
                assert_eq!(<$header>::parse(&written).ok(), read, "{written:02x?}");
            }
        }
        read
    }};
}

/// Any octets as a frame of any link type (the first octet): every layer lies within the frame.
pub fn frame(octets: &[u8]) {
    struct Within(usize);
    impl<'a> Sink<'a> for Within {
        fn layer(&mut self, offset: usize, _: &Layer<'a>) -> Flow {
            assert!(offset <= self.0);
            Flow::Into
        }
    }
    if let Some((&link, bytes)) = octets.split_first() {
        decode(
            LinkType(u32::from(link)),
            bytes,
            bytes.len() as u32,
            &mut Within(bytes.len()),
        );
    }
}

/// The headers between link and IP; the first octet says which.
pub fn encapsulation(octets: &[u8]) {
    let Some((&which, bytes)) = octets.split_first() else {
        return;
    };
    match which % 17 {
        0 => drop(round_trip!(wire::ethernet::Ethernet<'_>, bytes)),
        1 => drop(round_trip!(wire::vlan::Vlan<'_>, bytes)),
        2 => drop(round_trip!(wire::llc::Llc<'_>, bytes)),
        3 => drop(round_trip!(wire::sll::Sll<'_>, bytes)),
        4 => drop(round_trip!(wire::sll::Sll2<'_>, bytes)),
        5 => drop(round_trip!(wire::null_loop::Null<'_>, bytes)),
        6 => drop(round_trip!(wire::ppp::Ppp<'_>, bytes)),
        7 => drop(round_trip!(wire::ppp::Pppoe<'_>, bytes)),
        8 => drop(round_trip!(wire::mpls::Mpls<'_>, bytes)),
        9 => drop(round_trip!(wire::gre::Gre<'_>, bytes)),
        10 => drop(round_trip!(wire::vxlan::Vxlan<'_>, bytes)),
        // Link type 276 has no octet of its own.
        11 => decode(LinkType::LINUX_SLL2, bytes, bytes.len() as u32, &mut Nothing),
        12 => drop(round_trip!(wire::geneve::Geneve<'_>, bytes)),
        13 => teredo(bytes),
        14 => _ = round_trip!(wire::radiotap::Radiotap<'_>, bytes).map(|radiotap| radiotap.flags()),
        15 => ieee80211(bytes),
        _ => subframe(bytes),
    }
}

/// What is taken for IPv6 can be read as such.
fn teredo(octets: &[u8]) {
    if let Some(teredo) = round_trip!(wire::teredo::Teredo<'_>, octets)
        && teredo.carries_ipv6(0)
    {
        let ip = Ipv6::parse(teredo.payload);
        assert!(ip.is_ok_and(|ip| ip.payload_length == 0 || ip.missing == 0));
    }
}

fn ieee80211(octets: &[u8]) {
    if let Some(frame) = round_trip!(wire::ieee80211::Ieee80211<'_>, octets) {
        assert_eq!(frame.header_len() + frame.payload.len(), octets.len());
        assert!(!frame.is_null() || !frame.has_whole_msdu());
        frame.ends();
    }
}

/// A walk over subframes comes to an end.
fn subframe(octets: &[u8]) {
    if let Some(subframe) = round_trip!(wire::ieee80211::Subframe<'_>, octets)
        && let Some(next) = subframe.next()
    {
        assert!(next.len() < octets.len());
    }
}

struct Nothing;

impl<'a> Sink<'a> for Nothing {
    fn layer(&mut self, _: usize, _: &Layer<'a>) -> Flow {
        Flow::Into
    }
}

pub fn arp(octets: &[u8]) {
    if let Some(arp) = round_trip!(wire::arp::Arp<'_>, octets) {
        arp.ethernet_ipv4();
    }
}

/// Either version, by the first four bits.
pub fn ip(octets: &[u8]) {
    if let Some(ip) = round_trip!(Ipv4<'_>, octets) {
        ipv4_parts(ip);
    }
    if let Some(ip) = round_trip!(Ipv6<'_>, octets) {
        ipv6_parts(ip);
    }
}

fn ipv4_parts(mut ip: Ipv4<'_>) {
    for option in ip.options().flatten() {
        let mut written = Vec::new();
        option.emit(&mut written);
        let again: Option<Ipv4Option<'_>> = wire::ipv4_options::Options::new(&written).next().and_then(Result::ok);
        assert_eq!(again, Some(option));
    }
    assert_eq!(Fragment::of_ipv4(&ip).is_some(), ip.is_fragment());
    ip.checksum = ip.correct_checksum();
    let mut written = Vec::new();
    ip.emit(&mut written);
    assert!(Ipv4::parse(&written).is_ok_and(|ip| ip.checksum_ok()));
}

fn ipv6_parts(ip: Ipv6<'_>) {
    let mut walked = Vec::new();
    let mut whole = true;
    for extension in ip.extensions() {
        let Ok(extension) = extension else {
            whole = false;
            break;
        };
        extension.emit(&mut walked);
        extension.options().for_each(drop);
        extension.routing().and_then(|routing| routing.final_destination());
        if let Some(fragment) = extension.fragment() {
            let mut written = Vec::new();
            fragment.emit(&mut written);
            let again = Extension::parse(extension.protocol, &written).map(|(_, extension)| extension.fragment());
            assert_eq!(again, Ok(Some(fragment)));
        }
    }
    assert!(ip.payload.starts_with(&walked));
    let upper = ip.upper_layer();
    assert_eq!(upper.is_ok(), whole);
    if let Ok(upper) = upper {
        assert_eq!(upper.extensions_len, walked.len());
        assert_eq!(Fragment::of_ipv6(&ip).is_some(), upper.is_fragment());
    }
}

/// Header and options; what all options together say is what the first of each says.
pub fn tcp(octets: &[u8]) {
    let Some(tcp) = round_trip!(Tcp<'_>, octets) else {
        return;
    };
    let all = tcp.options();
    let (mut mss, mut shift, mut times, mut permitted, mut malformed) = (None, None, None, false, false);
    for option in wire::tcp::options(tcp.raw_options) {
        match option {
            Ok(TcpOption::MaximumSegmentSize(one)) => _ = mss.get_or_insert(one),
            Ok(TcpOption::WindowScale(one)) => _ = shift.get_or_insert(one),
            Ok(TcpOption::Timestamps { value, echo }) => _ = times.get_or_insert((value, echo)),
            Ok(TcpOption::SackPermitted) => permitted = true,
            Ok(_) => {}
            Err(_) => malformed = true,
        }
    }
    assert_eq!(
        (
            all.mss,
            all.window_scale,
            all.timestamps,
            all.sack_permitted,
            all.malformed.is_some()
        ),
        (mss, shift, times, permitted, malformed)
    );
}

/// Each option that was read is written and read again as the same.
pub fn tcp_options(octets: &[u8]) {
    let raw = octets.get(..40).unwrap_or(octets);
    for option in wire::tcp::options(raw).flatten() {
        let mut out = Vec::new();
        option.emit(&mut out);
        assert_eq!(wire::tcp::options(&out).next(), Some(Ok(option)));
    }
}

/// A corrected checksum verifies, over IPv4 and IPv6.
pub fn udp(octets: &[u8]) {
    let Some(mut udp) = round_trip!(Udp<'_>, octets) else {
        return;
    };
    for address in [[192, 0, 2, 1].into(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()] {
        udp.checksum = udp.correct_checksum(address, address);
        assert_ne!(udp.checksum, 0);
        assert_ne!(udp.checksum_ok(address, address), Some(false));
    }
}

/// ICMP and ICMPv6 share their first eight octets.
pub fn icmp(octets: &[u8]) {
    if let Some(mut icmp) = round_trip!(Icmpv4<'_>, octets) {
        icmp.message();
        assert_eq!(icmp.quoted().is_some(), icmp.is_error());
        icmp.checksum = icmp.correct_checksum();
        assert!(icmp.checksum_ok());
    }
    if let Some(mut icmp) = round_trip!(Icmpv6<'_>, octets) {
        icmp.message();
        assert!(icmp.quoted().is_none() || icmp.is_error());
        let address = [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into();
        icmp.checksum = icmp.correct_checksum(address, address);
        assert!(icmp.checksum_ok(address, address));
        neighbours(&icmp, octets);
    }
}

/// Neighbour Discovery is written as it was read, and so is every option.
fn neighbours(icmp: &Icmpv6<'_>, octets: &[u8]) {
    let Ok(ndp) = Ndp::parse(icmp) else { return };
    let mut written = Vec::new();
    ndp.emit(&mut written);
    assert!(octets.ends_with(&written) && written.len() + 4 == octets.len());
    for option in ndp.options().flatten() {
        let mut written = Vec::new();
        option.emit(&mut written);
        assert_eq!(wire::ndp::Options::new(&written).next(), Some(Ok(option)));
        option.link_layer();
        option.prefix();
        option.mtu();
    }
}
