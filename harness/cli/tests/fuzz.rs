//! `stackproof fuzz` as its users call it; interrupted, it loses nothing.

mod common;

use common::{text, valid};
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
    let document = valid(&output, "fuzz.schema.json");
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
        ("script.pkt", "tcp/window-scale-at-most-14"),
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

/// A script of a find repeats what the application did, and what a stack is not to answer.
#[rstest::rstest]
#[case::a_challenge("sack-invents", "tcp/sack-covers-received-data")]
#[case::a_silence("impatient-timer", "tcp/rto-minimum")]
#[case::unread("shrinks-window", "tcp/window-not-shrunk")]
fn the_script_of_a_find_shows_it_again(#[case] fault: &str, #[case] id: &str) {
    let out = tempfile::tempdir().expect("a folder");
    let path = out.path().to_string_lossy().into_owned();
    let options = [
        "reference",
        "--fault",
        fault,
        "--until",
        id,
        "--level",
        "may",
        "--seed",
        "1",
        "--jobs",
        "1",
    ];
    stackproof(&[&options[..], &["--runs", "20000", "--out", &path]].concat());
    let script = finds(out.path()).remove(0).join("script.pkt");
    let shown = Command::new(env!("CARGO_BIN_EXE_stackproof"))
        .args([
            "script",
            &script.to_string_lossy(),
            "--stack",
            "reference",
            "--fault",
            fault,
        ])
        .output()
        .expect("the binary runs");
    assert!(text(&shown.stdout).contains(id), "{}", text(&shown.stdout));
}

#[test]
fn the_smallest_input_of_a_find_is_a_regression_test_from_then_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let session = |out: &str| {
        let limits = ["--runs", "200", "--jobs", "1", "--until", "tcp/window-scale-at-most-14"];
        stackproof(&[&FAULTY[..], &limits, &["--out", &at(out), "--regressions", &at("kept")]].concat())
    };
    assert_eq!(session("one").status.code(), Some(1));
    let kept = |name: &str| -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(folder.path().join(name)).expect("a folder").flatten();
        entries
            .map(|entry| (entry.path(), fs::read(entry.path()).expect("read")))
            .collect()
    };
    let first = kept("kept/reference");
    assert_eq!(first.len(), 1);
    let name = first[0].0.file_name().expect("a name").to_string_lossy().into_owned();
    let found = finds(&folder.path().join("one"));
    let id = found[0].file_name().expect("a name").to_string_lossy().into_owned();
    assert_eq!(format!("reference--{name}"), format!("{id}.bin"));
    assert_eq!(
        fs::read(found[0].join("input")).expect("read"),
        first[0].1,
        "the smallest"
    );
    assert_eq!(session("two").status.code(), Some(1));
    assert_eq!(kept("kept/reference"), first, "what is there and as small stays");

    fs::write(&first[0].0, [1; 400]).expect("written");
    let resumed = [
        "--out",
        &at("one"),
        "--resume",
        "--runs",
        "1",
        "--jobs",
        "1",
        "--regressions",
        &at("kept"),
    ];
    assert_eq!(stackproof(&[&FAULTY[..], &resumed].concat()).status.code(), Some(1));
    assert_eq!(kept("kept/reference"), first, "what shows nothing is replaced");
}

