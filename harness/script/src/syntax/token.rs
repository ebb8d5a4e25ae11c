//! Tokens. As in the original, the longest match wins; among equally long ones a number is a number before it is a word.

use crate::syntax::error::SyntaxError;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_until, take_while, take_while1};
use nom::character::complete::{char, digit0, digit1, hex_digit1, satisfy};
use nom::combinator::{opt, recognize};
use nom::multi::many0;
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A name, a keyword, flags, hexadecimal digits.
    Word,
    Int(i64),
    Hex(i64),
    /// Its text tells more than its value.
    Float,
    /// Without its quotes; escapes stand as they are.
    Str(String),
    /// A command, without its backquotes.
    Command(String),
    /// Code, without `%{` and `}%` and the blanks inside them.
    Code(String),
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    /// `--name`, without the dashes.
    Flag(String),
    Ellipsis,
    Symbol(char),
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
    /// It stands for a symbol that the script or the command line defines.
    pub defined: bool,
}

/// A `//` or `/* */` comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub at: Range<usize>,
}

/// All tokens of a text, the last of which is [`Kind::End`], and its comments.
pub fn tokens(text: &str) -> Result<(Vec<Token>, Vec<Comment>), SyntaxError> {
    let mut tokens = Vec::new();
    let mut comments = Vec::new();
    let mut rest = text;
    // The first line may name the interpreter.
    if rest.starts_with("#!") {
        rest = rest.find('\n').map_or("", |newline| &rest[newline..]);
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
        let start = text.len() - rest.len();
        if rest.is_empty() {
            tokens.push(Token {
                kind: Kind::End,
                at: start..start,
                defined: false,
            });
            return Ok((tokens, comments));
        }
        if let Ok((after, comment)) = comment(rest) {
            comments.push(Comment {
                at: start..start + comment.len(),
            });
            rest = after;
            continue;
        }
        let (after, kind) = one(rest).map_err(|expected| {
            let found = rest.chars().next().map_or(String::new(), |c| format!("'{c}'"));
            SyntaxError::new(text, start, expected, found)
        })?;
        let end = text.len() - after.len();
        tokens.push(Token {
            kind,
            at: start..end,
            defined: false,
        });
        rest = after;
    }
}

fn comment(input: &str) -> IResult<&str, &str> {
    alt((
        recognize((tag("//"), take_while(|c| c != '\n'))),
        recognize((tag("/*"), take_until("*/"), tag("*/"))),
    ))
    .parse(input)
}

/// One token, or what would be needed to have one.
fn one(input: &str) -> Result<(&str, Kind), &'static str> {
    for (opening, closing) in [('"', "a closing quote"), ('`', "a closing backquote")] {
        if input.starts_with(opening) {
            let (rest, inner) = quoted(opening, input).map_err(|_| closing)?;
            let inner = inner.to_owned();
            return Ok((
                rest,
                if opening == '"' {
                    Kind::Str(inner)
                } else {
                    Kind::Command(inner)
                },
            ));
        }
    }
    if input.starts_with("%{") {
        let (rest, code) = code(input).map_err(|_| "}% at the end of the code")?;
        let code = code.trim_matches([' ', '\t']).to_owned();
        return Ok((rest, Kind::Code(code)));
    }
    if input.starts_with("/*") {
        return Err("*/ at the end of the comment");
    }
    if let Ok((rest, name)) = preceded(tag::<_, _, nom::error::Error<_>>("--"), take_while1(is_word)).parse(input) {
        return Ok((rest, Kind::Flag(name.to_owned())));
    }
    longest(input).ok_or("a token")
}

fn quoted(quote: char, input: &str) -> IResult<&str, &str> {
    let escaped = recognize((char('\\'), satisfy(|_| true)));
    let plain = recognize(satisfy(move |c| c != quote && c != '\\'));
    delimited(char(quote), recognize(many0(alt((escaped, plain)))), char(quote)).parse(input)
}

fn code(input: &str) -> IResult<&str, &str> {
    delimited(tag("%{"), take_until("}%"), tag("}%")).parse(input)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The longest of what may begin here.
fn longest(input: &str) -> Option<(&str, Kind)> {
    let readers: [fn(&str) -> Found<'_>; 8] = [ellipsis, float, integer, hexadecimal, dashed, word, v4, v6];
    let mut best: Option<(&str, Kind)> = None;
    for read in readers {
        let found = read(input);
        if let Some((rest, kind)) = found
            && best.as_ref().is_none_or(|(shortest, _)| rest.len() < shortest.len())
        {
            best = Some((rest, kind));
        }
    }
    best.or_else(|| {
        let symbol = input.chars().next()?;
        Some((&input[symbol.len_utf8()..], Kind::Symbol(symbol)))
    })
}

type Found<'a> = Option<(&'a str, Kind)>;

fn matched<'a>(
    mut parser: impl Parser<&'a str, Output = &'a str, Error = nom::error::Error<&'a str>>,
    input: &'a str,
) -> Option<(&'a str, &'a str)> {
    parser.parse(input).ok()
}

fn ellipsis(input: &str) -> Found<'_> {
    matched(tag("..."), input).map(|(rest, _)| (rest, Kind::Ellipsis))
}

fn float(input: &str) -> Found<'_> {
    matched(recognize((opt(char('-')), digit0, char('.'), digit1)), input).map(|(rest, _)| (rest, Kind::Float))
}

fn integer(input: &str) -> Found<'_> {
    let (rest, digits) = matched(recognize((opt(char('-')), digit1)), input)?;
    Some((rest, Kind::Int(digits.parse().ok()?)))
}

fn hexadecimal(input: &str) -> Found<'_> {
    let (rest, digits) = matched(preceded(tag("0x"), hex_digit1), input)?;
    Some((rest, Kind::Hex(u64::from_str_radix(digits, 16).ok()? as i64)))
}

/// Names of experimental and generic options: `exp-FO`, `gen-254`.
fn dashed(input: &str) -> Found<'_> {
    matched(
        recognize((alt((tag("exp-"), tag("gen-"))), take_while1(is_word))),
        input,
    )
    .map(|(rest, _)| (rest, Kind::Word))
}

fn word(input: &str) -> Found<'_> {
    matched(take_while1(is_word), input).map(|(rest, _)| (rest, Kind::Word))
}

fn v4(input: &str) -> Found<'_> {
    let part = || terminated(digit1, char('.'));
    let (rest, text) = matched(recognize((part(), part(), part(), digit1)), input)?;
    Some((rest, Kind::V4(text.parse().ok()?)))
}

/// Sequence ranges look like addresses: only what is one whole is taken.
fn v6(input: &str) -> Found<'_> {
    let (_, text) = matched(
        take_while1(|c: char| c.is_ascii_hexdigit() || c == ':' || c == '.'),
        input,
    )?;
    if text.matches(':').count() < 2 {
        return None;
    }
    // A colon behind an address separates it from what follows.
    [text, text.trim_end_matches(':'), text.trim_end_matches('.')]
        .into_iter()
        .find_map(|text| Some((&input[text.len()..], Kind::V6(text.parse().ok()?))))
}
