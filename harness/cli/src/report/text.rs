//! The form for people: a summary per capture, then each violation with its proof.

use super::Detail;
use super::model::{CaptureEntry, Counts, Document, EndpointEntry, Violation};
use super::style::{BOLD, DIM, ERROR, GOOD, RESET, WARNING};
use crate::Failure;
use conformance::{Level, Verdict};
use std::io::Write;

pub fn write(document: &Document, detail: Detail, out: &mut impl Write) -> Result<(), Failure> {
    for capture in &document.captures {
        let mine: Vec<&Violation> = document
            .violations
            .iter()
            .filter(|violation| violation.file == capture.file)
            .collect();
        if !detail.quiet {
            summary(capture, out)?;
            if detail.all {
                everything(document, capture, out)?;
            }
        }
        for violation in mine {
            tell(violation, detail, out)?;
        }
        if let Some(error) = &capture.error {
            writeln!(out, "{ERROR}unreadable{RESET} {error}")?;
        }
    }
    for line in &document.unmet_expectations {
        writeln!(out, "{WARNING}expectation no longer needed{RESET}: {line}")?;
    }
    if !detail.quiet && document.captures.len() > 1 {
        total(document, out)?;
    }
    Ok(())
}

fn summary(capture: &CaptureEntry, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(
        out,
        "{BOLD}{}{RESET}  {}, {}, {}",
        capture.file,
        many(capture.packets, "packet"),
        many(capture.connections, "TCP connection"),
        many(capture.endpoints.len() as u64, "endpoint")
    )?;
    for endpoint in &capture.endpoints {
        writeln!(out, "  {:39} {}", endpoint.endpoint, counts(&endpoint.counts))?;
    }
    for warning in &capture.warnings {
        writeln!(out, "  {WARNING}note{RESET} {warning}")?;
    }
    Ok(())
}

pub fn counts(counts: &Counts) -> String {
    let part = |number: u64, name: &str, style: anstyle::Style| {
        let style = if number == 0 { DIM } else { style };
        format!("{style}{number:>4} {name}{RESET}")
    };
    [
        part(counts.holds, "held", GOOD),
        part(counts.violated, "violated", ERROR),
        part(counts.deviating, "deviating", WARNING),
        part(counts.inconclusive, "inconclusive", DIM),
        part(counts.not_exercised, "not exercised", DIM),
    ]
    .join("  ")
}

/// Every verdict, requirement by requirement, endpoint by endpoint; what was not exercised is left to the counts.
fn everything(document: &Document, capture: &CaptureEntry, out: &mut impl Write) -> Result<(), Failure> {
    for endpoint in &capture.endpoints {
        writeln!(out, "  {BOLD}{}{RESET}", endpoint.endpoint)?;
        for line in verdicts(document, endpoint) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}

fn verdicts<'a>(document: &'a Document, endpoint: &'a EndpointEntry) -> impl Iterator<Item = String> + 'a {
    endpoint
        .judged
        .iter()
        .zip(&document.requirements)
        .filter_map(|(judged, entry)| {
            let (style, note) = match judged.verdict {
                Verdict::NotExercised => return None,
                Verdict::Holds => (GOOD, many(u64::from(judged.tally.held), "time")),
                Verdict::Violated => (
                    ERROR,
                    format!("{} of {}", judged.tally.broken, judged.tally.broken + judged.tally.held),
                ),
                Verdict::Deviating => (
                    WARNING,
                    format!("{} of {}", judged.tally.broken, judged.tally.broken + judged.tally.held),
                ),
                Verdict::Inconclusive => (
                    DIM,
                    judged
                        .tally
                        .reasons()
                        .map(conformance::Reason::name)
                        .collect::<Vec<_>>()
                        .join(", "),
                ),
            };
            let name = judged.verdict.name();
            Some(format!(
                "{style}{name:13}{RESET} {:42} {:6} {:18} {note}",
                entry.id, entry.level, entry.source
            ))
        })
}

fn tell(violation: &Violation, detail: Detail, out: &mut impl Write) -> Result<(), Failure> {
    if detail.quiet && violation.accepted {
        return Ok(());
    }
    let style = if violation.severity == Level::Must {
        ERROR
    } else {
        WARNING
    };
    let (style, verdict) = if violation.accepted {
        (DIM, "accepted")
    } else {
        (style, violation.verdict)
    };
    let frames: Vec<String> = violation.frames.iter().map(ToString::to_string).collect();
    writeln!(
        out,
        "{style}{verdict:9}{RESET}  {BOLD}{}{RESET}  {}  {}   {}",
        violation.requirement, violation.level, violation.source, violation.connection
    )?;
    writeln!(out, "           expected {}", violation.expected)?;
    writeln!(out, "           seen     {}", violation.seen)?;
    writeln!(
        out,
        "           {DIM}frame{} {} of {}     stackproof explain {}{RESET}",
        if frames.len() == 1 { "" } else { "s" },
        frames.join(", "),
        violation.file,
        violation.requirement
    )?;
    Ok(())
}

fn total(document: &Document, out: &mut impl Write) -> Result<(), Failure> {
    let mut sum = Counts::default();
    for entry in &document.requirements {
        sum.holds += entry.counts.holds;
        sum.violated += entry.counts.violated;
        sum.deviating += entry.counts.deviating;
        sum.inconclusive += entry.counts.inconclusive;
        sum.not_exercised += entry.counts.not_exercised;
    }
    let packets = document.captures.iter().map(|capture| capture.packets).sum();
    writeln!(
        out,
        "{BOLD}{}{RESET}, {}: {}",
        many(document.captures.len() as u64, "capture"),
        many(packets, "packet"),
        counts(&sum)
    )?;
    Ok(())
}

fn many(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
