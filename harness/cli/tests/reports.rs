//! Each recorded capture has the report it must give beside it: `pcaps/NAME.report`, `pcaps/live/NAME.report`. What was recorded in
//! virtual time is recorded again, to the same bytes.
//!
//! After a change that is meant to change verdicts, or the reference, `STACKPROOF_UPDATE=1 cargo test -p stackproof --test reports`
//! writes them anew; the difference is then read line by line before it is committed.

use std::path::{Path, PathBuf};
use std::process::Command;

fn pcaps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps")
}

fn updates() -> bool {
    std::env::var_os("STACKPROOF_UPDATE").is_some()
}

/// What is said of each requirement and end, without the sums that any new requirement changes.
fn report(capture: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_stackproof"))
        .args(["check", "--all", "--fail-on", "never"])
        .arg(capture.file_name().expect("a file"))
        .current_dir(capture.parent().expect("a folder"))
        .output()
        .expect("stackproof runs");
    assert!(output.status.success(), "{}: {output:?}", capture.display());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines()
        .filter(|line| !line.contains(" not exercised"))
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn captures(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut captures: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder of captures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|one| one == extension))
        .collect();
    captures.sort();
    captures
}

#[test]
fn each_recorded_capture_gives_its_report() {
    if updates() {
        record_again(|path, octets| std::fs::write(path, octets).expect("writable"));
    }
    let mut captures = [captures(&pcaps(), "pcap"), captures(&pcaps().join("live"), "pcapng")].concat();
    captures.sort();
    assert!(captures.len() > 50, "the recorded captures are gone");
    let mut differing = Vec::new();
    for capture in captures {
        let (expected, now) = (capture.with_extension("report"), report(&capture));
        if updates() {
            std::fs::write(&expected, now).expect("writable");
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != now {
            differing.push(capture.display().to_string());
        }
    }
    assert!(
        differing.is_empty(),
        "other reports than recorded, or none recorded (STACKPROOF_UPDATE=1 writes them): {}",
        differing.join(", ")
    );
}

/// The rows of the table in `pcaps/live/README.md`: recording, stack, case.
fn rows() -> Vec<[String; 3]> {
    let page = std::fs::read_to_string(pcaps().join("live/README.md")).expect("the table");
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains('@'));
    rows.map(|line| {
        let mut cells = line.split('|').skip(1).map(|cell| cell.trim().to_owned());
        [(); 3].map(|()| cells.next().expect("four columns"))
    })
    .collect()
}

/// Plays the cases of the stacks in virtual time that need nothing, and tells what each recording is now.
fn record_again(tell: impl Fn(&Path, &[u8])) {
    for [recording, stack, case] in rows() {
        if stack != "reference" && stack != "smoltcp" {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let output = Command::new(env!("CARGO_BIN_EXE_stackproof"))
            .args(["test", &stack, "--scenario", &case, "--fail-on", "never", "--record"])
            .arg(folder.path())
            .output()
            .expect("stackproof runs");
        assert!(output.status.success(), "{recording}: {output:?}");
        let recorded = captures(folder.path(), "pcapng");
        let [recorded] = recorded.as_slice() else {
            panic!("{recording}: {recorded:?}")
        };
        let octets = std::fs::read(recorded).expect("a recording");
        tell(&pcaps().join("live").join(recording).with_extension("pcapng"), &octets);
    }
}

#[test]
fn recordings_in_virtual_time_are_the_same_to_the_bit() {
    if updates() {
        return;
    }
    record_again(|path, octets| {
        let stored = std::fs::read(path).unwrap_or_default();
        assert!(
            stored == octets,
            "{} is no longer what is recorded: `ci/recordings` writes it anew",
            path.display()
        );
    });
}

#[test]
fn the_table_of_recordings_and_the_folder_have_the_same() {
    let listed: Vec<String> = rows().into_iter().map(|[recording, ..]| recording).collect();
    let mut sorted = listed.clone();
    sorted.sort();
    let found: Vec<String> = captures(&pcaps().join("live"), "pcapng")
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    assert_eq!(sorted, found);
}
