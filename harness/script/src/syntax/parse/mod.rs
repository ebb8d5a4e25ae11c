//! From text to [`Script`], after the grammar of google/packetdrill and, for TCP, UDP and ICMP, of nplab/packetdrill.

mod call;
mod cursor;
mod event;
mod packet;
mod tcp;

use crate::syntax::ast::{Script, ScriptOption};
use crate::syntax::conditional;
use crate::syntax::error::SyntaxError;
use crate::syntax::token::{self, Comment, Kind};
use cursor::Cursor;
use std::collections::HashMap;

/// Symbols that stand for something else: `--define=NAME=VALUE`.
pub type Defines = HashMap<String, String>;

/// Reads a whole script. `defines` are those of the command line; the script's own come on top.
pub fn parse(text: &str, defines: &Defines) -> Result<Script, SyntaxError> {
    let resolved = conditional::resolve(text, defines)?;
    let text = resolved.as_str();
    let (tokens, comments) = token::tokens(text)?;
    let mut cursor = Cursor::new(text, tokens, defines);
    let mut script = Script {
        requires: requires(text, &comments),
        ..Script::default()
    };
    while let Kind::Flag(name) = cursor.peek().clone() {
        cursor.advance();
        let option = script_option(&mut cursor, name)?;
        cursor.define(&option);
        script.options.push(option);
    }
    script.before = cursor.command();
    while *cursor.peek() != Kind::End {
        if let Some(command) = cursor.command() {
            script.after = Some(command);
            break;
        }
        script.events.push(event::event(&mut cursor)?);
    }
    script.undefined = cursor.undefined();
    match cursor.peek() {
        Kind::End if !script.events.is_empty() => Ok(script),
        Kind::End => Err(cursor.wrong("an event: a time, then a packet, a call, a command or code")),
        _ => Err(cursor.wrong("the end of the script, behind its last command")),
    }
}

fn script_option(cursor: &mut Cursor<'_>, name: String) -> Result<ScriptOption, SyntaxError> {
    let mut option = ScriptOption { name, value: None };
    if !cursor.take_symbol('=') {
        return Ok(option);
    }
    let value = option_value(cursor)?;
    if option.is_definition() && cursor.take_symbol('=') {
        let right = match cursor.peek().clone() {
            Kind::Str(text) => format!("\"{text}\""),
            Kind::Command(text) => format!("`{text}`"),
            _ => cursor.source().to_owned(),
        };
        cursor.advance();
        option.value = Some(format!("{value}={right}"));
    } else {
        option.value = Some(value);
    }
    Ok(option)
}

fn option_value(cursor: &mut Cursor<'_>) -> Result<String, SyntaxError> {
    let value = match cursor.peek() {
        Kind::Str(text) => text.clone(),
        Kind::Word | Kind::Int(_) | Kind::Hex(_) | Kind::Float | Kind::V4(_) | Kind::V6(_) => {
            cursor.source().to_owned()
        }
        _ => return Err(cursor.wrong("a value: a number, a word, a string or an address")),
    };
    cursor.advance();
    // A prefix: ADDRESS/BITS.
    if cursor.take_symbol('/') {
        let bits = cursor.number("the bits of the prefix", 0, 128)?;
        return Ok(format!("{value}/{bits}"));
    }
    Ok(value)
}

/// The ids of `requires:` in comments.
fn requires(text: &str, comments: &[Comment]) -> Vec<String> {
    comments
        .iter()
        .flat_map(|comment| text.get(comment.at.clone()).unwrap_or_default().lines())
        .filter_map(|line| line.split_once("requires:"))
        .flat_map(|(_, ids)| ids.split(|c: char| c.is_whitespace() || c == ','))
        .filter(|id| id.contains('/') && !id.contains('*'))
        .map(str::to_owned)
        .collect()
}
