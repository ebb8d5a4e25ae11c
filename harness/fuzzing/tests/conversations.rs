//! The input format, its mutations, and what playing brings: at the reference, with and without a fault.

use conformance::Level;
use fuzzing::mutate::{Dice, cross_octets, mutate, mutate_octets};
use fuzzing::{
    HEADER, Input, MAX_RECORDS, NoInput, Open, Played, RECORD, Settings, VERSION, compare, listing, minimise, play,
};
use proptest::prelude::*;
use rstest::rstest;
use stacks::{Fault, Faults, Setup};
use std::path::Path;

const REFERENCE: Open<'static> = &|setup| stacks::open("reference", setup);

fn at_reference(input: &Input) -> Played {
    play(input, REFERENCE, Settings::default()).expect("a stack")
}

/// Octets that begin with the right version.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..HEADER + 12 * RECORD).prop_map(|mut octets| {
        octets.insert(0, VERSION);
        octets
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_decoded_is_encoded_the_same(octets in octets()) {
        let input = Input::decode(&octets).expect("an input");
        let encoded = input.encode();
        prop_assert_eq!(Input::decode(&encoded), Ok(input));
        let whole = octets.len().min(encoded.len());
        prop_assert_eq!(&encoded[..whole], &octets[..whole]);
    }

    #[test]
    fn any_octets_are_a_conversation_that_the_reference_survives(octets in octets()) {
        let input = Input::decode(&octets).expect("an input");
        for find in at_reference(&input).finds {
            prop_assert!(find.what.contains('/'), "{}: {}\n{}", find.what, find.seen, listing(&input));
        }
    }

    #[test]
    fn mutations_of_any_octets_are_inputs(mut octets in prop::collection::vec(any::<u8>(), 0..200), seed: u32) {
        let size = octets.len();
        octets.resize(512, 0);
        let size = mutate_octets(&mut octets, size, 400, seed);
        prop_assert!(size <= 400);
        prop_assert!(Input::decode(&octets[..size]).is_ok());
    }

    #[test]
    fn children_of_two_inputs_are_inputs(one in octets(), two in octets(), seed: u32) {
        let mut out = [0; 1024];
        let size = cross_octets(&one, &two, &mut out, seed);
        prop_assert!(Input::decode(&out[..size]).is_ok());
    }
}

#[test]
fn another_version_is_no_input() {
    assert_eq!(Input::decode(&[]), Err(NoInput::Empty));
    assert_eq!(Input::decode(&[VERSION + 1, 0]), Err(NoInput::Version(VERSION + 1)));
}

/// Of calls, pauses, turns and messages version 1 counted 14, 16, 20 and 11, version 2 counted 15, 16, 20 and 17: an index beyond began
/// again from the first.
#[rstest]
#[case(1, [14, 16, 20, 11])]
#[case(2, [15, 16, 20, 17])]
fn an_input_of_an_earlier_version_means_what_it_meant(#[case] version: u8, #[case] counts: [u8; 4]) {
    let records = |version, which: [u8; 4]| {
        let header = [&[version][..], &[0; HEADER - 1]].concat();
        let records = [1, 2, 3, 15].into_iter().zip(which);
        let records: Vec<u8> = records
            .flat_map(|(kind, which)| [kind, which, 0, 0, 0, 0, 0, 0])
            .collect();
        Input::decode(&[header, records].concat()).expect("an input").records
    };
    assert_eq!(records(version, counts), records(VERSION, [0; 4]));
    let last = counts.map(|count| count - 1);
    assert_eq!(records(version, last), records(VERSION, last));
}

#[test]
fn records_beyond_the_limit_are_left_out() {
    let mut octets = vec![0; HEADER + RECORD * (MAX_RECORDS + 7)];
    octets[0] = VERSION;
    assert_eq!(Input::decode(&octets).expect("an input").records.len(), MAX_RECORDS);
}

#[test]
fn the_same_input_is_the_same_conversation() {
    let mut dice = Dice(7);
    for (_, mut input) in fuzzing::seeds::seeds() {
        mutate(&mut input, None, &mut dice);
        let (one, two) = (at_reference(&input), at_reference(&input));
        assert_eq!((one.features, one.frames), (two.features, two.frames));
        assert_eq!(one.finds, two.finds);
    }
}

