//! Whole conversations at one stack, judged by every check: no find but the known ones.

use fuzzing::{Input, Settings, listing};

pub(crate) fn reference(octets: &[u8]) {
    play("reference", include_str!("../../../fuzz/known/reference.txt"), octets);
}

pub(crate) fn smoltcp(octets: &[u8]) {
    play("smoltcp", include_str!("../../../fuzz/known/smoltcp.txt"), octets);
}

/// Plays an input; false for octets that are none. `known`: see [`is_known`].
///
/// # Panics
///
/// Upon a find that `known` does not name.
pub fn play(stack: &str, known: &str, octets: &[u8]) -> bool {
    let Ok(input) = Input::decode(octets) else { return false };
    let Ok(played) = fuzzing::play(&input, &|setup| stacks::open(stack, setup), Settings::default()) else {
        return false;
    };
    if let Some(find) = played
        .finds
        .iter()
        .find(|find| !is_known(known, &find.what, &find.kind))
    {
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

/// Whether a line of `known` names what was seen: `requirement reason` whatever it was, `requirement "words" reason` only where it has
/// these words, its numbers written as `#`. A class of several words goes by its first.
pub(crate) fn is_known(known: &str, what: &str, kind: &str) -> bool {
    let class = what.split_whitespace().next();
    known.lines().any(|line| {
        let (named, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words = rest
            .trim_start()
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'));
        class == Some(named) && words.is_none_or(|(words, _)| kind.contains(words))
    })
}

#[cfg(test)]
mod tests {
    use super::is_known;
    use rstest::rstest;

    const KNOWN: &str = "tcp/a  any reason\ntcp/b \"# octets\"  a \"reason\"\ntcp/b  \"none\"\nstack why\n";

    #[rstest]
    #[case::without_words("tcp/a", "whatever", true)]
    #[case::its_words("tcp/b", "not # octets more", true)]
    #[case::words_of_its_second_line("tcp/b", "none", true)]
    #[case::other_words("tcp/b", "a reason", false)]
    #[case::the_first_word_of_a_class("stack failed", "an assertion", true)]
    #[case::another_requirement("tcp/c", "none", false)]
    #[case::no_requirement("", "none", false)]
    fn a_find_is_known_by_its_requirement_and_the_words_beside_it(
        #[case] what: &str,
        #[case] kind: &str,
        #[case] known: bool,
    ) {
        assert_eq!(is_known(KNOWN, what, kind), known);
    }
}
