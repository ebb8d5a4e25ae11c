//! The cases that were asked for, played at the stacks that were asked for, several at a time.

use crate::Failure;
use crate::args::Test;
use indicatif::{ProgressBar, ProgressStyle};
use stacks::{Clock, Fault, Faults, Identity, Setup, Stack, Trouble};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use suite::{Case, CaseReport};

/// Cases played side by side at a stack in real time: enough that most of the waiting is done together, and few enough that they
/// do not make each other late.
const REAL_TIME_JOBS: usize = 16;

/// How often a case is played at most.
const PLAYS: usize = 3;

/// One stack's cases, in the order of the suite.
pub struct Played {
    /// As the user named it.
    pub name: String,
    pub identity: Option<Identity>,
    pub trouble: Option<String>,
    pub cases: Vec<CaseReport>,
}

/// Plays a case again where the machine was too late to judge by its times; the most punctual play counts.
fn punctually(play: impl Fn() -> CaseReport) -> CaseReport {
    let mut best = play();
    for _ in 1..PLAYS {
        // What is slow is slow once more.
        if best.late <= suite::TOLERANCE || best.took > suite::PATIENT_IN_REAL_TIME {
            break;
        }
        let again = play();
        if again.late < best.late {
            best = again;
        }
    }
    best
}

/// The cases that the options ask for.
pub fn choose(options: &Test) -> Result<Vec<Case>, Failure> {
    let patterns = options
        .scenario
        .iter()
        .map(|text| glob::Pattern::new(text).map_err(|error| format!("--scenario {text}: {error}")))
        .collect::<Result<Vec<_>, _>>()?;
    let part = options.partition.as_deref().map(partition).transpose()?;
    let wanted = |case: &Case| {
        let name = case.name();
        let scenario = patterns.is_empty()
            || patterns
                .iter()
                .any(|pattern| pattern.matches(case.scenario.name) || pattern.matches(&name));
        scenario && part.is_none_or(|(this, of)| hash(&name) % of == this - 1)
    };
    let chosen: Vec<Case> = suite::cases().into_iter().filter(wanted).collect();
    if chosen.is_empty() && part.is_none() {
        return Err("no scenario has such a name (see `stackproof test --help`)".into());
    }
    Ok(chosen)
}

/// `hash:1/4`.
fn partition(text: &str) -> Result<(u64, u64), Failure> {
    let parse = || {
        let (this, of) = text.strip_prefix("hash:")?.split_once('/')?;
        let (this, of) = (this.parse().ok()?, of.parse().ok()?);
        (1..=of).contains(&this).then_some((this, of))
    };
    parse().ok_or_else(|| format!("--partition {text}: expected hash:M/N with M from 1 to N").into())
}

/// FNV-1a: the same on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Every case at every stack.
pub fn all(options: &Test, cases: &[Case]) -> Result<Vec<Played>, Failure> {
    let faults = options.fault.as_deref().map(fault).transpose()?.unwrap_or_default();
    if options.fault.is_some() && options.stacks.iter().any(|stack| stack != "reference") {
        return Err("--fault: only the reference has faults".into());
    }
    if let Some(folder) = &options.record {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let bar = ProgressBar::new((cases.len() * options.stacks.len()) as u64);
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    let played = options
        .stacks
        .iter()
        .map(|name| one_stack(name, options, faults, cases, &bar))
        .collect();
    bar.finish_and_clear();
    played
}

pub fn fault(name: &str) -> Result<Faults, Failure> {
    Fault::ALL
        .iter()
        .find(|fault| fault.name() == name)
        .map(|&fault| Faults::one(fault))
        .ok_or_else(|| format!("no fault is called '{name}' (see `stackproof faults`)").into())
}

fn one_stack(name: &str, options: &Test, faults: Faults, cases: &[Case], bar: &ProgressBar) -> Result<Played, Failure> {
    let open = |setup: &Setup| -> Result<Box<dyn Stack>, Trouble> {
        let setup = Setup {
            faults,
            ..setup.clone()
        };
        stacks::open(name, &setup)
    };
    let mut played = Played {
        name: name.to_owned(),
        identity: None,
        trouble: None,
        cases: Vec::new(),
    };
    let (its, ours) = suite::Family::Ipv4.addresses();
    // One stack that all cases meet, one after the other.
    let shared;
    match open(&Setup::new(its, ours)) {
        Ok(stack) => {
            played.identity = Some(stack.identity());
            shared = stack.services().is_some();
        }
        Err(trouble) => {
            played.trouble = Some(trouble.to_string());
            bar.inc(cases.len() as u64);
            return Ok(played);
        }
    }
    let results: Mutex<Vec<Option<CaseReport>>> = Mutex::new(cases.iter().map(|_| None).collect());
    let next = AtomicUsize::new(0);
    let jobs = match options.jobs {
        _ if shared => 1,
        // Waiting for a clock that is not ours takes no processor.
        0 if played.identity.as_ref().is_some_and(|one| one.clock == Clock::Real) => REAL_TIME_JOBS,
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(cases.len()) {
            scope.spawn(|| {
                while let Some((at, case)) = take(&next, cases) {
                    bar.set_message(case.scenario.name);
                    let report = punctually(|| {
                        let play = if options.slow { suite::play_slow } else { suite::play };
                        play(*case, options.seed, open)
                    });
                    bar.inc(1);
                    if let Some(place) = results.lock().unwrap_or_else(|held| held.into_inner()).get_mut(at) {
                        *place = Some(report);
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(|held| held.into_inner());
    played.cases = results.into_iter().flatten().collect();
    if let Some(folder) = &options.record {
        for report in &played.cases {
            record(folder, name, report)?;
        }
    }
    Ok(played)
}

fn take<'a>(next: &AtomicUsize, cases: &'a [Case]) -> Option<(usize, &'a Case)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    cases.get(at).map(|case| (at, case))
}

/// A capture and a script, named for the stack and the case.
fn record(folder: &Path, stack: &str, report: &CaseReport) -> Result<(), Failure> {
    let plain = |text: &str| text.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let stem = format!("{}--{}", plain(stack), plain(&report.case.name()));
    let about = format!("{} at {stack}.", report.case.name());
    if let Some(script) = script::captured::of_log(&report.log, &about, report.case.scenario.exercises, None) {
        let path = folder.join(format!("{stem}.pkt"));
        std::fs::write(&path, script).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    write(&folder.join(format!("{stem}.pcapng")), stack, report)
}

/// What happened in one case, as a capture.
pub fn write(path: &Path, stack: &str, report: &CaseReport) -> Result<(), Failure> {
    let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
    report
        .log
        .write(BufWriter::new(file), stack)
        .map_err(|error| format!("{}: {error}", path.display()).into())
}
