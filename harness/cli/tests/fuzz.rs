//! `stackproof fuzz` as its users call it; interrupted, it loses nothing.

mod common;

use common::text;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackproof"));
    command.args(["fuzz"]).args(arguments);
    command
}

fn stackproof(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the binary runs")
}

fn finds(out: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(out.join("finds")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

const FAULTY: [&str; 3] = ["reference", "--fault", "shift-of-15"];

#[test]
fn a_find_is_kept_once_and_small_with_all_that_shows_it() {
    let out = tempfile::tempdir().expect("a folder");
    let path = out.path().join("out").to_string_lossy().into_owned();
    let limits = [
        "--runs",
        "200",
        "--jobs",
        "1",
        "--until",
        "tcp/window-scale-at-most-14",
        "--out",
        &path,
    ];
    let output = stackproof(&[&FAULTY[..], &limits, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = document["stacks"][0]["finds"].as_array().expect("a list");
    let ours: Vec<_> = found
        .iter()
        .filter(|one| one["requirement"] == "tcp/window-scale-at-most-14")
        .collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0]["events"], 0, "the handshake alone shows it");
    let folder = Path::new(&path)
        .join("finds")
        .join(ours[0]["id"].as_str().expect("a name"));
    for (name, holds) in [
        ("input.txt", "opening"),
        ("report.md", "tcp/window-scale-at-most-14"),
        ("capture.pcapng", ""),
    ] {
        let octets = fs::read(folder.join(name)).expect("written");
        assert!(text(&octets).contains(holds), "{name}");
    }
    let input = folder.join("input").to_string_lossy().into_owned();
    assert_eq!(
        stackproof(&[&FAULTY[..], &["--replay", &input]].concat()).status.code(),
        Some(1)
    );
    assert_eq!(stackproof(&["reference", "--replay", &input]).status.code(), Some(0));
}

#[test]
fn killed_in_the_middle_it_loses_no_find_and_goes_on_from_there() {
    let out = tempfile::tempdir().expect("a folder");
    let path = out.path().to_string_lossy().into_owned();
    let arguments = [&FAULTY[..], &["--time", "60s", "--jobs", "1", "--out", &path]].concat();
    let mut child = command(&arguments)
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let began = Instant::now();
    while finds(out.path()).is_empty() && began.elapsed() < Duration::from_secs(50) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    let log = fs::read_to_string(out.path().join("log.jsonl")).expect("a log");
    assert!(
        log.lines()
            .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
    );
    let kept = finds(out.path());
    assert!(!kept.is_empty());
    for folder in &kept {
        let input = folder.join("input");
        // Its folder is made before its input: the very last may be empty, and then the log does not know it either.
        if !input.exists() {
            let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            assert!(!log.contains(&id));
            continue;
        }
        let output = stackproof(&[&FAULTY[..], &["--replay", &input.to_string_lossy()]].concat());
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    }
    assert_eq!(
        stackproof(&arguments).status.code(),
        Some(2),
        "an earlier session is not mixed with another"
    );
    let again = stackproof(&[&FAULTY[..], &["--runs", "1", "--jobs", "1", "--resume", "--out", &path]].concat());
    assert_eq!(again.status.code(), Some(1));
    assert!(
        text(&again.stderr).contains("resuming the session"),
        "{}",
        text(&again.stderr)
    );
    let now = finds(out.path());
    assert!(kept.iter().all(|one| now.contains(one)));
}

#[test]
fn the_same_seed_is_the_same_session() {
    let run = || {
        let out = tempfile::tempdir().expect("a folder");
        let path = out.path().join("out").to_string_lossy().into_owned();
        let output = stackproof(&[
            "smoltcp", "--runs", "60", "--jobs", "1", "--seed", "3", "--format", "json", "--out", &path,
        ]);
        let mut document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        for one in document["stacks"][0]["finds"].as_array_mut().expect("a list") {
            one["seconds"] = 0.into();
        }
        let stack = &document["stacks"][0];
        (
            stack["finds"].to_string(),
            stack["features"].to_string(),
            stack["corpus"].to_string(),
        )
    };
    assert_eq!(run(), run());
}

#[test]
fn the_doctor_tells_what_is_read_from_where() {
    let out = tempfile::tempdir().expect("a folder");
    fs::write(out.path().join("one"), [1, 0, 0]).expect("written");
    fs::write(out.path().join("README"), "not an input").expect("written");
    let path = out.path().to_string_lossy().into_owned();
    let output = stackproof(&["reference", "--doctor", "--corpus", &path]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    assert!(told.contains(&format!("{path}: 1 inputs")), "{told}");
    assert!(told.contains("expected format version 2"), "{told}");
}

#[test]
fn what_cannot_be_fuzzed_is_told() {
    let status = |arguments: &[&str]| stackproof(arguments).status.code();
    assert_eq!(status(&["no-such-stack", "--doctor"]), Some(2));
    assert_eq!(status(&["reference", "--time", "soon"]), Some(2));
    assert_eq!(status(&["smoltcp", "--fault", "shift-of-15"]), Some(2));
    assert_eq!(status(&["reference", "--replay", "no-such-file"]), Some(2));
}

#[test]
fn every_stack_meets_every_other() {
    let interop = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stackproof"));
        command
            .arg("interop")
            .args(arguments)
            .output()
            .expect("the binary runs")
    };
    let output = interop(&["reference", "smoltcp", "--rounds", "4", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let cells = document["cells"].as_array().expect("a list");
    assert_eq!(cells.len(), 2 * 2 * 5);
    for cell in cells {
        assert_eq!(cell["finished"], 4, "{cell}");
    }
    assert!(text(&interop(&["reference", "--rounds", "2"]).stdout).contains("reference -> reference"));
    assert_eq!(interop(&["reference", "no-such-stack"]).status.code(), Some(2));
}
