//! `corpus/regressions/lwip` at the lwIP that is here: Debian's library, or the source in STACKPROOF_LWIP_SOURCE. A release shows what it shows:
//! the table says which.

use conformance::Level;
use fuzzing::{Input, Played, Settings, listing, play};
use rstest::rstest;
use std::path::{Path, PathBuf};

/// Releases that the table is for: Debian 12's, the one of 2025, and the source after it.
const RELEASES: &[&str] = &["2.1.3", "2.2.1", "2.2.2d"];

fn corpus(stack: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../corpus/regressions")
        .join(stack)
}

/// Plays an input at lwIP; says why where that cannot be.
fn played(path: &Path) -> Result<(Input, Played), String> {
    let input = Input::decode(&std::fs::read(path).expect("a file")).expect("an input");
    let settings = Settings {
        level: Level::May,
        ..Settings::default()
    };
    match play(&input, &|setup| stacks::open("lwip", setup), settings) {
        Err(trouble) => Err(format!("lwIP ({trouble})")),
        Ok(played) if !RELEASES.contains(&played.stack.1.as_str()) => {
            Err(format!("lwIP {RELEASES:?} (here is {})", played.stack.1))
        }
        Ok(played) => Ok((input, played)),
    }
}

/// `words` are what the find says, in releases that are not `mended`.
#[rstest]
#[case("stack-failed-far-segment", "insane offset!", &["2.2.1", "2.2.2d"])]
#[case("stack-failed-mss-local", "mss_local is too small", &[])]
#[case("stack-failed-ooseq", "ooseq tcplen > rcv_wnd", &[])]
#[case("stack-failed-oversize", "inconsistent oversize vs. space", &[])]
// Debian's library makes its segments otherwise, and does not come to it by this way.
#[case("stack-failed-persist", "persist ticking with empty send buffer", &["2.1.3"])]
#[case("tcp-ack-delay-nagle", "tcp/ack-delay-below-500ms", &[])]
#[case("tcp-data-delivered-1134b5", "tcp/data-delivered: the FIN stands behind octet 1", &[])]
#[case("tcp-data-delivered-448f5c", "tcp/data-delivered: the end was told behind octet", &[])]
#[case("tcp-effective-send-mss-f3b93c", "tcp/effective-send-mss", &[])]
#[case("tcp-handshake-completed-in-sequence-c01ec6", "tcp/handshake-completed-in-sequence", &[])]
#[case("tcp-timeout-resends-oldest-d2bb55", "tcp/timeout-resends-oldest", &[])]
fn a_find_in_lwip_shows_where_it_is_not_mended(#[case] name: &str, #[case] words: &str, #[case] mended: &[&str]) {
    match played(&corpus("lwip").join(format!("{name}.bin"))) {
        Err(needs) => println!("skipped: needs {needs}"),
        Ok((input, played)) => {
            let version = played.stack.1.as_str();
            let mut said = played.finds.iter().map(|find| format!("{}: {}", find.what, find.seen));
            let shows = said.any(|said| said.contains(words));
            assert_eq!(
                shows,
                !mended.contains(&version),
                "{name} at {version}\n{}",
                listing(&input)
            );
        }
    }
}

/// Every input of the folder stands in the table above.
#[test]
fn no_input_is_left_out() {
    let table = include_str!("lwip.rs");
    for entry in std::fs::read_dir(corpus("lwip")).expect("a folder").flatten() {
        let name = entry
            .path()
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        assert!(table.contains(&format!("#[case(\"{name}\", ")), "{name}");
    }
}

/// What lwIP was once accused of, and does not do wrong: `corpus/regressions/reference/*-lwip.bin`, each named for the accusation.
#[test]
fn lwip_is_not_accused_again_of_what_was_ours() {
    for entry in std::fs::read_dir(corpus("reference")).expect("a folder").flatten() {
        let path = entry.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Some(id) = name.strip_suffix("-lwip") else { continue };
        match played(&path) {
            Err(needs) => return println!("skipped: needs {needs}"),
            Ok((input, played)) => {
                let accused = played.finds.iter().find(|find| find.id() == id);
                assert_eq!(accused, None, "{name}\n{}", listing(&input));
            }
        }
    }
}
