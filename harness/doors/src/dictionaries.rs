//! Words for libFuzzer: what a parser compares with, and no chance change of octets comes upon. Written from the constants that the
//! parsers have; a test holds `fuzz/dictionaries` to it.

use std::fmt::Write as _;
use wire::dns::{Class, Header, Type};
use wire::ether_type::EtherType;
use wire::http::METHODS;
use wire::ipv4_options::kind as ip_option;
use wire::link::LinkType;
use wire::tcp::{Flags, kind};
use wire::{icmpv4, icmpv6, protocol};

/// Words of one dictionary.
#[derive(Default)]
struct Words(Vec<Vec<u8>>);

impl Words {
    /// Each once, in order.
    fn add(mut self, words: impl IntoIterator<Item: AsRef<[u8]>>) -> Words {
        for word in words {
            let word = word.as_ref();
            if !word.is_empty() && !self.0.iter().any(|known| known == word) {
                self.0.push(word.to_vec());
            }
        }
        self
    }

    fn with(self, other: Words) -> Words {
        self.add(other.0)
    }

    /// As libFuzzer reads it: a line per word, in quotes.
    fn text(&self) -> String {
        let mut text =
            String::from("# Written by: cargo run -p stackproof-doors --example dictionaries fuzz/dictionaries\n");
        for word in &self.0 {
            text.push('"');
            for &octet in word {
                match octet {
                    b'"' | b'\\' => text.extend(['\\', char::from(octet)]),
                    b' '..=b'~' => text.push(char::from(octet)),
                    _ => write!(text, "\\x{octet:02X}").expect("a string takes everything"),
                }
            }
            text.push_str("\"\n");
        }
        text
    }
}

/// Each target that has a dictionary, and what the file TARGET.dict holds.
pub fn dictionaries() -> Vec<(&'static str, String)> {
    let all = [
        (
            "arp",
            ether_types().add([[0_u8, 1, 8, 0, 6, 4, 0, 1], [0, 1, 8, 0, 6, 4, 0, 2]]),
        ),
        ("capture", capture()),
        ("check", capture().with(ip()).with(tcp_options())),
        ("differ_dns", dns()),
        ("differ_http", http()),
        ("differ_ip", ip()),
        ("dns", dns()),
        ("encapsulation", ether_types()),
        ("frame", ether_types().with(ip()).with(tcp_options())),
        ("http", http()),
        ("icmp", icmp().with(ip())),
        ("ip", ip()),
        ("script", script()),
        ("tcp", tcp()),
        ("tcp_options", tcp_options()),
        ("tcp_reference", ip().with(tcp())),
    ];
    all.into_iter().map(|(target, words)| (target, words.text())).collect()
}

/// Kinds with the lengths that their RFCs give them, and lengths that are wrong.
fn tcp_options() -> Words {
    let sack = (1..=4_u8).map(|blocks| vec![kind::SACK, 2 + 8 * blocks]);
    let wrong = [
        kind::MSS,
        kind::WINDOW_SCALE,
        kind::SACK_PERMITTED,
        kind::SACK,
        kind::TIMESTAMPS,
    ]
    .into_iter()
    .flat_map(|kind| [vec![kind, 0], vec![kind, 1], vec![kind, 40]]);
    Words::default()
        .add([
            vec![kind::NOP, kind::NOP],
            vec![kind::NOP, kind::EOL],
            // RFC 9293 section 3.7.1, RFC 7323 sections 2.2 and 3.2, RFC 2018 section 2.
            vec![kind::MSS, 4, 0x05, 0xb4],
            vec![kind::WINDOW_SCALE, 3, 14],
            vec![kind::WINDOW_SCALE, 3, 15],
            vec![kind::SACK_PERMITTED, 2],
            vec![kind::TIMESTAMPS, 10],
            // RFC 2385 section 3, RFC 5482 section 3, RFC 5925 section 2.2.
            vec![kind::MD5, 18],
            vec![kind::USER_TIMEOUT, 4, 0x80, 60],
            vec![kind::AO, 16],
            // RFC 8684 section 3.1, RFC 7413 section 4.1.1, RFC 6994 section 3.
            vec![kind::MPTCP, 12],
            vec![kind::FAST_OPEN, 2],
            vec![kind::FAST_OPEN, 10],
            vec![kind::EXPERIMENT_1, 4, 0xf9, 0x89],
            vec![kind::EXPERIMENT_2, 4, 0xf9, 0x89],
        ])
        .add(sack)
        .add(wrong)
}

