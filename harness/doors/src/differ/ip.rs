//! IP, TCP and UDP headers against etherparse.
//!
//! By design ours reads more:
//! - a total length or payload length beyond what is there (captures are cut), and of zero (captures above segmentation
//!   offload, jumbograms): lengths of data are not compared, only those of headers;
//! - a total length below the header's is refused by ours, and left to later checks by etherparse's header;
//! - hop-by-hop options in any place (RFC 8200 section 4.1 asks receivers to accept extension headers in any order, but for this
//!   one; that is for the requirements to judge), and Mobility, HIP and Shim6 headers, which etherparse gives back as the upper
//!   layer; the walk is compared up to there;
//! - etherparse walks on behind the header of a fragment, whose data ours leaves alone;
//! - an authentication header of length 0, which would end within its own fixed part: etherparse refuses it, ours delimits it.
//!
//! TCP options are compared up to the first that etherparse has no reader for or refuses.

use etherparse::{IpNumber, Ipv4Header, Ipv6ExtensionsSlice, Ipv6Header, TcpHeader, TcpOptionElement, UdpHeader};
use std::net::IpAddr;
use wire::checksum::Sum;
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::protocol;
use wire::tcp::{Tcp, TcpOption};
use wire::udp::Udp;

pub fn ip(octets: &[u8]) {
    match octets.first().map(|octet| octet >> 4) {
        Some(6) => ipv6(octets),
        _ => ipv4(octets),
    }
}

fn ipv4(octets: &[u8]) {
    let theirs = Ipv4Header::from_slice(octets);
    let ours = match Ipv4::parse(octets) {
        Ok(ip) => ip,
        Err(error) => {
            let short = theirs.is_ok_and(|(header, _)| usize::from(header.total_len) < header.header_len());
            assert!(theirs_is_err(octets) || short, "only ours refuses it: {error}");
            return;
        }
    };
    let (header, _) = theirs.expect("only etherparse refuses it");
    assert_eq!(
        (
            header.header_len(),
            header.total_len,
            header.identification,
            header.time_to_live
        ),
        (usize::from(ours.header_len), ours.total_length, ours.id, ours.ttl)
    );
    assert_eq!(
        (
            header.dscp.value(),
            header.ecn.value(),
            header.protocol.0,
            header.header_checksum
        ),
        (ours.dscp(), ours.ecn(), ours.protocol, ours.checksum)
    );
    assert_eq!(
        (
            header.dont_fragment,
            header.more_fragments,
            header.fragment_offset.byte_offset()
        ),
        (ours.dont_fragment(), ours.more_fragments(), ours.fragment_offset)
    );
    assert_eq!(
        (header.source, header.destination),
        (ours.source.octets(), ours.destination.octets())
    );
    assert_eq!(header.options.as_slice(), ours.raw_options);
    assert_eq!(header.is_fragmenting_payload(), ours.is_fragment());
    if !ours.flags.reserved() {
        // etherparse does not keep the reserved bit, which its sum then lacks.
        assert!(same_sum(header.calc_header_checksum(), ours.correct_checksum()));
    }
    if !ours.is_fragment() {
        transport(ours.protocol, ours.payload, ours.source.into(), ours.destination.into());
    }
}

fn theirs_is_err(octets: &[u8]) -> bool {
    Ipv4Header::from_slice(octets).is_err()
}

fn ipv6(octets: &[u8]) {
    let (ours, (header, _)) = match (Ipv6::parse(octets), Ipv6Header::from_slice(octets)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (ours, theirs) => return assert_eq!(ours.is_ok(), theirs.is_ok()),
    };
    assert_eq!(
        (header.traffic_class, header.flow_label.value(), header.payload_length),
        (ours.traffic_class, ours.flow_label, ours.payload_length)
    );
    assert_eq!(
        (
            header.next_header.0,
            header.hop_limit,
            header.source,
            header.destination
        ),
        (
            ours.next_header,
            ours.hop_limit,
            ours.source.octets(),
            ours.destination.octets()
        )
    );
    if let Some(payload) = extensions(&ours) {
        let (protocol, payload) = payload;
        transport(protocol, payload, ours.source.into(), ours.destination.into());
    }
}

/// Compares the walks; gives what lies behind, for a whole packet.
fn extensions<'a>(ip: &Ipv6<'a>) -> Option<(u8, &'a [u8])> {
    let (_, their_protocol, their_rest, _) = Ipv6ExtensionsSlice::from_slice_lax(IpNumber(ip.next_header), ip.payload);
    let mut walk = ip.extensions();
    let (mut protocol, mut rest) = walk.rest();
    let mut at_start = true;
    // Ours goes as far as theirs, or stops at a fragment.
    while rest.len() > their_rest.len() {
        let extension = walk.next()?.expect("ours walks as far as theirs");
        if extension.fragment().is_some_and(|fragment| !fragment.is_atomic()) {
            return None;
        }
        at_start = false;
        (protocol, rest) = walk.rest();
    }
    assert_eq!((protocol, rest), (their_protocol.0, their_rest));
    let goes_on = match protocol {
        protocol::MOBILITY | protocol::HIP | protocol::SHIM6 => true,
        protocol::HOP_BY_HOP => !at_start,
        protocol::AUTHENTICATION => rest.get(1) == Some(&0),
        _ => false,
    };
    match walk.next() {
        None => Some((protocol, rest)),
        Some(Err(_)) => None,
        Some(Ok(extension)) if goes_on => {
            // Without it there is nothing more to compare.
            assert_eq!(extension.protocol, protocol);
            None
        }
        Some(Ok(extension)) => panic!("only etherparse refuses {extension:?}"),
    }
}

