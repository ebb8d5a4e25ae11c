//! Two stacks across a network: both finish, every octet is right, neither breaks anything; and a fault shows.

use conformance::Level;
use stacks::{Fault, Faults, Setup, Stack, Trouble};
use suite::Family;
use suite::interop::{Condition, Meeting, meet};

fn reference(faults: Faults) -> impl Fn(&Setup) -> Result<Box<dyn Stack>, Trouble> {
    move |setup| {
        stacks::open(
            "reference",
            &Setup {
                faults,
                ..setup.clone()
            },
        )
    }
}

fn meeting(faults: [Faults; 2], condition: Condition, seed: u64) -> Meeting {
    let family = Family::ALL[(seed % 2) as usize];
    let (one, two) = family.addresses();
    let [first, second] = faults.map(reference);
    meet([&first, &second], [one, two], condition, seed).expect("two stacks")
}

/// Requirements of level MUST that either broke.
fn broken(meeting: &Meeting) -> Vec<&'static str> {
    let reports = meeting.reports.iter().zip(meeting.addresses);
    reports
        .flat_map(|(report, its)| report.book.findings().filter(move |finding| finding.endpoint == its))
        .filter_map(|finding| conformance::all_requirements().nth(usize::from(finding.requirement.0)))
        .filter(|requirement| requirement.level == Level::Must)
        .map(|requirement| requirement.id)
        .collect()
}

#[test]
fn the_reference_finishes_with_itself_whatever_the_network_does() {
    for condition in Condition::ALL {
        for seed in 0..4 {
            let meeting = meeting([Faults::default(); 2], condition, seed);
            assert_eq!(meeting.outcome, Ok(()), "{} {seed}", condition.name());
            assert_eq!(broken(&meeting), Vec::<&str>::new(), "{} {seed}", condition.name());
        }
    }
}

#[test]
fn the_same_seed_is_the_same_meeting() {
    let once = || {
        let meeting = meeting([Faults::default(); 2], Condition::Loss, 5);
        (meeting.time, meeting.packets, meeting.logs[0].diagram())
    };
    assert_eq!(once(), once());
}

#[test]
fn a_receiver_that_takes_damaged_data_delivers_other_octets() {
    let faults = [Faults::default(), Faults::one(Fault::TakesDamaged)];
    let wrong = (0..20).filter_map(|seed| meeting(faults, Condition::Corrupt, seed).outcome.err());
    assert!(wrong.count() > 0);
}

#[test]
fn a_fault_of_one_side_is_told_of_that_side() {
    let faults = [Faults::default(), Faults::one(Fault::ShiftOf15)];
    let meeting = meeting(faults, Condition::Perfect, 1);
    let [client, server] = meeting.addresses;
    let accused = |report: &conformance::Report, whom| report.book.findings().any(|one| one.endpoint == whom);
    assert!(!accused(&meeting.reports[0], client));
    assert!(accused(&meeting.reports[1], server));
    assert!(broken(&meeting).contains(&"tcp/window-scale-at-most-14"));
}
