//! `stackproof script` as its users call it.

mod common;

use common::{at_top, stackproof, text, valid};

fn file(folder: &tempfile::TempDir, name: &str, content: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    path.display().to_string()
}

const GOOD: &str = "\
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000>
+0 > S. 0:0(0) ack 1 <...>
";

fn folder() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let files = vec![
        file(&folder, "good.pkt", GOOD),
        file(&folder, "fails.pkt", &format!("{GOOD}+0 > R 1:1(0)\n")),
        file(&folder, "needs.pkt", &format!("{GOOD}+0 epoll_create(1) = 5\n")),
        file(&folder, "wrong.pkt", "+0 closed 3\n"),
    ];
    (folder, files)
}

#[test]
fn check_tells_a_line_per_file_or_the_place() {
    let (_folder, files) = folder();
    let output = stackproof(&["script", "--check", &files[0], &files[3]]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stdout);
    assert!(told.contains(&format!("{}: ok\n", files[0])), "{told}");
    let wrong = format!("{}:1:11: expected '(', found '3'\n+0 closed 3\n          ^\n", files[3]);
    assert!(told.contains(&wrong), "{told}");
    assert_eq!(stackproof(&["script", "--check", &files[0]]).status.code(), Some(0));
}

#[test]
fn the_json_form_is_what_the_schema_says() {
    let (_folder, files) = folder();
    let mut arguments = vec!["script", "--format", "json", "--stack", "reference"];
    arguments.extend(files.iter().map(String::as_str));
    let output = stackproof(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let document = valid(&output, "script.schema.json");
    let outcomes: Vec<&str> = document["scripts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["outcome"].as_str())
        .collect();
    assert_eq!(outcomes, ["passed", "failed", "skipped", "error"]);
    assert_eq!(document["scripts"][1]["line"], 6);
    assert_eq!(document["scripts"][2]["missing"], "epoll_create()");
    assert_eq!(document["scripts"][3]["column"], 11);
}

#[test]
fn exit_codes_are_those_that_ci_understands() {
    let (_folder, files) = folder();
    for (file, code) in [(0, 0), (1, 1), (2, 0), (3, 2)] {
        let output = stackproof(&["script", &files[file]]);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stdout));
    }
    assert_eq!(stackproof(&["script", "/nonexistent.pkt"]).status.code(), Some(2));
    assert_eq!(
        stackproof(&["script", &files[0], "--stack", "nothing"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_failure_shows_what_was_expected_and_the_exchange() {
    let (_folder, files) = folder();
    let told = text(&stackproof(&["script", &files[1]]).stdout);
    for part in ["expected > R 1:1(0)", "seen     nothing until", "SYN,ACK seq"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn a_folder_stands_for_its_scripts_and_a_recording_is_written() {
    let (folder, _) = folder();
    let recordings = folder.path().join("out");
    let output = stackproof(&[
        "script",
        &folder.path().display().to_string(),
        "--record",
        &recordings.display().to_string(),
    ]);
    assert!(text(&output.stdout).contains("4 scripts: "), "{}", text(&output.stdout));
    let count = std::fs::read_dir(&recordings).expect("a folder").count();
    assert_eq!(count, 3, "one for each script that can be read");
}

#[test]
fn formatting_in_place_settles() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(&folder, "a.pkt", "// One.\n0   close( 3 ) = -1   EBADF (Bad file)\n");
    for _ in 0..2 {
        assert_eq!(
            stackproof(&["script", "--fmt", "--in-place", &path]).status.code(),
            Some(0)
        );
        let now = std::fs::read_to_string(&path).expect("the script");
        assert_eq!(now, "// One.\n0        close(3) = -1 EBADF (Bad file)\n");
    }
}

#[test]
fn an_explanation_names_the_lines() {
    let (_folder, files) = folder();
    let told = text(&stackproof(&["script", "--explain", &files[0]]).stdout);
    assert!(
        told.contains("line 4   at once, the stack receives a segment without data (SYN)"),
        "{told}"
    );
}

/// A script made of a recording of the reference passes at the reference, whichever end it plays.
#[test]
fn a_captured_connection_becomes_a_script_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let capture = at_top("pcaps/echo.near-client.pcap").display().to_string();
    for side in ["client", "server"] {
        let written = stackproof(&["script", "--from-capture", &capture, "--side", side]);
        assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
        let path = file(&folder, &format!("{side}.pkt"), &text(&written.stdout));
        let output = stackproof(&["script", &path]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}{}",
            text(&written.stdout),
            text(&output.stdout)
        );
    }
}

/// Our own suite: read, tied to requirements that exist, passed by the reference without a breach.
#[test]
fn the_reference_passes_our_own_scripts() {
    let suite = at_top("harness/suite/scripts").display().to_string();
    let output = stackproof(&["script", &suite, "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(0), "{:?}", document["counts"]);
    let scripts = document["scripts"].as_array().expect("scripts");
    assert!(scripts.len() >= 60, "{}", scripts.len());
    for script in scripts {
        assert!(
            script["outcome"]
                .as_str()
                .is_some_and(|outcome| outcome.starts_with("passed")),
            "{script}"
        );
        let requires = script["requires"].as_array().expect("ids");
        assert!(!requires.is_empty(), "{}", script["file"]);
        for id in requires.iter().filter_map(|id| id.as_str()) {
            assert!(conformance::requirement_by_id(id).is_some(), "{}: {id}", script["file"]);
        }
    }
}

/// Its own calls, flags and errors, which no other stack has.
const AT_LINUX: &str = "\
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000>
+0~+2 > S. 0:0(0) ack 1 <mss 1460>
+0 < . 1:1(0) ack 1 win 257
+0 accept(3, ..., ...) = 4
+0 epoll_create(1) = 5
+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, fd=4}) = 0
+0 epoll_wait(5, {events=0, ptr=0}, 1, 0) = 0
+0 write(4, NULL, 1000) = -1 EFAULT (Bad address)
+0 setsockopt(4, SOL_TCP, TCP_INQ, [1], 4) = 0
+0 < P. 1:11(10) ack 1 win 257
+0~+2 > . 1:1(0) ack 11
+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1
+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 4}], msg_flags=0,
    msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=6}]}, 0) = 4
+0 %{ assert tcpi_state == TCP_ESTABLISHED and tcpi_bytes_received == 10 }%
";

#[test]
fn at_linux_calls_are_made_as_they_are_written() {
    let listed = text(&stackproof(&["stacks"]).stdout);
    let ready = listed.lines().skip_while(|line| !line.starts_with("linux")).nth(1);
    if ready.is_none_or(|line| line.trim() != "ready") {
        println!("skipped: needs a network namespace and a TUN device ({ready:?})");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = file(&folder, "linux.pkt", AT_LINUX);
    let output = stackproof(&["script", &script, "--stack", "linux", "--tolerance", "2000000"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).starts_with("passed"), "{}", text(&output.stdout));
    // Elsewhere it is skipped, at the first line that asks for more.
    let output = stackproof(&["script", &script]);
    assert!(
        text(&output.stdout).contains(":9  reference  needs epoll_create()"),
        "{}",
        text(&output.stdout)
    );
}
