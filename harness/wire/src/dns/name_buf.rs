//! Names that stand on their own, to be compared with and to be written.

use super::name::{MAX_LABEL, MAX_NAME, Name};
use std::fmt;
use std::str::FromStr;

/// A name in its uncompressed wire form, never longer than 255 octets.
#[derive(Debug, Clone)]
pub struct NameBuf(Vec<u8>);

impl NameBuf {
    pub fn root() -> NameBuf {
        NameBuf(vec![0])
    }

    /// From labels of any octets.
    pub fn from_labels<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Result<NameBuf, NameSyntax> {
        let mut wire = Vec::new();
        for label in labels {
            match label.len() {
                0 => return Err(NameSyntax::EmptyLabel),
                length if length > MAX_LABEL => return Err(NameSyntax::LabelTooLong),
                length => wire.push(length as u8),
            }
            wire.extend(label);
        }
        wire.push(0);
        if wire.len() > MAX_NAME {
            return Err(NameSyntax::NameTooLong);
        }
        Ok(NameBuf(wire))
    }

    pub fn wire(&self) -> &[u8] {
        &self.0
    }

    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        self.suffixes().filter_map(|suffix| {
            let (&length, rest) = suffix.split_first()?;
            rest.get(..usize::from(length))
        })
    }

    /// The name, its parent, and so on to just below the root: what a pointer can stand for.
    pub(super) fn suffixes(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let here = rest;
            let length = usize::from(*here.first()?);
            rest = here.get(1 + length..)?;
            (length > 0).then_some(here)
        })
    }
}

impl From<Name<'_>> for NameBuf {
    fn from(name: Name<'_>) -> NameBuf {
        let mut wire = Vec::with_capacity(name.wire_len());
        name.emit(&mut wire);
        NameBuf(wire)
    }
}

impl PartialEq<Name<'_>> for NameBuf {
    fn eq(&self, other: &Name<'_>) -> bool {
        Name::parse(&self.0, 0, "name").is_ok_and(|(name, _)| name == *other)
    }
}

/// Without regard to ASCII case (RFC 4343 section 3); length octets are below any letter.
impl PartialEq for NameBuf {
    fn eq(&self, other: &NameBuf) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for NameBuf {}

impl fmt::Display for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Name::parse(&self.0, 0, "name") {
            Ok((name, _)) => name.fmt(f),
            Err(_) => Err(fmt::Error),
        }
    }
}

/// Why text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSyntax {
    EmptyLabel,
    LabelTooLong,
    NameTooLong,
    /// A backslash without an octet to follow: `\X`, or `\DDD` up to `\255`.
    Escape,
}

impl fmt::Display for NameSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NameSyntax::EmptyLabel => "domain name: expected at least one octet in each label",
            NameSyntax::LabelTooLong => "domain name: expected at most 63 octets in each label",
            NameSyntax::NameTooLong => "domain name: expected at most 255 octets",
            NameSyntax::Escape => "domain name: expected `\\X`, or `\\DDD` up to 255, after a backslash",
        })
    }
}

impl std::error::Error for NameSyntax {}

/// The form that [`Name`] is displayed in (RFC 1035 section 5.1); the last dot may be left out.
impl FromStr for NameBuf {
    type Err = NameSyntax;

    fn from_str(text: &str) -> Result<NameBuf, NameSyntax> {
        if text == "." {
            return Ok(NameBuf::root());
        }
        let mut labels = vec![Vec::new()];
        let mut octets = text.bytes();
        while let Some(octet) = octets.next() {
            match (octet, labels.last_mut()) {
                (b'.', _) => labels.push(Vec::new()),
                (b'\\', Some(label)) => label.push(escaped(&mut octets)?),
                (_, Some(label)) => label.push(octet),
                (_, None) => return Err(NameSyntax::EmptyLabel),
            }
        }
        labels.pop_if(|last| last.is_empty());
        NameBuf::from_labels(labels.iter().map(Vec::as_slice))
    }
}

fn escaped(octets: &mut impl Iterator<Item = u8>) -> Result<u8, NameSyntax> {
    let first = octets.next().ok_or(NameSyntax::Escape)?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let mut value = u16::from(first - b'0');
    for _ in 0..2 {
        let digit = octets.next().filter(u8::is_ascii_digit).ok_or(NameSyntax::Escape)?;
        value = value * 10 + u16::from(digit - b'0');
    }
    u8::try_from(value).map_err(|_| NameSyntax::Escape)
}
