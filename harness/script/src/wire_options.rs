//! TCP options between the language and the wire.

use crate::syntax::ast::{AccEcnField, AccEcnKind, TcpOption};
use wire::tcp::{self, kind};

/// RFC 7413 section 4.1.1's experimental form: kind 254, this magic number.
const FAST_OPEN_MAGIC: [u8; 2] = [0xf9, 0x89];
/// RFC 9768 section 3.2.3: AccECN0 and AccECN1.
const ACC_ECN_0: u8 = 172;
const ACC_ECN_1: u8 = 174;
/// Their numbers while they were experiments.
const ACC_ECN_0_MAGIC: [u8; 2] = [0xac, 0xc0];
const ACC_ECN_1_MAGIC: [u8; 2] = [0xac, 0xc1];
/// The acknowledgement rate request, an Internet draft (draft-gomez-tcpm-ack-rate-request).
const TARR_MAGIC: [u8; 2] = [0x00, 0xac];

/// Appends an option's octets.
pub fn emit(option: &TcpOption, out: &mut Vec<u8>) {
    match option {
        TcpOption::Nop => out.push(kind::NOP),
        TcpOption::End => out.push(kind::EOL),
        TcpOption::Mss(mss) => tcp::TcpOption::MaximumSegmentSize(*mss).emit(out),
        TcpOption::WindowScale(shift) => tcp::TcpOption::WindowScale(*shift).emit(out),
        TcpOption::SackPermitted => tcp::TcpOption::SackPermitted.emit(out),
        TcpOption::Sack(blocks) => {
            let edges: Vec<u8> = blocks
                .iter()
                .flat_map(|(left, right)| [left.to_be_bytes(), right.to_be_bytes()])
                .flatten()
                .collect();
            tlv(kind::SACK, &[&edges], out);
        }
        TcpOption::Timestamps { value, echo, .. } => {
            tcp::TcpOption::Timestamps {
                value: value.unwrap_or(0),
                echo: *echo,
            }
            .emit(out);
        }
        TcpOption::Md5(digest) => tlv(kind::MD5, &[&octets(digest.as_deref().unwrap_or_default())], out),
        TcpOption::FastOpen {
            cookie,
            experimental: false,
        } => tlv(kind::FAST_OPEN, &[&octets(cookie)], out),
        TcpOption::FastOpen {
            cookie,
            experimental: true,
        } => {
            tlv(kind::EXPERIMENT_2, &[&FAST_OPEN_MAGIC, &octets(cookie)], out);
        }
        TcpOption::AccEcn { kind, fields } => accecn(*kind, fields, out),
        TcpOption::Generic { kind, data } => tlv(*kind, &[&octets(data)], out),
        TcpOption::Experiment { id, data } => {
            let id = if id == "tarr" { TARR_MAGIC.to_vec() } else { octets(id) };
            tlv(kind::EXPERIMENT_2, &[&id, &octets(data)], out);
        }
    }
}

fn accecn(kind: AccEcnKind, fields: &[(AccEcnField, u32)], out: &mut Vec<u8>) {
    let counters: Vec<u8> = fields
        .iter()
        .flat_map(|(_, count)| count.to_be_bytes()[1..].to_vec())
        .collect();
    let first_is_e1b = fields.first().is_some_and(|(field, _)| *field == AccEcnField::E1b);
    let kind = match kind {
        AccEcnKind::ByFields if first_is_e1b => AccEcnKind::One,
        AccEcnKind::ByFields => AccEcnKind::Zero,
        kind => kind,
    };
    match kind {
        AccEcnKind::Zero | AccEcnKind::ByFields => tlv(ACC_ECN_0, &[&counters], out),
        AccEcnKind::One => tlv(ACC_ECN_1, &[&counters], out),
        AccEcnKind::ExperimentZero => tlv(kind::EXPERIMENT_2, &[&ACC_ECN_0_MAGIC, &counters], out),
        AccEcnKind::ExperimentOne => tlv(kind::EXPERIMENT_2, &[&ACC_ECN_1_MAGIC, &counters], out),
    }
}

fn tlv(kind: u8, parts: &[&[u8]], out: &mut Vec<u8>) {
    let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    out.extend([kind, length.min(255) as u8]);
    parts.iter().for_each(|part| out.extend(*part));
}

/// The octets of hexadecimal digits, which the parser has found to be whole.
pub fn octets(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2)
        .filter_map(|i| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok())
        .collect()
}

fn digits(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Options as they stand in a header. What cannot be delimited ends the list.
pub fn read(raw: &[u8]) -> Vec<TcpOption> {
    tcp::options(raw).map_while(Result::ok).map(one).collect()
}

fn one(option: tcp::TcpOption<'_>) -> TcpOption {
    match option {
        tcp::TcpOption::EndOfList => TcpOption::End,
        tcp::TcpOption::NoOperation => TcpOption::Nop,
        tcp::TcpOption::MaximumSegmentSize(mss) => TcpOption::Mss(mss),
        tcp::TcpOption::WindowScale(shift) => TcpOption::WindowScale(shift),
        tcp::TcpOption::SackPermitted => TcpOption::SackPermitted,
        tcp::TcpOption::Sack(blocks) => TcpOption::Sack(blocks.chunks_exact(8).map(block).collect()),
        tcp::TcpOption::Timestamps { value, echo } => TcpOption::Timestamps {
            value: Some(value),
            echo,
            absolute: false,
        },
        tcp::TcpOption::Md5(digest) => TcpOption::Md5(Some(digits(digest))),
        tcp::TcpOption::FastOpen(cookie) => TcpOption::FastOpen {
            cookie: digits(cookie),
            experimental: false,
        },
        tcp::TcpOption::Experimental {
            kind: kind::EXPERIMENT_2,
            data,
        } => match data.split_first_chunk() {
            Some((&FAST_OPEN_MAGIC, cookie)) => TcpOption::FastOpen {
                cookie: digits(cookie),
                experimental: true,
            },
            Some((id, data)) => TcpOption::Experiment {
                id: digits(id),
                data: digits(data),
            },
            None => TcpOption::Generic {
                kind: kind::EXPERIMENT_2,
                data: digits(data),
            },
        },
        tcp::TcpOption::Other {
            kind: kind @ (ACC_ECN_0 | ACC_ECN_1),
            data,
        } => counters(kind, data),
        other => {
            let mut octets = Vec::new();
            other.emit(&mut octets);
            TcpOption::Generic {
                kind: octets[0],
                data: digits(&octets[2..]),
            }
        }
    }
}

fn block(edges: &[u8]) -> (u32, u32) {
    let edge = |i: usize| u32::from_be_bytes([edges[i], edges[i + 1], edges[i + 2], edges[i + 3]]);
    (edge(0), edge(4))
}

/// RFC 9768 section 3.2.3: AccECN0 counts ECT(0), CE, ECT(1), AccECN1 the other way round.
fn counters(kind: u8, data: &[u8]) -> TcpOption {
    let mut order = [AccEcnField::E0b, AccEcnField::Ceb, AccEcnField::E1b];
    if kind == ACC_ECN_1 {
        order.reverse();
    }
    let counts = data
        .chunks_exact(3)
        .map(|three| u32::from_be_bytes([0, three[0], three[1], three[2]]));
    TcpOption::AccEcn {
        kind: AccEcnKind::ByFields,
        fields: order.into_iter().zip(counts).collect(),
    }
}
