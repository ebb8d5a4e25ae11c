//! A system call in the words of the stack's agent.

use std::fmt;

/// A call that is being put together.
#[derive(Debug, Clone, Default)]
pub struct Request {
    name: &'static str,
    words: Vec<String>,
    blocks: Vec<String>,
}

/// What memory holds.
pub enum Memory {
    Octets(Vec<u8>),
    Zeros(usize),
    /// So many octets of the pattern that applications send, from this number on.
    Pattern(u32, usize),
}

impl Request {
    pub fn of(name: &'static str) -> Request {
        Request {
            name,
            ..Request::default()
        }
    }

    pub fn number(mut self, number: i64) -> Request {
        self.words.push(number.to_string());
        self
    }

    /// A live descriptor.
    pub fn descriptor(mut self, live: i64) -> Request {
        self.words
            .push(if live < 0 { "-1".to_owned() } else { format!("d{live}") });
        self
    }

    pub fn null(self) -> Request {
        self.number(0)
    }

    /// The address of memory of its own.
    pub fn memory(mut self, memory: Memory) -> Request {
        let block = self.block(memory);
        self.words.push(format!("b{block}"));
        self
    }

    /// Memory that no word leads to.
    pub fn block(&mut self, memory: Memory) -> usize {
        self.blocks.push(match memory {
            Memory::Octets(octets) if octets.is_empty() => "-".to_owned(),
            Memory::Octets(octets) => octets.iter().map(|octet| format!("{octet:02x}")).collect(),
            Memory::Zeros(count) => format!("-+{count}"),
            Memory::Pattern(start, count) => format!("~{start}+{count}"),
        });
        self.blocks.len() - 1
    }

    /// At `place` of a block stands the address of another.
    pub fn link(&mut self, from: usize, place: usize, to: usize) {
        if let Some(block) = self.blocks.get_mut(from) {
            block.push_str(&format!("@{place}={to}"));
        }
    }

    /// The address of a block that is there.
    pub fn address_of(mut self, block: usize) -> Request {
        self.words.push(format!("b{block}"));
        self
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        self.words.iter().try_for_each(|word| write!(f, " {word}"))?;
        f.write_str(" /")?;
        self.blocks.iter().try_for_each(|block| write!(f, " {block}"))
    }
}

/// What came of a call.
pub struct Returned {
    pub result: i64,
    pub errno: i64,
    /// What stands in memory, the beginning of large blocks.
    pub blocks: Vec<Vec<u8>>,
}

impl Returned {
    /// `returned 60 0 00ff -`
    pub fn read(text: &str) -> Option<Returned> {
        let mut words = text.strip_prefix("returned ")?.split(' ');
        Some(Returned {
            result: words.next()?.parse().ok()?,
            errno: words.next()?.parse().ok()?,
            blocks: words
                .map(|hex| crate::wire_options::octets(hex.trim_start_matches('-')))
                .collect(),
        })
    }

    pub fn octets(&self, block: usize) -> &[u8] {
        self.blocks.get(block).map_or(&[], Vec::as_slice)
    }

    /// A number of at most eight octets, in the machine's order, which is the lowest first.
    pub fn number(&self, block: usize, at: usize, size: usize) -> i64 {
        number(self.octets(block), at, size)
    }
}

pub fn number(octets: &[u8], at: usize, size: usize) -> i64 {
    let octets = octets.get(at..at + size.min(8)).unwrap_or_default();
    octets
        .iter()
        .rev()
        .fold(0, |number, octet| number << 8 | i64::from(*octet))
}
