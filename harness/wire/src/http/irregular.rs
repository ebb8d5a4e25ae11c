//! What is unusual about a line. Reported, never judged.

/// A set of irregularities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Irregular(u16);

impl Irregular {
    /// RFC 9112 section 5.1.
    pub const SPACE_BEFORE_COLON: Irregular = Irregular(1);
    /// RFC 9112 section 5.2.
    pub const OBS_FOLD: Irregular = Irregular(1 << 1);
    /// A CR that no LF follows (RFC 9112 section 2.2).
    pub const BARE_CR: Irregular = Irregular(1 << 2);
    /// A line ended by LF alone (RFC 9112 section 2.2).
    pub const BARE_LF: Irregular = Irregular(1 << 3);
    /// A field name that is not a token (RFC 9110 section 5.1), an empty one too.
    pub const NAME: Irregular = Irregular(1 << 4);
    /// A control character, other than HTAB and CR, in a value (RFC 9110 section 5.5).
    pub const VALUE: Irregular = Irregular(1 << 5);
    /// A field line without a colon: the whole of it is given as the name.
    pub const MISSING_COLON: Irregular = Irregular(1 << 6);
    /// White space before the first field (RFC 9112 section 2.2).
    pub const LEADING_SPACE: Irregular = Irregular(1 << 7);
    /// White space within the target, or more than one SP around it or in its place (RFC 9112 section 3).
    pub const TARGET_SPACE: Irregular = Irregular(1 << 8);
    /// No SP after the status code (RFC 9112 section 4).
    pub const REASON_SPACE: Irregular = Irregular(1 << 9);

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub const fn contains(self, other: Irregular) -> bool {
        self.0 & other.0 == other.0
    }

    #[must_use]
    pub const fn and(self, other: Irregular) -> Irregular {
        Irregular(self.0 | other.0)
    }

    #[must_use]
    pub const fn with_if(self, other: Irregular, present: bool) -> Irregular {
        if present { Irregular(self.0 | other.0) } else { self }
    }
}

/// The line without its end, and what is unusual about CR and LF in it.
pub(super) fn line(bytes: &[u8]) -> (&[u8], Irregular) {
    let (text, bare_lf) = match bytes {
        [text @ .., b'\r', b'\n'] => (text, false),
        [text @ .., b'\n'] => (text, true),
        text => (text, false),
    };
    let irregular = Irregular::default()
        .with_if(Irregular::BARE_LF, bare_lf)
        .with_if(Irregular::BARE_CR, memchr::memchr(b'\r', text).is_some());
    (text, irregular)
}

/// A token's octet, RFC 9110 section 5.6.2.
pub(super) const fn is_tchar(octet: u8) -> bool {
    TCHAR[octet as usize]
}

const TCHAR: [bool; 256] = {
    let (mut table, mut octet) = ([false; 256], 0u8);
    loop {
        table[octet as usize] = octet.is_ascii_alphanumeric()
            || matches!(
                octet,
                b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
            );
        if octet == 255 {
            break table;
        }
        octet += 1;
    }
};

/// Without white space around it, that of line folds included.
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] | [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = text {
        text = rest;
    }
    text
}
