//! `stackproof check`: captures in, verdicts out.

pub mod assemble;
pub mod expect;
mod judge;

use crate::args::{Check, Format};
use crate::report::{self, Detail};
use crate::{CONFORMS, COULD_NOT, Failure, VIOLATIONS};
use std::path::PathBuf;

pub fn run(options: &Check) -> Result<u8, Failure> {
    let flags = options.selection.flags()?;
    let expectations = options
        .expect
        .as_deref()
        .map(|file| expect::read(file, expect::Whom::Address))
        .transpose()?
        .unwrap_or_default();
    let files = expand(&options.files)?;
    let judged = judge::all(files, options)?;
    if judged.is_empty() {
        // Nothing judged must not look like nothing wrong.
        return Err("no capture was found in what was named".into());
    }
    let document = assemble::document(judged, &flags, expectations);
    let detail = Detail {
        all: options.all,
        quiet: options.quiet,
    };
    let mut out = anstream::stdout().lock();
    report::write(&document, options.format, detail, &mut out)?;
    if document.has_errors() && options.format != Format::Text {
        for error in document.captures.iter().filter_map(|capture| capture.error.as_ref()) {
            anstream::eprintln!("{}error:{} {error}", report::style::ERROR, report::style::RESET);
        }
    }
    let broken = options.fail_on.level().is_some_and(|level| document.is_broken(level));
    Ok(match (broken, document.has_errors()) {
        // A violation is certain whatever could not be read besides.
        (true, _) => VIOLATIONS,
        (false, true) => COULD_NOT,
        (false, false) => CONFORMS,
    })
}

/// Glob patterns that the shell left alone; a pattern without a match is an error, as a misspelt name would be.
pub fn expand(files: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let text = file.to_string_lossy();
        if file.exists() || !text.contains(['*', '?', '[']) {
            all.push(file.clone());
            continue;
        }
        let before = all.len();
        for path in glob::glob(&text)? {
            all.push(path?);
        }
        if all.len() == before {
            return Err(format!("{text}: no file matches this pattern").into());
        }
    }
    Ok(all)
}
