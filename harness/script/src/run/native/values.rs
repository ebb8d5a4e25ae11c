//! Addresses, buffers and structures between the language and memory.

use super::request::Memory;
use crate::run::calls::{address_of, port_of};
use crate::run::config::Config;
use crate::run::outcome::{Step, Stop};
use crate::run::symbols;
use crate::syntax::ast::Expr;
use std::net::IpAddr;

/// Octets of one call at most.
const MOST: i64 = 64 << 20;

pub fn is_null(expr: Option<&Expr>) -> bool {
    matches!(expr, Some(Expr::Word(name)) if name == "NULL") || expr == Some(&Expr::Int(0))
}

/// `struct sockaddr_in` or `sockaddr_in6` (ip(7), ipv6(7)); where the script gives none, of this address and port.
pub fn address(expr: Option<&Expr>, default: (IpAddr, u16)) -> Vec<u8> {
    if names_unspecified(expr) {
        return vec![0; 16];
    }
    let ip = expr
        .and_then(address_of)
        .filter(|ip| ip.is_ipv4() == default.0.is_ipv4());
    let port = expr.and_then(port_of).unwrap_or(default.1);
    let mut octets = family(default.0).to_ne_bytes().to_vec();
    octets.extend(port.to_be_bytes());
    match ip.unwrap_or(default.0) {
        IpAddr::V4(ip) => {
            octets.extend(ip.octets());
            octets.resize(16, 0);
        }
        IpAddr::V6(ip) => {
            octets.extend([0; 4]);
            octets.extend(ip.octets());
            octets.extend([0; 4]);
        }
    }
    octets
}

/// `{sa_family=AF_UNSPEC, ...}` ends an association (connect(2)).
fn names_unspecified(expr: Option<&Expr>) -> bool {
    let fields = match expr {
        Some(Expr::Word(name)) => return name == "AF_UNSPEC",
        Some(Expr::Struct(fields)) => fields,
        _ => return false,
    };
    fields.iter().any(|field| match field {
        Expr::Assign(_, value) => **value == Expr::Word("AF_UNSPEC".to_owned()),
        _ => false,
    })
}

/// AF_INET and AF_INET6.
pub fn family(ip: IpAddr) -> u16 {
    if ip.is_ipv4() { 2 } else { 10 }
}

/// The peer, as clients call it.
pub fn peer(config: &Config) -> (IpAddr, u16) {
    (config.peer, config.connect_port)
}

/// The octets that a call hands over; none where the address is null. `first` is the pattern's number of the first.
pub fn buffer(expr: Option<&Expr>, size: usize, first: u32) -> Option<Memory> {
    match expr {
        expr if is_null(expr) => None,
        Some(Expr::Str(parts)) => {
            let mut octets = text(&parts.concat());
            octets.resize(size, 0);
            Some(Memory::Octets(octets))
        }
        _ => Some(Memory::Pattern(first, size)),
    }
}

/// A size that a call gives.
pub fn size(expr: Option<&Expr>) -> Step<usize> {
    let size = expr.and_then(symbols::value).filter(|size| (0..=MOST).contains(size));
    size.and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| Stop::Needs("sizes of more than 64 MiB, or that are no number".to_owned()))
}

/// `{name=value, ...}`
pub fn field<'e>(fields: &'e [Expr], wanted: &str) -> Option<&'e Expr> {
    fields.iter().find_map(|field| match field {
        Expr::Assign(name, value) => match &**name {
            Expr::Word(name) | Expr::Function(name, _) if name == wanted => Some(&**value),
            _ => None,
        },
        _ => None,
    })
}

pub fn number_of(fields: &[Expr], wanted: &str) -> Option<i64> {
    field(fields, wanted).and_then(number)
}

/// A number, a constant, or the name of an error.
pub fn number(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Word(name) => symbols::number(name).or_else(|| super::errno::number(name)),
        expr => symbols::value(expr),
    }
}

/// What an option is set to: `[1]`, `{onoff=1, linger=0}`, `"reno"`, cut or filled to the size that the script gives.
pub fn option(expr: Option<&Expr>, size: Option<usize>) -> Step<Vec<u8>> {
    let int = |number: i64| number.to_le_bytes()[..4].to_vec();
    let mut octets = match expr {
        Some(Expr::Str(parts)) => text(&parts.concat()),
        Some(Expr::Struct(fields)) => {
            let field = |name: &str| number_of(fields, name).map(int);
            match (field("onoff"), field("linger")) {
                (Some(on), Some(linger)) => [on, linger].concat(),
                _ => return Err(Stop::Needs("an option of this structure".to_owned())),
            }
        }
        Some(Expr::Array(items)) if items.len() > 1 => {
            let numbers: Option<Vec<i64>> = items.iter().map(number).collect();
            numbers.unwrap_or_default().into_iter().flat_map(int).collect()
        }
        Some(expr) => int(number(expr).ok_or_else(|| Stop::Needs(format!("the value {expr}")))?),
        None => Vec::new(),
    };
    octets.resize(size.unwrap_or(octets.len()), 0);
    Ok(octets)
}

/// A string's octets: `\xHH`, `\n` and the like stand for one.
fn text(source: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            octets.extend(c.to_string().bytes());
            continue;
        }
        match rest.next() {
            Some('x') => {
                let digits: String = std::iter::from_fn(|| rest.next_if(char::is_ascii_hexdigit))
                    .take(2)
                    .collect();
                octets.push(u8::from_str_radix(&digits, 16).unwrap_or(0));
            }
            Some('n') => octets.push(b'\n'),
            Some('r') => octets.push(b'\r'),
            Some('t') => octets.push(b'\t'),
            Some('0') => octets.push(0),
            Some(other) => octets.extend(other.to_string().bytes()),
            None => {}
        }
    }
    octets
}
