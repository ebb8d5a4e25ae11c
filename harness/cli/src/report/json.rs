//! JSON: one document, or one line per thing.

use super::model::{CaptureEntry, Document, RequirementEntry, SCHEMA, Tool, Violation};
use crate::Failure;
use serde::Serialize;
use std::io::Write;

pub fn write(document: &Document, out: &mut impl Write) -> Result<(), Failure> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)?;
    Ok(())
}

/// A line of the `jsonl` form: `type` tells which.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Run { schema: u32, tool: &'a Tool },
    Capture(&'a CaptureEntry),
    Requirement(&'a RequirementEntry),
    Violation(&'a Violation),
    UnmetExpectation { line: &'a str },
}

pub fn write_lines(document: &Document, out: &mut impl Write) -> Result<(), Failure> {
    let run = Line::Run {
        schema: SCHEMA,
        tool: &document.tool,
    };
    let lines = std::iter::once(run)
        .chain(document.captures.iter().map(Line::Capture))
        .chain(document.requirements.iter().map(Line::Requirement))
        .chain(document.violations.iter().map(Line::Violation))
        .chain(
            document
                .unmet_expectations
                .iter()
                .map(|line| Line::UnmetExpectation { line }),
        );
    for line in lines {
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}
