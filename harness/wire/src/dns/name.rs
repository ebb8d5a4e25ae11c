//! Domain names as they stand in a message: labels and compression pointers (RFC 1035 sections 3.1 and 4.1.4).

use super::error::{Fault, Problem};
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};

/// RFC 1035 section 2.3.4, in octets.
pub const MAX_LABEL: usize = 63;
/// RFC 1035 section 2.3.4, in octets, length octets and the root's included.
pub const MAX_NAME: usize = 255;
/// 255 octets hold at most 127 labels, and a pointer that no label precedes abbreviates nothing.
const MAX_POINTERS: u32 = 127;

/// One name, checked to its end. Equal and hashed without regard to ASCII case (RFC 4343 section 3).
#[derive(Clone, Copy)]
pub struct Name<'a> {
    message: &'a [u8],
    start: usize,
}

/// One step of a name.
enum Step<'a> {
    Label(&'a [u8]),
    Root,
    Pointer(u16),
}

impl<'a> Name<'a> {
    /// Reads the name at `start`; also gives where what follows it stands.
    pub(super) fn parse(message: &'a [u8], start: usize, field: &'static str) -> Result<(Name<'a>, usize), Fault> {
        let mut walk = Walk::new(message, start);
        let mut end = None;
        let mut length = 0;
        loop {
            let here = walk.at;
            let fault = |problem| Fault {
                field,
                offset: here,
                problem,
            };
            match walk.step().map_err(fault)? {
                Step::Label(label) => length += 1 + label.len(),
                Step::Root => length += 1,
                Step::Pointer(_) => {
                    end.get_or_insert(here + 2);
                    continue;
                }
            }
            if length > MAX_NAME {
                return Err(fault(Problem::NameTooLong));
            }
            if walk.done {
                return Ok((Name { message, start }, end.unwrap_or(walk.at)));
            }
        }
    }

    /// The labels from the left, without the root's.
    pub fn labels(&self) -> Labels<'a> {
        Labels(Walk::new(self.message, self.start))
    }

    /// The pointers followed, in order. One that leads into the header (below 12) is followed like any other.
    pub fn pointers(&self) -> impl Iterator<Item = Pointer> + 'a {
        let mut walk = Walk::new(self.message, self.start);
        std::iter::from_fn(move || {
            while !walk.done {
                let position = walk.at;
                if let Step::Pointer(target) = walk.step().ok()? {
                    return Some(Pointer { position, target });
                }
            }
            None
        })
    }

    pub fn is_compressed(&self) -> bool {
        self.pointers().next().is_some()
    }

    pub fn is_root(&self) -> bool {
        self.labels().next().is_none()
    }

    /// Octets when written without compression, at most 255.
    pub fn wire_len(&self) -> usize {
        self.labels().map(|label| 1 + label.len()).sum::<usize>() + 1
    }

    /// Where it starts, in bytes from the start of the message.
    pub const fn offset(&self) -> usize {
        self.start
    }

    /// Whether this is `other` or below it.
    pub fn is_within(&self, other: Name<'_>) -> bool {
        let (mine, theirs) = (self.labels().count(), other.labels().count());
        mine >= theirs && same_labels(self.labels().skip(mine - theirs), other.labels())
    }

    /// Whether it is the same octet by octet, case included.
    pub fn same_case(&self, other: Name<'_>) -> bool {
        self.labels().eq(other.labels())
    }

    /// Appends the name without compression.
    pub fn emit(&self, out: &mut Vec<u8>) {
        for label in self.labels() {
            out.push(label.len() as u8);
            out.extend(label);
        }
        out.push(0);
    }
}

/// Where a pointer stands, and where it leads, in bytes from the start of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    pub position: usize,
    pub target: u16,
}

/// The labels of a name.
#[derive(Clone)]
pub struct Labels<'a>(Walk<'a>);

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.0.done {
            match self.0.step().ok()? {
                Step::Label(label) => return Some(label),
                Step::Root => return None,
                Step::Pointer(_) => {}
            }
        }
        None
    }
}

/// Follows a name through its pointers. Each must lead to before the labels that led to it, so that every walk ends.
#[derive(Clone)]
struct Walk<'a> {
    message: &'a [u8],
    at: usize,
    /// Where the present run of labels began.
    run: usize,
    pointers: u32,
    done: bool,
}

impl<'a> Walk<'a> {
    const fn new(message: &'a [u8], at: usize) -> Walk<'a> {
        Walk {
            message,
            at,
            run: at,
            pointers: 0,
            done: false,
        }
    }

    fn step(&mut self) -> Result<Step<'a>, Problem> {
        let rest = self.message.get(self.at..).unwrap_or_default();
        let (&first, after) = rest.split_first().ok_or(Problem::Truncated)?;
        match first {
            0 => {
                self.at += 1;
                self.done = true;
                Ok(Step::Root)
            }
            1..=0x3f => {
                let length = usize::from(first);
                self.at += 1 + length;
                after.get(..length).map(Step::Label).ok_or(Problem::Truncated)
            }
            0x40..=0xbf => Err(Problem::ReservedLabel { octet: first }),
            0xc0..=0xff => {
                let &low = after.first().ok_or(Problem::Truncated)?;
                self.follow(u16::from_be_bytes([first & 0x3f, low]))
            }
        }
    }

    fn follow(&mut self, target: u16) -> Result<Step<'a>, Problem> {
        let to = usize::from(target);
        if to >= self.message.len() {
            return Err(Problem::PointerOutside { target });
        }
        // RFC 1035 section 4.1.4: a pointer is to a prior occurrence.
        if to >= self.at {
            return Err(Problem::ForwardPointer { target });
        }
        if to >= self.run {
            return Err(Problem::CyclicPointer { target });
        }
        self.pointers += 1;
        if self.pointers > MAX_POINTERS {
            return Err(Problem::PointerChain);
        }
        (self.at, self.run) = (to, to);
        Ok(Step::Pointer(target))
    }
}

fn same_labels<'a, 'b>(mut a: impl Iterator<Item = &'a [u8]>, mut b: impl Iterator<Item = &'b [u8]>) -> bool {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(x), Some(y)) if x.eq_ignore_ascii_case(y) => {}
            _ => return false,
        }
    }
}

impl<'b> PartialEq<Name<'b>> for Name<'_> {
    fn eq(&self, other: &Name<'b>) -> bool {
        same_labels(self.labels(), other.labels())
    }
}

impl Eq for Name<'_> {}

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for label in self.labels() {
            state.write_usize(label.len());
            for octet in label {
                state.write_u8(octet.to_ascii_lowercase());
            }
        }
    }
}

/// In the form of RFC 1035 section 5.1: dots and backslashes escaped, other unprintable octets as `\DDD`, a dot at the end.
impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_char('.');
        }
        for label in self.labels() {
            for &octet in label {
                match octet {
                    b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => write!(f, "\\{}", char::from(octet))?,
                    0x21..=0x7e => f.write_char(char::from(octet))?,
                    _ => write!(f, "\\{octet:03}")?,
                }
            }
            f.write_char('.')?;
        }
        Ok(())
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}
