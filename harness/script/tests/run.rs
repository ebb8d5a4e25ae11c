//! Scripts at live stacks: what passes, what fails and how that is told, what is skipped.

use rstest::rstest;
use script::run::{Mode, Options, Outcome, ScriptReport, run};
use script::syntax::{Defines, parse};
use stacks::{Fault, Faults, Setup};

const SERVER: &str = "\
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <...>
+0 < . 1:1(0) ack 1 win 257
+0 accept(3, ..., ...) = 4
";

fn at(stack: &str, mode: Mode, fault: Option<Fault>, text: &str) -> ScriptReport {
    let script = parse(text, &Defines::new()).unwrap_or_else(|error| panic!("{error}\n{}", error.excerpt()));
    let options = Options {
        mode,
        six: false,
        seed: 1,
        tolerance: 0,
        folder: None,
    };
    run(&script, options, |setup| {
        let faults = fault.map(Faults::one).unwrap_or_default();
        stacks::open(
            stack,
            &Setup {
                faults,
                ..setup.clone()
            },
        )
    })
}

fn neutral(text: &str) -> ScriptReport {
    at("reference", Mode::Neutral, None, text)
}

#[track_caller]
fn failed(report: &ScriptReport) -> (u32, &str, &str) {
    match &report.outcome {
        Outcome::Failed(failure) => (failure.place.line, &failure.differs, &failure.seen),
        other => panic!("expected a failure, got {other:?}\n{}", report.log.diagram()),
    }
}

#[track_caller]
fn passed(report: &ScriptReport) {
    let fine = matches!(report.outcome, Outcome::Passed | Outcome::PassedInNeutral);
    assert!(fine, "{:?}\n{}", report.outcome, report.log.diagram());
}

#[rstest]
fn an_exchange_of_data_runs_at_any_stack(#[values("reference", "smoltcp")] stack: &str) {
    let report = at(
        stack,
        Mode::Neutral,
        None,
        &format!(
            "{SERVER}+0 < P. 1:11(10) ack 1 win 257\n+0 > . 1:1(0) ack 11\n+0 read(4, ..., 10) = 10\n\
             +0 write(4, ..., 20) = 20\n+0 > P. 1:21(20) ack 11\n+.1 < . 11:11(0) ack 21 win 257\n\
             +0 close(4) = 0\n+0 > F. 21:21(0) ack 11\n+.1 < F. 11:11(0) ack 22 win 257\n+0 > . 22:22(0) ack 12\n"
        ),
    );
    passed(&report);
}

#[test]
fn data_may_be_cut_otherwise_but_not_strictly() {
    let text =
        format!("{SERVER}+0 write(4, ..., 2500) = 2500\n+0 > . 1:501(500) ack 1\n+0 > P. 501:2501(2000) ack 1\n");
    let report = neutral(&text);
    assert_eq!(report.outcome, Outcome::PassedInNeutral);
    assert!(
        report.relaxed.iter().any(|why| why.contains("fewer segments")),
        "{:?}",
        report.relaxed
    );
    let strict = at("reference", Mode::Strict, None, &text);
    assert_eq!(failed(&strict).0, 10);
}

/// A script that is wrong about something that RFCs fix fails in neutral matching too.
#[rstest]
#[case::number("+0 write(4, ..., 10) = 10\n+0 > P. 5:15(10) ack 1", 10, "the packet did not come")]
#[case::acknowledgement(
    "+0 < P. 1:11(10) ack 1 win 257\n+0 > . 1:1(0) ack 12",
    10,
    "the packet did not come"
)]
#[case::reset("+0 close(4) = 0\n+0 > R. 1:1(0) ack 1", 10, "flags")]
#[case::silence("+0 > P. 1:11(10) ack 1", 9, "the packet did not come")]
#[case::result("+0 read(4, ..., 10) = 10", 9, "the result of read")]
#[case::state("+0 %{ assert tcpi_state == TCP_CLOSE_WAIT, tcpi_state }%", 9, "an assertion")]
#[case::window(
    "+0 < P. 1:11(10) ack 1 win 257\n+0 > . 1:1(0) ack 11 win 0",
    10,
    "window: expected 0"
)]
fn what_is_wrong_fails(#[case] rest: &str, #[case] line: u32, #[case] differs: &str) {
    let report = neutral(&format!("{SERVER}{rest}\n"));
    let (at, why, _) = failed(&report);
    assert_eq!(at, line);
    assert!(why.contains(differs), "{why}");
}

#[test]
fn time_is_the_stacks_own_and_a_later_timer_is_told() {
    let text = format!(
        "{SERVER}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.2 > P. 1:11(10) ack 1\n+.4 > P. 1:11(10) ack 1\n"
    );
    let report = neutral(&text);
    assert_eq!(report.outcome, Outcome::PassedInNeutral);
    assert!(
        report.relaxed.iter().any(|why| why.contains("0.600 s later")),
        "{:?}",
        report.relaxed
    );
    let strict = at("reference", Mode::Strict, None, &text);
    assert!(failed(&strict).1.starts_with("options") || failed(&strict).1.starts_with("the time"));
}

