//! The scorecard as a Markdown table: what some stack broke, a column per stack, with the case that showed it first.

use super::model::{Scorecard, StackEntry, Violation};
use crate::Failure;
use conformance::Verdict;
use std::io::Write;

pub fn write(scorecard: &Scorecard, out: &mut impl Write) -> Result<(), Failure> {
    totals(scorecard, out)?;
    let names: Vec<&str> = scorecard.stacks.iter().map(|stack| short(&stack.stack)).collect();
    writeln!(out, "\n| Requirement | Level | Source | {} |", names.join(" | "))?;
    writeln!(out, "|---|---|---|{}", "---|".repeat(names.len()))?;
    for (at, entry) in scorecard.requirements.iter().enumerate() {
        let broken = |stack: &StackEntry| matches!(stack.judged[at].verdict, Verdict::Violated | Verdict::Deviating);
        if !scorecard.stacks.iter().any(broken) {
            continue;
        }
        write!(out, "| `{}` | {} | {} |", entry.id, entry.level, entry.source)?;
        for stack in &scorecard.stacks {
            let shows = |one: &&Violation| one.stack == stack.stack && one.requirement == entry.id;
            match (stack.judged[at].verdict, scorecard.violations.iter().find(shows)) {
                (Verdict::Violated | Verdict::Deviating, Some(one)) => {
                    write!(out, " **{}**: {} (`{}`) |", one.verdict, one.seen, one.scenario)?;
                }
                (verdict, _) => write!(out, " {} |", verdict.name())?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn totals(scorecard: &Scorecard, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(
        out,
        "| Stack | Version | Cases played | Skipped | Stuck | Failed | Held | Violated | Deviating | Inconclusive | Not exercised |"
    )?;
    writeln!(out, "|{}", "---|".repeat(11))?;
    for stack in &scorecard.stacks {
        let count = |outcome: &str| {
            let hit = scorecard.scenarios.iter();
            hit.filter(|one| one.stack == stack.stack && one.outcome == outcome)
                .count()
        };
        let outcomes = ["played", "skipped", "stuck", "failed"].map(|outcome| count(outcome).to_string());
        let counts = &stack.counts;
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            short(&stack.stack),
            stack.version,
            outcomes.join(" | "),
            counts.holds,
            counts.violated,
            counts.deviating,
            counts.inconclusive,
            counts.not_exercised
        )?;
    }
    Ok(())
}

/// `gvisor` of `process:harness/stacks/shims/gvisor/shim`.
fn short(stack: &str) -> &str {
    let path = stack.strip_prefix("process:").unwrap_or(stack);
    path.strip_suffix("/shim")
        .and_then(|folder| folder.rsplit('/').next())
        .unwrap_or(path)
}
