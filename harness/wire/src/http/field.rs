//! Field lines: RFC 9112 section 5.

use super::irregular::{Irregular, is_tchar, line, trim};
use memchr::memchr;

/// One field line, its folded continuations included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// As sent, without white space around it; compare with [`Field::is`].
    pub name: &'a [u8],
    /// As sent, without white space around it; a fold stands as it was sent.
    pub value: &'a [u8],
    /// Bytes from the start of the message (of the trailer section, for its fields).
    pub offset: usize,
    pub irregular: Irregular,
}

impl Field<'_> {
    /// Names do not depend on case (RFC 9110 section 5.1).
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The fields of a section, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields<'a> {
    rest: &'a [u8],
    offset: usize,
    first: bool,
}

impl<'a> Fields<'a> {
    /// `section` starts `offset` bytes into the message; an empty line ends it.
    pub(super) const fn new(section: &'a [u8], offset: usize) -> Fields<'a> {
        Fields {
            rest: section,
            offset,
            first: true,
        }
    }

    pub fn named(self, name: &str) -> impl Iterator<Item = Field<'a>> {
        self.filter(move |field| field.is(name))
    }

    /// The members of a comma-separated list over all fields of that name, empty ones included (RFC 9110 section 5.3).
    pub fn list(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.named(name)
            .flat_map(|field| field.value.split(|octet| *octet == b',').map(trim))
    }
}

/// What the fields of a section say together, gathered in one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survey {
    /// Of some field or other.
    pub irregular: Irregular,
    /// How many fields there are of these names; they saturate.
    pub hosts: u8,
    pub content_lengths: u8,
    pub transfer_encodings: u8,
}

impl Survey {
    pub fn of(fields: Fields<'_>) -> Survey {
        let mut all = Survey::default();
        for field in fields {
            all.irregular = all.irregular.and(field.irregular);
            let count = match field.name.len() {
                4 if field.is("host") => &mut all.hosts,
                14 if field.is("content-length") => &mut all.content_lengths,
                17 if field.is("transfer-encoding") => &mut all.transfer_encodings,
                _ => continue,
            };
            *count = count.saturating_add(1);
        }
        all
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let mut length = line_len(self.rest);
        let (text, mut irregular) = line(self.rest.get(..length)?);
        if text.is_empty() {
            return None;
        }
        let mut folded = false;
        while let Some([b' ' | b'\t', ..]) = self.rest.get(length..) {
            let next = line_len(self.rest.get(length..)?);
            irregular = irregular.with_if(Irregular::BARE_LF, !self.rest.get(..length)?.ends_with(b"\r\n"));
            length += next;
            folded = true;
        }
        let (whole, rest) = self.rest.split_at_checked(length)?;
        let (text, ending) = line(whole);
        irregular = irregular
            .with_if(Irregular::BARE_LF, ending.contains(Irregular::BARE_LF))
            .with_if(Irregular::BARE_CR, memchr(b'\r', text).is_some() && has_bare_cr(text))
            .with_if(Irregular::OBS_FOLD, folded)
            .with_if(
                Irregular::LEADING_SPACE,
                self.first && matches!(text, [b' ' | b'\t', ..]),
            );
        let field = field(text, self.offset, irregular);
        self.rest = rest;
        self.offset += length;
        self.first = false;
        Some(field)
    }
}

fn line_len(bytes: &[u8]) -> usize {
    memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1)
}

fn has_bare_cr(text: &[u8]) -> bool {
    text.windows(2)
        .any(|pair| matches!(pair, [b'\r', other] if *other != b'\n'))
        || text.ends_with(b"\r")
}

fn field(text: &[u8], offset: usize, irregular: Irregular) -> Field<'_> {
    let Some(colon) = memchr(b':', text) else {
        return Field {
            name: trim(text),
            value: &[],
            offset,
            irregular: irregular.with_if(Irregular::MISSING_COLON, true),
        };
    };
    let (name, value) = text.split_at_checked(colon).unwrap_or_default();
    let spaced = matches!(name, [.., b' ' | b'\t']);
    let name = trim(name);
    let value = trim(value.get(1..).unwrap_or_default());
    let is_control = |octet: &u8| octet.is_ascii_control() && !matches!(octet, b'\t' | b'\r' | b'\n');
    Field {
        name,
        value,
        offset,
        irregular: irregular
            .with_if(Irregular::SPACE_BEFORE_COLON, spaced)
            .with_if(
                Irregular::NAME,
                name.is_empty() || !name.iter().all(|octet| is_tchar(*octet)),
            )
            .with_if(Irregular::VALUE, value.iter().any(is_control)),
    }
}
