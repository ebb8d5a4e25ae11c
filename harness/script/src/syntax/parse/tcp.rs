//! TCP segments: flags, numbers, options.

use super::cursor::Cursor;
use crate::syntax::ast::{AccEcnField, AccEcnKind, Options, Seq, SeqKind, Tcp, TcpFlags, TcpOption};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::Kind;

/// Octets of options that a header holds.
const MAX_OPTIONS: usize = 40;

pub fn segment(cursor: &mut Cursor<'_>, inbound: bool) -> Result<Tcp, SyntaxError> {
    let flags = flags(cursor)?;
    let seq = seq(cursor)?;
    let ack = cursor
        .take_word("ack")
        .then(|| cursor.u32("an acknowledgement number"))
        .transpose()?;
    let window = cursor.take_word("win").then(|| cursor.u16("a window")).transpose()?;
    let urgent = cursor
        .take_word("urg")
        .then(|| cursor.u16("an urgent pointer"))
        .transpose()?;
    let too_open = cursor.wrong("options: <...> is for outbound packets only");
    let options = options(cursor)?;
    if options == Options::Any && inbound {
        return Err(too_open);
    }
    let cause = cursor.take_symbol('[').then(|| cause(cursor)).transpose()?;
    Ok(Tcp {
        flags,
        seq,
        ack,
        window,
        urgent,
        options,
        cause,
    })
}

fn flags(cursor: &mut Cursor<'_>) -> Result<TcpFlags, SyntaxError> {
    let what = "TCP flags out of F S R P U E W A and '.', or '-' for none";
    let wrong = cursor.wrong(what);
    if cursor.take_symbol('-') {
        return TcpFlags::read("").ok_or(wrong);
    }
    let mut text = String::new();
    let mut end = None;
    // Letters, a dot, a counter: as many tokens as stand side by side.
    while let Kind::Word | Kind::Float | Kind::Symbol('.') = cursor.peek() {
        let part = cursor.source();
        if end.is_some_and(|end| end != cursor.offset()) && part != "." {
            break;
        }
        text.push_str(part);
        cursor.advance();
        end = Some(cursor.end_of_last());
    }
    match TcpFlags::read(&text) {
        Some(flags) if !text.is_empty() => Ok(flags),
        _ => Err(wrong),
    }
}

/// `1:1001(1000)`, with `!` for numbers as on the wire, or `...(1000)`.
pub fn seq(cursor: &mut Cursor<'_>) -> Result<Seq, SyntaxError> {
    if *cursor.peek() == Kind::Ellipsis {
        cursor.advance();
        let len = payload(cursor)?;
        return Ok(Seq {
            start: 0,
            len,
            kind: SeqKind::Any,
        });
    }
    let start = cursor.u32("a sequence number")?;
    cursor.symbol(':')?;
    let wrong = cursor.wrong("an end that is the start and the octets in parentheses");
    let end = cursor.u32("a sequence number")?;
    let len = payload(cursor)?;
    if start.wrapping_add(u32::from(len)) != end {
        return Err(wrong);
    }
    let kind = if cursor.take_symbol('!') {
        SeqKind::Absolute
    } else {
        SeqKind::Relative
    };
    Ok(Seq { start, len, kind })
}

fn payload(cursor: &mut Cursor<'_>) -> Result<u16, SyntaxError> {
    cursor.symbol('(')?;
    let len = cursor.u16("octets of payload")?;
    cursor.symbol(')')?;
    Ok(len)
}

fn options(cursor: &mut Cursor<'_>) -> Result<Options, SyntaxError> {
    // A packet of the next event also begins so, but behind its time.
    if !cursor.take_symbol('<') {
        return Ok(Options::List(Vec::new()));
    }
    if *cursor.peek() == Kind::Ellipsis {
        cursor.advance();
        cursor.symbol('>')?;
        return Ok(Options::Any);
    }
    let raw = matches!(cursor.peek(), Kind::Int(_)) || *cursor.peek() == Kind::Word && is_hex(cursor.source());
    if raw && *cursor.peek_second() == Kind::Symbol('>') {
        let digits = hex(cursor, MAX_OPTIONS)?;
        cursor.symbol('>')?;
        return Ok(Options::Raw(digits));
    }
    let mut list = Vec::new();
    loop {
        list.push(option(cursor)?);
        if !cursor.take_symbol(',') {
            break;
        }
    }
    cursor.symbol('>')?;
    Ok(Options::List(list))
}

