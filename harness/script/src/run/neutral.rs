//! Matching that knows what RFCs leave open: a stack may cut and join its data otherwise, acknowledge more or less often,
//! choose its options' order and values, and its own window. What remains must be as the script says.

use crate::run::flow::Flow;
use crate::run::sniff::{Message, Sniffed};
use crate::run::strict;
use crate::syntax::ast::*;
use wire::tcp::Flags;

/// What a segment is to what the script expects.
pub enum Verdict {
    /// It is it; in which ways only by these rules.
    Match(Vec<String>),
    /// Its first part; this is left.
    Part(Tcp, String),
    /// Something else that a stack may send in between.
    Skip(String),
    /// It does the expected one's work, and is (behind so many octets) also the next one.
    Covers(u32, String),
    Differs(String),
}

/// The stack may keep such data, or a FIN, back: the application has written it (so many octets, and whether it has closed), and older
/// data is not acknowledged (RFC 5681 section 3.1, RFC 9293 section 3.7.4).
pub fn may_be_held(flow: &Flow, tcp: &Tcp, (written, closed): (u32, bool)) -> bool {
    let fin = tcp.flags.bits.fin();
    let end = tcp.seq.start.wrapping_add(u32::from(tcp.seq.len));
    let outstanding = flow.sent.wrapping_sub(flow.heard) as i32 > 0;
    let is_there = end.wrapping_sub(1) <= written && (closed || !fin);
    (tcp.seq.len > 0 || fin) && is_there && outstanding && !tcp.flags.bits.syn()
}

pub fn compare(packet: &Packet, expected: &Tcp, sniffed: &Sniffed, flow: &Flow) -> Verdict {
    let Body::Tcp(seen) = sniffed.in_script(flow).body else {
        return Verdict::Differs("the protocol".to_owned());
    };
    if strict::wrong_checksum(sniffed) {
        return Verdict::Differs("checksum: it is wrong".to_owned());
    }
    // A keepalive may carry an octet of garbage below SND.NXT (RFC 9293 section 3.8.4).
    let probe = payload_len(sniffed) == 1 && seen.seq.start.wrapping_add(1) == flow.sent;
    if let (Message::Tcp { payload, .. }, false) = (&sniffed.message, seen.flags.bits.syn() || probe)
        && let Some(seq) = strict::wrong_octet(&seen, payload)
    {
        return Verdict::Differs(format!("the octet at {seq} is not the one that the application wrote"));
    }
    let (want, have) = (expected.flags.bits, seen.flags.bits);
    if want.syn() || want.rst() || have.syn() || have.rst() {
        return control(packet, expected, &seen, sniffed, flow);
    }
    if expected.seq.len == 0 && !want.fin() {
        return acknowledgement(packet, expected, &seen, sniffed, flow);
    }
    data(packet, expected, &seen, sniffed, flow)
}

fn payload_len(sniffed: &Sniffed) -> usize {
    match &sniffed.message {
        Message::Tcp { payload, .. } => payload.len(),
        _ => 0,
    }
}

/// How far `a` lies behind `b`.
fn behind_by(a: u32, b: u32) -> i32 {
    b.wrapping_sub(a) as i32
}

/// SYN, SYN-ACK and resets: the flags that make them so, their numbers.
fn control(packet: &Packet, expected: &Tcp, seen: &Tcp, sniffed: &Sniffed, flow: &Flow) -> Verdict {
    let (want, have) = (expected.flags.bits, seen.flags.bits);
    let kind = |flags: Flags| (flags.syn(), flags.rst(), flags.fin());
    if want.rst() && !have.rst() && !have.syn() && sniffed.is_repeated {
        return Verdict::Skip("what was sent before came again in between".to_owned());
    }
    if kind(want) != kind(have) {
        let is_repeated_syn = have.syn() && flow.syns > 1 && !want.syn();
        return if is_repeated_syn && !have.rst() {
            Verdict::Skip("the stack repeated its SYN in between".to_owned())
        } else {
            Verdict::Differs(format!("flags: expected {}, seen {}", expected.flags, seen.flags))
        };
    }
    let mut relaxed = Vec::new();
    if want.ack() != have.ack() {
        if !want.rst() {
            return Verdict::Differs(format!("flags: expected {}, seen {}", expected.flags, seen.flags));
        }
        // RFC 9293 section 3.10.7.1 gives a reset an acknowledgement or not by what it answers; the checks judge that.
        relaxed.push("a reset with or without an acknowledgement".to_owned());
    }
    if expected.seq.kind == SeqKind::Relative && expected.seq.start != seen.seq.start {
        return Verdict::Differs(format!(
            "sequence number: expected {}, seen {}",
            expected.seq.start, seen.seq.start
        ));
    }
    if want.ack() && have.ack() && expected.ack != seen.ack {
        let (expected, seen) = (expected.ack.unwrap_or(0), seen.ack.unwrap_or(0));
        return Verdict::Differs(format!("acknowledgement number: expected {expected}, seen {seen}"));
    }
    if expected.seq.len != seen.seq.len {
        return Verdict::Differs(format!(
            "octets of data: expected {}, seen {}",
            expected.seq.len, seen.seq.len
        ));
    }
    if want.syn() {
        relaxed.extend(offers(expected, seen));
    }
    marks(packet, expected, seen, sniffed, flow, relaxed)
}

