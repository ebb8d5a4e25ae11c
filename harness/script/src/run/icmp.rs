//! ICMP messages by the language's names (RFC 792, RFC 1122 section 3.2.2, RFC 4443).

use crate::run::flow::Flow;
use crate::syntax::ast::{Echoed, Icmp, Seq};
use std::net::IpAddr;
use wire::checksum::Sum;
use wire::protocol;

const UNREACHABLE_4: &[(&str, u8)] = &[
    ("net_unreachable", 0),
    ("host_unreachable", 1),
    ("protocol_unreachable", 2),
    ("port_unreachable", 3),
    ("frag_needed", 4),
    ("source_route_failed", 5),
    ("net_unknown", 6),
    ("host_unknown", 7),
    ("source_host_isolated", 8),
    ("net_prohibited", 9),
    ("host_prohibited", 10),
    ("net_unreachable_for_tos", 11),
    ("host_unreachable_for_tos", 12),
    ("packet_filtered", 13),
    ("precedence_violation", 14),
    ("precedence_cutoff", 15),
];
const EXCEEDED_4: &[(&str, u8)] = &[("ttl_exceeded_in_transit", 0), ("frag_reass_exceeded", 1)];
/// A type's name and number, and the names and numbers of its codes.
type Type = (&'static str, u8, &'static [(&'static str, u8)]);

const TYPES_4: &[Type] = &[
    ("echo_reply", 0, &[]),
    ("unreachable", 3, UNREACHABLE_4),
    ("source_quench", 4, &[]),
    ("redirect", 5, &[]),
    ("echo_request", 8, &[]),
    ("time_exceeded", 11, EXCEEDED_4),
    ("parameter_problem", 12, &[]),
    ("timestamp_request", 13, &[]),
    ("timestamp_reply", 14, &[]),
    ("information_request", 15, &[]),
    ("information_reply", 16, &[]),
    ("address_mask_request", 17, &[]),
    ("address_mask_reply", 18, &[]),
];
const UNREACHABLE_6: &[(&str, u8)] = &[
    ("net_unreachable", 0),
    ("no_route", 0),
    ("admin_prohibited", 1),
    ("not_neighbour", 2),
    ("address_unreachable", 3),
    ("host_unreachable", 3),
    ("port_unreachable", 4),
];
const TYPES_6: &[Type] = &[
    ("unreachable", 1, UNREACHABLE_6),
    ("packet_too_big", 2, &[]),
    (
        "time_exceeded",
        3,
        &[("exceeded_hop_limit", 0), ("exceeded_frag_time", 1)],
    ),
    (
        "parameter_problem",
        4,
        &[("header_field", 0), ("unknown_next_header", 1), ("unknown_option", 2)],
    ),
    ("echo_request", 128, &[]),
    ("echo_reply", 129, &[]),
];

/// Type and code, or what is wrong with the names.
pub fn numbers(icmp: &Icmp, six: bool) -> Result<(u8, u8), String> {
    let types = if six { TYPES_6 } else { TYPES_4 };
    let known = types.iter().find(|(name, ..)| *name == icmp.kind);
    let kind = known
        .map(|(_, kind, _)| *kind)
        .or_else(|| icmp.kind.strip_prefix("type_")?.parse().ok())
        .ok_or_else(|| format!("'{}' is no type of ICMPv{}", icmp.kind, if six { 6 } else { 4 }))?;
    let Some(code) = &icmp.code else { return Ok((kind, 0)) };
    let named = known
        .and_then(|(_, _, codes)| codes.iter().find(|(name, _)| name == code))
        .map(|(_, code)| *code);
    let code = named
        .or_else(|| code.strip_prefix("code_")?.parse().ok())
        .ok_or_else(|| format!("'{code}' is no code of '{}'", icmp.kind))?;
    Ok((kind, code))
}

/// The names of a type and a code: numbers, where the language has none.
pub fn names(kind: u8, code: u8, six: bool) -> (String, Option<String>) {
    let types = if six { TYPES_6 } else { TYPES_4 };
    let known = types.iter().find(|(_, number, _)| *number == kind);
    let codes = known.map_or(&[][..], |(_, _, codes)| codes);
    let named = codes.iter().find(|(_, number)| *number == code);
    let code = match named {
        Some((name, _)) => Some((*name).to_owned()),
        None => (code > 0).then(|| format!("code_{code}")),
    };
    (
        known.map_or(format!("type_{kind}"), |(name, ..)| (*name).to_owned()),
        code,
    )
}

/// A message to the stack, its checksum filled in. Errors quote a packet of the stack.
pub fn message(icmp: &Icmp, flow: &Flow, stack: IpAddr, peer: IpAddr) -> Result<Vec<u8>, String> {
    let six = stack.is_ipv6();
    let (kind, code) = numbers(icmp, six)?;
    let mtu = icmp.mtu.unwrap_or(0);
    let word = match (six, icmp.id) {
        (_, Some(id)) => u32::from(id) << 16,
        // RFC 4443 section 3.2: 32 bits; RFC 1191 section 4: the low 16.
        (true, _) => mtu,
        (false, _) => mtu & 0xffff,
    };
    let mut octets = vec![kind, code, 0, 0];
    octets.extend(word.to_be_bytes());
    let echo = if six {
        kind >= 128
    } else {
        matches!(kind, 0 | 8 | 13..=18)
    };
    if !echo || icmp.echoed.is_some() {
        octets.extend(quoted(icmp.echoed, flow, stack, peer));
    }
    let mut sum = Sum::default();
    if six {
        sum = sum.pseudo_header(peer, stack, protocol::ICMPV6, octets.len() as u32);
    }
    let checksum = sum.add(&octets).checksum();
    octets[2..4].copy_from_slice(&checksum.to_be_bytes());
    Ok(octets)
}

/// The IP header and the first octets behind it.
fn quoted(echoed: Option<Echoed>, flow: &Flow, stack: IpAddr, peer: IpAddr) -> Vec<u8> {
    let (number, mut octets, len) = match echoed.unwrap_or(Echoed::Tcp(Seq {
        start: 0,
        len: 0,
        kind: crate::syntax::ast::SeqKind::Relative,
    })) {
        Echoed::Tcp(seq) => {
            let mut octets = ports(flow);
            octets.extend(seq.start.wrapping_add(flow.its_offset).to_be_bytes());
            octets.extend([0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0]);
            (protocol::TCP, octets, 20 + seq.len)
        }
        Echoed::Udp(len) => {
            let mut octets = ports(flow);
            octets.extend((8 + len).to_be_bytes());
            octets.extend([0, 0]);
            (protocol::UDP, octets, 8 + len)
        }
        Echoed::Raw(len) => (255, Vec::new(), len),
    };
    // The header tells the length of the whole datagram; only its beginning follows.
    let whole = usize::from(len).max(octets.len());
    octets.resize(whole, 0);
    let mut packet = suite::ip_packet(stack, peer, number, 0, 0, &octets);
    // As the original: all of TCP's header, and of a datagram nothing behind UDP's, which applications could be handed.
    let headers = if stack.is_ipv6() { 40 } else { 20 };
    packet.truncate(headers + if number == protocol::UDP { 8 } else { headers });
    packet
}

fn ports(flow: &Flow) -> Vec<u8> {
    [flow.its.to_be_bytes(), flow.ours.to_be_bytes()].concat()
}
