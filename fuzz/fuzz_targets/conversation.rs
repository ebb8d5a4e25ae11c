//! What the conversation targets share.

use fuzzing::{Input, Settings, listing};
use libfuzzer_sys::{Corpus, fuzzer_mutate};

/// Whole records mostly; libFuzzer's own changes of octets now and then.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    if seed.is_multiple_of(8) {
        fuzzer_mutate(data, size, max_size)
    } else {
        fuzzing::mutate::mutate_octets(data, size, max_size, seed)
    }
}

/// Plays an input; panics upon a find that `known`, lines of `requirement reason`, does not name. A class of several words goes by its first.
pub fn play(stack: &str, known: &str, octets: &[u8]) -> Corpus {
    let Ok(input) = Input::decode(octets) else { return Corpus::Reject };
    let Ok(played) = fuzzing::play(&input, &|setup| stacks::open(stack, setup), Settings::default()) else {
        return Corpus::Reject;
    };
    let first = |text: &str| text.split_whitespace().next().map(str::to_owned);
    let is_known = |what: &str| known.lines().any(|line| first(line) == first(what));
    if let Some(find) = played.finds.iter().find(|find| !is_known(&find.what)) {
        let text = listing(&input);
        panic!("{}: expected {}, seen {}\n{text}", find.signature(), find.expected, find.seen);
    }
    Corpus::Keep
}
