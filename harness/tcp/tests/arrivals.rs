//! Packets that come one at a time: what a host answers to each.

use std::net::{IpAddr, Ipv4Addr};
use tcp::{Config, Ended, Host, SocketId, State};
use wire::tcp::{Flags, Options, SackBlock, Tcp, TcpOption};
use wire::{Duration, Instant, SeqNumber, protocol};

const HOST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const PEER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const PORT: u16 = 80;
const PEERS_PORT: u16 = 40_000;
/// The peer's ISS.
const IRS: SeqNumber = SeqNumber(1000);
const MSS: usize = 1460;

/// What a host sent.
#[derive(Debug, PartialEq)]
struct Sent {
    flags: Flags,
    seq: SeqNumber,
    ack: SeqNumber,
    len: usize,
    sack: Vec<SackBlock>,
}

/// A host, and the peer that the test plays.
struct Bench {
    host: Host,
    /// What the peer announces.
    mss: usize,
    now: Instant,
}

/// What the peer sends, without timestamps.
#[derive(Clone, Copy)]
struct Segment {
    flags: Flags,
    seq: SeqNumber,
    ack: SeqNumber,
    len: usize,
}

const fn segment(flags: Flags, seq: SeqNumber, ack: SeqNumber, len: usize) -> Segment {
    Segment { flags, seq, ack, len }
}

impl Bench {
    fn new() -> Bench {
        let host = Host::new(Config::new(HOST.into()));
        let now = Instant(1_700_000_000_000_000_000);
        Bench { host, mss: MSS, now }
    }

    /// A listener to which a SYN came; with the number of its SYN-ACK.
    fn half_open() -> (Bench, SeqNumber) {
        let mut bench = Bench::new();
        bench.host.listen(PORT).expect("a free port");
        let answer = bench.answer(segment(Flags::SYN, IRS, SeqNumber(0), 0));
        assert_eq!(answer.flags, Flags::SYN.with(Flags::ACK));
        (bench, answer.seq)
    }

    /// The host has sent its SYN, with this number.
    fn opening() -> (Bench, SocketId, SeqNumber) {
        let mut bench = Bench::new();
        let remote = (IpAddr::from(PEER), PEERS_PORT);
        let id = bench.host.connect(bench.now, PORT, remote).expect("an open");
        let syn = bench.sent();
        assert_eq!(syn.len(), 1);
        (bench, id, syn[0].seq)
    }

    fn state(&mut self, id: SocketId) -> State {
        self.host.connection(id).expect("a connection").state()
    }

    /// Everything that the host has to send.
    fn sent(&mut self) -> Vec<Sent> {
        let (mut all, mut packet) = (Vec::new(), Vec::new());
        while self.host.transmit(self.now, &mut packet) {
            let tcp = Tcp::parse(&packet[20..]).expect("a segment");
            let Options { sack, .. } = tcp.options();
            all.push(Sent {
                flags: Flags(tcp.flags.0 & (Flags::SYN.0 | Flags::ACK.0 | Flags::RST.0 | Flags::FIN.0)),
                seq: tcp.seq,
                ack: tcp.ack,
                len: tcp.payload.len(),
                sack: sack.to_vec(),
            });
        }
        all
    }

    /// What the host sends when this arrives.
    fn answers(&mut self, segment: Segment) -> Vec<Sent> {
        self.answers_to(PEERS_PORT, segment)
    }