#[test]
fn the_seeds_show_nothing_at_the_reference_and_are_what_they_are_called() {
    let settings = Settings {
        level: Level::May,
        ..Settings::default()
    };
    for (name, input) in fuzzing::seeds::seeds() {
        let played = play(&input, REFERENCE, settings).expect("a stack");
        assert_eq!(played.finds, [], "{name}");
        assert!(played.frames >= 3, "{name}: {} packets", played.frames);
    }
}

/// Mutates the seeds until a find of that requirement shows.
fn find(fault: Fault, id: &str, most: usize) -> Option<(Input, String)> {
    let open: Open<'_> = &|setup| stacks::open("reference", &faulty(fault, setup));
    let seeds = fuzzing::seeds::seeds();
    let mut dice = Dice(1);
    for _ in 0..most {
        let mut input = seeds[dice.below(seeds.len())].1.clone();
        mutate(&mut input, None, &mut dice);
        let played = play(&input, open, Settings::default()).expect("a stack");
        if let Some(find) = played.finds.iter().find(|find| find.what == id) {
            return Some((input, find.signature()));
        }
    }
    None
}

fn faulty(fault: Fault, setup: &Setup) -> Setup {
    Setup {
        faults: Faults::one(fault),
        ..setup.clone()
    }
}

#[rstest]
#[case("never-backs-off")]
#[case("shift-of-15")]
#[case("ignores-mss")]
#[case("acknowledges-ahead")]
#[case("sack-unasked")]
#[case("data-behind-fin")]
fn a_fault_of_the_reference_is_found_and_its_input_made_small(#[case] name: &str) {
    let fault = fault_named(name);
    let (input, signature) = find(fault, fault.breaks(), 3_000).expect("it is found");
    let open: Open<'_> = &|setup| stacks::open("reference", &faulty(fault, setup));
    let small = minimise(&input, &signature, open, Settings::default());
    assert!(small.records.len() <= input.records.len());
    let played = play(&small, open, Settings::default()).expect("a stack");
    assert!(played.finds.iter().any(|find| find.signature() == signature));
    assert_eq!(small, minimise(&input, &signature, open, Settings::default()));
}

/// Some of the seeds shows it as it is, under the requirement that the fault breaks.
#[rstest]
fn a_seed_shows_a_fault_under_its_own_requirement(
    #[values(
        "refuses-oddly",
        "echo-silent-v6",
        "takes-damaged",
        "resets-unknown-options",
        "dies-of-broken-options",
        "late-scale-taken",
        "never-scales",
        "signed-windows",
        "stamps-do-not-wrap",
        "numbers-do-not-wrap",
        "obeys-outside-resets",
        "ignores-resets",
        "silent-outside",
        "needs-no-ack",
        "constant-isn",
        "drops-out-of-order",
        "drops-urgent",
        "listens-once",
        "listening-kills",
        "refusal-untold",
        "holds-small-writes",
        "fixed-timeout",
        "gives-up-soon",
        "fills-closed-window",
        "probes-at-once",
        "ignores-shrinking",
        "reset-looks-closed",
        "silent-abort",
        "never-closes",
        "peer-sets-user-timeout"
    )]
    name: &str,
) {
    let fault = fault_named(name);
    let seen = shown_by_seeds(fault);
    assert!(seen.iter().any(|(_, what)| what == fault.breaks()), "{seen:?}");
}

fn fault_named(name: &str) -> Fault {
    let mut all = Fault::ALL.iter().copied();
    all.find(|fault| fault.name() == name).expect("a fault")
}

/// Seed and requirement of whatever is found at the reference with that fault.
fn shown_by_seeds(fault: Fault) -> Vec<(&'static str, String)> {
    let open: Open<'_> = &|setup| stacks::open("reference", &faulty(fault, setup));
    let settings = Settings {
        level: Level::May,
        ..Settings::default()
    };
    let mut seen = Vec::new();
    for (seed, input) in fuzzing::seeds::seeds() {
        let played = play(&input, open, settings).expect("a stack");
        seen.extend(played.finds.into_iter().map(|find| (seed, find.what)));
    }
    seen
}

/// It breaks something else, and is not accused of what only looks broken for that.
#[rstest]
#[case("echo-silent-v6", "ipv6/fragments-reassembled")]
#[case("holds-small-writes", "tcp/user-timeout-told")]
#[case("signed-windows", "tcp/user-timeout-told")]
#[case("signed-windows", "tcp/keepalive-off-by-default")]
#[case("signed-windows", "tcp/push-on-last-segment")]
#[case("listens-once", "tcp/flood-survived")]
#[case("never-gives-up", "tcp/user-timeout-not-overridden")]
#[case("misreads-shifted-options", "tcp/keepalive-without-data")]
#[case("drops-out-of-order", "tcp/gap-fill-acked-at-once")]
fn a_seed_does_not_accuse_a_fault_of_another(#[case] name: &str, #[case] other: &str) {
    let seen = shown_by_seeds(fault_named(name));
    assert!(seen.iter().all(|(_, what)| what != other), "{seen:?}");
}