/// Data offset and control bits, side by side as in the header, and the options.
fn tcp() -> Words {
    let flags = [
        Flags::SYN,
        Flags::SYN.with(Flags::ACK),
        Flags::ACK,
        Flags::ACK.with(Flags::PSH),
        Flags::ACK.with(Flags::FIN),
        Flags::ACK.with(Flags::URG),
        Flags::RST,
        Flags::RST.with(Flags::ACK),
        Flags::SYN.with(Flags::ECE).with(Flags::CWR),
    ];
    let offsets = flags.into_iter().flat_map(|flags| {
        let [high, low] = flags.0.to_be_bytes();
        [5_u8, 8, 10, 15].map(|words| [words << 4 | high, low])
    });
    Words::default().add(offsets).with(tcp_options())
}

fn ip() -> Words {
    let protocols = [
        protocol::HOP_BY_HOP,
        protocol::ICMPV4,
        protocol::IGMP,
        protocol::IPV4,
        protocol::TCP,
        protocol::UDP,
        protocol::IPV6,
        protocol::ROUTING,
        protocol::FRAGMENT,
        protocol::GRE,
        protocol::ESP,
        protocol::AUTHENTICATION,
        protocol::ICMPV6,
        protocol::NO_NEXT_HEADER,
        protocol::DESTINATION_OPTIONS,
        protocol::MOBILITY,
    ];
    let after_ttl = protocols.map(|protocol| [64, protocol]);
    let extensions = protocols.map(|protocol| [protocol, 0]);
    let options = [
        vec![ip_option::RECORD_ROUTE, 7, 4],
        vec![ip_option::TIMESTAMP, 8, 5, 0],
        vec![ip_option::SECURITY, 11],
        vec![ip_option::LOOSE_SOURCE_ROUTE, 7, 4],
        vec![ip_option::STRICT_SOURCE_ROUTE, 7, 4],
        vec![ip_option::STREAM_ID, 4],
        vec![ip_option::ROUTER_ALERT, 4, 0, 0],
    ];
    Words::default()
        // Version and header length; don't fragment, more fragments, the last; version 6.
        .add([
            vec![0x45, 0],
            vec![0x46, 0],
            vec![0x4f, 0],
            vec![0x40, 0],
            vec![0x20, 0],
            vec![0, 1],
            vec![0x60, 0, 0, 0],
        ])
        .add(after_ttl)
        .add(extensions)
        .add(options)
}

fn icmp() -> Words {
    use icmpv4::icmp_type as four;
    use icmpv6::icmp_type as six;
    let types = [
        [four::ECHO_REPLY, 0],
        [four::DESTINATION_UNREACHABLE, 3],
        [four::DESTINATION_UNREACHABLE, 4],
        [four::SOURCE_QUENCH, 0],
        [four::REDIRECT, 1],
        [four::ECHO, 0],
        [four::ROUTER_ADVERTISEMENT, 0],
        [four::TIME_EXCEEDED, 0],
        [four::PARAMETER_PROBLEM, 0],
        [four::TIMESTAMP, 0],
        [four::ADDRESS_MASK_REQUEST, 0],
        [six::DESTINATION_UNREACHABLE, 4],
        [six::PACKET_TOO_BIG, 0],
        [six::TIME_EXCEEDED, 0],
        [six::PARAMETER_PROBLEM, 1],
        [six::ECHO_REQUEST, 0],
        [six::ECHO_REPLY, 0],
        [six::ROUTER_ADVERTISEMENT, 0],
        [six::NEIGHBOR_SOLICITATION, 0],
        [six::NEIGHBOR_ADVERTISEMENT, 0],
        [six::LISTENER_REPORT_V2, 0],
    ];
    Words::default().add(types)
}