    /// The same, from another port of the peer.
    fn answers_to(&mut self, port: u16, segment: Segment) -> Vec<Sent> {
        let mut options = Vec::new();
        if segment.flags.syn() {
            TcpOption::MaximumSegmentSize(self.mss as u16).emit(&mut options);
            options.extend([1, 1]);
            TcpOption::SackPermitted.emit(&mut options);
        }
        let mut octets = Vec::new();
        let payload = vec![7; segment.len];
        let mut tcp = Tcp {
            source_port: port,
            destination_port: PORT,
            seq: segment.seq,
            ack: segment.ack,
            data_offset: 5 + (options.len() / 4) as u8,
            flags: segment.flags,
            window: 60_000,
            checksum: 0,
            urgent_pointer: 0,
            raw_options: &options,
            payload: &payload,
        };
        tcp.emit(&mut octets);
        tcp.checksum = wire::checksum::Sum::default()
            .pseudo_header(PEER.into(), HOST.into(), protocol::TCP, octets.len() as u32)
            .add(&octets)
            .checksum();
        octets.clear();
        tcp.emit(&mut octets);
        self.deliver(protocol::TCP, &octets);
        self.sent()
    }

    fn answer(&mut self, segment: Segment) -> Sent {
        let mut answers = self.answers(segment);
        assert_eq!(answers.len(), 1, "{answers:?}");
        answers.remove(0)
    }

    fn deliver(&mut self, number: u8, payload: &[u8]) {
        let mut packet = ipv4(PEER, HOST, number, payload.len());
        packet.extend(payload);
        self.host.deliver(self.now, &packet);
    }

    /// "Fragmentation needed" about the host's segment of that number, by a hop that carries so many octets.
    fn too_big(&mut self, about: SeqNumber, mtu: u16) {
        let mut message = vec![3, 4, 0, 0, 0, 0];
        message.extend(mtu.to_be_bytes());
        message.extend(ipv4(HOST, PEER, protocol::TCP, 8));
        message.extend([PORT.to_be_bytes(), PEERS_PORT.to_be_bytes()].concat());
        message.extend(about.0.to_be_bytes());
        let sum = wire::checksum::Sum::default().add(&message).checksum();
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        self.deliver(protocol::ICMPV4, &message);
    }
}

/// A header, in front of so many octets.
fn ipv4(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, len: usize) -> Vec<u8> {
    let mut ip = wire::ipv4::Ipv4 {
        header_len: 20,
        dscp_ecn: 0,
        total_length: (20 + len) as u16,
        id: 0,
        flags: wire::ipv4::Flags::DONT_FRAGMENT,
        fragment_offset: 0,
        ttl: 64,
        protocol,
        checksum: 0,
        source,
        destination,
        raw_options: &[],
        header: &[],
        payload: &[],
        missing: 0,
    };
    ip.checksum = ip.correct_checksum();
    let mut packet = Vec::new();
    ip.emit(&mut packet);
    packet
}

/// RFC 5927 section 7.2: a SYN fits every path.
#[test]
fn packet_too_big_in_syn_sent_changes_nothing() {
    let (mut bench, id, iss) = Bench::opening();
    bench.too_big(iss, 68);
    let answer = bench.answer(segment(Flags::SYN.with(Flags::ACK), IRS, iss + 1, 0));
    assert_eq!((answer.flags, answer.seq), (Flags::ACK, iss + 1));
    bench.host.connection(id).expect("a connection").send(&[1; MSS]);
    let data = bench.sent();
    assert_eq!((data[0].seq, data[0].len), (iss + 1, MSS));
}

#[test]
fn packet_too_big_in_syn_received_changes_nothing() {
    let (mut bench, iss) = Bench::half_open();
    bench.too_big(iss, 68);
    bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0));
    let id = bench.host.accept(PORT).expect("a connection");
    bench.host.connection(id).expect("a connection").send(&[1; MSS]);
    let data = bench.sent();
    assert_eq!((data[0].seq, data[0].len), (iss + 1, MSS));
}

#[test]
fn packet_too_big_about_data_shrinks_segments_and_sends_them_again() {
    let (mut bench, id, iss) = Bench::opening();
    bench.answer(segment(Flags::SYN.with(Flags::ACK), IRS, iss + 1, 0));
    bench.host.connection(id).expect("a connection").send(&[1; MSS]);
    bench.sent();
    bench.too_big(iss + 1, 576);
    assert_eq!((bench.sent()[0].seq, bench.state(id)), (iss + 1, State::Established));
}