/// As in the original, which keeps the number of a SYN and counts all others from it.
#[test]
fn numbers_behind_a_syn_count_from_its_own() {
    let report = neutral(
        "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n\
         +0 < S 5000:5000(0) win 1000 <mss 1000>\n+0 > S. 700:700(0) ack 5001 <mss 1460>\n+0 < . 1:1(0) ack 1 win 257\n\
         +0 accept(3, ..., ...) = 4\n+0 < P. 1:11(10) ack 1 win 257\n+0~+.5 > . 1:1(0) ack 11\n+0 read(4, ..., 10) = 10\n",
    );
    passed(&report);
}

#[test]
fn hours_cost_nothing() {
    let report = neutral(&format!(
        "{SERVER}+0 setsockopt(4, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0\n+7200~+7300 > . 0:0(0) ack 1\n+0 < . 1:1(0) ack 1 win 257\n\
         +7200~+7300 > . 0:0(0) ack 1\n"
    ));
    passed(&report);
}

#[test]
fn a_call_waits_for_what_it_needs() {
    let report = neutral(&format!(
        "{SERVER}+0...0.3 read(4, ..., 10) = 10\n+.3 < P. 1:11(10) ack 1 win 257\n+0~+.5 > . 1:1(0) ack 11\n"
    ));
    passed(&report);
    let never = neutral(&format!("{SERVER}+0...0.3 read(4, ..., 10) = 10\n+.5 close(3) = 0\n"));
    assert!(failed(&never).1.contains("does not return"));
}

#[rstest]
#[case::fast_open("+0 sendto(4, ..., 10, MSG_FASTOPEN, ..., ...) = 10", "MSG_FASTOPEN")]
#[case::epoll("+0 epoll_create(1) = 5", "epoll_create()")]
#[case::inside("+0 %{ assert tcpi_snd_cwnd == 10 }%", "tcpi_snd_cwnd")]
#[case::setting("+0 `sysctl -q net.ipv4.tcp_ecn=1`\n+0 write(4, ..., 1) = 1", "net.ipv4.tcp_ecn=1")]
#[case::shell("+0 `reboot`\n+0 write(4, ..., 1) = 1", "reboot")]
#[case::memory("+0 write(4, NULL, 10) = -1 EFAULT", "memory that is not there")]
#[case::either("+0 `reboot || halt`\n+0 write(4, ..., 1) = 1", "reboot")]
#[case::route(
    "+0 `ip route change 192.0.2.1 dev tun0 advmss 600`\n+0 write(4, ..., 1) = 1",
    "route=advmss 600"
)]
#[case::wrapped("+0 < gre: . 1:1(0) ack 1 win 1", "packets inside packets")]
fn what_a_stack_lacks_skips_the_script(#[case] rest: &str, #[case] needs: &str) {
    let report = neutral(&format!("{SERVER}{rest}\n"));
    match report.outcome {
        Outcome::Skipped { place, needs: told } => {
            assert!(told.contains(needs), "{told}");
            assert_eq!(place.line, 9);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn settings_that_restate_a_default_are_passed_over() {
    let report = neutral(&format!(
        "`../common/defaults.sh\nsysctl -q net.ipv4.tcp_sack=1 net.ipv4.tcp_rmem=\"4096 540000 $((15*1024*1024))\"`\n{SERVER}`/tmp/sysctl_restore_${{PPID}}.sh`\n"
    ));
    passed(&report);
}

#[test]
fn an_option_that_a_stack_does_not_speak_is_left_out() {
    // smoltcp does not speak timestamps unless its application asks for them.
    let text = SERVER.replace("sackOK,nop", "sackOK,TS val 100 ecr 0,nop").replace(
        "+0 < . 1:1(0) ack 1 win 257",
        "+0 < . 1:1(0) ack 1 win 257 <nop,nop,TS val 101 ecr 100>",
    );
    let report = at("smoltcp", Mode::Neutral, None, &text);
    assert_eq!(report.outcome, Outcome::PassedInNeutral);
    assert!(
        report.relaxed.iter().any(|why| why.contains("timestamps")),
        "{:?}",
        report.relaxed
    );
}

#[test]
fn every_check_watches_every_script() {
    let text = format!("{SERVER}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+7 close(3) = 0\n");
    let report = at("reference", Mode::Neutral, Some(Fault::NeverBacksOff), &text);
    passed(&report);
    let report = report.report.expect("a report");
    let broken: Vec<&str> = report
        .book
        .findings()
        .map(|finding| {
            conformance::all_requirements()
                .nth(usize::from(finding.requirement.0))
                .map_or("", |one| one.id)
        })
        .collect();
    assert!(broken.contains(&"tcp/rto-backoff"), "{broken:?}");
}

#[test]
fn a_failure_is_told_in_the_scripts_numbers() {
    let report = neutral(&format!("{SERVER}+0 write(4, ..., 10) = 10\n+0 > P. 1:12(11) ack 1\n"));
    assert_eq!(failed(&report).0, 10);
    let (_, _, seen) = failed(&report);
    assert!(seen.contains("nothing until"), "{seen}");
    let report = neutral(&format!("{SERVER}+0 write(4, ..., 10) = 10\n+0 > F. 1:1(0) ack 1\n"));
    assert!(
        failed(&report).2.starts_with("> P. 1:11(10) ack 1"),
        "{}",
        failed(&report).2
    );
}

#[test]
fn two_runs_are_the_same() {
    let text = format!("{SERVER}+0 write(4, ..., 5000) = 5000\n+0 > . 1:1001(1000) ack 1\n");
    assert_eq!(neutral(&text).log.diagram(), neutral(&text).log.diagram());
}
