//! Verdicts on their way out: one model, a file per form.

mod github;
mod json;
mod junit;
pub mod model;
pub mod style;
pub mod text;

use crate::Failure;
use crate::args::Format;
use model::Document;
use std::io::Write;

/// What the text form shows.
#[derive(Clone, Copy)]
pub struct Detail {
    pub all: bool,
    pub quiet: bool,
}

/// Writes the whole document in the asked form.
pub fn write(document: &Document, format: Format, detail: Detail, out: &mut impl Write) -> Result<(), Failure> {
    match format {
        Format::Text => text::write(document, detail, out),
        Format::Json => json::write(document, out),
        Format::Jsonl => json::write_lines(document, out),
        Format::Junit => junit::write(document, out),
        Format::Github => github::write(document, out),
    }
}