fn ether_types() -> Words {
    let types = [
        EtherType::IPV4,
        EtherType::ARP,
        EtherType::TRANSPARENT_ETHERNET,
        EtherType::RARP,
        EtherType::VLAN,
        EtherType::IPV6,
        EtherType::PPP,
        EtherType::MPLS,
        EtherType::MPLS_UPSTREAM,
        EtherType::PPPOE_DISCOVERY,
        EtherType::PPPOE_SESSION,
        EtherType::SERVICE_VLAN,
        EtherType::ERSPAN_II,
        EtherType::ERSPAN_III,
        EtherType::OLD_QINQ,
        EtherType::OLD_QINQ_2,
    ];
    let encapsulations = [
        wire::ppp::protocol::IPV4,
        wire::ppp::protocol::IPV6,
        wire::ppp::protocol::MPLS,
    ];
    Words::default()
        .add(types.map(|one| one.0.to_be_bytes()))
        .add(encapsulations.map(u16::to_be_bytes))
        // RFC 1042: SNAP; RFC 2516 section 4: PPPoE.
        .add([vec![0xaa, 0xaa, 3, 0, 0, 0], vec![0x11, 0, 0, 1]])
        .add([wire::vxlan::PORT, wire::geneve::PORT, wire::teredo::PORT].map(u16::to_be_bytes))
        // RFC 4380 section 5.1.1: the two indications, without identity and key; section 2.6: the prefix.
        .add([vec![0, 1, 0, 0], vec![0, 0], vec![0x20, 1, 0, 0]])
        // Radiotap's shortest header, with the flags present; Frame Control of data and of QoS data.
        .add([
            vec![0, 0, 9, 0, 2, 0, 0, 0, 0x10],
            vec![8, 0],
            vec![0x88, 1],
            vec![0x88, 2],
        ])
}

/// Numbers that have a name, of `most` at most: what is called `TYPE257` has none.
fn named<T: std::fmt::Display>(most: u16, number: fn(u16) -> T, none: &str) -> Vec<[u8; 2]> {
    let named = |&value: &u16| !number(value).to_string().starts_with(none);
    (0..=most).filter(named).map(u16::to_be_bytes).collect()
}

fn dns() -> Words {
    let types = named(300, Type, "TYPE");
    let classes = named(300, Class, "CLASS");
    let questions = types.iter().map(|&[high, low]| vec![0, high, low, 0, 1]);
    let responses = (0..=6_u16).map(|rcode| (Header::QR | Header::RA | rcode).to_be_bytes());
    let opcodes = (0..=5_u16).map(|opcode| (opcode << 11 | Header::RD).to_be_bytes());
    Words::default()
        .add(types.iter().chain(&classes))
        .add(questions)
        .add(responses)
        .add(opcodes)
        // RFC 1035 section 4.1.4: pointers to the first name; labels; counts; RFC 6891 section 6.1.2: OPT.
        .add([
            vec![0xc0, 12],
            vec![0xc0, 0],
            vec![3, b'w', b'w', b'w'],
            vec![3, b'n', b'e', b't', 0],
        ])
        .add([
            vec![0, 1, 0, 0, 0, 0, 0, 0],
            vec![0, 1, 0, 1, 0, 0, 0, 1],
            vec![0, 0, 41, 4, 0xd0],
        ])
}

fn http() -> Words {
    let codings = [
        "chunked",
        "gzip",
        "identity",
        "close",
        "keep-alive",
        "upgrade",
        "100-continue",
    ];
    // What framing rests on (RFC 9112 section 6), and what requirements judge (RFC 9110).
    let names = [
        "Content-Length",
        "Transfer-Encoding",
        "Host",
        "Connection",
        "Date",
        "Via",
        "Allow",
        "Location",
        "Upgrade",
        "Expect",
        "TE",
        "Trailer",
        "WWW-Authenticate",
        "Content-Type",
    ];
    let status = [
        "100", "101", "200", "204", "205", "206", "301", "304", "400", "401", "405", "426", "501",
    ];
    Words::default()
        .add(METHODS.map(|method| [method, b" "].concat()))
        .add([
            "HTTP/1.1",
            "HTTP/1.0",
            " HTTP/1.1\r\n",
            "HTTP/1.1 200 OK\r\n",
            "\r\n\r\n",
            "\n\n",
            "\r\n ",
            ": ",
            ", ",
            "/",
            "*",
        ])
        .add(names.map(|name| format!("{name}: ")))
        .add(names.map(|name| format!("\r\n{name}: ")))
        .add(codings)
        .add(status.map(|status| format!(" {status} ")))
        .add([
            "0\r\n\r\n",
            "\r\n5\r\n",
            ";a=\"b\"",
            "ffffffffffffffff",
            "18446744073709551615",
        ])
}

