//! `stackproof check` as its users call it: forms, exit status, expectations, bad input.

mod common;

use common::{stackproof, text, valid};
use rstest::rstest;
use std::path::{Path, PathBuf};

/// The examples of a requirement, written as captures.
fn examples(id: &str) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().to_string_lossy().into_owned();
    assert!(stackproof(&["explain", id, "--write", &path]).status.success());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.path())
        .expect("written")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    (folder, files)
}

fn violating(files: &[PathBuf]) -> String {
    let violates = |path: &&PathBuf| path.to_string_lossy().contains("violates");
    files
        .iter()
        .find(violates)
        .expect("a violating example")
        .to_string_lossy()
        .into_owned()
}

fn pcaps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps")
}

#[test]
fn the_json_form_is_what_the_schema_says() {
    let (_folder, files) = examples("tcp/rto-backoff");
    let empty = tempfile::NamedTempFile::new().expect("a file");
    let paths: Vec<String> = files
        .iter()
        .map(|file| file.as_path())
        .chain([empty.path()])
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let mut arguments = vec!["check", "--format", "json"];
    arguments.extend(paths.iter().map(String::as_str));
    let output = stackproof(&arguments);
    let document = valid(&output, "check.schema.json");
    assert!(!document["violations"].as_array().expect("a list").is_empty());
}

#[rstest]
#[case::must(&[], 1)]
#[case::never(&["--fail-on", "never"], 0)]
#[case::skipped(&["--skip", "tcp/rto-backoff"], 0)]
#[case::another_rfc(&["--rfc", "7323"], 0)]
fn a_broken_must_makes_the_exit_status_one(#[case] options: &[&str], #[case] status: i32) {
    let (_folder, files) = examples("tcp/rto-backoff");
    let file = violating(&files);
    let mut arguments = vec!["check", &file];
    arguments.extend(options);
    assert_eq!(stackproof(&arguments).status.code(), Some(status));
}

#[test]
fn a_deviation_fails_only_where_shoulds_are_asked_for() {
    let (_folder, files) = examples("tcp/rto-minimum");
    let file = violating(&files);
    assert_eq!(stackproof(&["check", &file]).status.code(), Some(0));
    assert_eq!(
        stackproof(&["check", &file, "--fail-on", "should"]).status.code(),
        Some(1)
    );
}