/// What is found at the reference with a fault beside the reference without, in so many changed seeds.
fn differences(fault: Option<Fault>, most: usize) -> Vec<(String, Input)> {
    let open: Open<'_> = &|setup| match fault {
        Some(fault) => stacks::open("reference", &faulty(fault, setup)),
        None => stacks::open("reference", setup),
    };
    let settings = Settings {
        accounts: true,
        ..Settings::default()
    };
    let seeds = fuzzing::seeds::seeds();
    let mut dice = Dice(3);
    let mut found = Vec::new();
    for _ in 0..most {
        let mut input = seeds[dice.below(seeds.len())].1.clone();
        mutate(&mut input, Some(&seeds[dice.below(seeds.len())].1), &mut dice);
        let one = play(&input, open, settings).expect("a stack");
        let two = play(&input, REFERENCE, settings).expect("a stack");
        let compared = compare(&one.accounts, &two.accounts, "reference");
        assert!(compared.alike > 0 || one.accounts.is_empty(), "{}", listing(&input));
        found.extend(compared.finds.into_iter().map(|find| (find.kind, input.clone())));
    }
    found
}

#[test]
fn the_reference_does_not_differ_from_itself() {
    let found = differences(None, 1_000);
    let shown: Vec<(&str, String)> = found
        .iter()
        .map(|(kind, input)| (kind.as_str(), listing(input)))
        .collect();
    assert_eq!(shown, []);
}

#[rstest]
#[case("fin-untold", "an acknowledged end is not told")]
#[case("corrupts-data", "other octets")]
#[case("reset-looks-closed", "a reset is not told")]
#[case("gives-up-soon", "a connection fails for no reason")]
fn what_a_fault_keeps_from_the_application_is_a_difference(#[case] name: &str, #[case] kind: &str) {
    let found = differences(Some(fault_named(name)), 3_000);
    assert!(found.iter().any(|(seen, _)| seen == kind), "{found:?}");
}

/// The peer sends a hundred octets and again what is not acknowledged: across the end of the numbers, or to an end that has closed its
/// own direction.
#[rstest]
#[case("numbers-do-not-wrap", 4, &[[3, 2], [2, 7], [3, 2], [3, 6]])]
#[case("no-half-close", 0, &[[1, 3], [3, 2], [3, 6]])]
fn octets_that_a_fault_does_not_take_are_a_difference(
    #[case] name: &str,
    #[case] iss: u8,
    #[case] records: &[[u8; 2]],
) {
    let fault = fault_named(name);
    let mut octets = Input::default().encode();
    octets[9] = iss;
    octets.extend(records.iter().flat_map(|&[kind, what]| [kind, what, 0, 0, 0, 0, 0, 0]));
    let input = Input::decode(&octets).expect("an input");
    let settings = Settings {
        accounts: true,
        ..Settings::default()
    };
    let with = play(
        &input,
        &|setup| stacks::open("reference", &faulty(fault, setup)),
        settings,
    )
    .expect("a stack");
    let without = play(&input, REFERENCE, settings).expect("a stack");
    let compared = compare(&with.accounts, &without.accounts, "reference");
    let kinds: Vec<&str> = compared.finds.iter().map(|find| find.kind.as_str()).collect();
    assert_eq!(kinds, ["octets in order are not taken"], "{}", listing(&input));
    assert_eq!(compare(&without.accounts, &with.accounts, "a faulty one").finds, []);
}

/// Ordinary but for the opening and what happens in it.
fn input_of(opening: u8, records: &[[u8; 4]]) -> Input {
    let mut octets = Input::default().encode();
    octets[2] = opening;
    octets.extend(records.iter().flat_map(|&[a, b, c, d]| [a, b, c, d, 0, 0, 0, 0]));
    Input::decode(&octets).expect("an input")
}

