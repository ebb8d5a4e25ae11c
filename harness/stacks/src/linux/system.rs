//! System calls as a script writes them, each in a thread of its own, so that one that waits holds up nobody.
//!
//! `sys NAME WORD... / BLOCK...` begins a call, `sys-begin` one that is meant to wait. A word is a number, `d3` (a descriptor that an earlier call brought) or `b0` (the
//! address of a block). A block is octets in hexadecimal (`-`: none), then any of `+N` (N zeros), `~S+N` (N octets of the pattern
//! that scripts send, from sequence number S), `@AT=BLOCK` (an address). The answer is `waits ID`, to be asked for by `sys-done ID`,
//! or `returned RESULT ERRNO BLOCK...`. `file` brings a descriptor of a file that holds the pattern.

use super::agent::{Returned, from_hex, to_hex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::Sender;
use syscall::{Block, Outcome, Request, Word};

/// Octets of a block that are told back: what scripts look at stands at its beginning.
const TOLD: usize = 16_384;
/// Octets of a script's file.
const FILE: usize = 65_536;
/// Octets of one block at most.
const MOST: usize = 64 << 20;

pub struct System {
    events: Sender<Returned>,
    next: u64,
    /// Names of the calls that wait, and what the others brought.
    waiting: BTreeMap<u64, Waiting>,
    done: BTreeMap<u64, String>,
    /// Descriptors that calls brought: a script has no others.
    descriptors: BTreeSet<i64>,
    /// Memory that the kernel may still send from: it stays as it is until the script is over.
    kept: Vec<Vec<Vec<u8>>>,
}

/// A call that was begun.
#[derive(Default)]
struct Waiting {
    name: String,
    /// The kernel reads from its memory after the call has returned (MSG_ZEROCOPY).
    lends: bool,
}

const MSG_ZEROCOPY: i64 = 0x400_0000;

type Answer = Result<String, String>;

impl System {
    pub fn new(events: Sender<Returned>) -> System {
        System {
            events,
            next: 0,
            waiting: BTreeMap::new(),
            done: BTreeMap::new(),
            descriptors: BTreeSet::new(),
            kept: Vec::new(),
        }
    }

    /// Begins a call; its end is an event.
    pub fn begin(&mut self, words: &[&str]) -> Result<u64, String> {
        if words.first() == Some(&"file") {
            return self.file();
        }
        let request = self.request(words).ok_or("malformed")?;
        if !syscall::is_known(&request.name) {
            return Err("unsupported".to_owned());
        }
        if let ("close", Some(Word::Number(descriptor))) = (request.name.as_str(), request.words.first()) {
            self.descriptors.remove(descriptor);
        }
        self.next += 1;
        let (id, events) = (self.next, self.events.clone());
        let asks = |word: &Word| matches!(word, Word::Number(flags) if flags & MSG_ZEROCOPY != 0);
        let waiting = Waiting {
            lends: request.name.starts_with("send") && request.words.iter().any(asks),
            name: request.name.clone(),
        };
        self.waiting.insert(id, waiting);
        std::thread::spawn(move || events.send(Returned(id, syscall::perform(request))));
        Ok(id)
    }

    /// A file in memory alone: what files a script opens is its own system's affair.
    fn file(&mut self) -> Result<u64, String> {
        let [named, filled] = [
            format!("memfd_create b0 0 / {}", to_hex(b"script")),
            format!("pwrite64 d- b0 {FILE} 0 / ~1+{FILE}"),
        ];
        let words: Vec<&str> = named.split(' ').collect();
        let request = self.request(&words).ok_or("malformed")?;
        let made = syscall::perform(request).ok_or("unsupported")?;
        self.descriptors.insert(made.result);
        let filled = filled.replace("d-", &format!("d{}", made.result));
        let words: Vec<&str> = filled.split(' ').collect();
        let request = self.request(&words).ok_or("malformed")?;
        syscall::perform(request).ok_or("unsupported")?;
        self.next += 1;
        let told = format!("returned {} {}", made.result, made.errno);
        self.done.insert(self.next, told);
        Ok(self.next)
    }

    /// Some call is not over.
    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// A call is over.
    pub fn note(&mut self, id: u64, outcome: Option<Outcome>) {
        let Waiting { name, lends } = self.waiting.remove(&id).unwrap_or_default();
        let Some(outcome) = outcome else {
            self.done.insert(id, "refused".to_owned());
            return;
        };
        if outcome.result >= 0 {
            self.learn(&name, &outcome);
        }
        let mut text = format!("returned {} {}", outcome.result, outcome.errno);
        for block in &outcome.blocks {
            text.push(' ');
            text.push_str(&to_hex(&block[..block.len().min(TOLD)]));
        }
        self.done.insert(id, text);
        if lends {
            self.kept.push(outcome.blocks);
        }
    }

    /// Descriptors that a call brought.
    fn learn(&mut self, name: &str, outcome: &Outcome) {
        match name {
            "socket" | "accept4" | "epoll_create1" => {
                self.descriptors.insert(outcome.result);
            }
            "pipe2" => {
                let pair = outcome.blocks.first().map(Vec::as_slice).unwrap_or_default();
                let numbers = pair.chunks_exact(4).filter_map(|four| four.try_into().ok());
                self.descriptors
                    .extend(numbers.map(|four| i64::from(i32::from_ne_bytes(four))));
            }
            _ => {}
        }
    }

    pub fn answer(&mut self, id: u64) -> Answer {
        match self.done.remove(&id) {
            Some(text) if text == "refused" => Err("unsupported".to_owned()),
            Some(text) => Ok(text),
            None if self.waiting.contains_key(&id) => Ok(format!("waits {id}")),
            None => Err("no-such-socket".to_owned()),
        }
    }

    pub fn is_over(&self, id: u64) -> bool {
        self.done.contains_key(&id)
    }

    fn request(&self, words: &[&str]) -> Option<Request> {
        let (name, rest) = words.split_first()?;
        let mut halves = rest.splitn(2, |word| *word == "/");
        let words = halves
            .next()?
            .iter()
            .map(|word| self.word(word))
            .collect::<Option<_>>()?;
        let blocks = halves.next().unwrap_or_default();
        Some(Request {
            name: (*name).to_owned(),
            words,
            blocks: blocks.iter().map(|text| block(text)).collect::<Option<_>>()?,
        })
    }

    fn word(&self, text: &str) -> Option<Word> {
        if let Some(descriptor) = text.strip_prefix('d') {
            let descriptor = descriptor.parse().ok()?;
            // Nobody closes what is the agent's own.
            let known = self.descriptors.contains(&descriptor);
            return Some(Word::Number(if known { descriptor } else { -1 }));
        }
        match text.strip_prefix('b') {
            Some(block) => block.parse().ok().map(Word::Block),
            None => text.parse().ok().map(Word::Number),
        }
    }
}

fn block(text: &str) -> Option<Block> {
    let mut links = text.split('@');
    let octets = octets(links.next()?)?;
    let links = links.map(|link| {
        let (at, to) = link.split_once('=')?;
        Some((at.parse().ok()?, to.parse().ok()?))
    });
    Some(Block {
        octets,
        links: links.collect::<Option<_>>()?,
    })
}

fn octets(text: &str) -> Option<Vec<u8>> {
    let many = |count: &str| count.parse::<usize>().ok().filter(|count| *count <= MOST);
    if let Some((start, count)) = text.strip_prefix('~').and_then(|rest| rest.split_once('+')) {
        let start: u32 = start.parse().ok()?;
        let octet = |at: usize| (start.wrapping_add(at as u32) % 251) as u8;
        return Some((0..many(count)?).map(octet).collect());
    }
    let (digits, zeros) = text.split_once('+').unwrap_or((text, "0"));
    let mut octets = from_hex(digits)?;
    octets.resize(octets.len() + many(zeros)?, 0);
    Some(octets)
}