fn capture() -> Words {
    // The files' own numbers, each in both byte orders: pcap's dialects, pcapng's byte-order magic and blocks.
    let magic = [
        0xa1b2_c3d4,
        0xa1b2_3c4d,
        0xa1b2_cd34,
        0x1c00_01ac,
        0x1c00_01ab,
        0x1a2b_3c4d,
        0x0a0d_0d0a_u32,
    ];
    let blocks = [1, 2, 3, 4, 5, 6, 0x0bad];
    let links = [
        LinkType::NULL,
        LinkType::ETHERNET,
        LinkType::PPP,
        LinkType::PPP_ETHER,
        LinkType::RAW,
        LinkType::LOOP,
        LinkType::LINUX_SLL,
        LinkType::IPV4,
        LinkType::IPV6,
        LinkType::LINUX_SLL2,
    ];
    let numbers = magic.into_iter().chain(blocks).chain(links.map(|link| link.0));
    let both = numbers.flat_map(|number: u32| [number.to_be_bytes(), number.to_le_bytes()]);
    // Version 2.4; no length given; options of an interface: its resolution, its offset, the end.
    Words::default().add(both).add([
        vec![0, 2, 0, 4],
        vec![2, 0, 4, 0],
        vec![0xff; 8],
        vec![9, 0, 1, 0, 6],
        vec![14, 0, 8, 0],
        vec![0, 9, 0, 1],
        vec![0; 4],
    ])
}

/// Words of the packetdrill language.
fn script() -> Words {
    let calls = [
        "socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
        "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0",
        "bind(3, ..., ...) = 0",
        "listen(3, 1) = 0",
        "accept(3, ..., ...) = 4",
        "connect(3, ..., ...) = 0",
        "write(4, ..., 1000) = 1000",
        "read(4, ..., 1000) = 1000",
        "close(4) = 0",
        "shutdown(4, SHUT_WR) = 0",
        "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0",
        "sendto(4, ..., 100, 0, ..., ...) = 100",
        "poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0) = 1",
    ];
    let segments = [
        "< S 0:0(0) win 65535 <mss 1000>",
        "> S. 0:0(0) ack 1 <...>",
        "< . 1:1(0) ack 1 win 65535",
        "> P. 1:1001(1000) ack 1",
        "< F. 1:1(0) ack 1 win 65535",
        "> R. 1:1(0) ack 1",
        "< R 1:1(0) win 0",
        "[ect0]",
        "[ce]",
        "[noecn]",
        "SEW",
        "SE.",
        "> icmp",
        "< icmp unreachable frag_needed mtu 1400 [1:1001(1000)]",
        "udp (100)",
    ];
    let options = [
        "mss 1460",
        "wscale 7",
        "sackOK",
        "sack 1:2",
        "TS val 100 ecr 0",
        "TS val 100 ecr 100",
        "nop",
        "eol",
        "FO",
        "FOEXP",
        "md5",
        "ECN",
        "exp",
    ];
    let rest = [
        "+0",
        "+.1",
        "+0~+1",
        "0.000",
        "*",
        "--tolerance_usecs=",
        "--ip_version=ipv4",
        "--mtu=",
        "--define=",
        "%{",
        "}%",
        "`",
        "//",
        "/*",
        "*/",
        "#",
        "...",
        "= -1 EAGAIN (Resource temporarily unavailable)",
        "EINPROGRESS",
        "ECONNRESET",
        "EPIPE",
        "TCP_NODELAY",
        "TCP_INFO",
        "SO_LINGER",
        "SO_KEEPALIVE",
        "MSG_OOB",
        "assert tcpi_state == TCP_ESTABLISHED",
        "{l_onoff=1, l_linger=0}",
        "urg 1",
        "win ",
        "ack ",
        "\n+0 ",
        "\n+.1 < ",
        "\n+0 > ",
    ];
    Words::default().add(calls).add(segments).add(options).add(rest)
}
