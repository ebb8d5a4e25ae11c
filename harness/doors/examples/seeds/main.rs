//! Writes seeds for the targets that read headers and messages, out of the captures below `pcaps/`.
//!
//!     cargo run -p stackproof-doors --example seeds CORPUS
//!
//! Of each kind a few of different length are kept: a fuzzer makes more of them itself. Files are named for what they hold.

mod tunnels;

use capture::Capture;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use wire::frame::{Flow, Layer, Sink, decode};
use wire::link::LinkType;

/// Seeds of one kind, and octets of one seed, at most.
const MOST: usize = 6;
const LONGEST: usize = 400;

/// For each target, octets by the class that keeps them apart.
#[derive(Default)]
struct Seeds(BTreeMap<(&'static str, String), Vec<u8>>);

impl Seeds {
    /// One that was made for what it holds.
    fn keep(&mut self, target: &'static str, class: &str, parts: &[&[u8]]) {
        self.0.entry((target, class.to_string())).or_insert(parts.concat());
    }

    /// The first of its class stays.
    fn add(&mut self, target: &'static str, class: impl std::fmt::Display, parts: &[&[u8]]) {
        let octets = parts.concat();
        let count = self.0.keys().filter(|(name, _)| *name == target).count();
        if count < MOST && octets.len() <= LONGEST {
            self.0.entry((target, class.to_string())).or_insert(octets);
        }
    }
}

struct Layers<'s, 'a> {
    seeds: &'s mut Seeds,
    frame: &'a [u8],
}

impl<'a> Sink<'a> for Layers<'_, 'a> {
    fn layer(&mut self, offset: usize, layer: &Layer<'a>) -> Flow {
        let here = self.frame.get(offset..).unwrap_or_default();
        let seeds = &mut *self.seeds;
        match layer {
            Layer::Ethernet(frame) => seeds.add(
                "encapsulation",
                format!("ethernet-{:x}", frame.type_or_length),
                &[&[0], here],
            ),
            Layer::Sll(_) => seeds.add("encapsulation", "cooked", &[&[3], here]),
            Layer::Arp(arp) => seeds.add("arp", format!("operation-{}", arp.operation), &[here]),
            Layer::Ipv4(ip) => {
                let class = format!("4-protocol-{}-fragment-{}", ip.protocol, ip.is_fragment());
                seeds.add("ip", &class, &[here]);
                seeds.add("differ_ip", &class, &[here]);
                seeds.add(
                    "tcp_reference",
                    format!("{class}-to-a-listener"),
                    &[&[0, 4, 0, 0, here.len() as u8], here],
                );
            }
            Layer::Ipv6(ip) => {
                let class = format!("6-next-{}", ip.next_header);
                seeds.add("ip", &class, &[here]);
                seeds.add("differ_ip", &class, &[here]);
                seeds.add(
                    "tcp_reference",
                    format!("{class}-to-a-listener"),
                    &[&[1, 4, 0, 0, here.len() as u8], here],
                );
            }
            Layer::Icmpv4(icmp) => seeds.add("icmp", format!("4-type-{}", icmp.icmp_type), &[here]),
            Layer::Icmpv6(icmp) => seeds.add("icmp", format!("6-type-{}", icmp.icmp_type), &[here]),
            Layer::Udp(udp) => {
                seeds.add("udp", format!("length-{}", udp.length.ilog2()), &[here]);
                if udp.source_port == 53 || udp.destination_port == 53 {
                    messages(seeds, udp.payload);
                }
            }
            Layer::Tcp(tcp) => {
                seeds.add(
                    "tcp",
                    format!("{}-options-{}", tcp.flags, tcp.raw_options.len()),
                    &[here],
                );
                if tcp.payload.windows(6).any(|octets| octets == b"HTTP/1") {
                    let class = if tcp.payload.starts_with(b"HTTP/1") {
                        "response"
                    } else {
                        "request"
                    };
                    let class = format!("{class}-{}", tcp.payload.len().ilog2());
                    seeds.add("http", &class, &[tcp.payload]);
                    seeds.add("differ_http", &class, &[tcp.payload]);
                }
            }
            _ => {}
        }
        Flow::Into
    }
}

fn messages(seeds: &mut Seeds, message: &[u8]) {
    let class = format!("length-{}", message.len() / 16);
    seeds.add("dns", &class, &[message]);
    seeds.add("differ_dns", &class, &[message]);
}

fn captures(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    all.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "pcap" || extension == "pcapng")
    });
    all.sort();
    Ok(all)
}