fn is_hex(text: &str) -> bool {
    text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Digits of at most `most` octets; none at all are none.
fn hex(cursor: &mut Cursor<'_>, most: usize) -> Result<String, SyntaxError> {
    let wrong = cursor.wrong(format!("hexadecimal digits, two an octet, at most {most} octets"));
    if cursor.take_symbolic() {
        return Ok(String::new());
    }
    let Some(digits) = cursor.digits() else {
        return Ok(String::new());
    };
    if is_hex(&digits) && digits.len() <= 2 * most {
        Ok(digits)
    } else {
        Err(wrong)
    }
}

fn option(cursor: &mut Cursor<'_>) -> Result<TcpOption, SyntaxError> {
    let wrong =
        cursor.wrong("a TCP option: nop, eol, mss, wscale, sackOK, sack, TS, md5, FO, FOEXP, ECN, gen-KIND or exp-ID");
    let Kind::Word = cursor.peek() else {
        return Err(wrong);
    };
    let name = cursor.source().to_owned();
    cursor.advance();
    Ok(match name.as_str() {
        "nop" => TcpOption::Nop,
        "eol" => TcpOption::End,
        "mss" => TcpOption::Mss(cursor.u16("a segment size")?),
        "wscale" => TcpOption::WindowScale(cursor.u8("a shift count")?),
        "sackOK" => TcpOption::SackPermitted,
        "sack" => TcpOption::Sack(sack(cursor)?),
        "TS" => timestamps(cursor)?,
        "md5" if cursor.take_word("valid") => TcpOption::Md5(None),
        "md5" => TcpOption::Md5(Some(hex(cursor, 16)?)),
        "FO" => TcpOption::FastOpen {
            cookie: hex(cursor, 38)?,
            experimental: false,
        },
        "FOEXP" | "exp-FO" => TcpOption::FastOpen {
            cookie: hex(cursor, 36)?,
            experimental: true,
        },
        "ECN" => TcpOption::AccEcn {
            kind: AccEcnKind::ByFields,
            fields: accecn(cursor)?,
        },
        "AccECN0" => TcpOption::AccEcn {
            kind: AccEcnKind::Zero,
            fields: accecn(cursor)?,
        },
        "AccECN1" => TcpOption::AccEcn {
            kind: AccEcnKind::One,
            fields: accecn(cursor)?,
        },
        "exp-AccECN0" => TcpOption::AccEcn {
            kind: AccEcnKind::ExperimentZero,
            fields: accecn(cursor)?,
        },
        "exp-AccECN1" => TcpOption::AccEcn {
            kind: AccEcnKind::ExperimentOne,
            fields: accecn(cursor)?,
        },
        _ => match name.split_once('-') {
            Some(("gen", kind)) => TcpOption::Generic {
                kind: kind.parse().map_err(|_| wrong)?,
                data: hex(cursor, 38)?,
            },
            Some(("exp", id)) if is_hex(id) || id == "tarr" => TcpOption::Experiment {
                id: id.to_owned(),
                data: hex(cursor, 36)?,
            },
            _ => return Err(wrong),
        },
    })
}

fn sack(cursor: &mut Cursor<'_>) -> Result<Vec<(u32, u32)>, SyntaxError> {
    let mut blocks = Vec::new();
    loop {
        let left = cursor.u32("the left edge of a block")?;
        cursor.symbol(':')?;
        blocks.push((left, cursor.u32("the right edge of a block")?));
        if !matches!(cursor.peek(), Kind::Int(_)) {
            return Ok(blocks);
        }
        if blocks.len() == 4 {
            return Err(cursor.wrong("at most four blocks"));
        }
    }
}

fn timestamps(cursor: &mut Cursor<'_>) -> Result<TcpOption, SyntaxError> {
    cursor.keyword("val")?;
    let value = if *cursor.peek() == Kind::Ellipsis {
        cursor.advance();
        None
    } else {
        Some(cursor.u32("a timestamp")?)
    };
    cursor.keyword("ecr")?;
    let echo = cursor.u32("a timestamp")?;
    let absolute = cursor.take_symbol('!');
    Ok(TcpOption::Timestamps { value, echo, absolute })
}

fn accecn(cursor: &mut Cursor<'_>) -> Result<Vec<(AccEcnField, u32)>, SyntaxError> {
    const NAMES: [(&str, AccEcnField); 6] = [
        ("e0b", AccEcnField::E0b),
        ("ee0b", AccEcnField::E0b),
        ("e1b", AccEcnField::E1b),
        ("ee1b", AccEcnField::E1b),
        ("ceb", AccEcnField::Ceb),
        ("eceb", AccEcnField::Ceb),
    ];
    let mut fields = Vec::new();
    while let Some((_, field)) = NAMES.iter().find(|(name, _)| cursor.is_word(name)) {
        if fields.len() == 3 {
            return Err(cursor.wrong("at most three counters"));
        }
        cursor.advance();
        fields.push((*field, cursor.number("a counter of 24 bits", 0, 0xff_ffff)? as u32));
    }
    Ok(fields)
}

/// `[cause_code 1, pen 2]`
fn cause(cursor: &mut Cursor<'_>) -> Result<(u16, u32), SyntaxError> {
    if !cursor.take_word("code") {
        cursor.keyword("cause_code")?;
    }
    cursor.take_symbol('=');
    let code = cursor.u16("a cause")?;
    cursor.symbol(',')?;
    cursor.keyword("pen")?;
    cursor.take_symbol('=');
    let number = cursor.u32("an enterprise number")?;
    cursor.symbol(']')?;
    Ok((code, number))
}
