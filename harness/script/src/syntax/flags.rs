//! Control bits in the letters of tcpdump: `S`, `P.`, `SEW`; a digit is AccECN's counter.

use crate::syntax::ast::TcpFlags;
use std::fmt;
use wire::tcp::Flags;

const LETTERS: [(char, Flags); 9] = [
    ('F', Flags::FIN),
    ('S', Flags::SYN),
    ('R', Flags::RST),
    ('P', Flags::PSH),
    ('U', Flags::URG),
    ('E', Flags::ECE),
    ('W', Flags::CWR),
    ('A', Flags::AE),
    ('.', Flags::ACK),
];

impl TcpFlags {
    /// None if some letter is no flag, or a counter stands beside flags that share its bits.
    pub fn read(text: &str) -> Option<TcpFlags> {
        let mut flags = TcpFlags {
            bits: Flags(0),
            ace: None,
        };
        for letter in text.chars() {
            if let Some(&(_, bit)) = LETTERS.iter().find(|(name, _)| *name == letter) {
                flags.bits = flags.bits.with(bit);
            } else {
                let count = letter.to_digit(8)?;
                if flags.ace.is_some() {
                    return None;
                }
                flags.ace = Some(count as u8);
            }
        }
        let shared = flags.bits.intersects(Flags::ECE.with(Flags::CWR).with(Flags::AE));
        (flags.ace.is_none() || !shared).then_some(flags)
    }

    /// The bits on the wire: the counter is AE, CWR and ECE (RFC 9768 section 3.2.2).
    pub fn wire(self) -> Flags {
        let ace = u16::from(self.ace.unwrap_or(0));
        Flags(self.bits.0 | ace << 6)
    }
}

impl fmt::Display for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits.0 == 0 && self.ace.is_none() {
            return f.write_str("-");
        }
        for (letter, bit) in LETTERS {
            if self.bits.contains(bit) {
                write!(f, "{letter}")?;
            }
        }
        self.ace.map_or(Ok(()), |count| write!(f, "{count}"))
    }
}
