//! One stack's session: the corpus and the finds, shared by all threads, and the log that outlives an interruption.

use super::Target;
use super::corpus;
use super::finds;
use super::regressions;
use super::report::{Entry, Found};
use crate::Failure;
use crate::args::Fuzz;
use fuzzing::{Find, Input, Novelty};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

pub struct Session<'a> {
    pub target: &'a Target,
    options: &'a Fuzz,
    identity: (String, String),
    pub corpus: Mutex<Vec<Input>>,
    pub novelty: Novelty,
    /// By signature.
    finds: Mutex<HashMap<String, Found>>,
    log: Mutex<File>,
    pub executions: AtomicU64,
    pub frames: AtomicU64,
    pub began: Instant,
    /// Something happened that ends the session early.
    pub over: AtomicBool,
    /// What could not be written.
    pub trouble: Mutex<Option<String>>,
}

/// A lock that outlives a thread's panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|held| held.into_inner())
}

impl<'a> Session<'a> {
    /// With what earlier sessions left, and the seeds; those that were interrupted have lost nothing but their last moment.
    pub fn open(options: &'a Fuzz, target: &'a Target) -> Result<Session<'a>, Failure> {
        let path = options.out.join("log.jsonl");
        let log = OpenOptions::new().create(true).append(true).open(&path);
        let session = Session {
            target,
            options,
            identity: target.check()?,
            corpus: Mutex::default(),
            novelty: Novelty::default(),
            finds: Mutex::default(),
            log: Mutex::new(log.map_err(|error| format!("{}: {error}", path.display()))?),
            executions: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            began: Instant::now(),
            over: AtomicBool::new(false),
            trouble: Mutex::default(),
        };
        let mut inputs: Vec<Input> = fuzzing::seeds::seeds().into_iter().map(|(_, input)| input).collect();
        for folder in corpus::folders(options, target) {
            // A folder that is not there has nothing to say; `--doctor` tells of it.
            if let Ok(read) = corpus::read(&folder) {
                inputs.extend(read.inputs);
            }
        }
        inputs.extend(corpus::captured(options)?);
        let known = finds::known(&session.finds_folder(), target);
        for found in known.values() {
            session.keep_regression(found);
        }
        let resumed = (known.len(), inputs.len());
        lock(&session.finds).extend(known);
        session.note(json!({
            "event": "begin", "stack": target.name, "version": session.identity.1, "seed": options.seed,
            "against": target.against(), "jobs": options.jobs, "resumed": options.resume, "inputs": resumed.1, "finds": resumed.0,
        }));
        if options.resume {
            eprintln!("{}: {} inputs, {} finds of before", target.name, resumed.1, resumed.0);
        }
        for input in inputs {
            session.try_input(&input, false);
        }
        Ok(session)
    }

    fn finds_folder(&self) -> PathBuf {
        self.options.out.join("finds")
    }

    /// Plays an input, and keeps it if it showed something new.
    pub fn try_input(&self, input: &Input, new: bool) {
        let Ok(played) = self.target.play(input, false) else {
            return;
        };
        let executions = self.executions.fetch_add(1, Ordering::Relaxed) + 1;
        self.frames.fetch_add(u64::from(played.frames), Ordering::Relaxed);
        let novel = self.novelty.take(&played.features) > 0;
        if !played.finds.iter().any(|find| self.is_looked_for(find)) {
            if novel {
                self.keep(input, new);
            }
            return;
        }
        for find in played.finds.iter().filter(|find| self.is_looked_for(find)) {
            self.found(find, input, executions);
        }
    }

    fn is_looked_for(&self, find: &Find) -> bool {
        let until = self.options.until.as_deref();
        until.is_none_or(|id| id == find.what || id == "any")
    }

    fn keep(&self, input: &Input, new: bool) {
        if new {
            let octets = input.encode();
            let path = corpus::own(self.options, self.target).join(corpus::name(&octets));
            if let Err(error) = corpus::write(&path, &octets) {
                self.stop(format!("{}: {error}", path.display()));
            }
        }
        lock(&self.corpus).push(input.clone());
    }

    /// A find: written at once as it is, then again when it is small.
    fn found(&self, find: &Find, input: &Input, executions: u64) {
        let signature = find.signature();
        let found = Found {
            id: format!("{}--{}", self.target.plain_name(), find.id()),
            find: find.clone(),
            executions,
            seconds: self.began.elapsed().as_secs_f64(),
            records: input.records.len(),
        };
        {
            let mut finds = lock(&self.finds);
            if finds.contains_key(&signature) {
                return;
            }
            finds.insert(signature.clone(), found.clone());
        }
        if !self.target.owes_it_to_its_fault(input) {
            // Another input may show it by the fault.
            lock(&self.finds).remove(&signature);
            return;
        }
        self.write_find(&found, input);
        self.note(json!({
            "event": "find", "stack": self.target.name, "id": found.id, "requirement": find.what, "seen": find.seen,
            "executions": executions, "seconds": found.seconds,
        }));
        let small = self.target.minimise(input, &signature);
        self.write_find(
            &Found {
                records: small.records.len(),
                ..found
            },
            &small,
        );
        if self
            .options
            .until
            .as_ref()
            .is_some_and(|id| *id == find.what || id == "any")
        {
            self.over.store(true, Ordering::Relaxed);
        }
    }

    fn write_find(&self, found: &Found, input: &Input) {
        let folder = self.finds_folder().join(&found.id);
        if let Err(error) = finds::write(&folder, found, input, self.target, &self.identity) {
            eprintln!("{}", fuzzing::listing(input));
            self.stop(format!("{}: {error}; the input stands above", folder.display()));
        }
        self.keep_regression(found);
        lock(&self.finds).insert(found.find.signature(), found.clone());
    }

    /// The input of a find that was written, for good, where the user wants that.
    fn keep_regression(&self, found: &Found) {
        let Some(folder) = &self.options.regressions else {
            return;
        };
        let input = self.finds_folder().join(&found.id).join("input");
        if let Err(why) = regressions::keep(&folder.join(self.target.plain_name()), &input, &found.find, self.target) {
            self.stop(why);
        }
    }

    /// One line of the log, whole.
    pub fn note(&self, line: Value) {
        let line = format!("{line}\n");
        if let Err(error) = lock(&self.log).write_all(line.as_bytes()) {
            self.stop(format!("log.jsonl: {error}"));
        }
    }

    fn stop(&self, why: String) {
        lock(&self.trouble).get_or_insert(why);
        self.over.store(true, Ordering::Relaxed);
    }

    pub fn count_finds(&self) -> usize {
        lock(&self.finds).len()
    }

    pub fn entry(&self) -> Entry {
        let mut finds: Vec<Found> = lock(&self.finds).values().cloned().collect();
        finds.sort_by(|one, two| one.id.cmp(&two.id));
        let seconds = self.began.elapsed().as_secs_f64();
        let executions = self.executions.load(Ordering::Relaxed);
        Entry {
            stack: self.target.name.clone(),
            version: self.identity.1.clone(),
            executions,
            seconds,
            per_second: executions as f64 / seconds.max(1e-9),
            frames: self.frames.load(Ordering::Relaxed),
            corpus: lock(&self.corpus).len(),
            features: self.novelty.count(),
            out: self.finds_folder().display().to_string(),
            finds,
            against: self.target.against().map(str::to_owned),
            moments: self.target.moments.load(Ordering::Relaxed),
            alike: self.target.alike.load(Ordering::Relaxed),
            error: lock(&self.trouble).clone(),
        }
    }
}
