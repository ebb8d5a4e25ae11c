//! A stack to be fuzzed, and the one it is compared with.

use crate::Failure;
use crate::args::{Fuzz, LevelArg};
use conformance::Level;
use fuzzing::{Input, Played, Settings};
use stacks::{Clock, Fault, Faults, Setup, Stack, Trouble};
use std::sync::atomic::{AtomicU64, Ordering};

/// A stack to be fuzzed.
pub struct Target {
    /// As the user named it.
    pub name: String,
    pub faults: Faults,
    pub settings: Settings,
    /// What it is compared with.
    against: Option<Box<Target>>,
    /// Connections after an event, and those that could be compared.
    pub moments: AtomicU64,
    pub alike: AtomicU64,
}

impl Target {
    /// A conversation at it, and beside it at the other, whose differences are finds too.
    pub fn play(&self, input: &Input, log: bool) -> Result<Played, Trouble> {
        let settings = Settings { log, ..self.settings };
        let mut played = fuzzing::play(input, &|setup| self.open(setup), settings)?;
        if let Some(other) = &self.against {
            let there = fuzzing::play(input, &|setup| other.open(setup), self.settings)?;
            let compared = fuzzing::compare(&played.accounts, &there.accounts, &other.name);
            self.moments.fetch_add(u64::from(compared.moments), Ordering::Relaxed);
            self.alike.fetch_add(u64::from(compared.alike), Ordering::Relaxed);
            played.finds.extend(compared.finds);
        }
        Ok(played)
    }

    /// The smallest conversation that still shows such a find.
    pub fn minimise(&self, input: &Input, signature: &str) -> Input {
        fuzzing::minimise_by(input, |candidate| {
            let shows = |played: Played| played.finds.iter().any(|find| find.signature() == signature);
            self.play(candidate, false).is_ok_and(shows) && self.owes_it_to_its_fault(candidate)
        })
    }

    /// What the reference shows without its fault too says nothing of the fault.
    pub fn owes_it_to_its_fault(&self, input: &Input) -> bool {
        if self.faults.none() {
            return true;
        }
        let sound = fuzzing::play(input, &|setup| stacks::open("reference", setup), self.settings);
        sound.is_ok_and(|played| played.finds.is_empty())
    }

    /// The name of the stack that it is compared with.
    pub fn against(&self) -> Option<&str> {
        self.against.as_deref().map(|other| other.name.as_str())
    }

    fn open(&self, setup: &Setup) -> Result<Box<dyn Stack>, Trouble> {
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
    pub fn check(&self) -> Result<(String, String), String> {
        let (its, ours) = suite::Family::Ipv4.addresses();
        let stack = self
            .open(&Setup::new(its, ours))
            .map_err(|trouble| trouble.to_string())?;
        let identity = stack.identity();
        if identity.clock != Clock::Virtual {
            return Err("its clock is not ours: a conversation would take as long as it says".to_owned());
        }
        if let Some(other) = &self.against {
            other
                .check()
                .map_err(|why| format!("--against {}: {why}", other.name))?;
        }
        Ok((identity.name, identity.version))
    }
}

/// Those that the command line names.
pub fn targets(options: &Fuzz) -> Result<Vec<Target>, Failure> {
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
    let settings = Settings {
        level,
        log: false,
        accounts: options.against.is_some(),
    };
    let target = |name: &String, faults: Faults, against| Target {
        name: name.clone(),
        faults,
        settings,
        against,
        moments: AtomicU64::new(0),
        alike: AtomicU64::new(0),
    };
    let faults = faults.map(Faults::one).unwrap_or_default();
    let all = options.stacks.iter().map(|name| {
        let other = options.against.as_ref();
        // Without the fault: that is what shows it.
        let other = other.map(|name| Box::new(target(name, Faults::default(), None)));
        target(name, faults, other)
    });
    Ok(all.collect())
}
