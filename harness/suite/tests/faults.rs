//! Every fault of the reference is caught, under the requirement that it breaks, by the case that docs/FAULTS.md names.
//!
//! `STACKPROOF_UPDATE=1` looks for the first case that catches each and writes the table anew.

use stacks::{Fault, Faults, Setup};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use suite::{Case, cases, play};

fn table() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/FAULTS.md")
}

/// Whether this case shows the reference with this fault to break what it should.
fn catches(case: Case, fault: Fault) -> bool {
    let report = play(case, 1, |setup| {
        let setup = Setup {
            faults: Faults::one(fault),
            ..setup.clone()
        };
        stacks::open("reference", &setup)
    });
    let (its, _) = case.family.addresses();
    let wanted = conformance::requirement_by_id(fault.breaks()).map(|(index, _)| index);
    report.report.is_some_and(|report| {
        report
            .book
            .findings()
            .any(|finding| finding.endpoint == its && Some(finding.requirement) == wanted)
    })
}

/// Every fault with what `find` says of it, found on all processors.
fn each(find: impl Fn(Fault) -> Option<String> + Sync) -> Vec<(Fault, Option<String>)> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(&fault) = Fault::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = find(fault);
                    found.lock().expect("no thread panicked").push((fault, result));
                }
            });
        }
    });
    let mut found = found.into_inner().expect("no thread panicked");
    found.sort_by_key(|(fault, _)| *fault as usize);
    found
}

fn write(found: &[(Fault, Option<String>)]) {
    let mut text = String::from(
        "# Faults of the reference\n\nEach is a deliberate deviation (`stackproof test reference --fault NAME`), the requirement under \
         which it must be caught, and\nthe first case of the suite that catches it. `STACKPROOF_UPDATE=1 cargo test --release -p \
         stackproof-suite --test faults` writes this table; without the\nvariable the test plays the case named here.\n\n\
         | Fault | What it does | Breaks | Caught by |\n|---|---|---|---|\n",
    );
    for (fault, case) in found {
        let case = case.as_deref().unwrap_or("nothing");
        let _ = writeln!(
            text,
            "| `{}` | {} | `{}` | `{case}` |",
            fault.name(),
            fault.does(),
            fault.breaks()
        );
    }
    std::fs::write(table(), text).expect("docs/ can be written");
}

#[test]
fn every_fault_is_caught_under_the_requirement_it_breaks() {
    if std::env::var_os("STACKPROOF_UPDATE").is_some() {
        let found = each(|fault| {
            cases()
                .into_iter()
                .find(|&case| catches(case, fault))
                .map(|case| case.name())
        });
        write(&found);
    }
    let text = std::fs::read_to_string(table()).expect("docs/FAULTS.md");
    let named = |fault: Fault| {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", fault.name())))?;
        line.rsplit('`').nth(1).map(str::to_owned)
    };
    let found = each(|fault| {
        let name = named(fault)?;
        let case = cases().into_iter().find(|case| case.name() == name)?;
        catches(case, fault).then_some(name)
    });
    let missed: Vec<&str> = found
        .iter()
        .filter(|(_, case)| case.is_none())
        .map(|(fault, _)| fault.name())
        .collect();
    assert!(missed.is_empty(), "not caught as docs/FAULTS.md says: {missed:?}");
}

#[test]
fn every_fault_names_a_requirement_and_no_other_has_its_name() {
    for fault in Fault::ALL {
        let id = fault.breaks();
        assert!(conformance::requirement_by_id(id).is_some(), "{}: {id}", fault.name());
        let same = Fault::ALL.iter().filter(|other| other.name() == fault.name()).count();
        assert_eq!(same, 1, "{}", fault.name());
    }
}
