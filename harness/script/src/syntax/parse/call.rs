//! System calls: their arguments, what they are to return, and how long they may wait.

use super::cursor::Cursor;
use super::event::microseconds;
use super::packet;
use crate::syntax::ast::{Call, Expr};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::Kind;

pub fn call(cursor: &mut Cursor<'_>) -> Result<Call, SyntaxError> {
    let until = if *cursor.peek() == Kind::Ellipsis {
        cursor.advance();
        Some(microseconds(cursor)?)
    } else {
        None
    };
    let name = cursor.word("a call's name")?;
    let arguments = arguments(cursor)?;
    cursor.symbol('=')?;
    let result = expression(cursor)?;
    let errno = match cursor.peek() {
        Kind::Word => Some(cursor.word("an errno")?),
        _ => None,
    };
    let note = cursor.is_symbol('(').then(|| note(cursor)).transpose()?;
    Ok(Call {
        until,
        name,
        arguments,
        result,
        errno,
        note,
    })
}

fn arguments(cursor: &mut Cursor<'_>) -> Result<Vec<Expr>, SyntaxError> {
    cursor.symbol('(')?;
    let list = if cursor.is_symbol(')') {
        Vec::new()
    } else {
        list(cursor)?
    };
    cursor.symbol(')')?;
    Ok(list)
}

/// Free text in parentheses.
fn note(cursor: &mut Cursor<'_>) -> Result<String, SyntaxError> {
    cursor.advance();
    let mut words = Vec::new();
    while !cursor.is_symbol(')') {
        if *cursor.peek() == Kind::End {
            return Err(cursor.wrong("')'"));
        }
        words.push(cursor.source().to_owned());
        cursor.advance();
    }
    cursor.advance();
    Ok(words.join(" "))
}

fn list(cursor: &mut Cursor<'_>) -> Result<Vec<Expr>, SyntaxError> {
    let mut list = vec![expression(cursor)?];
    while cursor.take_symbol(',') {
        list.push(expression(cursor)?);
    }
    Ok(list)
}

pub fn expression(cursor: &mut Cursor<'_>) -> Result<Expr, SyntaxError> {
    cursor.deeper(|cursor| {
        let mut left = operand(cursor)?;
        while cursor.take_symbol('|') {
            left = Expr::Or(Box::new(left), Box::new(operand(cursor)?));
        }
        Ok(left)
    })
}

fn operand(cursor: &mut Cursor<'_>) -> Result<Expr, SyntaxError> {
    match cursor.peek().clone() {
        Kind::Ellipsis => advanced(cursor, Expr::Ellipsis),
        Kind::Int(value) => advanced(cursor, Expr::Int(value)),
        Kind::Hex(value) => advanced(cursor, Expr::Hex(value)),
        Kind::V4(address) => advanced(cursor, Expr::Address(address.into())),
        Kind::V6(address) => advanced(cursor, Expr::Address(address.into())),
        Kind::Str(text) => strings(cursor, text),
        Kind::Word => word(cursor),
        Kind::Symbol('[') => {
            cursor.advance();
            let items = if cursor.is_symbol(']') {
                Vec::new()
            } else {
                list(cursor)?
            };
            cursor.symbol(']')?;
            Ok(Expr::Array(items))
        }
        Kind::Symbol('{') => braces(cursor),
        _ => Err(cursor.wrong("a value: a number, a name, a string, '...', [...] or {...}")),
    }
}

fn advanced(cursor: &mut Cursor<'_>, value: Expr) -> Result<Expr, SyntaxError> {
    cursor.advance();
    Ok(value)
}

fn strings(cursor: &mut Cursor<'_>, first: String) -> Result<Expr, SyntaxError> {
    cursor.advance();
    if *cursor.peek() == Kind::Ellipsis {
        return advanced(cursor, Expr::StrAndMore(first));
    }
    let mut parts = vec![first];
    while let Kind::Str(text) = cursor.peek().clone() {
        cursor.advance();
        parts.push(text);
    }
    Ok(Expr::Str(parts))
}

/// A name, a name with arguments, or either with a value.
fn word(cursor: &mut Cursor<'_>) -> Result<Expr, SyntaxError> {
    let name = cursor.word("a name")?;
    let target = if cursor.is_symbol('(') {
        Expr::Function(name, arguments(cursor)?)
    } else {
        Expr::Word(name)
    };
    if cursor.take_symbol('=') {
        let value = expression(cursor)?;
        return Ok(Expr::Assign(Box::new(target), Box::new(value)));
    }
    Ok(target)
}

fn braces(cursor: &mut Cursor<'_>) -> Result<Expr, SyntaxError> {
    cursor.symbol('{')?;
    let value = if cursor.is_symbol('(') {
        Expr::Mpls(packet::labels(cursor)?)
    } else if (cursor.is_word("flags") || cursor.is_word("Flags")) && *cursor.peek_second() != Kind::Symbol('=') {
        Expr::Gre(packet::gre(cursor)?)
    } else if cursor.is_symbol('}') {
        Expr::Mpls(Vec::new())
    } else {
        Expr::Struct(list(cursor)?)
    };
    cursor.symbol('}')?;
    Ok(value)
}