/// RFC 9293 section 3.10.7.4, fourth.
#[test]
fn another_syn_in_the_window_returns_a_half_open_connection_to_listen() {
    let (mut bench, first) = Bench::half_open();
    let another = segment(Flags::SYN, IRS + 500, SeqNumber(0), 0);
    assert_eq!(bench.answers(another), []);
    bench.now += Duration::secs(1);
    bench.host.advance_to(bench.now);
    assert_eq!(bench.sent(), [], "the old SYN-ACK is not sent again");
    let answer = bench.answer(another);
    assert_eq!((answer.flags, answer.ack), (Flags::SYN.with(Flags::ACK), IRS + 501));
    assert_ne!(answer.seq, first);
    bench.answers(segment(Flags::ACK, IRS + 501, answer.seq + 1, 0));
    assert!(bench.host.accept(PORT).is_some());
    assert!(bench.host.accept(PORT).is_none(), "nobody hears of the other");
}

/// The same, where SYN-RECEIVED was reached from SYN-SENT: as in synchronized states.
#[test]
fn another_syn_in_a_simultaneous_open_is_challenged() {
    let (mut bench, id, iss) = Bench::opening();
    bench.answer(segment(Flags::SYN, IRS, SeqNumber(0), 0));
    let answer = bench.answer(segment(Flags::SYN, IRS + 500, SeqNumber(0), 0));
    assert_eq!((answer.flags, answer.seq, answer.ack), (Flags::ACK, iss + 1, IRS + 1));
    assert_eq!(bench.state(id), State::SynReceived);
}

#[test]
fn the_syn_again_is_answered_by_the_same_syn_ack() {
    let (mut bench, iss) = Bench::half_open();
    let answer = bench.answer(segment(Flags::SYN, IRS, SeqNumber(0), 0));
    assert_eq!((answer.flags, answer.seq), (Flags::SYN.with(Flags::ACK), iss));
}

/// RFC 9293 section 3.10.7.4, first: what is not acceptable and a reset is dropped.
#[test]
fn the_syn_again_with_rst_is_dropped() {
    let (mut bench, iss) = Bench::half_open();
    assert_eq!(
        bench.answers(segment(Flags::SYN.with(Flags::RST), IRS, SeqNumber(0), 0)),
        []
    );
    bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0));
    assert!(bench.host.accept(PORT).is_some());
}

/// RFC 9293 section 3.10.7.4, first: SYN-RECEIVED is among the states that answer.
#[test]
fn an_unacceptable_segment_is_acknowledged_in_syn_received_at_once() {
    let (mut bench, iss) = Bench::half_open();
    for outside in [IRS - 20, IRS + 1_000_000] {
        let answer = bench.answer(segment(Flags::ACK, outside, iss + 1, 10));
        assert_eq!((answer.flags, answer.seq, answer.ack), (Flags::ACK, iss + 1, IRS + 1));
    }
    assert_eq!(bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0)), []);
}

/// RFC 2883 section 4: only what was received can have been received twice.
#[test]
fn octets_that_never_came_are_not_reported_as_duplicates() {
    let (mut bench, iss) = Bench::half_open();
    bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0));
    for never in [IRS - 20, IRS + 1 - 0x7fff_ffff, IRS + 1_000_000] {
        assert_eq!(bench.answer(segment(Flags::ACK, never, iss + 1, 10)).sack, []);
    }
}

