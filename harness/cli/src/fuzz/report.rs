//! The last word of a session.

use super::Target;
use crate::Failure;
use crate::report::style::{BOLD, ERROR, RESET};
use fuzzing::Find;
use serde_json::{Value, json};
use std::io::Write;

/// A find, as it was come by.
#[derive(Clone)]
pub struct Found {
    /// The name of its folder.
    pub id: String,
    pub find: Find,
    pub executions: u64,
    pub seconds: f64,
    /// Of the smallest input so far.
    pub records: usize,
}

/// One stack's session.
pub struct Entry {
    pub stack: String,
    pub version: String,
    pub executions: u64,
    pub seconds: f64,
    pub per_second: f64,
    pub frames: u64,
    pub corpus: usize,
    pub features: usize,
    pub out: String,
    pub finds: Vec<Found>,
    /// The stack that it was compared with; connections after an event, and those that could be compared.
    pub against: Option<String>,
    pub moments: u64,
    pub alike: u64,
    /// What kept it from its job, or ended it early.
    pub error: Option<String>,
}

impl Entry {
    pub fn unable(target: &Target, why: &str) -> Entry {
        Entry {
            stack: target.name.clone(),
            version: String::new(),
            executions: 0,
            seconds: 0.0,
            per_second: 0.0,
            frames: 0,
            corpus: 0,
            features: 0,
            out: String::new(),
            finds: Vec::new(),
            against: None,
            moments: 0,
            alike: 0,
            error: Some(why.to_owned()),
        }
    }
}

pub fn write(entries: &[Entry], as_json: bool) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    if as_json {
        let stacks: Vec<Value> = entries.iter().map(value).collect();
        return document(out, "stacks", stacks.into());
    }
    for entry in entries {
        text(entry, &mut out)?;
    }
    Ok(())
}

/// `docs/fuzz.schema.json`.
pub fn document(mut out: impl Write, key: &str, value: Value) -> Result<(), Failure> {
    let tool = json!({ "name": "stackproof", "version": env!("CARGO_PKG_VERSION") });
    serde_json::to_writer_pretty(&mut out, &json!({ "schema": 1, "tool": tool, key: value }))?;
    writeln!(out)?;
    Ok(())
}

fn text(entry: &Entry, out: &mut impl Write) -> Result<(), Failure> {
    for found in &entry.finds {
        let find = &found.find;
        writeln!(
            out,
            "{ERROR}found{RESET}  {BOLD}{}{RESET}  {}  {}",
            find.what, find.level, find.source
        )?;
        writeln!(out, "       expected {}", find.expected)?;
        writeln!(out, "       seen     {}", find.seen)?;
        let records = found.records;
        writeln!(out, "       {records} events   {}/{}/report.md", entry.out, found.id)?;
    }
    if let Some(error) = &entry.error {
        writeln!(out, "{ERROR}{}{RESET}: {error}", entry.stack)?;
    }
    writeln!(
        out,
        "{BOLD}{} {}{RESET}  {} conversations in {:.1} s ({:.0} a second, {} packets), corpus {}, features {}, finds {}",
        entry.stack,
        entry.version,
        entry.executions,
        entry.seconds,
        entry.per_second,
        entry.frames,
        entry.corpus,
        entry.features,
        entry.finds.len()
    )?;
    if let Some(other) = &entry.against {
        let share = 100.0 * entry.alike as f64 / entry.moments.max(1) as f64;
        writeln!(out, "       compared with {other} after {share:.0} % of all events")?;
    }
    Ok(())
}

fn value(entry: &Entry) -> Value {
    let finds: Vec<Value> = entry
        .finds
        .iter()
        .map(|found| {
            let mut value = find(&found.find);
            value["id"] = found.id.clone().into();
            value["executions"] = found.executions.into();
            value["seconds"] = found.seconds.into();
            value["events"] = found.records.into();
            value
        })
        .collect();
    json!({
        "stack": entry.stack, "version": entry.version, "executions": entry.executions, "seconds": entry.seconds,
        "per_second": entry.per_second, "packets": entry.frames, "corpus": entry.corpus, "features": entry.features,
        "finds": finds, "error": entry.error,
        "against": entry.against, "moments": entry.moments, "alike": entry.alike,
    })
}

/// What a find says of itself.
pub fn find(find: &Find) -> Value {
    json!({
        "requirement": find.what, "level": find.level.name(), "source": find.source, "kind": find.kind,
        "expected": find.expected, "seen": find.seen, "frames": find.frames,
    })
}
