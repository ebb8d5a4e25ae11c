//! `struct msghdr` and control messages (sendmsg(2), cmsg(3)).

use super::request::{Memory, Request, Returned, number};
use super::values::{self, field, number_of};
use crate::run::calls::Answer;
use crate::run::outcome::{Step, Stop};
use crate::run::symbols;
use crate::syntax::ast::Expr;

/// Room for control messages.
const CONTROL: usize = 1024;
/// `struct cmsghdr`: length, level, type.
const HEADER: usize = 16;

/// Where the parts of a message stand.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    pub header: usize,
    control: usize,
}

/// What a message is for.
pub struct Purpose<'e> {
    /// `sendmsg`: octets from this number of the pattern on, to this address.
    pub sends: Option<(u32, Vec<u8>)>,
    pub vector: Option<&'e Expr>,
    pub fields: &'e [Expr],
}

/// Puts a message into memory.
pub fn build(request: &mut Request, purpose: &Purpose<'_>) -> Step<Parts> {
    let vector = purpose.vector.or_else(|| field(purpose.fields, "msg_iov"));
    let buffers: &[Expr] = match vector {
        Some(Expr::Array(buffers)) => buffers,
        _ => &[],
    };
    let control = match &purpose.sends {
        Some(_) => Memory::Octets(encode(field(purpose.fields, "msg_control"))?),
        None => Memory::Zeros(CONTROL),
    };
    let control_size = match &control {
        Memory::Octets(octets) => octets.len(),
        _ => CONTROL,
    };
    let name = match &purpose.sends {
        Some((_, address)) => address.clone(),
        None => Vec::new(),
    };
    let mut header = vec![0; 56];
    header[8..12].copy_from_slice(&(name.len() as u32).to_le_bytes());
    header[24..32].copy_from_slice(&(buffers.len() as u64).to_le_bytes());
    header[40..48].copy_from_slice(&(control_size as u64).to_le_bytes());
    let header = request.block(Memory::Octets(header));
    if !name.is_empty() {
        let name = request.block(Memory::Octets(name));
        request.link(header, 0, name);
    }
    let control = request.block(control);
    if control_size > 0 {
        request.link(header, 32, control);
    }
    vectors(request, header, buffers, purpose)?;
    Ok(Parts { header, control })
}

/// `[{..., 1000}, {NULL, 200}]`
fn vectors(request: &mut Request, header: usize, buffers: &[Expr], purpose: &Purpose<'_>) -> Step {
    let mut table = Vec::new();
    let mut memory = Vec::new();
    let mut next = purpose.sends.as_ref().map_or(0, |(first, _)| *first);
    for buffer in buffers {
        let Expr::Struct(parts) = buffer else {
            return Err(Stop::Error(format!("a buffer and its size expected, not {buffer}")));
        };
        let size = values::size(field(parts, "iov_len").or(parts.get(1)))?;
        table.extend([0; 8]);
        table.extend((size as u64).to_le_bytes());
        memory.push(match &purpose.sends {
            Some(_) => values::buffer(base(parts), size, next),
            None => (!values::is_null(base(parts))).then_some(Memory::Zeros(size)),
        });
        next = next.wrapping_add(size as u32);
    }
    if table.is_empty() {
        return Ok(());
    }
    let table = request.block(Memory::Octets(table));
    request.link(header, 16, table);
    for (at, memory) in memory.into_iter().enumerate() {
        if let Some(memory) = memory {
            let block = request.block(memory);
            request.link(table, at * 16, block);
        }
    }
    Ok(())
}

/// `{..., 1000}`, `{iov_base=..., iov_len=1000}`
fn base(parts: &[Expr]) -> Option<&Expr> {
    field(parts, "iov_base").or(parts.first())
}

/// Control messages to send.
fn encode(control: Option<&Expr>) -> Step<Vec<u8>> {
    let Some(Expr::Array(messages)) = control else {
        return Ok(Vec::new());
    };
    let mut octets = Vec::new();
    for message in messages {
        let Expr::Struct(fields) = message else { continue };
        let (level, kind) = level_and_type(fields)?;
        let data = values::option(field(fields, "cmsg_data"), None)?;
        octets.extend(((HEADER + data.len()) as u64).to_le_bytes());
        octets.extend((level as i32).to_le_bytes());
        octets.extend((kind as i32).to_le_bytes());
        octets.extend(data);
        octets.resize(octets.len().next_multiple_of(8), 0);
    }
    Ok(octets)
}

