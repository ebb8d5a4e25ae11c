//! The scorecard for people: what each stack broke, with the scenarios that showed it; then the verdicts side by side.

use super::model::{ScenarioEntry, Scorecard, StackEntry, Violation};
use crate::Failure;
use crate::report::style::{BOLD, DIM, ERROR, GOOD, RESET, WARNING};
use conformance::{Level, Verdict};
use std::io::Write;

/// Scenarios named with each broken requirement.
const SHOWN: usize = 3;

/// How much is shown.
#[derive(Clone, Copy)]
pub struct Detail {
    /// The sequence diagram of each case.
    pub trace: bool,
    /// Every verdict, and every scenario that was skipped.
    pub all: bool,
    /// Nothing but violations and errors.
    pub quiet: bool,
}

pub fn write(scorecard: &Scorecard, options: Detail, out: &mut impl Write) -> Result<(), Failure> {
    if options.trace {
        for scenario in &scorecard.scenarios {
            writeln!(out, "{BOLD}{} at {}{RESET}", scenario.scenario, scenario.stack)?;
            writeln!(out, "{}", scenario.diagram)?;
        }
    }
    for stack in &scorecard.stacks {
        one_stack(scorecard, stack, options, out)?;
    }
    for line in &scorecard.unmet_expectations {
        writeln!(out, "{WARNING}expectation no longer needed{RESET}: {line}")?;
    }
    if !options.quiet && (options.all || scorecard.stacks.len() > 1) {
        table(scorecard, options.all, out)?;
    }
    if !options.quiet {
        for stack in &scorecard.stacks {
            summary(scorecard, stack, out)?;
        }
    }
    Ok(())
}

fn one_stack(scorecard: &Scorecard, stack: &StackEntry, options: Detail, out: &mut impl Write) -> Result<(), Failure> {
    if let Some(error) = &stack.error {
        writeln!(out, "{ERROR}{} cannot be tested{RESET}: {error}", stack.stack)?;
    }
    let of_stack = |one: &&ScenarioEntry| one.stack == stack.stack;
    for scenario in scorecard.scenarios.iter().filter(of_stack) {
        let style = match scenario.outcome {
            "failed" => ERROR,
            "stuck" => WARNING,
            "skipped" if options.all => DIM,
            _ => continue,
        };
        let reason = scenario.reason.as_deref().unwrap_or_default();
        writeln!(
            out,
            "{style}{:9}{RESET}  {}  {reason}",
            scenario.outcome, scenario.scenario
        )?;
    }
    for entry in &scorecard.requirements {
        let shown: Vec<&Violation> = scorecard
            .violations
            .iter()
            .filter(|one| one.stack == stack.stack && one.requirement == entry.id)
            .collect();
        broken(&shown, options, out)?;
    }
    Ok(())
}

/// One broken requirement, with the first few scenarios that showed it.
fn broken(shown: &[&Violation], options: Detail, out: &mut impl Write) -> Result<(), Failure> {
    let Some(first) = shown.first() else { return Ok(()) };
    if first.accepted && options.quiet {
        return Ok(());
    }
    let (style, verdict) = match (first.accepted, first.severity) {
        (true, _) => (DIM, "accepted"),
        (false, Level::Must) => (ERROR, first.verdict),
        (false, _) => (WARNING, first.verdict),
    };
    writeln!(
        out,
        "{style}{verdict:9}{RESET}  {BOLD}{}{RESET}  {}  {}   {}",
        first.requirement, first.level, first.source, first.stack
    )?;
    let mut scenarios: Vec<&Violation> = Vec::new();
    for one in shown {
        if !scenarios.iter().any(|known| known.scenario == one.scenario) {
            scenarios.push(one);
        }
    }
    for one in scenarios.iter().take(SHOWN) {
        let frames: Vec<String> = one.frames.iter().map(ToString::to_string).collect();
        writeln!(out, "           {}  frame {}", one.scenario, frames.join(", "))?;
        writeln!(out, "             expected {}", one.expected)?;
        writeln!(out, "             seen     {}", one.seen)?;
    }
    if scenarios.len() > SHOWN {
        writeln!(out, "           and in {} more", scenarios.len() - SHOWN)?;
    }
    Ok(())
}

/// Requirement by requirement, a column per stack.
fn table(scorecard: &Scorecard, all: bool, out: &mut impl Write) -> Result<(), Failure> {
    write!(out, "{BOLD}{:40} {:6} {:18}", "requirement", "level", "source")?;
    for stack in &scorecard.stacks {
        write!(out, " {:14}", stack.stack)?;
    }
    writeln!(out, "{RESET}")?;
    for (at, entry) in scorecard.requirements.iter().enumerate() {
        let verdicts: Vec<Verdict> = scorecard
            .stacks
            .iter()
            .filter_map(|stack| stack.judged.get(at))
            .map(|judged| judged.verdict)
            .collect();
        let same = verdicts.windows(2).all(|pair| pair[0] == pair[1]);
        if same && !all {
            continue;
        }
        write!(out, "{:40} {:6} {:18}", entry.id, entry.level, entry.source)?;
        for verdict in verdicts {
            let style = match verdict {
                Verdict::Holds => GOOD,
                Verdict::Violated => ERROR,
                Verdict::Deviating => WARNING,
                Verdict::Inconclusive | Verdict::NotExercised => DIM,
            };
            write!(out, " {style}{:14}{RESET}", verdict.name())?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn summary(scorecard: &Scorecard, stack: &StackEntry, out: &mut impl Write) -> Result<(), Failure> {
    let count = |outcome: &str| {
        let hit = |one: &&ScenarioEntry| one.stack == stack.stack && one.outcome == outcome;
        scorecard.scenarios.iter().filter(hit).count()
    };
    let name = [&stack.stack, " ", &stack.version].concat();
    writeln!(
        out,
        "{BOLD}{}{RESET}  {} played, {} skipped, {} stuck, {} failed",
        name.trim_end(),
        count("played"),
        count("skipped"),
        count("stuck"),
        count("failed")
    )?;
    writeln!(out, "  {}", crate::report::text::counts(&stack.counts))?;
    let late = |one: &&ScenarioEntry| one.stack == stack.stack && one.late;
    let late = scorecard.scenarios.iter().filter(late).count();
    if late > 0 {
        writeln!(
            out,
            "    in {late} the machine was more than {} late: what rests on its times is open there",
            suite::TOLERANCE
        )?;
    }
    Ok(())
}
