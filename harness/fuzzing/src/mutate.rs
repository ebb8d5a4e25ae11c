//! Mutations of whole records, for our own driver and for libFuzzer's.

use crate::record::{HEADER, Input, MAX_RECORDS, RECORD, Record};

/// One in so many heavy events that are drawn stays one.
const HEAVY: usize = 8;

/// Steele, Lea and Flood's SplitMix64.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// An index: often an ordinary one.
    fn index(&mut self) -> u8 {
        match self.below(4) {
            0 => 0,
            1 => self.below(8) as u8,
            _ => self.roll() as u8,
        }
    }

    fn record(&mut self) -> Record {
        let mut octets = [0; RECORD];
        octets.iter_mut().for_each(|octet| *octet = self.index());
        octets[0] = self.below(16) as u8;
        // The oddities of a segment stand last: most are to have none, and to be on the first connection.
        octets[RECORD - 1] = if self.one_in(4) { self.roll() as u8 } else { 0 };
        self.seldom_heavy(Record(octets))
    }

    /// A conversation with a heavy event takes as long as several without: most become ordinary ones.
    fn seldom_heavy(&mut self, mut record: Record) -> Record {
        if record.is_heavy() && !self.one_in(HEAVY) {
            record.0[1] = 0;
        }
        record
    }
}

/// One to four changes. `other` is spliced from.
pub fn mutate(input: &mut Input, other: Option<&Input>, dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        once(input, other, dice);
    }
    input.records.truncate(MAX_RECORDS);
}

fn once(input: &mut Input, other: Option<&Input>, dice: &mut Dice) {
    let count = input.records.len();
    let somewhere = dice.below(count + 1);
    match dice.below(16) {
        0..=3 => input.records.insert(somewhere, dice.record()),
        4..=7 if count > 0 => change(input, dice),
        8 if count > 0 => header(input, dice),
        9 | 10 if count > 1 => {
            let from = dice.below(count);
            let until = (from + 1 + dice.below(4)).min(count);
            input.records.drain(from..until);
        }
        11 if count > 0 => repeat(input, dice),
        12 if count > 1 => {
            let (one, two) = (dice.below(count), dice.below(count));
            input.records.swap(one, two);
        }
        13 | 14 => {
            if let Some(other) = other.filter(|other| !other.records.is_empty()) {
                splice(input, other, dice);
            }
        }
        15 => header(input, dice),
        _ => input.records.push(dice.record()),
    }
}

/// One field of one record.
fn change(input: &mut Input, dice: &mut Dice) {
    let at = dice.below(input.records.len());
    let field = dice.below(RECORD);
    if let Some(octet) = input.records.get_mut(at).and_then(|one| one.0.get_mut(field)) {
        *octet = match dice.below(4) {
            0 => octet.wrapping_add(1),
            1 => octet.wrapping_sub(1),
            _ => dice.index(),
        };
    }
    if let Some(record) = input.records.get_mut(at) {
        *record = dice.seldom_heavy(*record);
    }
}

/// One field of the header.
fn header(input: &mut Input, dice: &mut Dice) {
    let mut octets = Input {
        header: input.header,
        records: Vec::new(),
    }
    .encode();
    let field = 1 + dice.below(HEADER - 1);
    if let Some(octet) = octets.get_mut(field) {
        *octet = dice.index();
    }
    if let Ok(changed) = Input::decode(&octets) {
        input.header = changed.header;
    }
}

/// A record, or a few, once more.
fn repeat(input: &mut Input, dice: &mut Dice) {
    let from = dice.below(input.records.len());
    let until = (from + 1 + dice.below(3)).min(input.records.len());
    let piece: Vec<Record> = input.records.get(from..until).unwrap_or_default().to_vec();
    for _ in 0..=dice.below(3) {
        input.records.splice(until..until, piece.iter().copied());
    }
}

/// A piece of another conversation: inserted, or in place of the rest.
fn splice(input: &mut Input, other: &Input, dice: &mut Dice) {
    let from = dice.below(other.records.len());
    let until = (from + 1 + dice.below(other.records.len())).min(other.records.len());
    let piece = other.records.get(from..until).unwrap_or_default();
    let at = dice.below(input.records.len() + 1);
    if dice.one_in(2) {
        input.records.truncate(at);
    }
    input.records.splice(at..at, piece.iter().copied());
}

/// The beginning of one and the end of another.
pub fn cross(one: &Input, two: &Input, dice: &mut Dice) -> Input {
    let mut child = one.clone();
    child.records.truncate(dice.below(one.records.len() + 1));
    let from = dice.below(two.records.len() + 1);
    child.records.extend(two.records.iter().skip(from));
    child.records.truncate(MAX_RECORDS);
    child
}

/// For `fuzz_mutator!`: changes `data[..size]` in place, to at most `max_size` octets, and tells the new size. What is no input
/// becomes an empty one.
pub fn mutate_octets(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut input = data
        .get(..size)
        .map(Input::decode)
        .and_then(Result::ok)
        .unwrap_or_default();
    mutate(&mut input, None, &mut Dice(u64::from(seed)));
    store(&input, data, max_size)
}

/// For `fuzz_crossover!`.
pub fn cross_octets(one: &[u8], two: &[u8], out: &mut [u8], seed: u32) -> usize {
    let read = |octets| Input::decode(octets).unwrap_or_default();
    let child = cross(&read(one), &read(two), &mut Dice(u64::from(seed)));
    let room = out.len();
    store(&child, out, room)
}

fn store(input: &Input, out: &mut [u8], max_size: usize) -> usize {
    let octets = input.encode();
    let size = octets.len().min(max_size).min(out.len());
    if let (Some(to), Some(from)) = (out.get_mut(..size), octets.get(..size)) {
        to.copy_from_slice(from);
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A conversation with one takes as long as several without.
    #[test]
    fn one_drawn_event_in_a_hundred_is_heavy_at_most() {
        let mut dice = Dice(1);
        let heavy = (0..10_000).filter(|_| dice.record().is_heavy()).count();
        assert!((1..100).contains(&heavy), "{heavy} of 10,000");
    }
}
