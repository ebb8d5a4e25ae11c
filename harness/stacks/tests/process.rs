//! Shims that take one run, and shims that take another behind it: small shell scripts, which tell their process in place of a version.
#![cfg(unix)]

use rstest::rstest;
use stacks::{Setup, Stack};

/// Answers with `can`; at `listen` it does `listen`, and at `bye` it does `bye`. Tests that run side by side take none of each other's, where
/// `test` differs.
fn shim(test: &str, can: &str, listen: &str, bye: &str) -> String {
    format!(
        r#"sh -c ': {test}; while read word rest; do case "$word $rest" in
            hello*) echo "result name=shim version=$$ can=listen,{can}"; printf "do"; sleep 0.01; echo "ne -";;
            "call listen"*) {listen};;
            bye*) echo "done -"; {bye};;
            *) echo "error unknown"; echo "done -";;
        esac; done'"#
    )
}

fn open(command: &str) -> Box<dyn Stack> {
    let address = |text: &str| text.parse().expect("an address");
    let setup = Setup::new(address("192.0.2.1"), address("192.0.2.2"));
    stacks::open(&format!("process:{command}"), &setup).expect("a shim")
}

/// Which process ran one run, and then the next.
fn two_runs(command: &str) -> (String, String) {
    let [one, two] = [(), ()].map(|()| {
        let mut stack = open(command);
        let _ = stack.listen(1);
        stack.identity().version
    });
    (one, two)
}

const LISTENS: &str = r#"echo "result ok"; echo "done -""#;
const ENDS: &str = r#"echo; echo "ended signal 6: it is wrong""#;

#[rstest]
#[case::it_says_so("again", LISTENS, "true", true)]
#[case::behind_a_crash_too("again", ENDS, "true", true)]
#[case::it_does_not("pass", LISTENS, "exit", false)]
#[case::it_has_ended_since("again", LISTENS, "exit", false)]
#[case::it_has_crashed_itself("again", "exit 3", "true", false)]
fn a_shim_that_takes_another_run_is_kept_for_it(
    #[case] can: &str,
    #[case] listen: &str,
    #[case] bye: &str,
    #[case] kept: bool,
) {
    let (one, two) = two_runs(&shim("kept", can, listen, bye));
    assert_eq!(one == two, kept, "{one} {two}");
}

#[test]
fn runs_side_by_side_are_given_a_process_each() {
    let command = shim("side by side", "again", LISTENS, "true");
    let (one, two) = (open(&command), open(&command));
    assert_ne!(one.identity().version, two.identity().version);
}

#[rstest]
#[case(
    "again",
    ENDS,
    "the stack's process ended (signal 6: it is wrong) while answering 'call listen 1'"
)]
#[case(
    "pass",
    "exit 3",
    "the stack's process ended (exit status: 3) while answering 'call listen 1'"
)]
#[case(
    "pass",
    ENDS,
    "it said '' to 'call listen 1'; expected was packet, arrived, result, error or done"
)]
fn how_a_run_ended_is_told(#[case] can: &str, #[case] listen: &str, #[case] told: &str) {
    let mut stack = open(&shim("told", can, listen, "true"));
    assert!(stack.listen(1).is_err());
    assert_eq!(stack.trouble().as_deref(), Some(told));
}