/// Options of a SYN: a stack offers what it speaks.
fn offers(expected: &Tcp, seen: &Tcp) -> Option<String> {
    let (Options::List(expected), Options::List(seen)) = (&expected.options, &seen.options) else {
        return None;
    };
    (expected != seen).then(|| "options of a SYN: their set, order and values are the stack's".to_owned())
}

fn acknowledgement(packet: &Packet, expected: &Tcp, seen: &Tcp, sniffed: &Sniffed, flow: &Flow) -> Verdict {
    let (Some(want), Some(have)) = (expected.ack, seen.ack) else {
        return if expected.ack.is_some() {
            Verdict::Differs(format!("flags: expected {}, seen {}", expected.flags, seen.flags))
        } else {
            number(expected, seen).unwrap_or(Verdict::Match(Vec::new()))
        };
    };
    let is_plain = seen.seq.len == 0 && !seen.flags.bits.fin();
    match behind_by(want, have) {
        0 if is_plain => match number(expected, seen).or_else(|| sack(expected, seen, flow)) {
            Some(differs) => differs,
            None => marks(packet, expected, seen, sniffed, flow, Vec::new()),
        },
        0 => Verdict::Covers(0, "an acknowledgement came with data".to_owned()),
        ahead if ahead > 0 && behind_by(have, flow.given) >= 0 => {
            Verdict::Covers(0, "one acknowledgement for several segments".to_owned())
        }
        ahead if ahead > 0 => Verdict::Differs(format!(
            "acknowledgement number: expected {want}, seen {have}, which was never sent"
        )),
        _ if is_plain => Verdict::Skip("more acknowledgements than in the script".to_owned()),
        _ if sniffed.is_repeated => Verdict::Skip("a retransmission in between".to_owned()),
        _ => Verdict::Differs(format!("acknowledgement number: expected {want}, seen {have}")),
    }
}

/// A plain acknowledgement has SEQ=SND.NXT (RFC 9293 section 3.10.7.4); a probe may lie below.
fn number(expected: &Tcp, seen: &Tcp) -> Option<Verdict> {
    let differs = expected.seq.kind == SeqKind::Relative && expected.seq.start != seen.seq.start;
    differs.then(|| {
        Verdict::Differs(format!(
            "sequence number: expected {}, seen {}",
            expected.seq.start, seen.seq.start
        ))
    })
}

/// SACK blocks above the acknowledgement: the same ones, the newest first (RFC 2018 section 4). D-SACK (RFC 2883) is an option.
fn sack(expected: &Tcp, seen: &Tcp, flow: &Flow) -> Option<Verdict> {
    if !flow.sack() || !matches!(expected.options, Options::List(_)) {
        return None;
    }
    let (want, have) = (blocks(expected), blocks(seen));
    let sorted = |blocks: &[(u32, u32)]| {
        let mut sorted = blocks.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        sorted
    };
    if sorted(&want) == sorted(&have) && want.first() == have.first() {
        return None;
    }
    // Less than is expected: of a moment before.
    let inside = |inner: &(u32, u32)| want.iter().any(|outer| is_inside(*inner, *outer));
    if have.iter().all(inside) && sorted(&want) != sorted(&have) {
        return Some(Verdict::Skip("more acknowledgements than in the script".to_owned()));
    }
    let text = |blocks: &[(u32, u32)]| {
        let blocks: Vec<String> = blocks.iter().map(|(left, right)| format!("{left}:{right}")).collect();
        blocks.join(" ")
    };
    Some(Verdict::Differs(format!(
        "SACK blocks: expected [{}], seen [{}]",
        text(&want),
        text(&have)
    )))
}

fn is_inside(inner: (u32, u32), outer: (u32, u32)) -> bool {
    behind_by(outer.0, inner.0) >= 0 && behind_by(inner.1, outer.1) >= 0
}

