//! GitHub Actions annotations: a workflow command per violation, deviation and unreadable file.

use super::model::{Document, Violation};
use crate::Failure;
use conformance::Level;
use std::io::Write;

pub fn write(document: &Document, out: &mut impl Write) -> Result<(), Failure> {
    for capture in &document.captures {
        if let Some(error) = &capture.error {
            writeln!(
                out,
                "::error file={},title=unreadable capture::{}",
                property(&capture.file),
                data(error)
            )?;
        }
    }
    for violation in &document.violations {
        annotate(violation, out)?;
    }
    for line in &document.unmet_expectations {
        writeln!(out, "::notice title=expectation no longer needed::{}", data(line))?;
    }
    Ok(())
}

fn annotate(violation: &Violation, out: &mut impl Write) -> Result<(), Failure> {
    let command = match (violation.accepted, violation.severity) {
        (true, _) => "notice",
        (_, Level::Must) => "error",
        _ => "warning",
    };
    let title = format!("{} ({}, {})", violation.requirement, violation.level, violation.source);
    let frames: Vec<String> = violation.frames.iter().map(ToString::to_string).collect();
    let text = format!(
        "{}: expected {}; seen {} (frames {})",
        violation.connection,
        violation.expected,
        violation.seen,
        frames.join(", ")
    );
    writeln!(
        out,
        "::{command} file={},title={}::{}",
        property(&violation.file),
        property(&title),
        data(&text)
    )?;
    Ok(())
}

/// The escapes of workflow commands' messages.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Properties escape the separators too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
