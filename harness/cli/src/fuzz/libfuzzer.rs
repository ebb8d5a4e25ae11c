//! `--engine libfuzzer`: cargo-fuzz does the fuzzing, guided by the compiler's coverage, in processes that may crash; each artifact that
//! it leaves is played, made small and written up like a find of our own.

use super::corpus;
use super::driver::PLAIN;
use super::session::{Session, lock};
use crate::Failure;
use crate::args::Fuzz;
use indicatif::ProgressBar;
use serde_json::json;
use std::collections::{HashSet, VecDeque};
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Octets of the longest input: the header and as many records as our own engine allows.
const MAX_LEN: usize = 16 + 8 * super::driver::MAX_RECORDS;
/// Between two looks at what there is.
const LOOK: Duration = Duration::from_millis(500);
/// Lines of cargo-fuzz that are shown when it fails.
const LAST_WORDS: usize = 20;

pub fn run(session: &Session<'_>, options: &Fuzz, time: Duration) -> Result<(), Failure> {
    let artifacts = Artifacts::of(options, session);
    let mut child = start(session, options, time, &artifacts.folder)?;
    let words = Words::heard_from(child.stderr.take());
    watch(session, &mut child, &words, artifacts)?;
    if words.executions() == 0 {
        return Err(format!("cargo fuzz ended before it began:\n{}", words.last()).into());
    }
    session.note(json!({
        "event": "end", "stack": session.target.name, "executions": session.executions.load(Ordering::Relaxed),
        "seconds": session.began.elapsed().as_secs_f64(), "finds": session.count_finds(), "engine": "libfuzzer",
    }));
    Ok(())
}

/// What stands in the way of this engine, and how it is removed.
pub fn lacks(options: &Fuzz, stack: &str) -> Result<PathBuf, Failure> {
    let refuse = |why: String| Err(format!("--engine libfuzzer: {why}").into());
    if options.fault.is_some() || options.against.is_some() || options.until.is_some() || options.runs.is_some() {
        return refuse("it knows no --fault, --against, --until or --runs; the engine `own` does".to_owned());
    }
    let here = std::env::current_dir().unwrap_or_default();
    let is_ours = |folder: &&Path| folder.join("fuzz/fuzz_targets/conversation.rs").is_file();
    let Some(repository) = here.ancestors().find(is_ours) else {
        let here = here.display();
        return refuse(format!(
            "needs stackproof's own repository, for its folder fuzz/: {here} is not in one"
        ));
    };
    let target = repository.join(format!("fuzz/fuzz_targets/conversation_{stack}.rs"));
    if !target.is_file() {
        return refuse(format!("{stack} has no target there: {} is missing", target.display()));
    }
    for (arguments, remedy) in [
        (["+nightly", "--version"], "rustup toolchain install nightly"),
        (["fuzz", "--version"], "cargo install --locked cargo-fuzz"),
    ] {
        let answer = Command::new("cargo").args(arguments).output();
        if !answer.is_ok_and(|answer| answer.status.success()) {
            return refuse(format!("`cargo {}` does not work here: {remedy}", arguments.join(" ")));
        }
    }
    Ok(repository.to_owned())
}

