//! `stackproof test`: stacks in, a scorecard out.

mod list;
mod markdown;
pub mod model;
pub mod play;
pub mod text;

use crate::args::{Test, TestFormat};
use crate::check::expect;
use crate::{CONFORMS, COULD_NOT, Failure, VIOLATIONS};
use std::io::Write;

pub fn run(options: &Test) -> Result<u8, Failure> {
    let flags = options.selection.live_flags()?;
    let expectations = options
        .expect
        .as_deref()
        .map(|file| expect::read(file, expect::Whom::Stack))
        .transpose()?
        .unwrap_or_default();
    let cases = play::choose(options)?;
    if options.list {
        list::write(&cases, &mut anstream::stdout().lock())?;
        return Ok(CONFORMS);
    }
    let played = play::all(options, &cases)?;
    let document = model::document(played, &flags, expectations);
    let detail = text::Detail {
        trace: options.trace,
        all: options.all,
        quiet: options.quiet,
    };
    let mut out = anstream::stdout().lock();
    match options.format {
        TestFormat::Text => text::write(&document, detail, &mut out)?,
        TestFormat::Markdown => markdown::write(&document, &mut out)?,
        TestFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &document)?;
            writeln!(out)?;
        }
    }
    let broken = options.fail_on.level().is_some_and(|level| document.is_broken(level));
    Ok(match (broken, document.has_failures()) {
        (true, _) => VIOLATIONS,
        (false, true) => COULD_NOT,
        (false, false) => CONFORMS,
    })
}
