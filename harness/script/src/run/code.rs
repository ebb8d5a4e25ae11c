//! `%{ }%`: assertions about the connection. The originals are Python; what they use of it is understood here: `assert`,
//! `print`, assignments, arithmetic, comparisons (chained too), `and`, `or`, `not`.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, digit1, multispace0, one_of};
use nom::combinator::{recognize, value};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};
use std::collections::HashMap;

/// Depth of nested brackets that an expression may have.
const MAX_DEPTH: u32 = 32;

#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// An assertion does not hold: its text, and the values of the names in it.
    Fails { assertion: String, values: String },
    /// A name that this stack does not tell.
    Unknown(String),
    /// Not understood.
    Syntax(String),
}

/// Values that live from one piece of code to the next.
pub type Names = HashMap<String, i64>;

/// Runs statements. `look_up` tells what the stack knows.
pub fn run(code: &str, names: &mut Names, look_up: &dyn Fn(&str) -> Option<i64>) -> Result<(), Stop> {
    for statement in statements(code) {
        one(statement, names, look_up)?;
    }
    Ok(())
}

/// Every name that some code reads and no code sets.
pub fn reads(code: &str) -> Vec<String> {
    let mut known = Names::new();
    let mut unknown = Vec::new();
    for statement in statements(code) {
        // A name that is not known is taken for zero, and noted.
        while let Err(Stop::Unknown(name)) = one(statement, &mut known, &|_| None) {
            known.insert(name.clone(), 0);
            unknown.push(name);
        }
    }
    unknown
}

/// A backslash at a line's end, which joins it to the next, stands beside a semicolon in scripts: it says nothing more.
fn statements(code: &str) -> impl Iterator<Item = &str> {
    code.split(['\n', ';'])
        .map(|line| line.split_once('#').map_or(line, |(code, _)| code).trim())
        .map(|line| line.strip_suffix('\\').unwrap_or(line).trim())
        .filter(|statement| !statement.is_empty())
}

fn one(statement: &str, names: &mut Names, look_up: &dyn Fn(&str) -> Option<i64>) -> Result<(), Stop> {
    if let Some(assertion) = statement
        .strip_prefix("assert")
        .filter(|rest| rest.starts_with([' ', '(']))
    {
        let (condition, _) = split_message(assertion);
        let mut used = Vec::new();
        let holds = evaluate(condition, names, look_up, &mut used)? != 0;
        let values: Vec<String> = used.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        return if holds {
            Ok(())
        } else {
            Err(Stop::Fails {
                assertion: condition.trim().to_owned(),
                values: values.join(", "),
            })
        };
    }
    if statement.starts_with("print") || statement.starts_with("import") {
        return Ok(());
    }
    if let Some((name, operator, right)) = assignment(statement) {
        let right = evaluate(right, names, look_up, &mut Vec::new())?;
        let old = || {
            names
                .get(name)
                .copied()
                .or_else(|| look_up(name))
                .ok_or_else(|| Stop::Unknown(name.to_owned()))
        };
        let new = match operator {
            '+' => old()?.wrapping_add(right),
            '-' => old()?.wrapping_sub(right),
            _ => right,
        };
        names.insert(name.to_owned(), new);
        return Ok(());
    }
    Err(Stop::Syntax(statement.to_owned()))
}

