//! `stackproof rules`: the requirements that are judged.

use crate::args::{ListFormat, Rules};
use crate::report::style;
use crate::{CONFORMS, Failure};
use conformance::{Basis, Requirement};
use serde::Serialize;
use std::io::Write;

pub fn run(options: &Rules) -> Result<u8, Failure> {
    let flags = options.selection.flags()?;
    let chosen: Vec<_> = conformance::requirements()
        .iter()
        .zip(flags)
        .filter(|(_, on)| *on)
        .map(|(one, _)| *one)
        .collect();
    let mut out = anstream::stdout().lock();
    if options.coverage {
        coverage(&mut out, &chosen)?;
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

/// How many labels of each kind RFC 9293 gives out (appendix B): they count from 1, and each stands for one statement.
const LABELS: [(&str, u16); 4] = [("MUST", 69), ("SHLD", 31), ("MAY", 18), ("REC", 1)];
/// RFC 2525 describes problems in its sections 2.1 to 2.18.
const PROBLEMS: u16 = 18;

/// A line per label and problem: who judges it, or that nobody does from captures yet.
fn coverage(out: &mut impl Write, requirements: &[&'static Requirement]) -> Result<(), Failure> {
    let labels = LABELS
        .iter()
        .flat_map(|&(kind, count)| (1..=count).map(move |number| format!("{kind}-{number}")));
    let mut judged = (0, 0);
    for label in labels {
        let ids = ids(requirements, |one| one.labels.contains(&label.as_str()));
        judged = (judged.0 + u16::from(!ids.is_empty()), judged.1 + 1);
        line(out, &format!("RFC 9293 {label}"), &ids)?;
    }
    writeln!(
        out,
        "{} of {} labels of RFC 9293 are judged from captures\n",
        judged.0, judged.1
    )?;
    judged = (0, PROBLEMS);
    for problem in 1..=PROBLEMS {
        let section = format!("2.{problem}");
        let ids = ids(requirements, |one| {
            one.also
                .iter()
                .chain([&one.source])
                .any(|source| source.rfc == 2525 && source.section == section)
        });
        judged.0 += u16::from(!ids.is_empty());
        line(out, &format!("RFC 2525 {section}"), &ids)?;
    }
    writeln!(
        out,
        "{} of {} problems of RFC 2525 are judged from captures",
        judged.0, judged.1
    )?;
    Ok(())
}

fn ids(requirements: &[&'static Requirement], cites: impl Fn(&Requirement) -> bool) -> Vec<&'static str> {
    requirements.iter().filter(|one| cites(one)).map(|one| one.id).collect()
}

fn line(out: &mut impl Write, what: &str, ids: &[&str]) -> Result<(), Failure> {
    let (dim, reset) = (style::DIM, style::RESET);
    match ids {
        [] => writeln!(out, "{what:18}  {dim}not judged from captures{reset}")?,
        ids => writeln!(out, "{what:18}  {}", ids.join(" "))?,
    }
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
