//! Packets of the script to the stack: numbers translated, options that the stack does not speak left out.

use crate::run::flow::{Flow, Offer};
use crate::run::icmp;
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::syntax::ast::*;
use crate::wire_options;
use wire::SeqNumber;
use wire::checksum::Sum;
use wire::protocol;
use wire::tcp::Flags;

/// Ports of ours, one for each connection that we open.
const FIRST_PORT: u16 = 42_000;
/// Octets of a segment to a stack that announced nothing (RFC 9293 section 3.7.1).
const DEFAULT_MSS: u16 = 536;
/// What fits into one IP packet behind its headers and TCP's.
const LARGEST: usize = 65_535 - 120;

pub fn deliver(player: &mut Player<'_>, packet: &Packet) -> Step {
    if !packet.outer.is_empty() || packet.psp.is_some() || packet.in_udp.is_some() {
        return Err(Stop::Needs("packets inside packets".to_owned()));
    }
    match &packet.body {
        Body::Tcp(tcp) => segment(player, packet, tcp),
        Body::Udp { len } => {
            datagram(player, packet, *len);
            Ok(())
        }
        Body::Icmp(message) => {
            let flow = player.flow().cloned().unwrap_or_default();
            let octets = icmp::message(message, &flow, player.config.stack, player.config.peer).map_err(Stop::Error)?;
            let number = if player.config.stack.is_ipv4() {
                protocol::ICMPV4
            } else {
                protocol::ICMPV6
            };
            player.throw(number, octet(packet.ip.tos), packet.ip.ttl, &octets);
            Ok(())
        }
    }
}

fn octet(tos: Option<Tos>) -> u8 {
    match tos {
        None | Some(Tos::NoEcn) => 0,
        Some(Tos::Ect1) => 1,
        Some(Tos::Ect0 | Tos::Ect01) => 2,
        Some(Tos::Ce) => 3,
        Some(Tos::Octet(octet)) => octet,
        Some(Tos::Dscp(point)) => point << 2,
    }
}

fn datagram(player: &mut Player<'_>, packet: &Packet, len: u16) {
    let latest = player.flow().map(|flow| (flow.ours, flow.its));
    let (from, to) = packet.ports.or(latest).unwrap_or((FIRST_PORT, player.bind_port()));
    let length = 8 + len;
    let mut octets = Vec::with_capacity(usize::from(length));
    for word in [from, to, length, 0] {
        octets.extend(word.to_be_bytes());
    }
    octets.resize(usize::from(length), 0);
    let sum = Sum::default()
        .pseudo_header(
            player.config.peer,
            player.config.stack,
            protocol::UDP,
            u32::from(length),
        )
        .add(&octets)
        .checksum();
    // RFC 768: a computed zero is sent as all ones.
    octets[6..8].copy_from_slice(&(if sum == 0 { 0xffff } else { sum }).to_be_bytes());
    player.throw(protocol::UDP, octet(packet.ip.tos), packet.ip.ttl, &octets);
}

