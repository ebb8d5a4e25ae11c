//! Whole conversations at one stack, judged by every check: no find but the known ones.

use fuzzing::{Input, Settings, listing};

pub(crate) fn reference(octets: &[u8]) {
    play("reference", include_str!("../../../fuzz/known/reference.txt"), octets);
}

pub(crate) fn smoltcp(octets: &[u8]) {
    play("smoltcp", include_str!("../../../fuzz/known/smoltcp.txt"), octets);
}

/// Plays an input; false for octets that are none. `known` holds lines of `requirement reason`.
///
/// # Panics
///
/// Upon a find that `known` does not name.
pub fn play(stack: &str, known: &str, octets: &[u8]) -> bool {
    let Ok(input) = Input::decode(octets) else { return false };
    let Ok(played) = fuzzing::play(&input, &|setup| stacks::open(stack, setup), Settings::default()) else {
        return false;
    };
    if let Some(find) = played.finds.iter().find(|find| !is_known(known, &find.what)) {
        let text = listing(&input);
        panic!(
            "{}: expected {}, seen {}\n{text}",
            find.signature(),
            find.expected,
            find.seen
        );
    }
    true
}

/// A class of several words goes by its first.
pub(crate) fn is_known(known: &str, what: &str) -> bool {
    let first = |text: &str| text.split_whitespace().next().map(str::to_owned);
    known.lines().any(|line| first(line) == first(what))
}
