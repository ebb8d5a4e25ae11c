//! The scorecard, as data: in the shape of `check`'s document, with stacks and scenarios beside it.

use super::play::Played;
use crate::check::assemble::{accept, entry};
use crate::check::expect::Expectation;
use crate::report::model::{Counts, Judged, RequirementEntry, SCHEMA, Tool};
use conformance::{Finding, Level, Requirement, Tally, Verdict, all_requirements};
use serde::Serialize;
use suite::{CaseReport, Outcome};

#[derive(Serialize)]
pub struct Scorecard {
    pub schema: u32,
    pub tool: Tool,
    pub stacks: Vec<StackEntry>,
    pub scenarios: Vec<ScenarioEntry>,
    pub requirements: Vec<RequirementEntry>,
    pub violations: Vec<Violation>,
    pub unmet_expectations: Vec<String>,
}

/// One stack.
#[derive(Serialize)]
pub struct StackEntry {
    /// As the user named it.
    pub stack: String,
    pub version: String,
    /// Why it could not be tested at all.
    pub error: Option<String>,
    /// Requirements by verdict.
    pub counts: Counts,
    /// The verdict on each requirement, by its id.
    pub verdicts: std::collections::BTreeMap<&'static str, &'static str>,
    #[serde(skip)]
    pub judged: Vec<Judged>,
}

/// One case of a scenario at one stack.
#[derive(Serialize)]
pub struct ScenarioEntry {
    pub stack: String,
    pub scenario: String,
    /// `played`, `skipped`, `stuck` or `failed`.
    pub outcome: &'static str,
    pub reason: Option<String>,
    pub packets: u64,
    /// The machine was too late to judge by its times.
    #[serde(skip)]
    pub late: bool,
    #[serde(skip)]
    pub diagram: String,
}

/// What one case showed to be broken.
#[derive(Serialize)]
pub struct Violation {
    pub requirement: &'static str,
    pub level: &'static str,
    pub source: String,
    pub verdict: &'static str,
    pub stack: String,
    pub scenario: String,
    pub endpoint: String,
    pub connection: String,
    /// As the recorded capture numbers them.
    pub frames: Vec<u32>,
    pub expected: String,
    pub seen: String,
    pub accepted: bool,
    #[serde(skip)]
    pub severity: Level,
}

