//! The first line of a message: RFC 9112 sections 3 and 4.

use super::irregular::{Irregular, is_tchar};
use crate::ParseError;
use crate::read::NomError;
use nom::bytes::complete::{tag, take_while_m_n};
use nom::character::complete::{char, satisfy};
use nom::{IResult, Parser};

/// As sent; bytes are not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartLine<'a> {
    Request {
        method: &'a [u8],
        target: &'a [u8],
        version: Version,
    },
    Response {
        version: Version,
        status: u16,
        reason: &'a [u8],
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u8,
    pub minor: u8,
}

impl Version {
    pub const HTTP_1_0: Version = Version { major: 1, minor: 0 };
    pub const HTTP_1_1: Version = Version { major: 1, minor: 1 };
}

impl<'a> StartLine<'a> {
    /// Reads a line without its line end.
    pub fn parse(line: &'a [u8]) -> Result<(StartLine<'a>, Irregular), ParseError> {
        match line.starts_with(b"HTTP/") {
            true => StartLine::response(line),
            false => StartLine::request(line),
        }
    }

    pub const fn version(&self) -> Version {
        match self {
            StartLine::Request { version, .. } | StartLine::Response { version, .. } => *version,
        }
    }

    fn response(line: &'a [u8]) -> Result<(StartLine<'a>, Irregular), ParseError> {
        let (rest, version) =
            version(line).map_err(|_| ParseError::new("HTTP", "HTTP-version", 0, "`HTTP/` DIGIT `.` DIGIT"))?;
        let digits = take_while_m_n(3, 3, |octet: u8| octet.is_ascii_digit());
        let status: IResult<_, _, NomError<'_>> = (char(' '), digits).parse(rest);
        let (reason, (_, digits)) = status
            .map_err(|_| ParseError::new("HTTP", "status-code", line.len() - rest.len(), "SP and three digits"))?;
        let (reason, spaced) = match reason {
            [b' ', reason @ ..] => (reason, true),
            [] => (reason, false),
            _ => {
                return Err(ParseError::new(
                    "HTTP",
                    "reason-phrase",
                    line.len() - reason.len(),
                    "SP or the end",
                ));
            }
        };
        let status = digits
            .iter()
            .fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
        let line = StartLine::Response {
            version,
            status,
            reason,
        };
        Ok((line, Irregular::default().with_if(Irregular::REASON_SPACE, !spaced)))
    }

    /// The method ends at the first SP, the version starts after the last: what is between is the target.
    fn request(line: &'a [u8]) -> Result<(StartLine<'a>, Irregular), ParseError> {
        let length = line.iter().take_while(|octet| is_tchar(**octet)).count();
        let method = line.get(..length).unwrap_or_default();
        let rest = match line.get(length..) {
            Some([b' ', rest @ ..]) if length > 0 => rest,
            _ => return Err(ParseError::new("HTTP", "method", length, "a token and SP")),
        };
        let space = rest.iter().rposition(|octet| *octet == b' ').unwrap_or(0);
        let (target, after) = rest.split_at_checked(space).unwrap_or_default();
        let wrong = ParseError::new("HTTP", "HTTP-version", length + 1 + space, "SP `HTTP/` DIGIT `.` DIGIT");
        let version = match after.strip_prefix(b" ").map(version) {
            Some(Ok(([], version))) => version,
            _ => return Err(wrong),
        };
        // Without any target, two SP stand next to each other.
        let spaced = target.is_empty()
            || target
                .iter()
                .any(|octet| matches!(octet, b' ' | b'\t' | 0x0b | 0x0c | b'\r'));
        let line = StartLine::Request {
            method,
            target,
            version,
        };
        Ok((line, Irregular::default().with_if(Irregular::TARGET_SPACE, spaced)))
    }
}

/// RFC 9112 section 2.3: case-sensitive.
fn version(input: &[u8]) -> IResult<&[u8], Version, NomError<'_>> {
    let digit = || satisfy(|c| c.is_ascii_digit());
    let (rest, (_, major, _, minor)) = (tag("HTTP/"), digit(), char('.'), digit()).parse(input)?;
    let value = |digit: char| digit as u8 - b'0';
    let version = Version {
        major: value(major),
        minor: value(minor),
    };
    Ok((rest, version))
}

/// Whether `bytes` begin like a message: a registered method and SP, or `HTTP/1.`. Cheap, to be asked of any stream.
#[inline]
pub fn looks_like_start(bytes: &[u8]) -> bool {
    matches!(bytes, [b'A'..=b'Z', ..]) && begins_with_start(bytes)
}

fn begins_with_start(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"HTTP/1.") {
        return true;
    }
    let method = bytes.iter().take(LONGEST_METHOD + 1).position(|octet| *octet == b' ');
    method.is_some_and(|end| bytes.get(..end).is_some_and(|method| METHODS.contains(&method)))
}

const LONGEST_METHOD: usize = 16;

/// RFC 9110 section 9, RFC 5789, WebDAV and its extensions, and those of UPnP.
pub const METHODS: [&[u8]; 43] = [
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"CONNECT",
    b"TRACE",
    b"PATCH",
    b"PROPFIND",
    b"PROPPATCH",
    b"MKCOL",
    b"COPY",
    b"MOVE",
    b"LOCK",
    b"UNLOCK",
    b"REPORT",
    b"SEARCH",
    b"MKCALENDAR",
    b"ACL",
    b"BIND",
    b"UNBIND",
    b"REBIND",
    b"LINK",
    b"UNLINK",
    b"LABEL",
    b"MERGE",
    b"UPDATE",
    b"CHECKIN",
    b"CHECKOUT",
    b"UNCHECKOUT",
    b"MKACTIVITY",
    b"MKWORKSPACE",
    b"VERSION-CONTROL",
    b"BASELINE-CONTROL",
    b"ORDERPATCH",
    b"MKREDIRECTREF",
    b"NOTIFY",
    b"M-SEARCH",
    b"SUBSCRIBE",
    b"UNSUBSCRIBE",
    b"PURGE",
    b"QUERY",
];
