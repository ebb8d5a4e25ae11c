//! `stackproof explain`: everything about one requirement, with its examples as packet traces.

use crate::args::Explain;
use crate::report::style;
use crate::{CONFORMS, Failure};
use capture::writer::PcapWriter;
use conformance::example::{Example, START, Shows};
use conformance::{Basis, Requirement};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use wire::arp::{Arp, EthernetIpv4, operation};
use wire::frame::{Flow, Layer, Sink, decode};
use wire::icmpv6::Icmpv6;
use wire::link::LinkType;
use wire::ndp::{Message, Ndp};
use wire::reassembly::Fragment;

/// What examples have unless they are about it.
const USUAL_TTL: u8 = 64;
/// Octets of an option that a line shows.
const SHOWN: usize = 32;

pub fn run(options: &Explain) -> Result<u8, Failure> {
    let all: Vec<&'static Requirement> = conformance::all_requirements().collect();
    let found: Vec<usize> = (0..all.len())
        .filter(|&at| all[at].id == options.id || all[at].labels.contains(&options.id.as_str()))
        .collect();
    if found.is_empty() {
        return Err(format!("no requirement is called '{}' (see `stackproof rules`)", options.id).into());
    }
    let examples = conformance::examples();
    let mut out = anstream::stdout().lock();
    for at in found {
        let rows = examples.get(at).map(Vec::as_slice).unwrap_or_default();
        tell(&mut out, all[at])?;
        for example in rows {
            trace(&mut out, example)?;
        }
        if let Some(folder) = &options.write {
            write_captures(folder, all[at], rows)?;
        }
    }
    Ok(CONFORMS)
}

fn tell(out: &mut impl Write, requirement: &Requirement) -> Result<(), Failure> {
    let (bold, reset) = (style::BOLD, style::RESET);
    writeln!(out, "{bold}{}{reset}", requirement.id)?;
    let basis = if requirement.basis == Basis::Prose {
        " (read from prose: the RFC uses no keyword)"
    } else {
        ""
    };
    writeln!(out, "  level    {}{basis}", requirement.level)?;
    writeln!(out, "  source   {}", requirement.source)?;
    for source in requirement.also {
        writeln!(out, "  also     {source}")?;
    }
    if !requirement.labels.is_empty() {
        writeln!(out, "  labels   {}", requirement.labels.join(", "))?;
    }
    writeln!(out, "  binds    {}", requirement.binds.name())?;
    writeln!(
        out,
        "\n  {}\n\n  How it is judged: {}",
        requirement.says, requirement.judged
    )?;
    Ok(())
}

fn trace(out: &mut impl Write, example: &Example) -> Result<(), Failure> {
    let (mark, name) = match example.shows {
        Shows::Holds => (style::GOOD, "holds"),
        Shows::Violates => (style::ERROR, "violates"),
        Shows::Abstains => (style::DIM, "cannot be judged"),
    };
    writeln!(out, "\n  {mark}{name}{}: {}", style::RESET, example.title)?;
    for (number, frame) in (1..).zip(&example.frames) {
        let mut line = Line::default();
        decode(frame.link, &frame.bytes, frame.original_len, &mut line);
        writeln!(
            out,
            "  {number:5}  {:10.6}  {}",
            (frame.time - START).as_secs_f64(),
            line.0.join("  ")
        )?;
    }
    Ok(())
}

/// A frame in one line, innermost layers last.
#[derive(Default)]
struct Line(Vec<String>);

