//! Every fault of the reference is caught, under the requirement that it breaks.

mod world;

use tcp::{Fault, Faults};

/// Conversations that a fault may take to show itself.
const PATIENCE: u64 = 2000;

/// The first conversation that shows it.
fn caught(fault: Fault) -> Option<u64> {
    (0..PATIENCE).find(|&seed| {
        let mut faults = [Faults::default(); 2];
        faults[(seed % 2) as usize] = Faults::one(fault);
        let outcome = world::converse(seed, faults);
        outcome.findings.iter().any(|(id, _)| *id == fault.breaks())
    })
}

#[test]
fn every_fault_is_caught_under_the_requirement_it_breaks() {
    let missed: Vec<String> = Fault::ALL
        .iter()
        .filter_map(|&fault| {
            let seed = caught(fault);
            println!("{:24} {:36} {seed:?}", fault.name(), fault.breaks());
            seed.is_none().then(|| format!("{}: {}", fault.name(), fault.does()))
        })
        .collect();
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

#[test]
fn every_fault_names_a_requirement_that_exists() {
    for fault in Fault::ALL {
        let id = fault.breaks();
        assert!(conformance::requirement_by_id(id).is_some(), "{}: {id}", fault.name());
    }
}
