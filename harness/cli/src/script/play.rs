//! Runs every script at every stack, several at a time.

use super::files::Source;
use super::model::{Document, Entry};
use crate::Failure;
use crate::args::{IpVersion, MatchMode, Script};
use crate::test::play::fault;
use indicatif::{ProgressBar, ProgressStyle};
use script::run::{Mode, Options, ScriptReport};
use script::syntax::Defines;
use stacks::{Setup, Stack, Trouble};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Scripts side by side at a stack in real time: they mostly wait.
const REAL_TIME_JOBS: usize = 16;

pub fn all(options: &Script, sources: &[Source], defines: &Defines) -> Result<Document, Failure> {
    let faults = options.fault.as_deref().map(fault).transpose()?.unwrap_or_default();
    if options.fault.is_some() && options.stack.iter().any(|stack| stack != "reference") {
        return Err("--fault: only the reference has faults".into());
    }
    if let Some(folder) = &options.record {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let bar = ProgressBar::new((sources.len() * options.stack.len()) as u64);
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    let mut entries = Vec::new();
    for name in &options.stack {
        let open = |setup: &Setup| -> Result<Box<dyn Stack>, Trouble> {
            let setup = Setup {
                faults,
                ..setup.clone()
            };
            stacks::open(name, &setup)
        };
        // A stack that cannot be had is said once, not for every script.
        let (its, ours) = suite::Family::Ipv4.addresses();
        let identity = open(&Setup::new(its, ours))
            .map_err(|trouble| format!("{name}: {trouble}"))?
            .identity();
        let jobs = match options.jobs {
            0 if identity.clock == stacks::Clock::Real => REAL_TIME_JOBS,
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            jobs => jobs,
        };
        let run = Options {
            mode: mode(options.mode, name),
            six: options.ip_version == IpVersion::Ipv6,
            seed: options.seed,
            tolerance: i64::from(options.tolerance),
            folder: None,
        };
        let one = |source: &Source| {
            bar.set_message(source.name.clone());
            let entry = entry(name, run, source, defines, &open, options.record.as_deref());
            bar.inc(1);
            entry
        };
        entries.extend(
            side_by_side(sources, jobs, one)
                .into_iter()
                .collect::<Result<Vec<_>, _>>()?,
        );
    }
    bar.finish_and_clear();
    Ok(Document::of(entries))
}

fn mode(asked: MatchMode, stack: &str) -> Mode {
    match asked {
        MatchMode::Strict => Mode::Strict,
        MatchMode::Auto if stack == "linux" => Mode::Strict,
        MatchMode::Auto | MatchMode::Neutral => Mode::Neutral,
    }
}

fn side_by_side<T: Send>(sources: &[Source], jobs: usize, one: impl Fn(&Source) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, sources.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(source) = sources.get(at) else { return };
                    let result = one(source);
                    done.lock().unwrap_or_else(|held| held.into_inner()).push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|held| held.into_inner());
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn entry(
    stack: &str,
    run: Options<'_>,
    source: &Source,
    defines: &Defines,
    open: &(impl Fn(&Setup) -> Result<Box<dyn Stack>, Trouble> + Sync),
    record: Option<&Path>,
) -> Result<Entry, String> {
    let script = match source.parse(defines) {
        Ok(script) => script,
        Err(error) => return Ok(Entry::unreadable(&source.name, stack, error)),
    };
    let run = Options {
        folder: Path::new(&source.name).parent(),
        ..run
    };
    let report = script::run::run(&script, run, open);
    if let Some(folder) = record {
        write_capture(folder, stack, &source.name, &report)?;
    }
    Ok(Entry::of(&source.name, stack, run.mode, &script, report))
}

fn write_capture(folder: &Path, stack: &str, name: &str, report: &ScriptReport) -> Result<(), String> {
    let stem: String = name
        .trim_end_matches(".pkt")
        .trim_start_matches(['/', '.'])
        .replace('/', "_");
    let path = folder.join(format!("{}-{stem}.pcapng", stack.replace(['/', ':', ' '], "_")));
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::create(&path).map_err(|error| told(&error))?;
    report
        .log
        .write(BufWriter::new(file), stack)
        .map_err(|error| told(&error))
}
