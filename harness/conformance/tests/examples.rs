//! Every check is proven by its own examples: able to hold, able to fail for its own reason alone, able to abstain.

use conformance::example::{Example, Shows};
use conformance::{Report, Verdict, examples, requirements};
use std::collections::{BTreeMap, BTreeSet};

/// Held, broken and abstained over all endpoints, per requirement.
fn totals(report: &Report) -> Vec<conformance::Tally> {
    let mut all = vec![conformance::Tally::default(); requirements().len()];
    for (_, row) in report.book.rows() {
        all.iter_mut().zip(row).for_each(|(sum, tally)| sum.add(tally));
    }
    all
}

fn broken(report: &Report) -> BTreeSet<&'static str> {
    let all = totals(report);
    requirements()
        .iter()
        .zip(&all)
        .filter(|(_, tally)| tally.broken > 0)
        .map(|(requirement, _)| requirement.id)
        .collect()
}

/// What is wrong with one example, if anything.
fn complaint(at: usize, example: &Example) -> Option<String> {
    let id = requirements()[at].id;
    let report = example.inspect();
    let tally = totals(&report)[at];
    let verdict = tally.verdict(conformance::Level::Must);
    let mut broken = broken(&report);
    let accused = broken.remove(id);
    example.also_breaks.iter().for_each(|other| {
        broken.remove(other);
    });
    let fits = match example.shows {
        Shows::Holds => verdict == Verdict::Holds,
        Shows::Violates => accused,
        Shows::Abstains => matches!(verdict, Verdict::Inconclusive | Verdict::NotExercised),
    };
    if fits && broken.is_empty() {
        return None;
    }
    let findings: Vec<String> = report
        .book
        .findings()
        .map(|finding| {
            let id = requirements()[usize::from(finding.requirement.0)].id;
            format!(
                "\n      {id} {:?}: expected {}, seen {}",
                finding.frames, finding.expected, finding.seen
            )
        })
        .collect();
    Some(format!(
        "  {id}, {:?} '{}': {} ({tally:?}); other requirements broken: {broken:?}{}",
        example.shows,
        example.title,
        verdict.name(),
        findings.concat()
    ))
}

#[test]
fn every_example_shows_what_it_says_and_breaks_nothing_else() {
    let wanted = std::env::var("EXAMPLE").unwrap_or_default();
    let complaints: Vec<String> = examples()
        .iter()
        .enumerate()
        .filter(|(at, _)| requirements()[*at].id.contains(&wanted))
        .flat_map(|(at, rows)| rows.iter().filter_map(move |example| complaint(at, example)))
        .collect();
    assert!(
        complaints.is_empty(),
        "{} examples fail:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}

#[test]
fn every_requirement_has_an_example_of_each_kind() {
    for (requirement, rows) in requirements().iter().zip(examples()) {
        for kind in [Shows::Holds, Shows::Violates, Shows::Abstains] {
            // A MAY is a capability: nothing can break it.
            let exempt = requirement.level == conformance::Level::May && kind == Shows::Violates;
            assert!(
                exempt || rows.iter().any(|row| row.shows == kind),
                "{} lacks {kind:?}",
                requirement.id
            );
        }
    }
}

#[test]
fn ids_are_unique_words_with_statement_and_method() {
    let mut seen = BTreeMap::new();
    for requirement in requirements() {
        let id = requirement.id;
        assert_eq!(seen.insert(id, ()), None, "{id} is used twice");
        let well_formed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c);
        assert!(id.chars().all(well_formed) && id.matches('/').count() == 1, "{id}");
        assert!(
            !requirement.says.is_empty() && !requirement.judged.is_empty(),
            "{id} says nothing"
        );
    }
}