/// The blocks of a segment, without one that tells of a duplicate: below the acknowledgement, or inside the block behind it
/// (RFC 2883 section 4).
fn blocks(tcp: &Tcp) -> Vec<(u32, u32)> {
    let Options::List(list) = &tcp.options else {
        return Vec::new();
    };
    let mut blocks: Vec<(u32, u32)> = list
        .iter()
        .filter_map(|option| match option {
            TcpOption::Sack(blocks) => Some(blocks.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    let duplicate = match blocks.as_slice() {
        [first, second, ..] => is_inside(*first, *second),
        _ => false,
    };
    if duplicate {
        blocks.remove(0);
    }
    blocks.retain(|(left, _)| behind_by(tcp.ack.unwrap_or(0), *left) > 0);
    blocks
}

fn data(packet: &Packet, expected: &Tcp, seen: &Tcp, sniffed: &Sniffed, flow: &Flow) -> Verdict {
    let has_data = seen.seq.len > 0 || seen.flags.bits.fin();
    if !has_data {
        return Verdict::Skip("an acknowledgement on its own".to_owned());
    }
    let (start, len) = (expected.seq.start, u32::from(expected.seq.len));
    let (seen_start, seen_len) = (seen.seq.start, u32::from(seen.seq.len));
    let (want_fin, have_fin) = (expected.flags.bits.fin(), seen.flags.bits.fin());
    match behind_by(start, seen_start) {
        _ if expected.seq.kind == SeqKind::Any => return marks(packet, expected, seen, sniffed, flow, Vec::new()),
        0 => {}
        before if before < 0 && !have_fin && behind_by(seen_start.wrapping_add(seen_len), start) >= 0 => {
            return Verdict::Skip("a retransmission in between".to_owned());
        }
        before if before < 0 => {
            // What lies before the expected data was seen already.
            let rest = behind(sniffed.clone(), before.unsigned_abs());
            return compare(packet, expected, &rest, flow);
        }
        _ => return Verdict::Differs(format!("sequence number: expected {start}, seen {seen_start}")),
    }
    if let (Some(want), Some(have)) = (expected.ack, seen.ack)
        && want != have
        && (behind_by(want, have) > 0) == (behind_by(have, flow.given) < 0)
    {
        return Verdict::Differs(format!("acknowledgement number: expected {want}, seen {have}"));
    }
    match seen_len.cmp(&len) {
        std::cmp::Ordering::Less if !have_fin => Verdict::Part(
            Tcp {
                seq: Seq {
                    start: start.wrapping_add(seen_len),
                    len: (len - seen_len) as u16,
                    ..expected.seq
                },
                ..expected.clone()
            },
            "data in more segments than in the script".to_owned(),
        ),
        std::cmp::Ordering::Less => Verdict::Differs(format!(
            "octets of data before the FIN: expected {len}, seen {seen_len}"
        )),
        std::cmp::Ordering::Equal if want_fin && !have_fin && len > 0 => Verdict::Part(
            Tcp {
                seq: Seq {
                    start: start.wrapping_add(len),
                    len: 0,
                    ..expected.seq
                },
                ..expected.clone()
            },
            "the FIN in a segment of its own".to_owned(),
        ),
        std::cmp::Ordering::Equal if have_fin == want_fin => marks(packet, expected, seen, sniffed, flow, Vec::new()),
        std::cmp::Ordering::Equal if want_fin => Verdict::Differs("flags: expected FIN".to_owned()),
        _ if want_fin => Verdict::Differs(format!("octets of data: expected {len} and FIN, seen {seen_len}")),
        _ if len == 0 => Verdict::Differs("flags: FIN was not expected".to_owned()),
        _ => Verdict::Covers(len, "data in fewer segments than in the script".to_owned()),
    }
}

/// The window where it is the script's point, and ECN where both sides speak it.
fn marks(
    packet: &Packet,
    expected: &Tcp,
    seen: &Tcp,
    sniffed: &Sniffed,
    flow: &Flow,
    mut relaxed: Vec<String>,
) -> Verdict {
    let (want, have) = (expected.flags.wire(), seen.flags.wire());
    if expected.window == Some(0) && !want.rst() && seen.window != Some(0) {
        return Verdict::Differs(format!("window: expected 0, seen {}", seen.window.unwrap_or(0)));
    }
    let ecn = Flags::ECE.with(Flags::CWR);
    if want.0 & ecn.0 != have.0 & ecn.0 {
        if flow.ecn() && !want.syn() {
            return Verdict::Differs(format!("flags: expected {}, seen {}", expected.flags, seen.flags));
        }
        relaxed.push("the stack does not speak ECN as in the script".to_owned());
    }
    if want.urg() != have.urg() || want.urg() && expected.urgent.is_some() && expected.urgent != seen.urgent {
        return Verdict::Differs(format!(
            "urgent pointer: expected {}, seen {}",
            expected.urgent.map_or("none".to_owned(), |pointer| pointer.to_string()),
            seen.urgent.map_or("none".to_owned(), |pointer| pointer.to_string()),
        ));
    }
    if let Some(tos) = packet.ip.tos
        && flow.ecn()
        && !want.syn()
        // RFC 3168 section 6.1.4: acknowledgements without data are not ECN-capable; RFC 8311 lets experiments differ.
        && seen.seq.len > 0
    {
        let mark = sniffed.tos & 3;
        let right = match tos {
            Tos::NoEcn => mark == 0,
            Tos::Ect01 | Tos::Ect0 | Tos::Ect1 => mark == 1 || mark == 2,
            Tos::Ce => mark == 3,
            Tos::Octet(_) | Tos::Dscp(_) => true,
        };
        if !right {
            return Verdict::Differs(format!("mark in the IP header: expected {tos}, seen {mark}"));
        }
    }
    Verdict::Match(relaxed)
}

/// A segment without its first octets.
pub fn behind(mut sniffed: Sniffed, octets: u32) -> Sniffed {
    if let Message::Tcp { seq, payload, .. } = &mut sniffed.message {
        let cut = (octets as usize).min(payload.len());
        *seq = seq.wrapping_add(cut as u32);
        payload.drain(..cut);
    }
    sniffed
}