impl<'a> Sink<'a> for Line {
    fn layer(&mut self, _offset: usize, layer: &Layer<'a>) -> Flow {
        match layer {
            Layer::Ipv4(ip) => {
                let reserved = if ip.flags.reserved() { ", reserved flag" } else { "" };
                let ttl = (ip.ttl != USUAL_TTL).then(|| format!(", ttl {}", ip.ttl));
                let odd = ttl.unwrap_or_default() + reserved + &part(Fragment::of_ipv4(ip));
                self.0.push(format!("{} > {}{odd}", ip.source, ip.destination));
            }
            Layer::Ipv6(ip) => {
                let (hops, part) = (ip.hop_limit, part(Fragment::of_ipv6(ip)));
                self.0
                    .push(format!("{} > {}, hop limit {hops}{part}", ip.source, ip.destination));
            }
            Layer::Tcp(tcp) => self.0.push(format!(
                "{} > {} [{}] seq {} ack {} win {} len {}",
                tcp.source_port,
                tcp.destination_port,
                tcp.flags,
                tcp.seq,
                tcp.ack,
                tcp.window,
                tcp.payload.len()
            )),
            Layer::Arp(arp) => self
                .0
                .extend(arp.ethernet_ipv4().map(|addresses| resolution(arp, addresses))),
            Layer::Icmpv6(icmp) => self.0.extend(Ndp::parse(icmp).ok().map(|ndp| discovery(icmp, &ndp))),
            Layer::Ethernet(frame) => self.0.push(format!("{} > {}", frame.source, frame.destination)),
            Layer::Malformed(error) => self.0.push(error.to_string()),
            _ => {}
        }
        Flow::Into
    }
}

fn resolution(arp: &Arp<'_>, addresses: EthernetIpv4) -> String {
    let what = match arp.operation {
        operation::REQUEST => "request",
        operation::REPLY => "reply",
        _ => "other operation",
    };
    format!(
        "ARP {what} from {} {}, target {} {}",
        addresses.sender_hardware, addresses.sender_protocol, addresses.target_hardware, addresses.target_protocol
    )
}

fn part(fragment: Option<Fragment<'_>>) -> String {
    fragment.map_or(String::new(), |part| {
        let more = if part.more { ", more to come" } else { "" };
        format!(", {} octets from {}{more}", part.data.len(), part.offset)
    })
}

fn hex(octets: &[u8]) -> String {
    let shown: String = octets.iter().take(SHOWN).map(|octet| format!("{octet:02x}")).collect();
    match octets.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown}... and {more} octets"),
    }
}

fn discovery(icmp: &Icmpv6<'_>, ndp: &Ndp<'_>) -> String {
    let name = ndp.message.name();
    let options: Vec<String> = ndp
        .options()
        .map(|option| match option {
            Ok(option) => format!("option {} {}", option.kind, hex(option.data)),
            Err(error) => error.to_string(),
        })
        .collect();
    let code = (ndp.code != 0).then(|| format!("code {}", ndp.code));
    let fields = (icmp.rest_of_header != [0; 4]).then(|| format!("fields {}", hex(&icmp.rest_of_header)));
    let what = match ndp.message {
        Message::NeighborSolicitation { target, .. } => format!("{name} for {target}"),
        Message::NeighborAdvertisement { target, flags } if flags.solicited() => {
            format!("{name} of {target}, solicited")
        }
        Message::NeighborAdvertisement { target, .. } => format!("{name} of {target}"),
        Message::Redirect {
            target, destination, ..
        } => format!("{name} of {destination} to {target}"),
        Message::RouterAdvertisement { reachable_time, .. } => format!("{name}, reachable time {reachable_time} ms"),
        _ => name.to_owned(),
    };
    let all = [what].into_iter().chain(code).chain(fields).chain(options);
    all.collect::<Vec<_>>().join(", ")
}

fn write_captures(folder: &Path, requirement: &Requirement, examples: &[Example]) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    for (number, example) in (1..).zip(examples) {
        let shows = format!("{:?}", example.shows).to_lowercase();
        let path = folder.join(format!("{}-{number}-{shows}.pcap", requirement.id.replace('/', "-")));
        let link = example.frames.first().map_or(LinkType::RAW, |frame| frame.link);
        let mut writer = PcapWriter::new(File::create(&path)?, link)?;
        for frame in &example.frames {
            writer.packet(frame.time, frame.original_len, &frame.bytes)?;
        }
        writer.finish()?;
    }
    Ok(())
}