/// The condition, and the message behind the first comma outside brackets.
fn split_message(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

fn assignment(statement: &str) -> Option<(&str, char, &str)> {
    let (left, right) = statement.split_once('=')?;
    if right.starts_with('=') {
        return None;
    }
    let (name, operator) = match left.trim_end().strip_suffix(['+', '-']) {
        Some(name) => (name, left.trim_end().chars().last()?),
        None => (left, '='),
    };
    let name = name.trim();
    (!name.is_empty() && name.chars().all(is_name)).then_some((name, operator, right))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

type Used = Vec<(String, i64)>;

fn evaluate(text: &str, names: &Names, look_up: &dyn Fn(&str) -> Option<i64>, used: &mut Used) -> Result<i64, Stop> {
    let wrong = || Stop::Syntax(text.trim().to_owned());
    let (rest, tree) = or(text, 0).map_err(|_| wrong())?;
    if !rest.trim().is_empty() {
        return Err(wrong());
    }
    tree.value(&mut |name| {
        let value = names
            .get(name)
            .copied()
            .or_else(|| constant(name))
            .or_else(|| look_up(name))
            .ok_or_else(|| Stop::Unknown(name.to_owned()))?;
        if constant(name).is_none() && !used.iter().any(|(known, _)| known == name) {
            used.push((name.to_owned(), value));
        }
        Ok(value)
    })
}

fn constant(name: &str) -> Option<i64> {
    match name {
        "True" => Some(1),
        "False" => Some(0),
        // Linux: the slow start threshold before any loss.
        "TCP_INFINITE_SSTHRESH" => Some(0x7fff_ffff),
        "TCP_CA_Open" => Some(0),
        "TCP_CA_Disorder" => Some(1),
        "TCP_CA_CWR" => Some(2),
        "TCP_CA_Recovery" => Some(3),
        "TCP_CA_Loss" => Some(4),
        _ => super::symbols::number(name),
    }
}

#[derive(Debug, Clone)]
enum Tree {
    Number(i64),
    Name(String),
    Not(Box<Tree>),
    Minus(Box<Tree>),
    Two(Box<Tree>, &'static str, Box<Tree>),
    /// `a < b <= c`
    Chain(Box<Tree>, Vec<(&'static str, Tree)>),
}

impl Tree {
    fn value(&self, look: &mut dyn FnMut(&str) -> Result<i64, Stop>) -> Result<i64, Stop> {
        Ok(match self {
            Tree::Number(number) => *number,
            Tree::Name(name) => look(name)?,
            Tree::Not(inner) => i64::from(inner.value(look)? == 0),
            Tree::Minus(inner) => inner.value(look)?.wrapping_neg(),
            Tree::Two(left, "and", right) => match left.value(look)? {
                0 => 0,
                _ => right.value(look)?,
            },
            Tree::Two(left, "or", right) => match left.value(look)? {
                0 => right.value(look)?,
                value => value,
            },
            Tree::Two(left, operator, right) => arithmetic(left.value(look)?, operator, right.value(look)?)?,
            Tree::Chain(first, rest) => {
                let mut left = first.value(look)?;
                for (operator, right) in rest {
                    let right = right.value(look)?;
                    if !compare(left, operator, right) {
                        return Ok(0);
                    }
                    left = right;
                }
                1
            }
        })
    }
}

fn arithmetic(left: i64, operator: &str, right: i64) -> Result<i64, Stop> {
    let by_zero = || Stop::Syntax("division by zero".to_owned());
    Ok(match operator {
        "|" => left | right,
        "&" => left & right,
        "^" => left ^ right,
        "<<" => left.wrapping_shl(right as u32),
        ">>" => left.wrapping_shr(right as u32),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "%" => left.checked_rem_euclid(right).ok_or_else(by_zero)?,
        _ => left.checked_div_euclid(right).ok_or_else(by_zero)?,
    })
}

fn compare(left: i64, operator: &str, right: i64) -> bool {
    match operator {
        "==" => left == right,
        "!=" => left != right,
        "<=" => left <= right,
        ">=" => left >= right,
        "<" => left < right,
        _ => left > right,
    }
}

fn blank<'a, O>(
    parser: impl Parser<&'a str, Output = O, Error = nom::error::Error<&'a str>>,
) -> impl Parser<&'a str, Output = O, Error = nom::error::Error<&'a str>> {
    preceded(multispace0, parser)
}

fn keyword<'a>(word: &'static str) -> impl Parser<&'a str, Output = &'static str, Error = nom::error::Error<&'a str>> {
    let whole = move |input: &'a str| -> IResult<&'a str, &'static str> {
        let (rest, _) = tag(word).parse(input)?;
        if rest.starts_with(is_name) {
            return Err(nom::Err::Error(nom::error::Error::new(
                input,
                nom::error::ErrorKind::Tag,
            )));
        }
        Ok((rest, word))
    };
    blank(whole)
}

/// Left-associative operators of one strength.
fn level<'a>(
    input: &'a str,
    depth: u32,
    operand: fn(&'a str, u32) -> IResult<&'a str, Tree>,
    operator: fn(&'a str) -> IResult<&'a str, &'static str>,
) -> IResult<&'a str, Tree> {
    let (mut rest, mut left) = operand(input, depth)?;
    while let Ok((after, name)) = operator(rest) {
        let (after, right) = operand(after, depth)?;
        left = Tree::Two(Box::new(left), name, Box::new(right));
        rest = after;
    }
    Ok((rest, left))
}

fn or(input: &str, depth: u32) -> IResult<&str, Tree> {
    level(input, depth, and, |input| keyword("or").parse(input))
}

fn and(input: &str, depth: u32) -> IResult<&str, Tree> {
    level(input, depth, not, |input| keyword("and").parse(input))
}

fn not(input: &str, depth: u32) -> IResult<&str, Tree> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(nom::error::Error::new(
            input,
            nom::error::ErrorKind::TooLarge,
        )));
    }
    match keyword("not").parse(input) {
        Ok((rest, _)) => not(rest, depth + 1).map(|(rest, inner)| (rest, Tree::Not(Box::new(inner)))),
        Err(_) => comparison(input, depth),
    }
}