#[test]
fn replayed_by_the_folder_each_input_has_a_line_and_a_bad_one_does_not_end_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    for (name, octets) in [
        ("kept/shows.bin", &[1, 0, 1][..]),
        ("kept/below/input", &[1, 0, 1, 0]),
        ("kept/below/input.txt", b"not looked at"),
        ("kept/below/other.bin", &[7]),
        ("odd", &[1]),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, octets).expect("written");
    }
    fs::create_dir(folder.path().join("empty")).expect("made");
    let replay = |stack: &[&str], paths: &[&str]| {
        let paths: Vec<String> = paths.iter().map(|name| at(name)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        stackproof(&[stack, &["--replay"], &paths].concat())
    };

    let output = replay(&FAULTY, &["odd", "kept"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    let lines: Vec<&str> = told.lines().collect();
    let begins = |line: usize, name: &str| assert!(lines[line].starts_with(&at(name)), "{told}");
    assert_eq!(lines.len(), 5, "{told}");
    begins(0, "odd");
    begins(1, "kept/below/input");
    begins(2, "kept/below/other.bin");
    begins(3, "kept/shows.bin");
    assert!(lines[2].contains("octet 0 is 7; expected format version 3"), "{told}");
    assert!(lines[3].contains("tcp/window-scale-at-most-14: "), "{told}");
    assert!(
        lines[4].ends_with("2 show something, 1 show nothing, 1 could not be played"),
        "{told}"
    );

    let sound = ["reference"];
    assert_eq!(replay(&sound, &["odd", "kept/shows.bin"]).status.code(), Some(0));
    assert_eq!(replay(&sound, &["kept"]).status.code(), Some(2), "one cannot be read");
    assert_eq!(replay(&sound, &["kept/shows.bin", "nowhere"]).status.code(), Some(2));
    let nothing = replay(&sound, &["empty"]);
    assert_eq!(
        nothing.status.code(),
        Some(2),
        "a test that plays nothing would pass for ever"
    );
    assert!(
        text(&nothing.stdout).contains("no file named `input` or *.bin"),
        "{}",
        text(&nothing.stdout)
    );

    let document = valid(
        &replay(&[&FAULTY[..], &["--format", "json"]].concat(), &["kept"]),
        "fuzz.schema.json",
    );
    let inputs = document["replay"]["inputs"].as_array().expect("a list");
    assert_eq!(inputs.len(), 3);
    assert!(inputs[1]["error"].is_string() && inputs[2]["finds"][0]["requirement"].is_string());
}

#[test]
fn beside_another_stack_what_the_application_is_owed_is_a_find() {
    let out = tempfile::tempdir().expect("a folder");
    let path = out.path().join("out").to_string_lossy().into_owned();
    let beside = ["reference", "--fault", "fin-untold", "--against", "reference"];
    let limits = [
        "--runs",
        "500",
        "--jobs",
        "1",
        "--until",
        "application differs",
        "--format",
        "json",
    ];
    let output = stackproof(&[&beside[..], &limits, &["--out", &path]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let document = valid(&output, "fuzz.schema.json");
    let entry = &document["stacks"][0];
    assert_eq!(entry["against"], "reference");
    assert!(entry["alike"].as_u64() > Some(0) && entry["alike"].as_u64() <= entry["moments"].as_u64());
    let found = entry["finds"].as_array().expect("a list");
    let ours = found.iter().find(|one| one["requirement"] == "application differs");
    let ours = ours.expect("it differs");
    let folder = Path::new(&path)
        .join("finds")
        .join(ours["id"].as_str().expect("a name"));
    let report = text(&fs::read(folder.join("report.md")).expect("written"));
    assert!(report.contains("--against reference --replay input"), "{report}");
    let input = folder.join("input").to_string_lossy().into_owned();
    let replayed = stackproof(&[&beside[..], &["--replay", &input]].concat());
    assert_eq!(replayed.status.code(), Some(1));
    assert!(text(&replayed.stdout).contains("found     application differs"));
    let sound = ["reference", "--against", "reference", "--replay", &input];
    assert_eq!(stackproof(&sound).status.code(), Some(0), "the reference beside itself");
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
    assert!(told.contains("expected format version 3"), "{told}");
}

#[test]
fn what_cannot_be_fuzzed_is_told() {
    let status = |arguments: &[&str]| stackproof(arguments).status.code();
    assert_eq!(status(&["no-such-stack", "--doctor"]), Some(2));
    assert_eq!(status(&["reference", "--time", "soon"]), Some(2));
    assert_eq!(status(&["smoltcp", "--fault", "shift-of-15"]), Some(2));
    assert_eq!(status(&["reference", "--replay", "no-such-file"]), Some(2));
    assert_eq!(
        status(&["reference", "--against", "no-such-stack", "--replay", "."]),
        Some(2)
    );
    assert_eq!(status(&["reference", "smoltcp", "--replay", "no-such-file"]), Some(2));
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
