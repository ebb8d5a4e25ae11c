//! `stackproof rules`: the requirements that are judged.

use crate::args::{ListFormat, Rules};
use crate::report::style;
use crate::{CONFORMS, Failure};
use conformance::{Basis, Requirement};
use serde::Serialize;
use std::io::Write;

pub fn run(options: &Rules) -> Result<u8, Failure> {
    let flags = options.selection.live_flags()?;
    let chosen: Vec<_> = conformance::all_requirements()
        .zip(flags)
        .filter(|(requirement, on)| *on && (!options.live || requirement.is_live()))
        .map(|(one, _)| one)
        .collect();
    let mut out = anstream::stdout().lock();
    if options.coverage {
        crate::coverage::print(&mut out, options.format, &options.selection.rfc)?;
        return Ok(CONFORMS);
    }
    match options.format {
        ListFormat::Json => {
            let rows: Vec<Rule> = chosen.iter().map(|requirement| Rule::of(requirement)).collect();
            serde_json::to_writer_pretty(&mut out, &rows)?;
            writeln!(out)?;
        }
        ListFormat::Text => {
            let width = chosen.iter().map(|requirement| requirement.id.len()).max().unwrap_or(0);
            for requirement in &chosen {
                list(&mut out, requirement, width)?;
            }
        }
    }
    Ok(CONFORMS)
}

fn list(out: &mut impl Write, requirement: &Requirement, width: usize) -> Result<(), Failure> {
    let source = requirement.source.to_string();
    // A level read from prose is marked: the RFC uses no keyword there.
    let mark = if requirement.basis == Basis::Prose { "*" } else { " " };
    let (bold, reset) = (style::BOLD, style::RESET);
    let level = requirement.level;
    writeln!(
        out,
        "{bold}{:width$}{reset}  {level:6}{mark} {source:18}  {}",
        requirement.id, requirement.says
    )?;
    Ok(())
}

/// One requirement in JSON.
#[derive(Serialize)]
struct Rule {
    id: &'static str,
    source: String,
    level: &'static str,
    level_from_prose: bool,
    labels: &'static [&'static str],
    also: Vec<String>,
    binds: &'static str,
    says: &'static str,
    judged: &'static str,
}

impl Rule {
    fn of(requirement: &'static Requirement) -> Rule {
        Rule {
            id: requirement.id,
            source: requirement.source.to_string(),
            level: requirement.level.name(),
            level_from_prose: requirement.basis == Basis::Prose,
            labels: requirement.labels,
            also: requirement.also.iter().map(ToString::to_string).collect(),
            binds: requirement.binds.name(),
            says: requirement.says,
            judged: requirement.judged,
        }
    }
}
