//! The threads that mutate, play and keep.

use super::session::{Session, lock};
use crate::Failure;
use crate::args::Fuzz;
use fuzzing::mutate::{Dice, mutate};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Records of a new input: longer ones cost more than they bring.
pub const MAX_RECORDS: usize = 32;
/// Between two lines of progress: on a terminal, in a pipe, in the log.
const LIVE: Duration = Duration::from_millis(200);
pub const PLAIN: Duration = Duration::from_secs(10);

pub fn run(session: &Session<'_>, options: &Fuzz, time: Duration) -> Result<(), Failure> {
    let jobs = match options.jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    let until = Instant::now() + time;
    let left = AtomicU64::new(options.runs.unwrap_or(u64::MAX));
    let running = AtomicU64::new(jobs as u64);
    std::thread::scope(|scope| {
        for job in 0..jobs {
            let (left, running) = (&left, &running);
            let seed = options.seed.wrapping_add((job as u64) << 32);
            scope.spawn(move || {
                let _done = Done(running);
                work(session, Dice(seed), left, until);
            });
        }
        tell(session, &running, until);
    });
    session.note(json!({
        "event": "end", "stack": session.target.name, "executions": session.executions.load(Ordering::Relaxed),
        "seconds": session.began.elapsed().as_secs_f64(), "finds": session.count_finds(),
    }));
    Ok(())
}

/// Counts a thread as ended, however it ends.
struct Done<'a>(&'a AtomicU64);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn work(session: &Session<'_>, mut dice: Dice, left: &AtomicU64, until: Instant) {
    let one_less = |left: u64| left.checked_sub(1);
    while !session.over.load(Ordering::Relaxed)
        && Instant::now() < until
        && left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
    {
        let (mut input, other) = {
            let corpus = lock(&session.corpus);
            // The newest are tried more often: what was behind them is least known.
            let some = |dice: &mut Dice| match corpus.len() {
                0 => None,
                count if dice.one_in(3) => corpus.get(count - 1 - dice.below(count.min(50))),
                count => corpus.get(dice.below(count)),
            };
            (some(&mut dice).cloned().unwrap_or_default(), some(&mut dice).cloned())
        };
        mutate(&mut input, other.as_ref(), &mut dice);
        input.records.truncate(MAX_RECORDS);
        session.try_input(&input, true);
    }
}

/// Says how it goes, until all threads have ended.
fn tell(session: &Session<'_>, running: &AtomicU64, until: Instant) {
    let live = std::io::stderr().is_terminal();
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    let mut last = Instant::now();
    while running.load(Ordering::Relaxed) > 0 {
        std::thread::sleep(LIVE.min(Duration::from_millis(20)));
        if live {
            bar.set_message(line(session, until));
            bar.tick();
        }
        if last.elapsed() >= PLAIN {
            last = Instant::now();
            if !live {
                eprintln!("{}", line(session, until));
            }
            session.note(json!({
                "event": "progress", "stack": session.target.name,
                "executions": session.executions.load(Ordering::Relaxed),
                "seconds": session.began.elapsed().as_secs_f64(),
                "corpus": lock(&session.corpus).len(), "features": session.novelty.count(), "finds": session.count_finds(),
            }));
        }
    }
    bar.finish_and_clear();
}

fn line(session: &Session<'_>, until: Instant) -> String {
    let executions = session.executions.load(Ordering::Relaxed);
    let seconds = session.began.elapsed().as_secs_f64();
    format!(
        "{}: {executions} conversations, {:.0} a second, corpus {}, features {}, finds {}, {} s to go",
        session.target.name,
        executions as f64 / seconds.max(1e-9),
        lock(&session.corpus).len(),
        session.novelty.count(),
        session.count_finds(),
        until.saturating_duration_since(Instant::now()).as_secs()
    )
}
