//! How a script ended.

use crate::syntax::Place;
use conformance::Report;
use suite::log::Log;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// Only because neutral matching lets stacks differ where RFCs do.
    PassedInNeutral,
    Failed(Failure),
    /// The stack lacks something that the script is about.
    Skipped {
        place: Place,
        needs: String,
    },
    /// The script cannot be run: it is wrong, or the stack failed.
    Error {
        place: Place,
        why: String,
    },
}

/// What was expected, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub place: Place,
    pub expected: String,
    pub seen: String,
    /// The field that differs, or what did not happen.
    pub differs: String,
}

/// A script's run.
pub struct ScriptReport {
    pub outcome: Outcome,
    /// Where neutral matching was used, in words, each once.
    pub relaxed: Vec<String>,
    /// What the checks saw; none when there was no stack.
    pub report: Option<Report>,
    pub log: Log,
}

/// Why a script does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    Failed {
        expected: String,
        seen: String,
        differs: String,
    },
    Needs(String),
    Error(String),
}

impl Stop {
    pub fn failed(expected: impl Into<String>, seen: impl Into<String>, differs: impl Into<String>) -> Stop {
        Stop::Failed {
            expected: expected.into(),
            seen: seen.into(),
            differs: differs.into(),
        }
    }

    pub fn at(self, place: Place) -> Outcome {
        match self {
            Stop::Failed {
                expected,
                seen,
                differs,
            } => Outcome::Failed(Failure {
                place,
                expected,
                seen,
                differs,
            }),
            Stop::Needs(needs) => Outcome::Skipped { place, needs },
            Stop::Error(why) => Outcome::Error { place, why },
        }
    }
}

pub type Step<T = ()> = Result<T, Stop>;
