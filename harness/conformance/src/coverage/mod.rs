//! What is judged of the documents that TCP rests on, and of two about the link below it: every label of RFC 9293, every problem
//! of RFC 2525, every normative sentence of eleven others, and for each how it is judged or why not. One text file per document,
//! one line per statement.
//!
//! A line reads `where | level | statement in our words | answer`. `where` is a section, a label or a problem's section; lines
//! of one section stand in the order of its sentences. The answer is `captures:` with the ids that judge it, `live:` with what
//! is provoked and seen, or `outside:` with why nobody outside can tell.

/// How a statement is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// From captures, in whole or in part, by these requirements; live tests are judged by them too.
    Captures(Vec<&'static str>),
    /// Needs a tester that provokes it, or the application's side of the stack: what would be provoked and seen.
    Live(&'static str),
    /// Cannot be seen from outside: why.
    Outside(&'static str),
}

impl Answer {
    pub const fn name(&self) -> &'static str {
        match self {
            Answer::Captures(_) => "captures",
            Answer::Live(_) => "live",
            Answer::Outside(_) => "outside",
        }
    }
}

/// One statement of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Section, label, or problem.
    pub place: &'static str,
    pub level: &'static str,
    /// In our words.
    pub says: &'static str,
    pub answer: Answer,
}

/// One document's statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub rfc: u16,
    pub rows: Vec<Row>,
}

impl Document {
    /// Statements judged from captures, judged live, and not to be judged from outside.
    pub fn totals(&self) -> [usize; 3] {
        let count = |name| self.rows.iter().filter(|row| row.answer.name() == name).count();
        [count("captures"), count("live"), count("outside")]
    }
}

/// Every document's statements.
pub fn documents() -> Vec<Document> {
    FILES.iter().map(|&(rfc, text)| document(rfc, text)).collect()
}

fn document(rfc: u16, text: &'static str) -> Document {
    Document {
        rfc,
        rows: text.lines().filter_map(row).collect(),
    }
}

/// None for a line that is not of the form above; a test sees to it that there is none.
fn row(line: &'static str) -> Option<Row> {
    let mut columns = line.splitn(4, '|').map(str::trim);
    let (place, level, says, answer) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    let (name, text) = answer.split_once(": ")?;
    let answer = match name {
        "captures" => Answer::Captures(text.split_whitespace().collect()),
        "live" => Answer::Live(text),
        "outside" => Answer::Outside(text),
        _ => return None,
    };
    Some(Row {
        place,
        level,
        says,
        answer,
    })
}

const FILES: [(u16, &str); 13] = [
    (9293, include_str!("rfc9293.txt")),
    (2525, include_str!("rfc2525.txt")),
    (5681, include_str!("rfc5681.txt")),
    (6298, include_str!("rfc6298.txt")),
    (6582, include_str!("rfc6582.txt")),
    (6675, include_str!("rfc6675.txt")),
    (2018, include_str!("rfc2018.txt")),
    (2883, include_str!("rfc2883.txt")),
    (7323, include_str!("rfc7323.txt")),
    (5961, include_str!("rfc5961.txt")),
    (3168, include_str!("rfc3168.txt")),
    (5227, include_str!("rfc5227.txt")),
    (4861, include_str!("rfc4861.txt")),
];

#[cfg(test)]
mod tests;
