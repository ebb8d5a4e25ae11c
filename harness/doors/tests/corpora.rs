//! Every corpus is replayed, and every target of `fuzz/` has a door and a corpus: nothing is seeded that nobody reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Names of what a folder holds.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| {
            entry
                .expect("a folder's entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

fn doors() -> BTreeSet<String> {
    doors::DOORS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[test]
fn every_input_of_every_corpus_is_no_find() {
    for (name, door) in doors::DOORS {
        let folder = root().join("corpus").join(name);
        let inputs = names(&folder);
        assert!(!inputs.is_empty(), "{}: no inputs", folder.display());
        for input in inputs {
            let octets = fs::read(folder.join(&input)).expect("an input");
            eprintln!("corpus/{name}/{input}");
            door(&octets);
        }
    }
}

#[test]
fn no_octets_and_few_octets_are_no_find() {
    for (_, door) in doors::DOORS {
        for length in 0..80 {
            door(&vec![0; length]);
            door(&vec![0xff; length]);
        }
    }
}

#[test]
fn every_door_is_a_target_of_fuzz_and_has_a_corpus() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("the manifest of fuzz");
    let targets: BTreeSet<String> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""))
        .map(str::to_owned)
        .collect();
    assert_eq!(targets, doors());
    let corpora: BTreeSet<String> = names(&root().join("corpus"))
        .into_iter()
        .filter(|name| name != "regressions")
        .collect();
    assert_eq!(corpora, targets);
}
