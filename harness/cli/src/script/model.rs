//! What running scripts came to, as data.

use crate::report::model::{SCHEMA, Tool};
use conformance::{Finding, Level, all_requirements};
use script::run::{Mode, Outcome, ScriptReport};
use script::syntax::ast::Script;
use serde::Serialize;

#[derive(Serialize)]
pub struct Document {
    pub schema: u32,
    pub tool: Tool,
    pub counts: Counts,
    pub scripts: Vec<Entry>,
}

/// Scripts by outcome, over all stacks.
#[derive(Serialize, Default, Clone, Copy)]
pub struct Counts {
    pub passed: usize,
    /// Passed, but only by neutral matching.
    pub passed_in_neutral: usize,
    pub failed: usize,
    pub skipped: usize,
    pub error: usize,
}

/// One script at one stack.
#[derive(Serialize)]
pub struct Entry {
    pub file: String,
    pub stack: String,
    /// `strict` or `neutral`.
    pub mode: &'static str,
    /// `passed`, `passed_in_neutral`, `failed`, `skipped` or `error`.
    pub outcome: &'static str,
    /// Where it failed, was skipped or is wrong.
    pub line: Option<u32>,
    pub column: Option<u32>,
    /// Of what failed.
    pub expected: Option<String>,
    pub seen: Option<String>,
    pub differs: Option<String>,
    /// Of what was skipped.
    pub missing: Option<String>,
    /// Of an error.
    pub error: Option<String>,
    /// How neutral matching was more generous than the script.
    pub relaxed: Vec<String>,
    /// What the script says it is about.
    pub requires: Vec<String>,
    /// What the checks saw the stack break.
    pub violations: Vec<Violation>,
    pub packets: u64,
    #[serde(skip)]
    pub diagram: String,
}

#[derive(Serialize)]
pub struct Violation {
    pub requirement: &'static str,
    pub level: &'static str,
    pub source: String,
    pub frames: Vec<u32>,
    pub expected: String,
    pub seen: String,
    #[serde(skip)]
    pub severity: Level,
}

impl Entry {
    fn empty(file: &str, stack: &str) -> Entry {
        Entry {
            file: file.to_owned(),
            stack: stack.to_owned(),
            mode: "neutral",
            outcome: "error",
            line: None,
            column: None,
            expected: None,
            seen: None,
            differs: None,
            missing: None,
            error: None,
            relaxed: Vec::new(),
            requires: Vec::new(),
            violations: Vec::new(),
            packets: 0,
            diagram: String::new(),
        }
    }

    /// A script that cannot be read; the error begins with its place.
    pub fn unreadable(file: &str, stack: &str, error: String) -> Entry {
        let place = error.strip_prefix(file).and_then(|rest| {
            let mut numbers = rest.trim_start_matches(':').splitn(3, ':');
            Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        });
        Entry {
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            error: Some(error),
            ..Entry::empty(file, stack)
        }
    }

    pub fn of(file: &str, stack: &str, mode: Mode, script: &Script, report: ScriptReport) -> Entry {
        let mut entry = Entry {
            mode: if mode == Mode::Strict { "strict" } else { "neutral" },
            requires: script.requires.clone(),
            packets: report.report.as_ref().map_or(0, |one| one.counts.frames),
            diagram: report.log.diagram(),
            violations: violations(&report, script),
            relaxed: report.relaxed,
            ..Entry::empty(file, stack)
        };
        let place = match report.outcome {
            Outcome::Passed => {
                entry.outcome = "passed";
                None
            }
            Outcome::PassedInNeutral => {
                entry.outcome = "passed_in_neutral";
                None
            }
            Outcome::Failed(failure) => {
                entry.outcome = "failed";
                entry.expected = Some(failure.expected);
                entry.seen = Some(failure.seen);
                entry.differs = Some(failure.differs);
                Some(failure.place)
            }
            Outcome::Skipped { place, needs } => {
                entry.outcome = "skipped";
                entry.missing = Some(needs);
                Some(place)
            }
            Outcome::Error { place, why } => {
                entry.error = Some(why);
                Some(place)
            }
        };
        entry.line = place.map(|place| place.line);
        entry.column = place.map(|place| place.column);
        entry
    }
}

/// What the stack broke; what the script itself sends it means to.
fn violations(report: &ScriptReport, script: &Script) -> Vec<Violation> {
    let six = |six| script::run::Config::of(script, six).ok().map(|config| config.stack);
    let own = [six(false), six(true)];
    let findings = report.report.iter().flat_map(|one| one.book.findings());
    findings
        .filter(|finding| own.contains(&Some(finding.endpoint)))
        .map(violation)
        .collect()
}

fn violation(finding: &Finding) -> Violation {
    let requirement = all_requirements()
        .nth(usize::from(finding.requirement.0))
        .unwrap_or(conformance::requirements()[0]);
    Violation {
        requirement: requirement.id,
        level: requirement.level.name(),
        source: requirement.source.to_string(),
        frames: finding.frames.iter().map(|frame| frame.0).collect(),
        expected: finding.expected.clone(),
        seen: finding.seen.clone(),
        severity: requirement.level,
    }
}

impl Document {
    pub fn of(scripts: Vec<Entry>) -> Document {
        let mut counts = Counts::default();
        for entry in &scripts {
            *match entry.outcome {
                "passed" => &mut counts.passed,
                "passed_in_neutral" => &mut counts.passed_in_neutral,
                "failed" => &mut counts.failed,
                "skipped" => &mut counts.skipped,
                _ => &mut counts.error,
            } += 1;
        }
        Document {
            schema: SCHEMA,
            tool: Tool::THIS,
            counts,
            scripts,
        }
    }

    /// Whether some stack broke a requirement at least as strong as `level`.
    pub fn is_broken(&self, level: Level) -> bool {
        self.scripts
            .iter()
            .flat_map(|entry| &entry.violations)
            .any(|violation| violation.severity <= level)
    }
}
