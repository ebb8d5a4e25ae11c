//! Each recorded capture has the report it must give beside it: `pcaps/NAME.report`.
//!
//! After a change that is meant to change verdicts, `STACKPROOF_UPDATE=1 cargo test -p stackproof --test reports` writes them
//! anew; the difference is then read line by line before it is committed.

use std::path::{Path, PathBuf};
use std::process::Command;

fn pcaps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps")
}

/// What is said of each requirement and end, without the sums that any new requirement changes.
fn report(capture: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_stackproof"))
        .args(["check", "--all", "--fail-on", "never"])
        .arg(capture.file_name().expect("a file"))
        .current_dir(pcaps())
        .output()
        .expect("stackproof runs");
    assert!(output.status.success(), "{}: {output:?}", capture.display());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines()
        .filter(|line| !line.contains(" not exercised"))
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[test]
fn each_recorded_capture_gives_its_report() {
    let update = std::env::var_os("STACKPROOF_UPDATE").is_some();
    let mut captures: Vec<PathBuf> = std::fs::read_dir(pcaps())
        .expect("pcaps/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pcap"))
        .collect();
    captures.sort();
    assert!(captures.len() > 20, "the recorded captures are gone");
    let mut differing = Vec::new();
    for capture in captures {
        let (expected, now) = (capture.with_extension("report"), report(&capture));
        if update {
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
