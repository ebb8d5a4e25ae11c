//! `stackproof fuzz`: stacks in, finds out, each once, each with what shows it.
//!
//! - `target`: a stack to be fuzzed, and the one it is compared with;
//! - `driver`: the threads that mutate, play and keep; `session`: a stack's folders, its log, what it has found;
//! - `libfuzzer`: cargo-fuzz in the driver's place;
//! - `corpus`: folders of inputs, written so that an interruption loses nothing; `finds`: what is written for each;
//! - `doctor`: what would be read from where; `look`: one input, replayed or made small; `report`: the last word;
//! - `regressions`: the smallest input of each find, kept for good; many inputs replayed, a line each.

mod corpus;
mod doctor;
mod driver;
mod finds;
mod libfuzzer;
mod look;
mod regressions;
mod report;
mod session;
mod target;

use crate::args::{Engine, Fuzz, ListFormat};
use crate::{CONFORMS, COULD_NOT, Failure, VIOLATIONS};
use session::Session;
use std::time::Duration;
use target::{Target, targets};

pub fn run(options: &Fuzz) -> Result<u8, Failure> {
    let targets = targets(options)?;
    if options.doctor {
        return doctor::run(options, &targets);
    }
    fuzzing::quiet_panics();
    if !options.replay.is_empty() || options.minimise.is_some() {
        let [target] = targets.as_slice() else {
            return Err("--replay and --minimise play at one stack: name one".into());
        };
        return match (options.minimise.as_deref(), options.replay.as_slice()) {
            (Some(file), _) => look::run(file, options, target),
            (None, [file]) if options.format == ListFormat::Text && !file.is_dir() => look::run(file, options, target),
            (None, paths) => regressions::replay(paths, options, target),
        };
    }
    corpus::begin(options)?;
    let time = time(&options.time)? / targets.len().max(1) as u32;
    let mut entries = Vec::new();
    for target in &targets {
        if let Err(trouble) = target.check() {
            entries.push(report::Entry::unable(target, &trouble));
            continue;
        }
        if options.engine == Engine::Libfuzzer {
            libfuzzer::lacks(options, &target.plain_name())?;
        }
        let session = Session::open(options, target)?;
        match options.engine {
            Engine::Own => driver::run(&session, options, time)?,
            Engine::Libfuzzer => libfuzzer::run(&session, options, time)?,
        }
        entries.push(session.entry());
    }
    report::write(&entries, options.format == ListFormat::Json)?;
    let found = entries.iter().any(|entry| !entry.finds.is_empty());
    let unable = entries.iter().any(|entry| entry.error.is_some());
    Ok(match (found, unable) {
        (true, _) => VIOLATIONS,
        (false, true) => COULD_NOT,
        (false, false) => CONFORMS,
    })
}

/// `90`, `60s`, `10m`, `8h`.
fn time(text: &str) -> Result<Duration, Failure> {
    let (number, unit) = text.split_at(text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).len());
    let seconds = match unit {
        "" | "s" => Some(1.0),
        "m" | "min" => Some(60.0),
        "h" => Some(3_600.0),
        _ => None,
    };
    let wrong = || format!("--time {text}: expected a number and a unit: 60s, 10m, 8h");
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = seconds.ok_or_else(wrong)? * number;
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong().into())
}
