//! `fuzz/dictionaries` is what the program writes, for targets that there are, in words that libFuzzer takes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Octets of a word: libFuzzer takes no more.
const LONGEST: usize = 64;

#[test]
fn the_dictionaries_are_what_the_program_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/dictionaries");
    let again = "cargo run -p stackproof-doors --example dictionaries fuzz/dictionaries";
    let mut written = BTreeSet::new();
    for (target, text) in doors::dictionaries() {
        let name = format!("{target}.dict");
        let there = fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert_eq!(there, text, "{name} is another: {again}");
        written.insert(name);
    }
    let there: BTreeSet<String> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(there, written, "nobody writes what is left over");
}

#[test]
fn every_dictionary_is_of_a_target_and_its_words_are_short_enough() {
    for (target, text) in doors::dictionaries() {
        assert!(doors::DOORS.iter().any(|(door, _)| *door == target), "{target}");
        let words: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(!words.is_empty(), "{target}");
        for word in words {
            let inside = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
            let inside = inside.unwrap_or_else(|| panic!("{target}: {word} is not in quotes"));
            // An octet that cannot be printed is written as four.
            let octets = inside.len() - 3 * inside.matches("\\x").count();
            assert!((1..=LONGEST).contains(&octets), "{target}: {word}");
        }
    }
}