fn level_and_type(fields: &[Expr]) -> Step<(i64, i64)> {
    let named = |name: &str| {
        number_of(fields, name).ok_or_else(|| match field(fields, name) {
            Some(value) => Stop::Needs(format!("a value for {value}: -D {value}=NAME")),
            None => Stop::Error(format!("{name} expected")),
        })
    };
    Ok((named("cmsg_level")?, named("cmsg_type")?))
}

/// What was received beside the data, and is not what the script says. `since` tells the script's time of a wall clock's.
pub fn compare(
    fields: &[Expr],
    parts: Parts,
    returned: &Returned,
    since: &dyn Fn(i64, i64) -> (i64, i64),
) -> Step<Option<Answer>> {
    let flags = returned.number(parts.header, 48, 4);
    if let Some(wanted) = number_of(fields, "msg_flags")
        && wanted != flags
    {
        return Ok(differ("msg_flags", wanted, flags));
    }
    let Some(Expr::Array(wanted)) = field(fields, "msg_control") else {
        return Ok(None);
    };
    let size = returned.number(parts.header, 40, 8) as usize;
    let control = returned.octets(parts.control);
    let seen = messages(control.get(..size).unwrap_or(control));
    if seen.len() != wanted.len() {
        return Ok(differ("control messages", wanted.len() as i64, seen.len() as i64));
    }
    for (wanted, seen) in wanted.iter().zip(&seen) {
        let Expr::Struct(fields) = wanted else { continue };
        let (level, kind) = level_and_type(fields)?;
        if (level, kind) != (seen.level, seen.kind) {
            return Ok(Some(Answer::Differs(
                format!("a control message of level {level} and type {kind}"),
                format!("level {} and type {}", seen.level, seen.kind),
            )));
        }
        if let Some(answer) = data_differs(field(fields, "cmsg_data"), seen.data, since) {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}

fn differ(what: &str, wanted: i64, seen: i64) -> Option<Answer> {
    Some(Answer::Differs(format!("{what}: {wanted}"), seen.to_string()))
}

struct Control<'c> {
    level: i64,
    kind: i64,
    data: &'c [u8],
}

fn messages(mut octets: &[u8]) -> Vec<Control<'_>> {
    let mut found = Vec::new();
    while octets.len() >= HEADER {
        let length = number(octets, 0, 8).clamp(HEADER as i64, octets.len() as i64) as usize;
        found.push(Control {
            level: number(octets, 8, 4),
            kind: number(octets, 12, 4),
            data: &octets[HEADER..length],
        });
        octets = octets.get(length.next_multiple_of(8)..).unwrap_or_default();
    }
    found
}

/// A number; an extended error (`struct sock_extended_err`, ip(7)); or the time of `struct scm_timestamping`.
fn data_differs(wanted: Option<&Expr>, seen: &[u8], since: &dyn Fn(i64, i64) -> (i64, i64)) -> Option<Answer> {
    const ERROR: [(&str, usize, usize); 6] = [
        ("ee_errno", 0, 4),
        ("ee_origin", 4, 1),
        ("ee_type", 5, 1),
        ("ee_code", 6, 1),
        ("ee_info", 8, 4),
        ("ee_data", 12, 4),
    ];
    match wanted? {
        Expr::Struct(fields) if field(fields, "scm_sec").is_some() => {
            let wanted = number_of(fields, "scm_sec")? * 1_000_000 + number_of(fields, "scm_nsec")? / 1000;
            let (time, tolerance) = since(number(seen, 0, 8), number(seen, 8, 8));
            ((time - wanted).abs() > tolerance)
                .then(|| Answer::Differs(format!("stamped at {wanted} us"), format!("{time} us")))
        }
        Expr::Struct(fields) => ERROR.iter().find_map(|(name, at, size)| {
            let wanted = number_of(fields, name)?;
            let seen = number(seen, *at, *size);
            (wanted != seen).then(|| Answer::Differs(format!("{name}={wanted}"), seen.to_string()))
        }),
        expr => {
            let (wanted, seen) = (symbols::value(expr)?, number(seen, 0, seen.len().min(4)));
            (wanted & 0xffff_ffff != seen).then(|| Answer::Differs(format!("cmsg_data={wanted}"), seen.to_string()))
        }
    }
}