fn segment(player: &mut Player<'_>, packet: &Packet, tcp: &Tcp) -> Step {
    choose_flow(player, packet, tcp);
    let flags = tcp.flags.wire();
    let strict = player.is_strict();
    let config_mss = player.config.mss;
    let flow = player.flow_mut();
    if flags.syn() && (!flow.established || flow.is_over()) {
        flow.ours_offered = Offer::of(tcp);
    }
    let (options, dropped) = options(tcp, flow, strict);
    let most = match (strict, config_mss) {
        (true, None) => LARGEST,
        // Data on a SYN (RFC 7413) have one segment: nothing is known yet of how large it may be.
        (false, None) if flags.syn() => LARGEST,
        (_, Some(mss)) => usize::from(mss),
        (false, None) => usize::from(flow.its_offered.mss.unwrap_or(DEFAULT_MSS))
            .saturating_sub(options.len())
            .max(1),
    };
    let offset = match (flags.ack(), flags.syn()) {
        (false, _) => 0,
        (true, true) => flow.its_offset.wrapping_sub(flow.its_syn),
        (true, false) => flow.its_offset,
    };
    let start = match tcp.seq.kind {
        SeqKind::Absolute => tcp.seq.start,
        // As in the original a SYN has its number, and what follows counts from that.
        _ if flags.syn() => tcp.seq.start,
        SeqKind::Relative | SeqKind::Any => tcp.seq.start.wrapping_add(flow.our_offset),
    };
    let header = wire::tcp::Tcp {
        source_port: flow.ours,
        destination_port: flow.its,
        seq: SeqNumber(start),
        ack: SeqNumber(tcp.ack.unwrap_or(0).wrapping_add(offset)),
        data_offset: 5 + (options.len() / 4) as u8,
        flags,
        window: window(tcp, flow),
        checksum: 0,
        urgent_pointer: tcp.urgent.unwrap_or(0),
        raw_options: &options,
        payload: &[],
    };
    note(flow, tcp);
    leave_out(player, dropped);
    send_in_parts(player, packet, header, tcp.seq, most);
    Ok(())
}

/// Tells which options the stack has to do without.
fn leave_out(player: &mut Player<'_>, names: Vec<&'static str>) {
    for name in names {
        if !player.left_out.contains(&name) {
            player.left_out.push(name);
        }
        player.relax(format!(
            "the stack does not speak {name}: left out of what is sent and expected"
        ));
    }
}

/// What begins a segment goes with its first part, what ends it with its last.
fn send_in_parts(player: &mut Player<'_>, packet: &Packet, header: wire::tcp::Tcp<'_>, data: Seq, most: usize) {
    let len = usize::from(data.len);
    let (start, syn) = (header.seq, u32::from(header.flags.syn()));
    // Data stand behind a SYN.
    let octets = |from: usize, to: usize| -> Vec<u8> {
        let first = if syn == 1 { 1 } else { data.start };
        (from..to).map(|at| octet_of(first.wrapping_add(at as u32))).collect()
    };
    let mut sent = 0;
    loop {
        let end = (sent + most).min(len);
        let mut part = header;
        if sent > 0 {
            part.seq = start + syn + sent as u32;
            part.flags = Flags(part.flags.0 & !Flags::SYN.0);
        }
        if end < len {
            part.flags = Flags(part.flags.0 & !(Flags::FIN.0 | Flags::PSH.0));
        }
        let payload = octets(sent, end);
        part.payload = &payload;
        let octets = with_checksum(part, player.config.peer, player.config.stack);
        player.throw(protocol::TCP, octet(packet.ip.tos), packet.ip.ttl, &octets);
        sent = end;
        if sent == len {
            return;
        }
    }
}

/// What stands at a sequence number of our stream, so that the application can be held to it.
pub fn octet_of(seq: u32) -> u8 {
    (seq % 251) as u8
}

fn with_checksum(mut tcp: wire::tcp::Tcp<'_>, from: std::net::IpAddr, to: std::net::IpAddr) -> Vec<u8> {
    let mut octets = Vec::with_capacity(60 + tcp.payload.len());
    tcp.emit(&mut octets);
    tcp.checksum = Sum::default()
        .pseudo_header(from, to, protocol::TCP, octets.len() as u32)
        .add(&octets)
        .checksum();
    octets.clear();
    tcp.emit(&mut octets);
    octets
}

/// The first SYN after the application began to listen begins a connection, and so does one that names other ports; anything else
/// belongs to the present one.
fn choose_flow(player: &mut Player<'_>, packet: &Packet, tcp: &Tcp) {
    let flags = tcp.flags.wire();
    let opens = flags.syn() && !flags.ack();
    let begins = opens && packet.ports.is_none() && player.sockets.expects();
    if let (false, Some(at)) = (begins, player.flow_with_ports(packet)) {
        player.current = at;
        return;
    }
    let (ours, its) = packet
        .ports
        .unwrap_or((FIRST_PORT + player.flows.len() as u16, player.bind_port()));
    player.flows.push(Flow::between(its, ours, false));
    player.current = player.flows.len() - 1;
}

