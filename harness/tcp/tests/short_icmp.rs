//! RFC 1122 section 3.2.2 and RFC 4443 section 2.4 (e): no ICMP error is sent about an ICMP error, nor about what may be one.

use rstest::rstest;
use tcp::{Config, Host};
use wire::Instant;
use wire::ipv4::{Flags, Ipv4};
use wire::ipv6::Ipv6;
use wire::protocol;

/// Type 3 of ICMP and type 1 of ICMPv6: the destination is unreachable.
const SHORT: &[u8] = &[3, 1, 0, 0];
const SHORT_V6: &[u8] = &[1, 0, 0, 0];

fn over_ipv4(number: u8, payload: &[u8]) -> Vec<u8> {
    let mut ip = Ipv4 {
        header_len: 20,
        dscp_ecn: 0,
        total_length: 20 + payload.len() as u16,
        id: 1,
        flags: Flags(0),
        fragment_offset: 0,
        ttl: 64,
        protocol: number,
        checksum: 0,
        source: [192, 0, 2, 1].into(),
        destination: [192, 0, 2, 2].into(),
        raw_options: &[],
        header: &[],
        payload,
        missing: 0,
    };
    ip.checksum = ip.correct_checksum();
    let mut packet = Vec::new();
    ip.emit(&mut packet);
    packet
}

fn over_ipv6(number: u8, payload: &[u8]) -> Vec<u8> {
    let ip = Ipv6 {
        traffic_class: 0,
        flow_label: 0,
        payload_length: payload.len() as u16,
        next_header: number,
        hop_limit: 64,
        source: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into(),
        destination: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 2].into(),
        header: &[],
        payload,
        missing: 0,
    };
    let mut packet = Vec::new();
    ip.emit(&mut packet);
    packet
}

#[rstest]
#[case::icmp(over_ipv4(protocol::ICMPV4, SHORT), false)]
#[case::icmpv6(over_ipv6(protocol::ICMPV6, SHORT_V6), false)]
#[case::unknown(over_ipv4(253, SHORT), true)]
#[case::unknown_over_ipv6(over_ipv6(253, SHORT), true)]
fn a_message_too_short_to_be_read_is_dropped_and_an_unknown_protocol_answered(
    #[case] packet: Vec<u8>,
    #[case] answered: bool,
) {
    let its = match packet[0] >> 4 {
        4 => [192, 0, 2, 2].into(),
        _ => [0x2001, 0xdb8, 0, 0, 0, 0, 0, 2].into(),
    };
    let (mut host, now) = (Host::new(Config::new(its)), Instant(1));
    host.deliver(now, &packet);
    assert_eq!(host.transmit(now, &mut Vec::new()), answered);
}