#[test]
fn an_expectation_accepts_what_it_names_and_says_when_nothing_needs_it() {
    let (folder, files) = examples("tcp/rto-backoff");
    let list = folder.path().join("accepted.txt");
    std::fs::write(
        &list,
        "tcp/rto-backoff * seen before\ntcp/reserved-bits-zero 192.0.2.1 never\n",
    )
    .expect("written");
    let file = violating(&files);
    let output = stackproof(&["check", &file, "--expect", &list.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("no longer needed: tcp/reserved-bits-zero 192.0.2.1 never"));
}

#[test]
fn junit_has_a_case_per_requirement_and_endpoint() {
    let (_folder, files) = examples("tcp/rto-backoff");
    let output = stackproof(&["check", "--format", "junit", &violating(&files)]);
    let xml = text(&output.stdout);
    assert!(
        xml.contains("tcp/rto-backoff 192.0.2.1") && xml.contains("<failure") && xml.contains("not exercised"),
        "{xml}"
    );
}

#[test]
fn github_annotations_name_file_and_requirement() {
    let (_folder, files) = examples("tcp/rto-backoff");
    let output = stackproof(&["check", "--format", "github", &violating(&files)]);
    assert!(
        text(&output.stdout).starts_with("::error file="),
        "{}",
        text(&output.stdout)
    );
}

#[rstest]
#[case::empty(b"", "is empty")]
#[case::no_capture(b"hello, this is no capture at all", "expected the magic number")]
fn an_unreadable_file_is_told_and_the_others_go_on(#[case] bytes: &[u8], #[case] message: &str) {
    let (folder, files) = examples("tcp/rto-minimum");
    let bad = folder.path().join("bad.pcap");
    std::fs::write(&bad, bytes).expect("written");
    let good = files[0].to_string_lossy().into_owned();
    let output = stackproof(&["check", &bad.to_string_lossy(), &good]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stdout);
    assert!(said.contains(message) && said.contains(&good), "{said}");
}

#[rstest]
#[case(&["check", "--only", "tcp/no-such", "x.pcap"], "no requirement is called 'tcp/no-such'")]
#[case(&["check", "--rfc", "1", "x.pcap"], "no requirement cites RFC 1")]
#[case(&["explain", "nothing"], "no requirement is called 'nothing'")]
#[case(&["check", "no-*-such.pcap"], "no file matches")]
fn a_typing_mistake_is_an_error_not_a_clean_result(#[case] arguments: &[&str], #[case] message: &str) {
    let output = stackproof(arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(message), "{}", text(&output.stderr));
}

#[test]
fn a_folder_without_captures_is_an_error_not_a_clean_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = stackproof(&["check", &folder.path().to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("no capture was found"),
        "{}",
        text(&output.stderr)
    );
}

/// Linux against Linux, recorded by this project over paths that lose, delay, reorder and duplicate.
#[test]
fn conforming_kernels_break_no_must() {
    let folder = pcaps().join("*.pcap").to_string_lossy().into_owned();
    let accepted = pcaps().join("accepted.txt").to_string_lossy().into_owned();
    let output = stackproof(&[
        "check",
        "--quiet",
        "--fail-on",
        "should",
        "--expect",
        &accepted,
        &folder,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn any_number_of_threads_gives_the_same_report() {
    let folder = pcaps().to_string_lossy().into_owned();
    let with = |threads: &str| stackproof(&["check", "--format", "json", "--threads", threads, &folder]).stdout;
    assert_eq!(text(&with("1")), text(&with("4")));
}

/// The page that tells of it has the sums that the command prints.
#[test]
fn the_coverage_page_has_the_sums_that_the_command_prints() {
    let page = include_str!("../../../docs/COVERAGE.md");
    let printed = text(&stackproof(&["rules", "--coverage"]).stdout);
    let sums: Vec<_> = printed.lines().filter(|line| line.contains(" statements, ")).collect();
    assert_eq!(sums.len(), 14, "thirteen documents and their sum");
    for sum in sums {
        let (name, numbers) = sum.split_once(": ").expect("a name");
        let numbers: Vec<_> = numbers
            .split(|c: char| !c.is_ascii_digit())
            .filter(|number| !number.is_empty())
            .collect();
        let row = format!("| {name} | {} |", numbers.join(" | "));
        assert!(page.contains(&row), "docs/COVERAGE.md lacks {row:?}");
    }
    let json = stackproof(&["rules", "--coverage", "--format", "json"]).stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&json).expect("JSON");
    assert!(
        rows.iter()
            .all(|row| row["requirements"] != serde_json::json!([]) || row["reason"].is_string())
    );
}

/// What breaks a requirement of the layers below TCP is told apart from what keeps it by the lines alone.
#[test]
fn explain_shows_in_what_examples_differ() {
    let below = |id: &&str| {
        ["arp/", "ip/", "ipv6/", "ndp/"]
            .iter()
            .any(|start| id.starts_with(start))
    };
    let ids = conformance::requirements().iter().map(|requirement| requirement.id);
    for id in ids.filter(below) {
        let told = text(&stackproof(&["explain", id]).stdout);
        let lines = |mark: &str| -> Vec<String> {
            let part = told.split("\n  ").skip_while(|line| !line.starts_with(mark)).skip(1);
            let frames = part.take_while(|line| line.starts_with(' '));
            frames.map(|line| line.split_whitespace().skip(2).collect()).collect()
        };
        let (holds, violates) = (lines("holds: "), lines("violates: "));
        assert!(!holds.is_empty() && holds != violates, "{id}: {told}");
    }
}