fn comparison(input: &str, depth: u32) -> IResult<&str, Tree> {
    let (mut rest, first) = bits(input, depth)?;
    let mut chain = Vec::new();
    while let Ok((after, operator)) = comparator(rest) {
        let (after, right) = bits(after, depth)?;
        chain.push((operator, right));
        rest = after;
    }
    Ok((
        rest,
        if chain.is_empty() {
            first
        } else {
            Tree::Chain(Box::new(first), chain)
        },
    ))
}

fn comparator(input: &str) -> IResult<&str, &'static str> {
    blank(alt((
        value("==", tag("==")),
        value("!=", tag("!=")),
        value("<=", tag("<=")),
        value(">=", tag(">=")),
        value("<", (char('<'), nom::combinator::not(char('<')))),
        value(">", (char('>'), nom::combinator::not(char('>')))),
    )))
    .parse(input)
}

fn bits(input: &str, depth: u32) -> IResult<&str, Tree> {
    level(input, depth, shift, |input| {
        blank(alt((
            value("|", char('|')),
            value("&", char('&')),
            value("^", char('^')),
        )))
        .parse(input)
    })
}

fn shift(input: &str, depth: u32) -> IResult<&str, Tree> {
    level(input, depth, sum, |input| {
        blank(alt((value("<<", tag("<<")), value(">>", tag(">>"))))).parse(input)
    })
}

fn sum(input: &str, depth: u32) -> IResult<&str, Tree> {
    level(input, depth, product, |input| {
        blank(alt((value("+", char('+')), value("-", char('-'))))).parse(input)
    })
}

fn product(input: &str, depth: u32) -> IResult<&str, Tree> {
    level(input, depth, atom, |input| {
        let operators = alt((
            value("*", char('*')),
            value("/", tag("//")),
            value("/", char('/')),
            value("%", char('%')),
        ));
        blank(operators).parse(input)
    })
}

fn atom(input: &str, depth: u32) -> IResult<&str, Tree> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(nom::error::Error::new(
            input,
            nom::error::ErrorKind::TooLarge,
        )));
    }
    let (input, _) = multispace0.parse(input)?;
    if let Ok((rest, _)) = char::<_, nom::error::Error<&str>>('-').parse(input) {
        return atom(rest, depth + 1).map(|(rest, inner)| (rest, Tree::Minus(Box::new(inner))));
    }
    if input.starts_with('(') {
        return delimited(char('('), |inner| or(inner, depth + 1), blank(char(')'))).parse(input);
    }
    if let Ok((rest, digits)) = preceded(
        tag::<_, _, nom::error::Error<&str>>("0x"),
        take_while1(|c: char| c.is_ascii_hexdigit()),
    )
    .parse(input)
    {
        return Ok((rest, Tree::Number(i64::from_str_radix(digits, 16).unwrap_or(i64::MAX))));
    }
    if let Ok((rest, digits)) = digit1::<_, nom::error::Error<&str>>.parse(input) {
        return Ok((rest, Tree::Number(digits.parse().unwrap_or(i64::MAX))));
    }
    let name = recognize((
        one_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"),
        take_while(is_name),
    ));
    let mut name = name;
    let (rest, name): (&str, &str) = name.parse(input)?;
    Ok((rest, Tree::Name(name.to_owned())))
}
