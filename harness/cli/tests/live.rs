//! `stackproof test`, `stacks` and `faults` as their users call them.

use std::path::Path;
use std::process::{Command, Output};

fn stackproof(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stackproof"))
        .args(arguments)
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_json_form_is_what_the_schema_says() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/test.schema.json");
    let schema = serde_json::from_slice(&std::fs::read(schema).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let output = stackproof(&[
        "test",
        "reference",
        "smoltcp",
        "--scenario",
        "closing/*",
        "--format",
        "json",
    ]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    // smoltcp 0.14 leaves TIME-WAIT after ten seconds.
    assert_eq!(document["stacks"][1]["verdicts"]["tcp/time-wait-lasts"], "violated");
    assert_eq!(document["stacks"][0]["verdicts"]["tcp/time-wait-lasts"], "holds");
}

#[test]
fn the_exit_status_tells_conformance_violation_and_inability() {
    let status = |arguments: &[&str]| stackproof(arguments).status.code();
    let closing = ["--scenario", "closing/*"];
    assert_eq!(status(&[&["test", "reference"], &closing[..]].concat()), Some(0));
    assert_eq!(
        status(&[&["test", "reference", "--fault", "short-time-wait"], &closing[..]].concat()),
        Some(1)
    );
    assert_eq!(status(&["test", "no-such-stack"]), Some(2));
    assert_eq!(status(&["test", "reference", "--scenario", "no/such"]), Some(2));
    assert_eq!(status(&["test", "reference", "--fault", "no-such-fault"]), Some(2));
    assert_eq!(status(&["test", "reference", "--partition", "hash:5/4"]), Some(2));
}

#[test]
fn accepted_deviations_are_told_once_they_are_no_longer_needed() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(
        file.path(),
        "tcp/time-wait-lasts * ten seconds\ntcp/mss-announced smoltcp never\n",
    )
    .expect("written");
    let path = file.path().to_string_lossy().into_owned();
    let arguments = [
        "test",
        "smoltcp",
        "--scenario",
        "closing/stack_closes_first",
        "--expect",
        &path,
    ];
    let output = stackproof(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("no longer needed: tcp/mss-announced"));
}

#[test]
fn the_parts_of_a_partition_are_the_whole() {
    let count = |part: &str| {
        let output = stackproof(&["test", "reference", "--partition", part, "--format", "json"]);
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        document["scenarios"].as_array().expect("a list").len()
    };
    assert_eq!(
        (1..=3).map(|part| count(&format!("hash:{part}/3"))).sum::<usize>(),
        suite::cases().len()
    );
}

#[test]
fn a_recorded_case_is_judged_the_same_by_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_string_lossy().into_owned();
    let case = ["--scenario", "retransmission/peer_gone/listening@ipv4"];
    let fault = ["test", "reference", "--fault", "never-backs-off", "--record", &path];
    assert_eq!(stackproof(&[&fault[..], &case].concat()).status.code(), Some(1));
    let output = stackproof(&["check", "--vantage", "server", "--only", "tcp/rto-backoff", &path]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
}

#[test]
fn a_child_that_ends_hangs_or_babbles_is_told_of_and_the_suite_goes_on() {
    let outcome = |stack: &str| {
        let output = stackproof(&["test", stack, "reference", "--scenario", "data/small_write"]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
        text(&output.stdout)
    };
    assert!(outcome("process:false").contains("the stack's process ended"));
    assert!(
        outcome("process:sh -c 'echo hello; exec cat >/dev/null'")
            .contains("it said 'hello'; expected was packet, result, error or done")
    );
    assert!(outcome("process:./no-such-program").contains("ended"));
    let babbles = outcome("process:yes 'packet 00'");
    assert!(babbles.contains("more than 4096 packets in one answer"), "{babbles}");
    assert!(babbles.contains("reference"), "{babbles}");
}

#[test]
fn the_smallest_shim_answers_what_it_can() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: needs python3");
        return;
    }
    let shim = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stacks/shims/python/shim.py");
    let stack = format!("process:python3 {}", shim.display());
    let output = stackproof(&[
        "test",
        &stack,
        "--scenario",
        "icmp/echo",
        "--scenario",
        "data/small_write",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn stacks_and_faults_are_listed() {
    assert!(text(&stackproof(&["stacks"]).stdout).contains("smoltcp"));
    let names = text(&stackproof(&["faults", "--names"]).stdout);
    assert_eq!(names.lines().count(), stacks::Fault::ALL.len());
}

#[test]
fn the_kernel_answers_where_it_may_be_driven() {
    let listed = text(&stackproof(&["stacks"]).stdout);
    let ready = listed.lines().skip_while(|line| !line.starts_with("linux")).nth(1);
    if ready.is_none_or(|line| line.trim() != "ready") {
        println!("skipped: needs a network namespace and a TUN device ({ready:?})");
        return;
    }
    let output = stackproof(&["test", "linux", "--scenario", "opening/ordinary_handshake"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}