fn start(session: &Session<'_>, options: &Fuzz, time: Duration, artifacts: &Path) -> Result<Child, Failure> {
    let stack = session.target.plain_name();
    let repository = lacks(options, &stack)?;
    let inputs = absolute(&corpus::own(options, session.target))?;
    for input in lock(&session.corpus).iter() {
        let octets = input.encode();
        corpus::write(&inputs.join(corpus::name(&octets)), &octets)?;
    }
    std::fs::create_dir_all(artifacts)?;
    let jobs = match options.jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    let child = Command::new("cargo")
        // Stacks in safe Rust: a sanitizer would cost much and see nothing.
        .args([
            "+nightly",
            "fuzz",
            "run",
            "--sanitizer=none",
            &format!("conversation_{stack}"),
        ])
        .arg(&inputs)
        .arg("--")
        // Processes of its own, which may crash: it goes on.
        .args([format!("-fork={jobs}"), format!("-seed={}", options.seed as u32)])
        .args(["-ignore_crashes=1", "-ignore_timeouts=1", "-ignore_ooms=1"])
        .args(["-rss_limit_mb=2048", "-timeout=20"])
        // Keeping count of how rare each of some 30,000 features is costs more than the conversations.
        .arg("-entropic=0")
        .arg(format!("-max_total_time={}", time.as_secs().max(1)))
        .arg(format!("-max_len={MAX_LEN}"))
        .arg(format!("-artifact_prefix={}/", absolute(artifacts)?.display()))
        .current_dir(repository)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    Ok(child)
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Takes in what it finds, and says how it goes, until it ends.
fn watch(session: &Session<'_>, child: &mut Child, words: &Words, mut artifacts: Artifacts) -> Result<(), Failure> {
    let live = std::io::stderr().is_terminal();
    let bar = ProgressBar::new_spinner();
    let mut last = Instant::now();
    let before = session.executions.load(Ordering::Relaxed);
    loop {
        let ended = child.try_wait()?.is_some();
        artifacts.take(session);
        session.executions.store(before + words.executions(), Ordering::Relaxed);
        let line = format!(
            "{}: finds {}  {}",
            session.target.name,
            session.count_finds(),
            words.progress()
        );
        if live {
            bar.set_message(line);
            bar.tick();
        } else if last.elapsed() >= PLAIN {
            last = Instant::now();
            eprintln!("{line}");
        }
        if ended {
            bar.finish_and_clear();
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
}

/// The folder into which libFuzzer writes what made a process panic; those of an earlier session are taken too.
struct Artifacts {
    folder: PathBuf,
    taken: HashSet<PathBuf>,
}

impl Artifacts {
    fn of(options: &Fuzz, session: &Session<'_>) -> Artifacts {
        Artifacts {
            folder: options.out.join("libfuzzer").join(session.target.plain_name()),
            taken: HashSet::new(),
        }
    }

    fn take(&mut self, session: &Session<'_>) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if self.taken.contains(&path) {
                continue;
            }
            // A file that is being written is read again.
            let octets = std::fs::read(&path).unwrap_or_default();
            if let Ok(input) = fuzzing::Input::decode(&octets) {
                session.try_input(&input, false);
                self.taken.insert(path);
            }
        }
    }
}

/// What cargo-fuzz says: its last lines, and the newest of libFuzzer's lines of progress.
#[derive(Clone, Default)]
struct Words(Arc<Mutex<(VecDeque<String>, String)>>);

impl Words {
    fn heard_from(stderr: Option<ChildStderr>) -> Words {
        let words = Words::default();
        let heard = words.clone();
        if let Some(stderr) = stderr {
            std::thread::spawn(move || {
                for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                    heard.hear(line);
                }
            });
        }
        words
    }

    fn hear(&self, line: String) {
        let mut words = lock(&self.0);
        if line.starts_with('#') && line.contains("cov:") {
            words.1.clone_from(&line);
        }
        if words.0.len() >= LAST_WORDS {
            words.0.pop_front();
        }
        words.0.push_back(line);
    }

    fn last(&self) -> String {
        lock(&self.0)
            .0
            .iter()
            .fold(String::new(), |text, line| text + line + "\n")
    }

    /// `cov: ... ft: ... corp: ... exec/s: ...`
    fn progress(&self) -> String {
        let words = lock(&self.0);
        match words.1.split_once("cov:") {
            Some((_, rest)) => format!("cov:{rest}"),
            None => words.0.back().cloned().unwrap_or_default(),
        }
    }

    fn executions(&self) -> u64 {
        let words = lock(&self.0);
        let digits = words
            .1
            .trim_start_matches('#')
            .split(|letter: char| !letter.is_ascii_digit());
        digits.take(1).find_map(|number| number.parse().ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Words;
    use rstest::rstest;

    #[rstest]
    #[case::one_process(
        "#4096\tpulse  cov: 812 ft: 1733 corp: 31/5Kb exec/s: 2048",
        4096,
        "cov: 812 ft: 1733 corp: 31/5Kb exec/s: 2048"
    )]
    #[case::several(
        "#90: cov: 7 ft: 9 corp: 2 exec/s 45 oom/timeout/crash: 0/0/1 time: 2s",
        90,
        "cov: 7 ft: 9 corp: 2 exec/s 45 oom/timeout/crash: 0/0/1 time: 2s"
    )]
    #[case::the_build("   Compiling stackproof-wire v0.1.0", 0, "   Compiling stackproof-wire v0.1.0")]
    fn a_line_of_progress_is_read(#[case] line: &str, #[case] executions: u64, #[case] progress: &str) {
        let words = Words::default();
        words.hear(line.to_owned());
        assert_eq!((words.executions(), words.progress().as_str()), (executions, progress));
    }
}