#[test]
fn duplicates_are_reported_as_far_as_they_came_before_and_once() {
    let (mut bench, iss) = Bench::half_open();
    let block = |left: u32, right: u32| SackBlock {
        left: IRS + left,
        right: IRS + right,
    };
    bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 100));
    // Twenty octets from before the first of the stream.
    let answer = bench.answer(segment(Flags::ACK, IRS - 19, iss + 1, 100));
    assert_eq!(answer.sack, [block(1, 81)]);
    let gap = segment(Flags::ACK, IRS + 201, iss + 1, 100);
    assert_eq!(bench.answer(gap).sack, [block(201, 301)]);
    assert_eq!(bench.answer(gap).sack, [block(201, 301), block(201, 301)]);
    let more = segment(Flags::ACK, IRS + 401, iss + 1, 100);
    assert_eq!(bench.answer(more).sack, [block(401, 501), block(201, 301)]);
}

/// RFC 5681 section 3.1.
#[test]
fn after_a_lost_syn_ack_the_initial_window_is_one_segment() {
    for lost in [false, true] {
        let (mut bench, iss) = Bench::half_open();
        if lost {
            bench.now += Duration::secs(1);
            bench.host.advance_to(bench.now);
            assert_eq!(bench.sent()[0].seq, iss);
        }
        bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0));
        let id = bench.host.accept(PORT).expect("a connection");
        bench.host.connection(id).expect("a connection").send(&[1; 20_000]);
        assert_eq!(bench.sent().len(), if lost { 1 } else { 10 });
    }
}

/// The same in a simultaneous open.
#[test]
fn after_a_lost_syn_ack_of_a_simultaneous_open_the_initial_window_is_one_segment() {
    let (mut bench, id, iss) = Bench::opening();
    bench.answer(segment(Flags::SYN, IRS, SeqNumber(0), 0));
    bench.now += Duration::secs(1);
    bench.host.advance_to(bench.now);
    assert_eq!(bench.sent()[0].flags, Flags::SYN.with(Flags::ACK));
    bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0));
    let connection = bench.host.connection(id).expect("a connection");
    connection.send(&[1; 20_000]);
    assert_eq!(connection.ended(), None::<Ended>);
    assert_eq!(bench.sent().len(), 1);
}

/// RFC 9293 section 3.10.7.4, eighth.
#[test]
fn a_fin_behind_the_fin_is_answered_and_moves_nothing() {
    let (mut bench, iss) = Bench::half_open();
    bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0));
    let id = bench.host.accept(PORT).expect("a connection");
    let fin = Flags::FIN.with(Flags::ACK);
    for number in [1, 2, 3, 1] {
        let answer = bench.answer(segment(fin, IRS + number, iss + 1, 0));
        assert_eq!((answer.flags, answer.ack), (Flags::ACK, IRS + 2));
        assert_eq!(bench.state(id), State::CloseWait);
    }
}

/// RFC 9293 section 3.10.7.4, eighth: whatever came before, a FIN at RCV.NXT is the end.
#[test]
fn a_fin_above_a_gap_is_answered_and_gives_way_to_one_in_order() {
    let (mut bench, iss) = Bench::half_open();
    bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0));
    let id = bench.host.accept(PORT).expect("a connection");
    let fin = Flags::FIN.with(Flags::ACK);
    let answer = bench.answer(segment(fin, IRS + 2, iss + 1, 0));
    assert_eq!((answer.ack, bench.state(id)), (IRS + 1, State::Established));
    let answer = bench.answer(segment(fin, IRS + 1, iss + 1, 0));
    assert_eq!((answer.ack, bench.state(id)), (IRS + 2, State::CloseWait));
}

