//! What was found, and the smallest conversation that shows it.

use crate::differ::Difference;
use crate::play::{Open, Settings, play};
use crate::record::{Input, Record};
use conformance::{Finding, Level, Requirement};

/// Something that speaks against a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// The requirement's id; or a class of failures that no requirement names: `panic`, `stack failed`, `no time passes`, `memory`,
    /// `application differs`.
    pub what: String,
    /// What tells it from other finds of the same requirement: what was seen, without its numbers; the place of a panic.
    pub kind: String,
    pub level: Level,
    /// RFC and section.
    pub source: String,
    pub expected: String,
    pub seen: String,
    /// Frames that prove it.
    pub frames: Vec<u32>,
    /// How many events had been played; only of what is noticed while playing.
    pub event: Option<usize>,
}

impl Find {
    pub(crate) fn of_requirement(requirement: &Requirement, finding: &Finding) -> Find {
        Find {
            what: requirement.id.to_owned(),
            kind: without_numbers(&finding.seen),
            level: requirement.level,
            source: requirement.source.to_string(),
            expected: finding.expected.clone(),
            seen: finding.seen.clone(),
            frames: finding.frames.iter().map(|frame| frame.0).collect(),
            event: None,
        }
    }

    pub(crate) fn of_class(what: &str, seen: &str, event: usize, frame: u32) -> Find {
        Find {
            what: what.to_owned(),
            kind: without_numbers(seen),
            level: Level::Must,
            source: String::new(),
            expected: "a stack that goes on".to_owned(),
            seen: seen.to_owned(),
            frames: vec![frame],
            event: Some(event),
        }
    }

    /// An answer that was due at once.
    pub(crate) fn of_answer(requirement: &Requirement, expected: &str, seen: &str, event: usize, frame: u32) -> Find {
        Find {
            what: requirement.id.to_owned(),
            kind: seen.to_owned(),
            level: requirement.level,
            source: requirement.source.to_string(),
            expected: expected.to_owned(),
            seen: seen.to_owned(),
            frames: vec![frame],
            event: Some(event),
        }
    }

    /// What the applications see: RFC 9293 section 2.2 promises a reliable, in-order byte stream.
    pub(crate) fn of_stream(kind: &str, seen: String, event: usize, frame: u32) -> Find {
        Find {
            what: "tcp/data-delivered".to_owned(),
            kind: kind.to_owned(),
            level: Level::Must,
            source: "RFC 9293 2.2".to_owned(),
            expected: "every octet that was sent, once, in order, and then the end".to_owned(),
            seen,
            frames: vec![frame],
            event: Some(event),
        }
    }

    /// Two applications were given something else by two stacks.
    pub(crate) fn of_difference(difference: &Difference, event: usize, frame: u32) -> Find {
        Find {
            what: "application differs".to_owned(),
            kind: difference.kind.to_owned(),
            level: Level::Must,
            source: difference.source.to_owned(),
            expected: difference.expected.clone(),
            seen: difference.seen.clone(),
            frames: vec![frame],
            event: Some(event),
        }
    }

    /// Finds with the same signature are the same find.
    pub fn signature(&self) -> String {
        format!("{} | {}", self.what, self.kind)
    }

    /// A name for files.
    pub fn id(&self) -> String {
        let plain = self.what.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let hash = self.signature().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
            (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{plain}-{:06x}", hash >> 40)
    }
}

/// Numbers become `#`, and what stands in quotation marks, as the packet at which a child died, is left out: two finds that differ in these
/// alone are one.
fn without_numbers(text: &str) -> String {
    if let Some((before, rest)) = text.split_once(" '") {
        let behind = rest.split_once('\'').map_or("", |(_, behind)| behind);
        return without_numbers(&format!("{before}{behind}"));
    }
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_ascii_digit() {
            plain.push(letter);
        } else if !plain.ends_with('#') {
            plain.push('#');
        }
    }
    plain.replace("#.#", "#")
}

/// Conversations that one minimisation plays at most.
const MAX_PLAYED: usize = 1_500;

/// The smallest input found that still shows a find of that signature: records are left out, many at once and then one by one,
/// then fields are made ordinary. The same input gives the same result.
pub fn minimise(input: &Input, signature: &str, open: Open<'_>, settings: Settings) -> Input {
    minimise_by(input, |candidate| {
        play(candidate, open, settings)
            .is_ok_and(|played| played.finds.iter().any(|find| find.signature() == signature))
    })
}

/// The same, by whatever tells that an input still shows it.
pub fn minimise_by(input: &Input, shows: impl Fn(&Input) -> bool) -> Input {
    let mut left = MAX_PLAYED;
    let mut shows = |candidate: &Input| {
        left = left.saturating_sub(1);
        left > 0 && shows(candidate)
    };
    let mut best = input.clone();
    loop {
        let before = best.clone();
        drop_records(&mut best, &mut shows);
        simplify_header(&mut best, &mut shows);
        simplify_records(&mut best, &mut shows);
        if best == before {
            return best;
        }
    }
}

fn drop_records(best: &mut Input, shows: &mut impl FnMut(&Input) -> bool) {
    let mut size = best.records.len().next_power_of_two();
    while size > 0 {
        let mut at = 0;
        while at < best.records.len() {
            let mut candidate = best.clone();
            let until = (at + size).min(candidate.records.len());
            candidate.records.drain(at..until);
            if shows(&candidate) {
                *best = candidate;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
}

fn simplify_header(best: &mut Input, shows: &mut impl FnMut(&Input) -> bool) {
    for at in 1..crate::record::HEADER {
        let mut octets = best.encode();
        match octets.get_mut(at) {
            Some(octet) if *octet != 0 => *octet = 0,
            _ => continue,
        }
        if let Some(candidate) = Input::decode(&octets).ok().filter(|candidate| shows(candidate)) {
            *best = candidate;
        }
    }
}

fn simplify_records(best: &mut Input, shows: &mut impl FnMut(&Input) -> bool) {
    for at in 0..best.records.len() {
        for field in 1..crate::record::RECORD {
            let Some(&Record(mut octets)) = best.records.get(at) else {
                return;
            };
            match octets.get_mut(field) {
                Some(octet) if *octet != 0 => *octet = 0,
                _ => continue,
            }
            let mut candidate = best.clone();
            if let Some(record) = candidate.records.get_mut(at) {
                *record = Record(octets);
            }
            if shows(&candidate) {
                *best = candidate;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_numbers;
    use rstest::rstest;

    #[rstest]
    #[case::times("one after 1.063 s", "one after # s")]
    #[case::a_packet(
        "the stack's process ended (signal: 6) while answering 'packet 45ab' at 3",
        "the stack's process ended (signal: #) while answering at #"
    )]
    #[case::without_an_end("no answer to 'packet 45", "no answer to")]
    fn what_differs_in_numbers_and_packets_alone_is_one_find(#[case] seen: &str, #[case] kind: &str) {
        assert_eq!(without_numbers(seen), kind);
    }
}
