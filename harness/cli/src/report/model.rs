//! What every form of report is made of. Serialised as it stands, it is the JSON that `docs/check.schema.json` describes.

use conformance::{Level, Requirement, Tally, Verdict};
use serde::Serialize;

/// The version of the JSON's shape: raised when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// Everything that one run of `check` found.
#[derive(Serialize)]
pub struct Document {
    pub schema: u32,
    pub tool: Tool,
    pub captures: Vec<CaptureEntry>,
    pub requirements: Vec<RequirementEntry>,
    pub violations: Vec<Violation>,
    /// Lines of the expectations file that nothing in the captures needed any more.
    pub unmet_expectations: Vec<String>,
}

#[derive(Serialize)]
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
}

impl Tool {
    pub const THIS: Tool = Tool {
        name: "stackproof",
        version: env!("CARGO_PKG_VERSION"),
    };
}

#[derive(Serialize)]
pub struct CaptureEntry {
    pub file: String,
    pub packets: u64,
    pub connections: u64,
    /// What was odd about the file, or keeps verdicts from being whole.
    pub warnings: Vec<String>,
    /// Why the file could not be read, or not be read further; what came before is judged.
    pub error: Option<String>,
    pub endpoints: Vec<EndpointEntry>,
}

/// One host of one capture.
#[derive(Serialize)]
pub struct EndpointEntry {
    pub endpoint: String,
    /// Requirements by verdict.
    pub counts: Counts,
    /// A verdict per reported requirement, in the order of `requirements`.
    #[serde(skip)]
    pub judged: Vec<Judged>,
}

/// A requirement's verdict on one endpoint.
#[derive(Clone)]
pub struct Judged {
    pub verdict: Verdict,
    pub tally: Tally,
    /// Every violation of it is accepted by the expectations.
    pub accepted: bool,
}

/// How many (requirement, endpoint) pairs came to each verdict.
#[derive(Serialize, Clone, Copy, Default)]
pub struct Counts {
    pub holds: u64,
    pub violated: u64,
    pub deviating: u64,
    pub inconclusive: u64,
    pub not_exercised: u64,
}

impl Counts {
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Holds => &mut self.holds,
            Verdict::Violated => &mut self.violated,
            Verdict::Deviating => &mut self.deviating,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::NotExercised => &mut self.not_exercised,
        } += 1;
    }
}

/// One requirement over all captures: the counts are of endpoints.
#[derive(Serialize)]
pub struct RequirementEntry {
    pub id: &'static str,
    pub source: String,
    pub level: &'static str,
    #[serde(flatten)]
    pub counts: Counts,
    /// Occasions on which it was judged, over all endpoints.
    pub times: Times,
    #[serde(skip)]
    pub requirement: &'static Requirement,
}

#[derive(Serialize, Clone, Copy, Default)]
pub struct Times {
    pub held: u64,
    pub broken: u64,
    pub abstained: u64,
}

impl Times {
    pub fn add(&mut self, tally: &Tally) {
        self.held += u64::from(tally.held);
        self.broken += u64::from(tally.broken);
        self.abstained += u64::from(tally.abstained);
    }
}

/// One violation (of a MUST) or deviation (from a SHOULD), with its proof.
#[derive(Serialize)]
pub struct Violation {
    pub requirement: &'static str,
    pub level: &'static str,
    pub source: String,
    pub verdict: &'static str,
    pub file: String,
    /// The host that broke it.
    pub endpoint: String,
    /// From that host to its peer.
    pub connection: String,
    /// Seconds since the Unix epoch.
    pub time: f64,
    /// As Wireshark numbers them.
    pub frames: Vec<u32>,
    pub expected: String,
    pub seen: String,
    /// An expectation covers it: it does not count for the exit status.
    pub accepted: bool,
    #[serde(skip)]
    pub severity: Level,
}

impl Document {
    /// Whether something at least as strong as `level` was broken and not accepted.
    pub fn is_broken(&self, level: Level) -> bool {
        self.captures
            .iter()
            .flat_map(|capture| &capture.endpoints)
            .any(|endpoint| {
                endpoint.judged.iter().zip(&self.requirements).any(|(judged, entry)| {
                    matches!(judged.verdict, Verdict::Violated | Verdict::Deviating)
                        && !judged.accepted
                        && entry.requirement.level <= level
                })
            })
    }

    pub fn has_errors(&self) -> bool {
        self.captures.iter().any(|capture| capture.error.is_some())
    }
}
