//! What holds of every scenario; and the reference, without a fault, breaks nothing in any of them.

use conformance::{Verdict, requirement_by_id};
use std::collections::HashSet;
use std::path::Path;
use suite::{CaseReport, Outcome, cases, play, scenarios};

fn at_reference() -> Vec<CaseReport> {
    cases()
        .into_iter()
        .map(|case| play(case, 1, |setup| stacks::open("reference", setup)))
        .collect()
}

#[test]
fn a_scenario_is_named_as_its_file_is_and_every_file_is_a_scenario() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scenarios");
    let names: HashSet<&str> = scenarios().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), scenarios().count(), "a name occurs twice");
    for name in &names {
        assert!(
            folder.join(format!("{name}.rs")).exists(),
            "no file is named for {name}"
        );
    }
    for group in std::fs::read_dir(&folder).expect("the scenarios").flatten() {
        let Ok(files) = std::fs::read_dir(group.path()) else {
            continue;
        };
        for file in files.flatten().map(|file| file.path()) {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let name = format!("{}/{stem}", group.file_name().to_string_lossy());
            let helper = ["mod", "place"].contains(&stem.as_str());
            assert!(helper || names.contains(name.as_str()), "{name} is not played");
        }
    }
}

#[test]
fn a_scenario_names_requirements_that_exist() {
    for scenario in scenarios() {
        for id in scenario.exercises {
            assert!(requirement_by_id(id).is_some(), "{}: {id}", scenario.name);
        }
    }
}

#[test]
fn the_reference_plays_every_scenario_breaks_nothing_and_meets_what_is_named() {
    let reports = at_reference();
    let mut complaints = Vec::new();
    let mut met: HashSet<(&str, &str)> = HashSet::new();
    for CaseReport {
        case, outcome, report, ..
    } in &reports
    {
        match outcome {
            Outcome::Played | Outcome::Skipped(_) => {}
            other => complaints.push(format!("{}: {other:?}", case.name())),
        }
        let (its, _) = case.family.addresses();
        let Some(report) = report else { continue };
        for finding in report.book.findings().filter(|finding| finding.endpoint == its) {
            let requirement = conformance::all_requirements().nth(usize::from(finding.requirement.0));
            let id = requirement.map_or("?", |requirement| requirement.id);
            complaints.push(format!("{}: {id}: {}", case.name(), finding.seen));
        }
        let Some((_, row)) = report.book.rows().find(|(address, _)| *address == its) else {
            continue;
        };
        for &id in case.scenario.exercises {
            let judged =
                requirement_by_id(id).map(|(index, requirement)| row[usize::from(index.0)].verdict(requirement.level));
            if judged != Some(Verdict::NotExercised) {
                met.insert((case.scenario.name, id));
            }
        }
    }
    for scenario in scenarios() {
        for &id in scenario.exercises {
            if !met.contains(&(scenario.name, id)) {
                complaints.push(format!("{} never exercises {id}", scenario.name));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn two_runs_with_one_seed_are_the_same_to_the_bit() {
    for (one, other) in at_reference().into_iter().zip(at_reference()) {
        assert_eq!(one.log.diagram(), other.log.diagram(), "{}", one.case.name());
    }
}

#[test]
fn smoltcp_plays_every_scenario_to_its_end() {
    for case in cases() {
        let report = play(case, 1, |setup| stacks::open("smoltcp", setup));
        let fine = !matches!(report.outcome, Outcome::Failed(_));
        assert!(fine, "{}: {:?}", case.name(), report.outcome);
    }
}
