//! `stackproof rules --coverage`: every statement of the documents that TCP rests on, and how it is judged.

use crate::Failure;
use crate::args::ListFormat;
use crate::report::style;
use conformance::coverage::{Answer, Document, Row, documents};
use serde::Serialize;
use std::io::Write;

/// Of these documents; of all of them when none is named.
pub fn print(out: &mut impl Write, format: ListFormat, rfcs: &[u16]) -> Result<(), Failure> {
    let mut documents = documents();
    documents.retain(|document| rfcs.is_empty() || rfcs.contains(&document.rfc));
    match format {
        ListFormat::Json => {
            let rows: Vec<Line> = documents.iter().flat_map(lines).collect();
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            writeln!(out)?;
        }
        ListFormat::Text => {
            for document in &documents {
                text(out, document)?;
            }
            let all = documents
                .iter()
                .map(Document::totals)
                .fold([0; 3], |sum, one| [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]]);
            totals(out, "all documents", all)?;
        }
    }
    Ok(())
}

fn text(out: &mut impl Write, document: &Document) -> Result<(), Failure> {
    let (bold, dim, reset) = (style::BOLD, style::DIM, style::RESET);
    let name = format!("RFC {}", document.rfc);
    let width = document.rows.iter().map(|row| row.place.len()).max().unwrap_or(0);
    writeln!(out, "{bold}{name}{reset}")?;
    for row in &document.rows {
        let Row {
            place,
            level,
            says,
            answer,
        } = row;
        write!(out, "  {place:width$}  {level:11}  {:8}  {says}", answer.name())?;
        match answer {
            Answer::Captures(ids) => writeln!(out, ": {}", ids.join(" "))?,
            Answer::Live(how) => writeln!(out, "{dim}: {how}{reset}")?,
            Answer::Outside(why) => writeln!(out, "{dim}: {why}{reset}")?,
        }
    }
    totals(out, &name, document.totals())?;
    writeln!(out)?;
    Ok(())
}

fn totals(out: &mut impl Write, what: &str, [captures, live, outside]: [usize; 3]) -> Result<(), Failure> {
    let all = captures + live + outside;
    writeln!(
        out,
        "{what}: {all} statements, {captures} judged from captures, {live} to be judged live, {outside} not from outside"
    )?;
    Ok(())
}

/// One statement in JSON.
#[derive(Serialize)]
struct Line {
    rfc: u16,
    place: &'static str,
    level: &'static str,
    says: &'static str,
    /// `captures`, `live` or `outside`.
    judged: &'static str,
    requirements: Vec<&'static str>,
    reason: Option<&'static str>,
}

fn lines(document: &Document) -> impl Iterator<Item = Line> + '_ {
    document.rows.iter().map(|row| {
        let (requirements, reason) = match &row.answer {
            Answer::Captures(ids) => (ids.clone(), None),
            Answer::Live(reason) | Answer::Outside(reason) => (Vec::new(), Some(*reason)),
        };
        Line {
            rfc: document.rfc,
            place: row.place,
            level: row.level,
            says: row.says,
            judged: row.answer.name(),
            requirements,
            reason,
        }
    })
}
