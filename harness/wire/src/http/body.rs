//! Where a message ends: the rules of RFC 9112 section 6.3.

use super::field::{Fields, Survey};
use super::start_line::StartLine;

/// Of the request that a response answers: the methods that change its framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    Head,
    Connect,
    #[default]
    Other,
}

impl Method {
    /// Case-sensitive (RFC 9110 section 9.1).
    pub fn of(method: &[u8]) -> Method {
        match method {
            b"HEAD" => Method::Head,
            b"CONNECT" => Method::Connect,
            _ => Method::Other,
        }
    }
}

/// Which rule delimits the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Rule 1: an answer to HEAD, or a status of 1xx, 204 or 304.
    NeverABody,
    /// Rule 2: a 2xx answer to CONNECT.
    Tunnel,
    /// Rule 4: chunked is the final coding.
    Chunked,
    /// Rule 4: a response whose final coding is not chunked.
    CodedUntilClose,
    /// Rule 4: a request whose final coding is not chunked.
    Unknowable,
    /// Rule 5: Content-Length is no number, or not one number.
    InvalidLength,
    /// Rule 6, in octets.
    Length(u64),
    /// Rule 7: a request that declares none.
    NoBody,
    /// Rule 8: a response that declares none.
    UntilClose,
}

impl Rule {
    /// As numbered in RFC 9112 section 6.3.
    pub const fn number(self) -> u8 {
        match self {
            Rule::NeverABody => 1,
            Rule::Tunnel => 2,
            Rule::Chunked | Rule::CodedUntilClose | Rule::Unknowable => 4,
            Rule::InvalidLength => 5,
            Rule::Length(_) => 6,
            Rule::NoBody => 7,
            Rule::UntilClose => 8,
        }
    }
}

/// How the body is delimited, and what was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Framing {
    pub rule: Rule,
    /// With both of these, rule 3 lets the codings prevail.
    pub has_content_length: bool,
    pub has_transfer_encoding: bool,
}

impl Framing {
    /// `answered` is of no account for a request.
    pub fn of(start: &StartLine<'_>, fields: Fields<'_>, survey: Survey, answered: Method) -> Framing {
        let has_content_length = survey.content_lengths > 0;
        let has_transfer_encoding = survey.transfer_encodings > 0;
        let by_start = match start {
            StartLine::Response { status, .. } => by_status(*status, answered),
            StartLine::Request { .. } => None,
        };
        let is_response = matches!(start, StartLine::Response { .. });
        let by_fields = || match (has_transfer_encoding, has_content_length, is_response) {
            (true, ..) if chunked_is_final(fields) => Rule::Chunked,
            (true, _, true) => Rule::CodedUntilClose,
            (true, _, false) => Rule::Unknowable,
            (false, true, _) => content_length(fields).map_or(Rule::InvalidLength, Rule::Length),
            (false, false, true) => Rule::UntilClose,
            (false, false, false) => Rule::NoBody,
        };
        Framing {
            rule: by_start.unwrap_or_else(by_fields),
            has_content_length,
            has_transfer_encoding,
        }
    }
}

const fn by_status(status: u16, answered: Method) -> Option<Rule> {
    match (status, answered) {
        (100..=199 | 204 | 304, _) | (_, Method::Head) => Some(Rule::NeverABody),
        (200..=299, Method::Connect) => Some(Rule::Tunnel),
        _ => None,
    }
}

/// RFC 9112 section 7: coding names do not depend on case.
fn chunked_is_final(fields: Fields<'_>) -> bool {
    let codings = fields.list("transfer-encoding").filter(|coding| !coding.is_empty());
    codings
        .last()
        .is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"))
}

/// The one value of all, if all are valid and the same (rule 5).
fn content_length(fields: Fields<'_>) -> Option<u64> {
    let mut values = fields.list("content-length").map(decimal);
    let first = values.next()??;
    values.all(|value| value == Some(first)).then_some(first)
}

fn decimal(text: &[u8]) -> Option<u64> {
    let mut value = (!text.is_empty()).then_some(0u64)?;
    for digit in text {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(value)
}
