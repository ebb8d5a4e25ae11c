//! `stackproof test`, `stacks` and `faults` as their users call them.

mod common;

use common::{stackproof, text, valid};
use std::path::Path;
use std::process::Command;

#[test]
fn the_json_form_is_what_the_schema_says() {
    let output = stackproof(&[
        "test",
        "reference",
        "smoltcp",
        "--scenario",
        "closing/*",
        "--format",
        "json",
    ]);
    let document = valid(&output, "test.schema.json");
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
    let garbled = outcome("process:sh -c 'echo hello; exec cat >/dev/null'");
    assert!(
        garbled.contains("it said 'hello' to 'hello 1 address=192.0.2.1"),
        "{garbled}"
    );
    assert!(
        garbled.contains("expected was packet, arrived, result, error or done"),
        "{garbled}"
    );
    assert!(outcome("process:./no-such-program").contains("ended"));
    let babbles = outcome("process:yes 'packet 00'");
    assert!(babbles.contains("more than 4096 packets in one answer"), "{babbles}");
    assert!(babbles.contains("reference"), "{babbles}");
}

/// Ten seconds is what an answer may take: `docs/LIVE.md`. Both cases wait side by side.
#[test]
fn a_child_that_falls_silent_in_a_case_is_killed_and_the_other_cases_are_played() {
    let mute = "process:sh -c 'read hello; echo result name=mute version=1 can=listen; echo done -; exec sleep 600'";
    let cases = ["--scenario", "icmp/echo/1@*", "--jobs", "2", "--format", "json"];
    let output = stackproof(&[&["test", mute, "reference"][..], &cases].concat());
    assert_eq!(output.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for case in document["scenarios"].as_array().expect("a list") {
        if case["stack"] == "reference" {
            assert_eq!(case["outcome"], "played");
        } else {
            let reason = case["reason"].as_str().unwrap_or_default();
            assert!(reason.ends_with("within 10 s; its process was killed"), "{case}");
        }
    }
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

/// Runs with lwIP, its shim compiled into an empty folder.
fn lwip(cache: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackproof"));
    command.args(arguments).env("XDG_CACHE_HOME", cache);
    command.env_remove("STACKPROOF_LWIP_SOURCE");
    command
}

/// Whether lwIP is missing here.
fn no_lwip(cache: &Path) -> bool {
    let listed = text(&lwip(cache, &["stacks"]).output().expect("the binary runs").stdout);
    let ready = listed.lines().skip_while(|line| !line.starts_with("lwip")).nth(1);
    let missing = ready.is_none_or(|line| line.trim() != "ready");
    if missing {
        println!("skipped: needs cc and liblwip-dev ({ready:?})");
    }
    missing
}

#[test]
fn lwip_shakes_hands_and_carries_data_over_both_versions() {
    let cache = tempfile::tempdir().expect("a folder");
    if no_lwip(cache.path()) {
        return;
    }
    let cases = [
        "--scenario",
        "opening/ordinary_handshake",
        "--scenario",
        "data/request_and_answer",
    ];
    let output = lwip(cache.path(), &[&["test", "lwip"], &cases[..]].concat())
        .output()
        .expect("the binary runs");
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains(" 0 skipped, 0 stuck, 0 failed"), "{told}");
}

#[test]
fn the_constant_first_sequence_number_of_lwip_is_noticed() {
    let cache = tempfile::tempdir().expect("a folder");
    if no_lwip(cache.path()) {
        return;
    }
    let case = ["test", "lwip", "--scenario", "opening/same_port_again/after-close@ipv4"];
    let output = lwip(cache.path(), &case).output().expect("the binary runs");
    let told = text(&output.stdout);
    assert!(
        told.contains("violated   tcp/isn-clock-driven") && told.contains("6510 again"),
        "{told}"
    );
}

#[test]
fn runs_side_by_side_compile_lwip_without_harm() {
    let cache = tempfile::tempdir().expect("a folder");
    if no_lwip(cache.path()) {
        return;
    }
    let fresh = tempfile::tempdir().expect("a folder");
    let run = || {
        lwip(fresh.path(), &["test", "lwip", "--scenario", "icmp/echo"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the binary runs")
    };
    for mut one in [run(), run(), run()] {
        assert_eq!(one.wait().expect("an end").code(), Some(0));
    }
    let left: Vec<_> = std::fs::read_dir(fresh.path().join("stackproof"))
        .expect("the cache")
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn what_lwip_needs_is_said() {
    let cache = tempfile::tempdir().expect("a folder");
    let run = |name: &str, value: &str| {
        let output = lwip(cache.path(), &["test", "lwip"])
            .env(name, value)
            .output()
            .expect("the binary runs");
        assert_eq!(output.status.code(), Some(2));
        [text(&output.stdout), text(&output.stderr)].concat()
    };
    assert!(run("CC", "no-such-compiler").contains("needs a C compiler, and 'no-such-compiler' cannot be started"));
    assert!(run("STACKPROOF_LWIP_SOURCE", "/nowhere").contains("holds no src/core/init.c"));
}
