//! A simultaneous open whose SYN brings data: RFC 9293 section 3.10.7.3, fourth.

use std::net::{IpAddr, Ipv4Addr};
use tcp::{Config, Host, State};
use wire::checksum::Sum;
use wire::ipv4::Ipv4;
use wire::tcp::{Flags, Tcp};
use wire::{Duration, Instant, SeqNumber, protocol};

const HERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const THERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const START: Instant = Instant(1_700_000_000_000_000_000);

/// A packet from the other end; numbers count from its ISN, 5000.
fn packet(flags: Flags, seq: u32, ack: SeqNumber, payload: &[u8]) -> Vec<u8> {
    let mut tcp = Tcp {
        source_port: 80,
        destination_port: 40_000,
        seq: SeqNumber(5000 + seq),
        ack,
        data_offset: 5,
        flags,
        window: 65_535,
        checksum: 0,
        urgent_pointer: 0,
        raw_options: &[],
        payload,
    };
    let mut octets = Vec::new();
    tcp.emit(&mut octets);
    let (source, destination) = (IpAddr::V4(THERE), IpAddr::V4(HERE));
    tcp.checksum = Sum::default()
        .pseudo_header(source, destination, protocol::TCP, octets.len() as u32)
        .add(&octets)
        .checksum();
    octets.clear();
    tcp.emit(&mut octets);
    let mut ip = Ipv4 {
        header_len: 20,
        dscp_ecn: 0,
        total_length: 20 + octets.len() as u16,
        id: 1,
        flags: wire::ipv4::Flags::DONT_FRAGMENT,
        fragment_offset: 0,
        ttl: 64,
        protocol: protocol::TCP,
        checksum: 0,
        source: THERE,
        destination: HERE,
        raw_options: &[],
        header: &[],
        payload: &octets,
        missing: 0,
    };
    ip.checksum = ip.correct_checksum();
    let mut packet = Vec::new();
    ip.emit(&mut packet);
    packet
}

/// What the host sends now, if anything: flags, sequence number, and what it acknowledges above 5000.
fn sent(host: &mut Host, now: Instant) -> Option<(Flags, SeqNumber, u32)> {
    let mut packet = Vec::new();
    host.transmit(now, &mut packet).then(|| {
        let tcp = Tcp::parse(&packet[20..]).expect("a segment");
        (tcp.flags, tcp.seq, tcp.ack.0.wrapping_sub(5000))
    })
}

/// A host that has sent its SYN and heard another, and its ISN.
fn crossed(flags: Flags, payload: &[u8]) -> (Host, tcp::SocketId, SeqNumber) {
    let mut config = Config::new(IpAddr::V4(HERE));
    config.receive_buffer = 4096;
    let mut host = Host::new(config);
    let id = host
        .connect(START, 40_000, (IpAddr::V4(THERE), 80))
        .expect("a free port");
    let (flags_sent, iss, _) = sent(&mut host, START).expect("a SYN");
    assert_eq!(flags_sent, Flags::SYN);
    host.deliver(START, &packet(Flags::SYN.with(flags), 0, SeqNumber(0), payload));
    let answer = sent(&mut host, START);
    // Its text waits: only the SYN is acknowledged.
    assert_eq!(answer, Some((Flags::SYN.with(Flags::ACK), iss, 1)));
    (host, id, iss)
}

#[test]
fn data_of_a_syn_that_crosses_ours_is_read_once_established() {
    let (mut host, id, iss) = crossed(Flags(0), b"abc");
    let connection = host.connection(id).expect("a connection");
    let mut octets = [0; 10];
    assert_eq!(connection.receive(&mut octets), Some(0), "not before ESTABLISHED");
    host.deliver(START, &packet(Flags::ACK, 4, iss + 1, &[]));
    let connection = host.connection(id).expect("a connection");
    assert_eq!(connection.state(), State::Established);
    assert_eq!(connection.receive(&mut octets), Some(3));
    assert_eq!(&octets[..3], b"abc");
    let later = START + Duration::millis(500);
    host.advance_to(later);
    assert_eq!(sent(&mut host, later), Some((Flags::ACK, iss + 1, 4)));
}

#[test]
fn fin_of_a_syn_that_crosses_ours_counts_once_established() {
    let (mut host, id, iss) = crossed(Flags::FIN, b"abc");
    host.deliver(START, &packet(Flags::ACK, 5, iss + 1, &[]));
    let connection = host.connection(id).expect("a connection");
    assert_eq!(connection.state(), State::CloseWait);
    assert_eq!(sent(&mut host, START), Some((Flags::ACK, iss + 1, 5)));
}

#[test]
fn no_more_of_it_is_kept_than_the_window_holds() {
    let (mut host, id, iss) = crossed(Flags::FIN, &[7; 9000]);
    host.deliver(START, &packet(Flags::ACK, 1, iss + 1, &[]));
    let connection = host.connection(id).expect("a connection");
    assert_eq!(connection.state(), State::Established, "its FIN lies beyond the window");
    assert_eq!(connection.receive(&mut [0; 9000]), Some(4096));
}
