//! One scenario at one stack: set up, played, judged.

use crate::log::Log;
use crate::scenario::{Scenario, Step, Stop};
use crate::scenarios;
use crate::tester::Tester;
use conformance::Report;
use stacks::{Setup, Trouble};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wire::Duration;

/// The IP version that a case runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Ipv4,
    Ipv6,
}

impl Family {
    pub const ALL: [Family; 2] = [Family::Ipv4, Family::Ipv6];

    pub const fn name(self) -> &'static str {
        match self {
            Family::Ipv4 => "ipv4",
            Family::Ipv6 => "ipv6",
        }
    }

    /// The stack's address and the Tester's: documentation prefixes (RFC 5737, RFC 3849).
    pub fn addresses(self) -> (IpAddr, IpAddr) {
        match self {
            Family::Ipv4 => (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2])),
            Family::Ipv6 => (
                IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]),
                IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 2]),
            ),
        }
    }
}

/// A scenario, one of its variants, over one IP version.
#[derive(Clone, Copy)]
pub struct Case {
    pub scenario: &'static Scenario,
    pub variant: usize,
    pub family: Family,
}

impl Case {
    /// `closing/late_fin/time-wait@ipv4`
    pub fn name(&self) -> String {
        let Scenario { name, variants, .. } = self.scenario;
        let family = self.family.name();
        match variants.get(self.variant) {
            Some(variant) => format!("{name}/{variant}@{family}"),
            None => format!("{name}@{family}"),
        }
    }
}

/// Every case of every scenario.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for scenario in scenarios::all() {
        for variant in 0..scenario.variants.len().max(1) {
            all.extend(Family::ALL.map(|family| Case {
                scenario,
                variant,
                family,
            }));
        }
    }
    all
}

/// How a case ended. What was judged stands in the report whatever the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Played to its end.
    Played,
    /// The stack, or its adapter, lacks something that it is about.
    Skipped(String),
    /// Something did not come that everything later rests on.
    Stuck(String),
    /// The stack failed: its process ended, it panicked, it could not be had.
    Failed(String),
}

/// What one case came to.
pub struct CaseReport {
    pub case: Case,
    pub outcome: Outcome,
    /// None when there was no stack to play at.
    pub report: Option<Report>,
    pub log: Log,
    /// How late the machine was: what time had a part in was left open beyond [`TOLERANCE`](crate::TOLERANCE).
    pub late: Duration,
    /// How long the case took on the stack's clock, and the longest that it said it takes.
    pub took: Duration,
    pub asked: Duration,
}

/// Plays a case at a fresh stack that `open` makes.
pub fn play(case: Case, seed: u64, open: impl Fn(&Setup) -> Result<Box<dyn stacks::Stack>, Trouble>) -> CaseReport {
    drive(case, seed, open, |t| (case.scenario.play)(t, case.variant))
}

/// The same, however long it takes on a clock that is not ours.
pub fn play_slow(
    case: Case,
    seed: u64,
    open: impl Fn(&Setup) -> Result<Box<dyn stacks::Stack>, Trouble>,
) -> CaseReport {
    drive(case, seed, open, |t| {
        t.slow = true;
        (case.scenario.play)(t, case.variant)
    })
}

/// The same, with whatever `conduct` does in the scenario's place.
pub(crate) fn drive(
    case: Case,
    seed: u64,
    open: impl Fn(&Setup) -> Result<Box<dyn stacks::Stack>, Trouble>,
    conduct: impl FnOnce(&mut Tester) -> Step,
) -> CaseReport {
    let (its, ours) = case.family.addresses();
    let mut setup = Setup::new(its, ours);
    setup.seed = seed;
    let stack = match open(&setup) {
        Ok(stack) => stack,
        Err(trouble) => {
            return CaseReport {
                case,
                outcome: match trouble {
                    Trouble::Declines(why) => Outcome::Skipped(why),
                    Trouble::Cannot(why) => Outcome::Failed(why),
                },
                report: None,
                log: Log::default(),
                late: Duration::ZERO,
                took: Duration::ZERO,
                asked: Duration::ZERO,
            };
        }
    };
    let mut tester = Tester::new(stack, its, ours);
    let began = tester.now();
    let played = catch_unwind(AssertUnwindSafe(|| conduct(&mut tester)));
    let outcome = match played {
        Ok(Ok(())) => Outcome::Played,
        Ok(Err(Stop::Needs(what))) => Outcome::Skipped(format!("needs {what}")),
        Ok(Err(Stop::Stuck(why))) => Outcome::Stuck(why),
        Ok(Err(Stop::Trouble(why))) => Outcome::Failed(why),
        Err(panic) => Outcome::Failed(format!("panicked: {}", message(&*panic))),
    };
    if let Outcome::Stuck(why) | Outcome::Failed(why) = &outcome {
        tester.remark(format!("the scenario ends early: {why}"));
    }
    let late = tester.late();
    let took = tester.now() - began;
    let (lacks, asked) = (tester.lacks(), tester.asked);
    let finished = catch_unwind(AssertUnwindSafe(|| tester.finish()));
    let Ok((report, log, trouble)) = finished else {
        return CaseReport {
            case,
            outcome: Outcome::Failed("panicked at the end".to_owned()),
            report: None,
            log: Log::default(),
            late,
            took,
            asked,
        };
    };
    let outcome = match (outcome, trouble) {
        (Outcome::Played, Some(trouble)) => Outcome::Failed(trouble),
        (Outcome::Played | Outcome::Stuck(_), None) if lacks.is_some() => {
            Outcome::Skipped(format!("needs {}", lacks.unwrap_or_default()))
        }
        (outcome, _) => outcome,
    };
    CaseReport {
        case,
        outcome,
        report: Some(report),
        log,
        late,
        took,
        asked,
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}