/// What no capture here holds.
fn made(seeds: &mut Seeds) {
    use wire::dns::emit::Builder;
    use wire::dns::{Class, Header, NameBuf, Section, Type};
    let name: NameBuf = "www.example.net".parse().unwrap_or_else(|_| NameBuf::root());
    let query = Builder::new(7, Header::RD).question(&name, Type::A, Class::IN);
    messages(seeds, &query.clone().build());
    messages(seeds, &query.clone().opt(1232, 0, &[(10, b"12345678")]).build());
    let answer = query
        .header(|header| header.flags |= Header::QR | Header::RA)
        .compressed();
    let add = |builder: Builder, kind, write: &dyn Fn(&mut wire::dns::emit::Rdata<'_>)| {
        builder.record(Section::Answer, &name, kind, Class::IN, 300, write)
    };
    let answer = add(answer, Type::CNAME, &|rdata| {
        rdata.name(&name);
    });
    let answer = add(answer, Type::A, &|rdata| {
        rdata.bytes(&[192, 0, 2, 1]);
    });
    messages(seeds, &answer.clone().build());
    let answer = add(answer, Type::MX, &|rdata| {
        rdata.word(10).name(&name);
    });
    let answer = add(answer, Type::TXT, &|rdata| {
        rdata.string(b"v=1").string(b"");
    });
    let answer = add(answer, Type::SRV, &|rdata| {
        rdata.word(1).word(2).word(80).plain_name(&name);
    });
    let answer = add(answer, Type::SOA, &|rdata| {
        rdata.name(&name).name(&name).long(1).long(2).long(3).long(4).long(5);
    });
    messages(seeds, &answer.build());
    let arp = [
        0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2,
    ];
    seeds.add("arp", "request", &[&arp]);
    seeds.add("arp", "request-padded", &[&arp, &[0; 18]]);
    seeds.add("udp", "surplus", &[&[0, 53, 0, 54, 0, 10, 0, 0, 1, 2, 3, 4]]);
    seeds.add("encapsulation", "vlan", &[&[1, 0x20, 7, 8, 0]]);
    seeds.add("encapsulation", "snap", &[&[2, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, 0x45]]);
    seeds.add("encapsulation", "pppoe", &[&[7, 0x11, 0, 0, 1, 0, 2, 0, 0x21]]);
    seeds.add(
        "encapsulation",
        "gre-key",
        &[&[9, 0x30, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 2]],
    );
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n";
    seeds.add("http", "chunked", &[chunked]);
    seeds.add(
        "http",
        "pipelined",
        &[b"GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy"],
    );
    seeds.add(
        "reassembly",
        "any-4",
        &[&[0, 0], &[0, 0, 0, 16], &[1; 16], &[0x80, 0, 2, 8], &[2; 8]],
    );
    seeds.add(
        "reassembly",
        "any-6-overlap",
        &[&[0, 1], &[0, 0, 0, 16], &[1; 16], &[0x80, 0, 1, 16], &[2; 16]],
    );
    seeds.add(
        "reassembly",
        "one-4",
        &[&[0x80, 0, 3, 1, 2, 4], &[1, 1, 2, 0, 0, 0, 0, 0], &[3; 48]],
    );
    seeds.add(
        "reassembly",
        "one-6",
        &[&[0x80, 1, 2, 1, 3], &[0, 1, 1, 0, 0, 0, 0, 0], &[3; 40]],
    );
    seeds.add(
        "capture_written",
        "two-packets",
        &[&[1, 0], &[9; 8], &[0, 4], b"data", &[8; 8], &[7, 3], b"cut"],
    );
    let listens = [0, 4, 0, 6, 10];
    seeds.add(
        "tcp_reference",
        "calls",
        &[&listens, &[4, 2, 7, 0, 4, 3, 7, 0, 4, 7, 7, 0]],
    );
}

fn main() -> Result<(), Box<dyn Error>> {
    let corpus: PathBuf = std::env::args_os()
        .nth(1)
        .ok_or("expected the folder to write to: corpus")?
        .into();
    let mut seeds = Seeds::default();
    made(&mut seeds);
    tunnels::add(&mut seeds);
    for path in captures(Path::new("pcaps"))? {
        let mut capture = Capture::open(&path)?;
        while let Some(frame) = capture.next_frame()? {
            let (link, bytes): (LinkType, &[u8]) = (frame.link, frame.data);
            let mut sink = Layers {
                seeds: &mut seeds,
                frame: bytes,
            };
            decode(link, bytes, frame.original_len, &mut sink);
        }
    }
    for ((target, class), octets) in seeds.0 {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(class.to_lowercase().replace(',', "-")), octets)?;
    }
    Ok(())
}