/// `flags` says, per requirement, whether it is reported.
pub fn document(played: Vec<Played>, flags: &[bool], mut expectations: Vec<Expectation>) -> Scorecard {
    let chosen: Vec<(usize, &'static Requirement)> = all_requirements()
        .enumerate()
        .filter(|(at, _)| flags.get(*at) == Some(&true))
        .collect();
    let mut scorecard = Scorecard {
        schema: SCHEMA,
        tool: Tool::THIS,
        stacks: Vec::new(),
        scenarios: Vec::new(),
        requirements: chosen.iter().map(|(_, requirement)| entry(requirement)).collect(),
        violations: Vec::new(),
        unmet_expectations: Vec::new(),
    };
    for stack in played {
        add_stack(&mut scorecard, &stack, &chosen, flags, &mut expectations);
    }
    scorecard.unmet_expectations = expectations
        .into_iter()
        .filter(|expectation| !expectation.met)
        .map(|expectation| expectation.line)
        .collect();
    scorecard
}

fn add_stack(
    scorecard: &mut Scorecard,
    played: &Played,
    chosen: &[(usize, &'static Requirement)],
    flags: &[bool],
    expectations: &mut [Expectation],
) {
    let mut totals = vec![Tally::default(); flags.len()];
    for report in &played.cases {
        for (total, tally) in totals.iter_mut().zip(row(report)) {
            total.add(tally);
        }
        scorecard.scenarios.push(scenario(&played.name, report));
        scorecard.violations.extend(
            findings(report)
                .filter(|finding| flags.get(usize::from(finding.requirement.0)) == Some(&true))
                .map(|finding| violation(&played.name, report, finding, expectations)),
        );
    }
    let mut counts = Counts::default();
    let mut judged = Vec::new();
    for ((at, requirement), entry) in chosen.iter().zip(&mut scorecard.requirements) {
        let tally = totals.get(*at).copied().unwrap_or_default();
        let verdict = tally.verdict(requirement.level);
        counts.add(verdict);
        entry.counts.add(verdict);
        entry.times.add(&tally);
        let broken = matches!(verdict, Verdict::Violated | Verdict::Deviating);
        judged.push(Judged {
            verdict,
            tally,
            accepted: broken && accept(expectations, requirement.id, &played.name),
        });
    }
    let identity = played.identity.as_ref();
    scorecard.stacks.push(StackEntry {
        stack: played.name.clone(),
        version: identity.map(|identity| identity.version.clone()).unwrap_or_default(),
        error: played.trouble.clone(),
        counts,
        verdicts: chosen
            .iter()
            .zip(&judged)
            .map(|((_, requirement), one)| (requirement.id, one.verdict.name()))
            .collect(),
        judged,
    });
}

/// The tallies of the stack in one case.
fn row(report: &CaseReport) -> &[Tally] {
    let (its, _) = report.case.family.addresses();
    report
        .report
        .as_ref()
        .and_then(|one| one.book.rows().find(|(address, _)| *address == its))
        .map_or(&[], |(_, row)| row)
}

/// What the stack broke; whatever the Tester broke it meant to.
fn findings(report: &CaseReport) -> impl Iterator<Item = &Finding> {
    let (its, _) = report.case.family.addresses();
    report
        .report
        .iter()
        .flat_map(|one| one.book.findings())
        .filter(move |finding| finding.endpoint == its)
}

fn scenario(stack: &str, report: &CaseReport) -> ScenarioEntry {
    let (outcome, reason) = match &report.outcome {
        Outcome::Played => ("played", None),
        Outcome::Skipped(why) => ("skipped", Some(why.clone())),
        Outcome::Stuck(why) => ("stuck", Some(why.clone())),
        Outcome::Failed(why) => ("failed", Some(why.clone())),
    };
    ScenarioEntry {
        stack: stack.to_owned(),
        scenario: report.case.name(),
        outcome,
        reason,
        packets: report.report.as_ref().map_or(0, |one| one.counts.frames),
        late: report.late > suite::TOLERANCE,
        diagram: report.log.diagram(),
    }
}

fn violation(stack: &str, report: &CaseReport, finding: &Finding, expectations: &mut [Expectation]) -> Violation {
    let requirement = all_requirements()
        .nth(usize::from(finding.requirement.0))
        .unwrap_or(conformance::requirements()[0]);
    let verdict = match requirement.level {
        Level::Must => Verdict::Violated,
        Level::Should | Level::May => Verdict::Deviating,
    };
    Violation {
        requirement: requirement.id,
        level: requirement.level.name(),
        source: requirement.source.to_string(),
        verdict: verdict.name(),
        stack: stack.to_owned(),
        scenario: report.case.name(),
        endpoint: finding.endpoint.to_string(),
        connection: finding.flow.to_string(),
        frames: finding.frames.iter().map(|frame| frame.0).collect(),
        expected: finding.expected.clone(),
        seen: finding.seen.clone(),
        accepted: accept(expectations, requirement.id, stack),
        severity: requirement.level,
    }
}

impl Scorecard {
    /// Whether something at least as strong as `level` was broken and not accepted.
    pub fn is_broken(&self, level: Level) -> bool {
        self.stacks.iter().any(|stack| {
            stack.judged.iter().zip(&self.requirements).any(|(judged, entry)| {
                matches!(judged.verdict, Verdict::Violated | Verdict::Deviating)
                    && !judged.accepted
                    && entry.requirement.level <= level
            })
        })
    }

    /// Some stack could not be tested, or failed in a scenario.
    pub fn has_failures(&self) -> bool {
        self.stacks.iter().any(|stack| stack.error.is_some())
            || self.scenarios.iter().any(|scenario| scenario.outcome == "failed")
    }
}