/// RFC 9293 section 3.8.1: a segment that is lost is sent again, control bits and all.
#[rstest]
#[case::the_end(0, &[[5, 0, 0, 0], [3, 4, 0, 0], [3, 6, 0, 0]], "FIN,ACK seq 1000001 ")]
#[case::text_and_the_end(0, &[[5, 0, 2, 0], [3, 2, 0, 0], [3, 4, 0, 0], [3, 6, 0, 0]], "FIN,PSH,ACK seq 1000001 ")]
#[case::the_beginning(6, &[[5, 0, 0, 0], [3, 18, 0, 0], [3, 6, 0, 0]], "SYN seq 1000000 ")]
fn what_an_ordinary_peer_sends_again_is_what_was_lost(
    #[case] opening: u8,
    #[case] records: &[[u8; 4]],
    #[case] arrives: &str,
) {
    let input = input_of(opening, records);
    let settings = Settings {
        log: true,
        ..Settings::default()
    };
    let diagram = play(&input, REFERENCE, settings).expect("a stack").log.diagram();
    let arrived = |line: &str| line.contains(&format!("<-- {arrives}"));
    assert!(diagram.lines().any(arrived), "{diagram}");
}

/// Below it a keepalive may carry any octet.
#[test]
fn an_acknowledgement_that_is_late_counts_from_when_it_arrives() {
    // It acknowledges the FIN that is sent while it is under way.
    let mut octets = input_of(
        0,
        &[[5, 4, 0, 0], [0, 0, 0, 6], [1, 5, 0, 0], [1, 0, 0, 0], [1, 11, 0, 0]],
    )
    .encode();
    octets[11] = 2;
    let input = Input::decode(&octets).expect("an input");
    let played = play(&input, &|setup| stacks::open("smoltcp", setup), Settings::default()).expect("a stack");
    let accused = |find: &&fuzzing::Find| find.what == "tcp/data-delivered";
    assert_eq!(played.finds.iter().find(accused), None, "{}", listing(&input));
}

/// `corpus/regressions/STACK`: at the reference none shows anything of any level; elsewhere each still shows the find that it is named for.
#[test]
fn regressions_are_as_they_were() {
    fuzzing::quiet_panics();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/regressions");
    for stack in ["reference", "smoltcp"] {
        for entry in std::fs::read_dir(folder.join(stack)).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let input = Input::decode(&std::fs::read(&path).expect("a file")).expect("an input");
            let own = stack == "reference";
            let level = if own { Level::May } else { Level::Must };
            let settings = Settings {
                level,
                ..Settings::default()
            };
            let played = play(&input, &|setup| stacks::open(stack, setup), settings).expect("a stack");
            if own {
                assert_eq!(played.finds, [], "{}\n{}", path.display(), listing(&input));
            } else {
                let shows = played.finds.iter().any(|find| find.id() == name);
                assert!(
                    shows,
                    "{} no longer shows its find at {stack}: remove it\n{}",
                    path.display(),
                    listing(&input)
                );
            }
        }
    }
}

/// docs/FUZZING.md: what `ci/yardstick` did not find is what the table above it explains.
#[test]
fn what_is_not_found_is_explained() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/FUZZING.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let section = |heading: &str| -> Vec<&str> {
        let text = text.split_once(heading).expect("a section").1;
        let rows = text.split("\n## ").next().unwrap_or_default().lines();
        rows.filter(|row| row.starts_with("| `")).collect()
    };
    let names = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let first = |row: &str| row.split(" | ").next().map(names).unwrap_or_default();
    let explained = section("\n## What conversations do not find, and why\n");
    let mut explained: Vec<String> = explained.into_iter().flat_map(first).collect();
    let table = section("\n## Yardstick\n");
    let missed = table.iter().filter(|row| row.contains("| not found |"));
    let mut missed: Vec<String> = missed.flat_map(|row| first(row)).collect();
    explained.sort();
    missed.sort();
    assert_eq!(explained, missed);
    let listed: Vec<String> = table.iter().flat_map(|row| first(row)).collect();
    let faults: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(listed, faults, "`ci/yardstick` has not been run since");
}

/// The corpora of the libFuzzer targets begin with the seeds of this crate; STACKPROOF_UPDATE=1 writes them.
#[test]
fn the_corpora_hold_the_seeds() {
    for stack in ["reference", "smoltcp"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../corpus/conversation_{stack}"));
        for (name, input) in fuzzing::seeds::seeds() {
            let path = folder.join(format!("{name}.bin"));
            if std::env::var_os("STACKPROOF_UPDATE").is_some() {
                std::fs::create_dir_all(&folder).expect("a folder");
                std::fs::write(&path, input.encode()).expect("written");
            }
            assert_eq!(std::fs::read(&path).ok(), Some(input.encode()), "{}", path.display());
        }
    }
}
