//! The original's rules: every field that a script gives, options in their order.

use crate::run::inbound::octet_of;
use crate::run::sniff::{Message, Sniffed};
use crate::syntax::ast::*;
use wire::tcp::Flags;

/// What differs, if anything does. `so_far` octets of the packet came in segments before this; a `part` is not the last.
pub fn differs(packet: &Packet, tcp: &Tcp, sniffed: &Sniffed, seen: &Tcp, so_far: u32, part: bool) -> Option<String> {
    let field = |name: &str, expected: &dyn std::fmt::Display, seen: &dyn std::fmt::Display| {
        let (expected, seen) = (expected.to_string(), seen.to_string());
        (expected != seen).then(|| format!("{name}: expected {expected}, seen {seen}"))
    };
    // What belongs to the end of the data may be missing from its first parts.
    let of_the_end = Flags::FIN.with(Flags::PSH).with(Flags::CWR);
    let bits = |flags: TcpFlags| {
        let wire = flags.wire();
        if part { Flags(wire.0 & !of_the_end.0) } else { wire }
    };
    field("flags", &bits(tcp.flags), &bits(seen.flags))
        .or_else(|| sequence(tcp, sniffed, seen, so_far, part))
        .or_else(|| field("acknowledgement number", &tcp.ack.unwrap_or(0), &seen.ack.unwrap_or(0)))
        .or_else(|| {
            tcp.window
                .and_then(|window| field("window", &window, &seen.window.unwrap_or(0)))
        })
        .or_else(|| field("urgent pointer", &tcp.urgent.unwrap_or(0), &seen.urgent.unwrap_or(0)))
        .or_else(|| options(&tcp.options, &seen.options))
        .or_else(|| header(packet, sniffed))
        .or_else(|| wrong_checksum(sniffed).then(|| "checksum: it is wrong".to_owned()))
}

fn sequence(tcp: &Tcp, sniffed: &Sniffed, seen: &Tcp, so_far: u32, part: bool) -> Option<String> {
    let start = match (tcp.seq.kind, &sniffed.message) {
        (SeqKind::Any, _) => seen.seq.start,
        (SeqKind::Absolute, Message::Tcp { seq, .. }) => {
            return (tcp.seq.start != *seq).then(|| format!("sequence number: expected {}, seen {seq}", tcp.seq.start));
        }
        _ => tcp.seq.start.wrapping_add(so_far),
    };
    if start != seen.seq.start {
        return Some(format!("sequence number: expected {start}, seen {}", seen.seq.start));
    }
    let left = u32::from(tcp.seq.len) - so_far.min(u32::from(tcp.seq.len));
    let len = u32::from(seen.seq.len);
    (if part { len > left } else { len != left }).then(|| format!("octets of data: expected {left}, seen {len}"))
}

fn options(expected: &Options, seen: &Options) -> Option<String> {
    let (Options::List(expected), Options::List(seen)) = (expected, seen) else {
        return None;
    };
    let same = expected.len() == seen.len() && expected.iter().zip(seen).all(|(a, b)| is_same(a, b));
    (!same).then(|| {
        let text = |list: &[TcpOption]| list.iter().map(TcpOption::to_string).collect::<Vec<_>>().join(",");
        format!("options: expected <{}>, seen <{}>", text(expected), text(seen))
    })
}

/// Timestamps are compared by their presence: their values are the clock's.
fn is_same(expected: &TcpOption, seen: &TcpOption) -> bool {
    match (expected, seen) {
        (TcpOption::Timestamps { .. }, TcpOption::Timestamps { .. }) => true,
        (TcpOption::Md5(None), TcpOption::Md5(_)) => true,
        (expected, seen) => expected == seen,
    }
}

/// Marks and hop limits, where the script gives them.
fn header(packet: &Packet, sniffed: &Sniffed) -> Option<String> {
    let ecn = sniffed.tos & 3;
    let (expected, seen) = match packet.ip.tos? {
        Tos::NoEcn => (0, ecn),
        Tos::Ect1 => (1, ecn),
        Tos::Ect0 => (2, ecn),
        Tos::Ce => (3, ecn),
        Tos::Ect01 => (2, if ecn == 1 { 2 } else { ecn }),
        Tos::Octet(octet) => (octet, sniffed.tos),
        Tos::Dscp(point) => (point, sniffed.tos >> 2),
    };
    (expected != seen).then(|| format!("mark in the IP header: expected {expected}, seen {seen}"))
}

/// The sum over the segment and its pseudo-header (RFC 9293 section 3.1) does not come out.
pub fn wrong_checksum(sniffed: &Sniffed) -> bool {
    let Some((from, to)) = super::sniff::addresses(&sniffed.octets) else {
        return false;
    };
    let header = if from.is_ipv4() {
        usize::from(sniffed.octets[0] & 15) * 4
    } else {
        40
    };
    let Some(segment) = sniffed.octets.get(header..) else {
        return false;
    };
    wire::checksum::Sum::default()
        .pseudo_header(from, to, wire::protocol::TCP, segment.len() as u32)
        .add(segment)
        .checksum()
        != 0
}

/// The application's octets, as written by [`crate::run::calls`]: none lost, none twice, none out of place.
pub fn wrong_octet(tcp: &Tcp, payload: &[u8]) -> Option<u32> {
    (0..payload.len() as u32)
        .map(|at| tcp.seq.start.wrapping_add(at))
        .zip(payload)
        .find(|(seq, octet)| octet_of(*seq) != **octet)
        .map(|(seq, _)| seq)
}
