//! Results for people: what failed and why, then the counts.

use super::model::{Document, Entry};
use crate::Failure;
use crate::args::Script;
use crate::report::style::{BOLD, DIM, ERROR, GOOD, RESET, WARNING};
use conformance::Level;
use std::io::Write;

pub fn write(document: &Document, options: &Script, out: &mut impl Write) -> Result<(), Failure> {
    for entry in &document.scripts {
        one(entry, options, out)?;
    }
    if !options.quiet {
        let counts = document.counts;
        writeln!(
            out,
            "{} scripts: {GOOD}{} passed{RESET}, {} passed only in neutral matching, {} failed, {} skipped, {} in error",
            document.scripts.len(),
            counts.passed,
            counts.passed_in_neutral,
            counts.failed,
            counts.skipped,
            counts.error,
        )?;
    }
    Ok(())
}

fn one(entry: &Entry, options: &Script, out: &mut impl Write) -> Result<(), Failure> {
    let (style, word) = match entry.outcome {
        "passed" => (GOOD, "passed"),
        "passed_in_neutral" => (GOOD, "neutral"),
        "failed" => (ERROR, "failed"),
        "skipped" => (DIM, "skipped"),
        _ => (ERROR, "error"),
    };
    let is_bad = matches!(entry.outcome, "failed" | "error") || !entry.violations.is_empty();
    if options.quiet && !is_bad {
        return Ok(());
    }
    let place = entry.line.map_or(String::new(), |line| format!(":{line}"));
    write!(out, "{style}{word:8}{RESET} {}{place}  {}", entry.file, entry.stack)?;
    match (&entry.missing, &entry.error) {
        (Some(missing), _) => writeln!(out, "  needs {missing}")?,
        (_, Some(error)) => writeln!(out, "\n           {}", error.replace('\n', "\n           "))?,
        _ => writeln!(out)?,
    }
    if let (Some(expected), Some(seen), Some(differs)) = (&entry.expected, &entry.seen, &entry.differs) {
        writeln!(out, "           expected {expected}")?;
        writeln!(out, "           seen     {seen}")?;
        writeln!(out, "           differs  {differs}")?;
        if entry.violations.is_empty() {
            writeln!(
                out,
                "           no requirement was seen broken: the script may ask for more than the RFCs (docs/DIALECTS.md)"
            )?;
        }
    }
    for violation in &entry.violations {
        let (style, word) = if violation.severity == Level::Must {
            (ERROR, "violated")
        } else {
            (WARNING, "deviating")
        };
        let frames: Vec<String> = violation.frames.iter().map(ToString::to_string).collect();
        writeln!(
            out,
            "           {style}{word}{RESET} {BOLD}{}{RESET}  {}  {}  frame {}",
            violation.requirement,
            violation.level,
            violation.source,
            frames.join(", ")
        )?;
        writeln!(out, "             expected {}", violation.expected)?;
        writeln!(out, "             seen     {}", violation.seen)?;
    }
    if options.trace || entry.outcome == "failed" {
        writeln!(out, "{}", entry.diagram)?;
    }
    Ok(())
}
