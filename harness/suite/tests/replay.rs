//! Captured connections are replayed at the reference and at smoltcp, both sides of each: the reference breaks nothing, whatever it
//! is told again, and what the capture delivered is delivered again.
//!
//! `REPLAY_TOLD=1` with `-- --nocapture` prints what each replay of a collected capture came to.

use capture::Capture;
use conformance::Level;
use rstest::rstest;
use stacks::Setup;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use suite::replay::{Conversation, Side, Told, Unfit, concerns, read, replay};
use suite::{CaseReport, Outcome, cases, play};

const SIDES: [Side; 2] = [Side::Client, Side::Server];

fn at(stack: &'static str, conversation: &Conversation, side: Side, seed: u64) -> (CaseReport, Told) {
    replay(conversation, side, seed, |setup: &Setup| stacks::open(stack, setup))
}

fn load(path: &Path, connection: Option<u32>) -> Result<Conversation, Unfit> {
    read(&mut Capture::open(path).map_err(Unfit::Unreadable)?, connection)
}

/// MUSTs and SHOULDs that the stack broke, with the proof for messages.
fn broken(report: &CaseReport) -> Vec<String> {
    let (its, _) = report.case.family.addresses();
    let all: Vec<_> = conformance::all_requirements().collect();
    let Some(judged) = &report.report else {
        return Vec::new();
    };
    judged
        .book
        .findings()
        .filter(|finding| finding.endpoint == its)
        .map(|finding| (all[usize::from(finding.requirement.0)], finding))
        .filter(|(requirement, _)| requirement.level != Level::May && concerns(requirement))
        .map(|(requirement, finding)| {
            let frames: Vec<u32> = finding.frames.iter().map(|frame| frame.0).collect();
            format!(
                "{} {frames:?}: expected {}, seen {}",
                requirement.id, finding.expected, finding.seen
            )
        })
        .collect()
}

fn pcaps() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("pcaps/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pcap"))
        .collect();
    all.sort();
    all
}

#[test]
fn recorded_captures_are_replayed_to_their_end_and_the_reference_breaks_nothing() {
    let mut complaints = Vec::new();
    for path in pcaps() {
        let name = path.file_name().unwrap_or_default().display().to_string();
        let conversation = match load(&path, None) {
            Ok(conversation) => conversation,
            Err(Unfit::NoSuchConnection(..)) => continue,
            Err(unfit) => panic!("{name}: {unfit}"),
        };
        for side in SIDES {
            for stack in ["reference", "smoltcp"] {
                let (report, told) = at(stack, &conversation, side, 1);
                let what = format!("{name}, {} at {stack}", side.name());
                if report.outcome != Outcome::Played || told.sent != told.of || told.delivered[0] != told.delivered[1] {
                    complaints.push(format!("{what}: {:?} {told:?}", report.outcome));
                }
                if stack == "reference" {
                    complaints.extend(broken(&report).iter().map(|text| format!("{what}: {text}")));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What one case of the suite came to at the reference, read again.
fn recorded(case: &str) -> Conversation {
    let case = cases()
        .into_iter()
        .find(|one| one.name() == case)
        .unwrap_or_else(|| panic!("no case {case}"));
    let report = play(case, 1, |setup| stacks::open("reference", setup));
    let mut octets = Vec::new();
    report.log.write(&mut octets, "reference").expect("written");
    let mut capture = Capture::from_reader("recorded", std::io::Cursor::new(octets)).expect("a capture");
    read(&mut capture, None).expect("a connection")
}

#[rstest]
#[case("closing/conversation/nothing@ipv4")]
#[case("closing/conversation/an-octet-in@ipv6")]
#[case("closing/conversation/much-out@ipv4")]
#[case("closing/conversation/much-in@ipv6")]
#[case("data/numbers_wrap/soon@ipv4")]
#[case("data/numbers_wrap/at-once@ipv4")]
#[case("data/numbers_wrap/sign@ipv6")]
fn what_was_recorded_at_the_reference_is_kept_by_it_again(#[case] case: &str) {
    let conversation = recorded(case);
    for side in SIDES {
        // Another seed: other numbers of the stack.
        let (report, told) = at("reference", &conversation, side, 7);
        assert_eq!(report.outcome, Outcome::Played, "{case}: {told:?}");
        assert_eq!(broken(&report), Vec::<String>::new(), "{case}");
        assert_eq!(told.delivered[0], told.delivered[1], "{case}: {told:?}");
        assert_eq!(told.answered[0], told.answered[1], "{case}: {told:?}");
        assert_eq!(told.ended[0], told.ended[1], "{case}: {told:?}");
    }
}

fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("STACKPROOF_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared"))
        .find(|shared| shared.is_dir());
    named
        .or(beside)
        .map(|shared| shared.join("captures"))
        .filter(|captures| captures.is_dir())
}

/// What the reference is accused of though it should not be: the capture holds a segment 240 MB beyond the window of a
/// half-open connection.
const LOOKED_AT: &str = "arkime/tcpseq_synthetic.pcap 0 client: tcp/out-of-order-acked-at-once";
/// Longer connections take unoptimised builds too long.
const LONGEST: usize = 5_000;
/// Connections replayed of each capture.
const EACH: u32 = 2;

#[test]
fn the_reference_breaks_nothing_whatever_collected_captures_tell_it() {
    let Some(folder) = shared() else {
        println!("skipped: needs shared captures");
        return;
    };
    let mut files = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    let (next, found, replayed) = (AtomicUsize::new(0), Mutex::new(Vec::new()), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = path.strip_prefix(&folder).unwrap_or(path).display();
                    for connection in 0..EACH {
                        let Ok(conversation) = load(path, Some(connection)) else {
                            continue;
                        };
                        if conversation.segments.len() > LONGEST {
                            continue;
                        }
                        for side in SIDES {
                            replayed.fetch_add(1, Ordering::Relaxed);
                            let began = std::time::Instant::now();
                            let (report, told) = at("reference", &conversation, side, 1);
                            let what = format!("{name} {connection} {}", side.name());
                            let mut complaints = broken(&report);
                            if let Outcome::Failed(why) = &report.outcome {
                                complaints.push(format!("FAILED {why}"));
                            }
                            if std::env::var_os("REPLAY_TOLD").is_some() {
                                println!("TOLD {what}: {:?} {:?} {told:?}", began.elapsed(), report.outcome);
                            }
                            let complaints = complaints.into_iter().map(|text| format!("{what}: {text}"));
                            found.lock().expect("no thread panicked").extend(complaints);
                        }
                    }
                }
            });
        }
    });
    let mut found: Vec<String> = found.into_inner().expect("no thread panicked");
    found.retain(|text| !text.starts_with(LOOKED_AT));
    println!("{} replays", replayed.into_inner());
    assert!(found.is_empty(), "{} accusations:\n{}", found.len(), found.join("\n"));
}
