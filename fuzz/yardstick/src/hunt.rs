//! The search: mutate, play, keep what is new, as `stackproof fuzz` does, on one thread and from the built-in seeds.

use crate::bugs::{self, Bug};
use crate::releases::Open;
use fuzzing::mutate::{Dice, mutate};
use fuzzing::{Find, Input, Novelty, Played, Settings, minimise, play};
use serde_json::json;
use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Records of a new input: longer ones cost more than they bring.
const MAX_RECORDS: usize = 32;
/// What one conversation may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The exit status after an endless loop.
const ENDLESS: i32 = 3;

pub struct Options {
    pub time: Duration,
    pub seed: u64,
    pub all: bool,
    pub keep: Option<PathBuf>,
}

struct Hunt<'a> {
    options: &'a Options,
    release: &'a str,
    open: Open,
    sought: Vec<Bug>,
    corpus: Vec<Input>,
    novelty: Novelty,
    told: HashSet<String>,
    /// Finds that the sound release shows too, or that are another bug.
    passed: HashSet<String>,
    executions: u64,
    began: Instant,
    watched: Watched,
}

/// What is being played, and since when.
type Watched = Arc<Mutex<Option<(Instant, Input)>>>;

/// Whether every bug was found.
pub fn run(release: &str, sought: Vec<Bug>, options: &Options) -> Result<bool, String> {
    let mut hunt = Hunt {
        options,
        release,
        open: bugs::release(release)?,
        sought,
        corpus: Vec::new(),
        novelty: Novelty::default(),
        told: HashSet::new(),
        passed: HashSet::new(),
        executions: 0,
        began: Instant::now(),
        watched: Watched::default(),
    };
    watch(release.to_owned(), hunt.watched.clone());
    for (_, input) in fuzzing::seeds::seeds() {
        hunt.try_input(input);
    }
    let mut dice = Dice(options.seed);
    while hunt.began.elapsed() < options.time && (options.all || !hunt.sought.is_empty()) {
        let input = hunt.next(&mut dice);
        hunt.try_input(input);
    }
    let (seconds, left) = (hunt.began.elapsed().as_secs_f64(), hunt.sought);
    let left: Vec<&str> = left.iter().map(|bug| bug.id.as_str()).collect();
    tell(
        &json!({ "event": "end", "release": release, "seed": options.seed, "executions": hunt.executions, "seconds": seconds,
        "corpus": hunt.corpus.len(), "features": hunt.novelty.count(), "missed": left }),
    );
    Ok(left.is_empty())
}

impl Hunt<'_> {
    fn next(&self, dice: &mut Dice) -> Input {
        // The newest are tried more often: what was behind them is least known.
        let some = |dice: &mut Dice| match self.corpus.len() {
            0 => None,
            count if dice.one_in(3) => self.corpus.get(count - 1 - dice.below(count.min(50))),
            count => self.corpus.get(dice.below(count)),
        };
        let mut input = some(dice).cloned().unwrap_or_default();
        mutate(&mut input, some(dice), dice);
        input.records.truncate(MAX_RECORDS);
        input
    }

    fn play(&self, open: Open, input: &Input) -> Option<Played> {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), input.clone()));
        let played = play(input, &move |setup| open(setup), SETTINGS).ok();
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = None;
        played
    }

    fn try_input(&mut self, mut input: Input) {
        input.header.family = 0;
        let Some(played) = self.play(self.open, &input) else {
            return;
        };
        self.executions += 1;
        let novel = self.novelty.take(&played.features) > 0;
        for find in &played.finds {
            self.consider(find, &input);
        }
        if novel {
            self.corpus.push(input);
        }
    }

    fn consider(&mut self, find: &Find, input: &Input) {
        if self.options.all && self.told.insert(find.signature()) {
            let small = self.smallest(input, find);
            self.report("find", None, find, &small);
        }
        let candidates: Vec<Bug> = self.sought.iter().filter(|bug| bug.looks_like(find)).cloned().collect();
        for bug in candidates {
            let octets = input.encode();
            let Some(sound) = bugs::release(&bug.sound)
                .ok()
                .filter(|_| !self.passed.contains(&key(&bug, &octets)))
            else {
                continue;
            };
            // Most of what only looks like it the sound release shows as well.
            if self.shows(sound, input, &bug) {
                continue;
            }
            let small = self.smallest(input, find);
            if !bug.plays(&small) || self.shows(sound, &small, &bug) || !self.passed.insert(key(&bug, &small.encode()))
            {
                continue;
            }
            self.sought.retain(|one| one.id != bug.id);
            self.report("found", Some(&bug), find, &small);
        }
    }

    fn shows(&self, release: Open, input: &Input, bug: &Bug) -> bool {
        self.play(release, input)
            .is_some_and(|played| played.finds.iter().any(|one| bug.looks_like(one)))
    }

    fn smallest(&self, input: &Input, find: &Find) -> Input {
        let open = self.open;
        minimise(input, &find.signature(), &move |setup| open(setup), SETTINGS)
    }

    fn report(&self, event: &str, bug: Option<&Bug>, find: &Find, small: &Input) {
        let id = bug.map(|bug| bug.id.as_str());
        tell(&json!({
            "event": event, "bug": id, "release": self.release, "what": find.what, "kind": find.kind, "seen": find.seen,
            "seed": self.options.seed, "executions": self.executions, "seconds": self.began.elapsed().as_secs_f64(),
            "records": small.records.len(), "input": hex(small),
        }));
        if let (Some(folder), Some(id)) = (&self.options.keep, id) {
            let path = folder.join(format!("{id}.bin"));
            if let Err(error) = std::fs::write(&path, small.encode()) {
                eprintln!("yardstick: {}: {error}", path.display());
            }
        }
    }
}

/// Some of the bugs break what is a SHOULD.
pub const SETTINGS: Settings = Settings {
    level: conformance::Level::Should,
    log: false,
    accounts: false,
};

fn key(bug: &Bug, octets: &[u8]) -> String {
    format!("{} {octets:?}", bug.id)
}

/// Ends the process when a conversation never ends.
fn watch(release: String, watched: Watched) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(PATIENCE / 20);
            let playing = watched.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some((_, input)) = playing.filter(|(since, _)| since.elapsed() > PATIENCE) {
                tell(&json!({ "event": "endless", "release": release, "input": hex(&input) }));
                std::process::exit(ENDLESS);
            }
        }
    });
}

fn hex(input: &Input) -> String {
    input.encode().iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A line that is there even if the process dies behind it.
fn tell(line: &serde_json::Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