fn transport(protocol: u8, payload: &[u8], source: IpAddr, destination: IpAddr) {
    match protocol {
        protocol::TCP => tcp(payload, source, destination),
        protocol::UDP => udp(payload, source, destination),
        _ => {}
    }
}

fn tcp(octets: &[u8], source: IpAddr, destination: IpAddr) {
    let (ours, (header, rest)) = match (Tcp::parse(octets), TcpHeader::from_slice(octets)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (ours, theirs) => return assert_eq!(ours.is_ok(), theirs.is_ok(), "{ours:?} {theirs:?}"),
    };
    assert_eq!(
        (
            header.source_port,
            header.destination_port,
            header.sequence_number,
            header.acknowledgment_number
        ),
        (ours.source_port, ours.destination_port, ours.seq.0, ours.ack.0)
    );
    assert_eq!(
        (
            header.data_offset(),
            header.window_size,
            header.checksum,
            header.urgent_pointer
        ),
        (ours.data_offset, ours.window, ours.checksum, ours.urgent_pointer)
    );
    let bits = [
        header.fin, header.syn, header.rst, header.psh, header.ack, header.urg, header.ece, header.cwr, header.ns,
    ];
    let bits = bits
        .iter()
        .enumerate()
        .fold(0, |all, (at, &bit)| all | u16::from(bit) << at);
    assert_eq!(bits, ours.flags.0 & 0x1ff);
    assert_eq!(rest, ours.payload);
    assert_eq!(header.options.as_slice(), ours.raw_options);
    tcp_options(&header, &ours);
    // As above: etherparse does not keep the reserved bits.
    if ours.flags.reserved() == 0 {
        let theirs = match (source, destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                header.calc_checksum_ipv4_raw(source.octets(), destination.octets(), rest)
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                header.calc_checksum_ipv6_raw(source.octets(), destination.octets(), rest)
            }
            _ => return,
        };
        // Without its own word the sum of a segment is that over the zeros that stand there while it is computed.
        let sum = Sum::default()
            .pseudo_header(source, destination, protocol::TCP, octets.len() as u32)
            .add(octets.get(..16).unwrap_or_default())
            .add(octets.get(18..).unwrap_or_default());
        assert!(same_sum(theirs.expect("below 64 KiB"), sum.checksum()));
    }
}

fn tcp_options(header: &TcpHeader, ours: &Tcp<'_>) {
    let mut walk = wire::tcp::options(ours.raw_options);
    for theirs in header.options_iterator() {
        let Ok(theirs) = theirs else { return };
        let ours = walk
            .next()
            .and_then(Result::ok)
            .expect("an option that etherparse reads");
        let same = match (&theirs, ours) {
            (TcpOptionElement::Noop, TcpOption::NoOperation) => true,
            (TcpOptionElement::MaximumSegmentSize(one), TcpOption::MaximumSegmentSize(two)) => *one == two,
            (TcpOptionElement::WindowScale(one), TcpOption::WindowScale(two)) => *one == two,
            (TcpOptionElement::SelectiveAcknowledgementPermitted, TcpOption::SackPermitted) => true,
            (TcpOptionElement::SelectiveAcknowledgement(first, more), TcpOption::Sack(blocks)) => {
                let edges = std::iter::once(*first).chain(more.iter().flatten().copied());
                let octets: Vec<u8> = edges
                    .flat_map(|(left, right)| [left.to_be_bytes(), right.to_be_bytes()].concat())
                    .collect();
                octets == blocks
            }
            (TcpOptionElement::Timestamp(one, two), TcpOption::Timestamps { value, echo }) => {
                (*one, *two) == (value, echo)
            }
            _ => false,
        };
        assert!(same, "{theirs:?} {ours:?}");
    }
    // Theirs ends in front of the end-of-list option.
    assert!(matches!(walk.next(), None | Some(Ok(TcpOption::EndOfList))));
}

fn udp(octets: &[u8], source: IpAddr, destination: IpAddr) {
    let theirs = UdpHeader::from_slice(octets);
    let ours = match Udp::parse(octets) {
        Ok(udp) => udp,
        Err(error) => {
            let short = theirs.as_ref().is_ok_and(|(header, _)| header.length < 8);
            return assert!(theirs.is_err() || short, "only ours refuses it: {error}");
        }
    };
    let (header, _) = theirs.expect("only etherparse refuses it");
    assert_eq!(
        (
            header.source_port,
            header.destination_port,
            header.length,
            header.checksum
        ),
        (ours.source_port, ours.destination_port, ours.length, ours.checksum)
    );
    if ours.missing > 0 || ours.length == 0 {
        return;
    }
    let theirs = match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            header.calc_checksum_ipv4_raw(source.octets(), destination.octets(), ours.payload)
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            header.calc_checksum_ipv6_raw(source.octets(), destination.octets(), ours.payload)
        }
        _ => return,
    };
    assert!(same_sum(
        theirs.expect("below 64 KiB"),
        ours.correct_checksum(source, destination)
    ));
}

/// RFC 1071: zero has two forms in one's complement.
fn same_sum(one: u16, two: u16) -> bool {
    let plain = |sum: u16| if sum == 0xffff { 0 } else { sum };
    plain(one) == plain(two)
}