/// The options' octets, and the names of those left out.
fn options(tcp: &Tcp, flow: &Flow, strict: bool) -> (Vec<u8>, Vec<&'static str>) {
    let mut dropped = Vec::new();
    let list = match &tcp.options {
        Options::Any => return (Vec::new(), dropped),
        Options::Raw(digits) => return (padded(wire_options::octets(digits)), dropped),
        Options::List(list) => list,
    };
    let flags = tcp.flags.wire();
    let is_syn = flags.syn();
    // A SYN offers; its answer, and all later segments, use what both offered.
    let offers = is_syn && !flags.ack();
    let mut octets = Vec::new();
    for option in list {
        let speaks = strict
            || offers
            || !flow.its_offered.syn
            || match option {
                TcpOption::Timestamps { .. } => named(flow.its_offered.timestamps, "timestamps", &mut dropped),
                TcpOption::WindowScale(_) => named(flow.its_offered.shift.is_some(), "window scaling", &mut dropped),
                TcpOption::SackPermitted | TcpOption::Sack(_) => named(flow.its_offered.sack, "SACK", &mut dropped),
                _ => true,
            };
        if !speaks {
            continue;
        }
        let mut option = option.clone();
        match &mut option {
            TcpOption::Sack(blocks) => blocks.iter_mut().for_each(|(left, right)| {
                *left = left.wrapping_add(flow.its_offset);
                *right = right.wrapping_add(flow.its_offset);
            }),
            TcpOption::Timestamps {
                echo, absolute: false, ..
            } if flags.ack() => *echo = flow.echo(*echo),
            _ => {}
        }
        wire_options::emit(&option, &mut octets);
    }
    (padded(octets), dropped)
}

fn named(speaks: bool, name: &'static str, dropped: &mut Vec<&'static str>) -> bool {
    if !speaks && !dropped.contains(&name) {
        dropped.push(name);
    }
    speaks
}

fn padded(mut octets: Vec<u8>) -> Vec<u8> {
    octets.resize(octets.len().next_multiple_of(4).min(40), 0);
    octets
}

/// The window field: where the script scales windows and the stack does not, what the script means as far as it fits.
fn window(tcp: &Tcp, flow: &Flow) -> u16 {
    let window = tcp.window.unwrap_or(0);
    match flow.ours_offered.shift {
        Some(shift) if !tcp.flags.wire().syn() && flow.its_offered.syn && !flow.scaling() => {
            (u32::from(window) << shift.min(14)).min(65_535) as u16
        }
        _ => window,
    }
}

/// What the flow remembers of a segment of ours.
fn note(flow: &mut Flow, tcp: &Tcp) {
    let flags = tcp.flags.wire();
    let start = tcp.seq.start;
    let end = start
        .wrapping_add(u32::from(tcp.seq.len) + u32::from(flags.syn()))
        .wrapping_add(u32::from(flags.fin()));
    // RFC 9293 section 3.10.7.4: a reset carries no data, and what has no ACK is dropped.
    if flags.syn() {
        flow.our_syn = (start, end.wrapping_sub(start));
        // On a connection that lives, or that the stack has not forgotten, it is no beginning.
        if !flow.established {
            (flow.our_offset, flow.given) = flow.our_syn;
        }
    } else if flags.ack() && !flags.rst() {
        flow.give(start, end);
    }
    if let Some(ack) = tcp.ack.filter(|_| flags.ack() && !flags.rst()) {
        flow.heard = ack;
    }
    flow.our_fin |= flags.fin();
    flow.reset |= flags.rst();
    if flow.has_isn && !flow.active && flags.ack() && !flags.syn() && !flags.rst() && tcp.ack == Some(flow.sent) {
        flow.established = true;
    }
}