/// RFC 9293 section 3.10.7.4, first: what does not fit the window is cut off, a FIN too.
#[test]
fn a_fin_beyond_the_window_is_as_if_it_had_not_come() {
    let mut bench = Bench::new();
    let mut config = Config::new(HOST.into());
    config.receive_buffer = 1000;
    bench.host = Host::new(config);
    bench.host.listen(PORT).expect("a free port");
    let iss = bench.answer(segment(Flags::SYN, IRS, SeqNumber(0), 0)).seq;
    bench.answers(segment(Flags::ACK, IRS + 1, iss + 1, 0));
    let fin = Flags::FIN.with(Flags::ACK);
    bench.answers(segment(fin, IRS + 2, iss + 1, 1000));
    assert_eq!(bench.answer(segment(Flags::ACK, IRS + 1, iss + 1, 1)).ack, IRS + 1001);
    let id = bench.host.accept(PORT).expect("a connection");
    let mut octets = [0; 1000];
    bench.host.connection(id).expect("a connection").receive(&mut octets);
    bench.sent();
    assert_eq!(bench.answer(segment(fin, IRS + 1001, iss + 1, 10)).ack, IRS + 1012);
}

#[test]
fn what_arrives_for_a_connection_that_its_user_has_closed_is_refused() {
    let (mut bench, id, iss) = Bench::opening();
    bench.host.connection(id).expect("a connection").close();
    let answer = bench.answer(segment(Flags::SYN.with(Flags::ACK), IRS, iss + 1, 0));
    assert_eq!((answer.flags, answer.seq), (Flags::RST, iss + 1));
}

#[test]
fn a_full_syn_queue_is_no_end_of_service() {
    let (mut bench, number) = Bench::half_open();
    for port in 1..300 {
        bench.now += Duration::millis(1);
        let syn = segment(Flags::SYN, IRS, SeqNumber(0), 0);
        assert_eq!(bench.answers_to(port, syn).len(), 1, "port {port}");
    }
    // The first, whose SYN is in the queue, and the last, whose SYN is not.
    assert!(bench.answers(segment(Flags::ACK, IRS + 1, number + 1, 0)).is_empty());
    assert!(bench.host.accept(PORT).is_some());
    let cookie = bench.answers_to(300, segment(Flags::SYN, IRS, SeqNumber(0), 0))[0].seq;
    let forged = bench.answers_to(300, segment(Flags::ACK, IRS + 1, cookie + 2, 0));
    assert_eq!(forged[0].flags, Flags::RST);
    assert!(
        bench
            .answers_to(300, segment(Flags::ACK, IRS + 1, cookie + 1, 0))
            .is_empty()
    );
    let id = bench.host.accept(PORT).expect("the connection of the cookie");
    assert_eq!(bench.state(id), State::Established);
}

#[test]
fn data_on_a_syn_is_read_once_established() {
    let mut bench = Bench::new();
    bench.host.listen(PORT).expect("a free port");
    let answer = bench.answer(segment(Flags::SYN, IRS, SeqNumber(0), 50));
    assert_eq!(answer.ack, IRS + 1);
    bench.answers(segment(Flags::ACK, IRS + 51, answer.seq + 1, 0));
    let id = bench.host.accept(PORT).expect("a connection");
    let mut octets = [0; 100];
    assert_eq!(
        bench.host.connection(id).expect("a connection").receive(&mut octets),
        Some(50)
    );
}

#[test]
fn what_an_mss_below_the_options_leaves_is_sent_again() {
    let mut bench = Bench::new();
    bench.mss = 0;
    bench.host.listen(PORT).expect("a free port");
    let answer = bench.answer(segment(Flags::SYN, IRS, SeqNumber(0), 0));
    bench.answers(segment(Flags::ACK, IRS + 1, answer.seq + 1, 0));
    let id = bench.host.accept(PORT).expect("a connection");
    // Above a gap: the acknowledgements carry a SACK block.
    bench.answers(segment(Flags::ACK, IRS + 2, answer.seq + 1, 1));
    bench.host.connection(id).expect("a connection").send(&[7; 30]);
    assert_eq!(bench.sent().len(), 10);
    bench.now += Duration::secs(30);
    bench.host.advance_to(bench.now);
    bench.sent();
    bench.now += Duration::secs(30);
    bench.host.advance_to(bench.now);
    assert_eq!(bench.sent()[0].seq, answer.seq + 1);
}
