//! `stackproof fuzz`: stacks in, finds out, each once, each with what shows it.
//!
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

use crate::args::{Engine, Fuzz, LevelArg, ListFormat};
use crate::{CONFORMS, COULD_NOT, Failure, VIOLATIONS};
use conformance::Level;
use fuzzing::Settings;
use session::Session;
use stacks::{Clock, Fault, Faults, Setup, Stack, Trouble};
use std::time::Duration;

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

/// A stack to be fuzzed.
pub struct Target {
    /// As the user named it.
    pub name: String,
    pub faults: Faults,
    pub settings: Settings,
}

impl Target {
    pub fn open(&self, setup: &Setup) -> Result<Box<dyn Stack>, Trouble> {
        let faults = self.faults;
        stacks::open(
            &self.name,
            &Setup {
                faults,
                ..setup.clone()
            },
        )
    }

    /// For names of files.
    pub fn plain_name(&self) -> String {
        self.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")
    }

    /// Whether it can be fuzzed here, and its name and version.
    fn check(&self) -> Result<(String, String), String> {
        let (its, ours) = suite::Family::Ipv4.addresses();
        let stack = self
            .open(&Setup::new(its, ours))
            .map_err(|trouble| trouble.to_string())?;
        let identity = stack.identity();
        if identity.clock != Clock::Virtual {
            return Err("its clock is not ours: a conversation would take as long as it says".to_owned());
        }
        Ok((identity.name, identity.version))
    }
}

fn targets(options: &Fuzz) -> Result<Vec<Target>, Failure> {
    let fault = |name: &String| {
        let known = Fault::ALL.iter().copied().find(|fault| fault.name() == name);
        known.ok_or_else(|| format!("--fault {name}: no such fault (see `stackproof faults`)"))
    };
    let faults = options.fault.as_ref().map(fault).transpose()?;
    if faults.is_some() && options.stacks.iter().any(|stack| stack != "reference") {
        return Err("--fault: only the reference has faults".into());
    }
    let level = match options.level {
        LevelArg::Must => Level::Must,
        LevelArg::Should => Level::Should,
        LevelArg::May => Level::May,
    };
    let target = |name: &String| Target {
        name: name.clone(),
        faults: faults.map(Faults::one).unwrap_or_default(),
        settings: Settings { level, log: false },
    };
    Ok(options.stacks.iter().map(target).collect())
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
