//! Which requirements are reported: `--only`, `--skip`, `--rfc`, `--level`, `--protocol`.

use crate::Failure;
use crate::args::{LevelArg, Selection};
use conformance::{Level, Requirement};

impl Selection {
    /// One flag per requirement of the registry. A name that matches nothing is an error: a typing mistake must not look
    /// like a clean result.
    pub fn flags(&self) -> Result<Vec<bool>, Failure> {
        self.flags_of(conformance::requirements())
    }

    /// The same over every requirement, those of live tests included.
    pub fn live_flags(&self) -> Result<Vec<bool>, Failure> {
        let all: Vec<&Requirement> = conformance::all_requirements().collect();
        self.flags_of(&all)
    }

    fn flags_of(&self, all: &[&Requirement]) -> Result<Vec<bool>, Failure> {
        for pattern in self.only.iter().chain(&self.skip) {
            if !all.iter().any(|requirement| matches(pattern, requirement)) {
                return Err(format!("no requirement is called '{pattern}' (see `stackproof rules`)").into());
            }
        }
        for name in &self.protocol {
            if !all.iter().any(|requirement| requirement.protocol() == name) {
                return Err(format!("no requirement is about protocol '{name}' (see `stackproof rules`)").into());
            }
        }
        for &number in &self.rfc {
            if !all.iter().any(|requirement| cites(requirement, number)) {
                return Err(format!("no requirement cites RFC {number} (see `stackproof rules`)").into());
            }
        }
        Ok(all.iter().map(|requirement| self.takes(requirement)).collect())
    }

    fn takes(&self, requirement: &Requirement) -> bool {
        let level = |wanted: &LevelArg| match wanted {
            LevelArg::Must => requirement.level == Level::Must,
            LevelArg::Should => requirement.level == Level::Should,
            LevelArg::May => requirement.level == Level::May,
        };
        (self.only.is_empty() || self.only.iter().any(|pattern| matches(pattern, requirement)))
            && !self.skip.iter().any(|pattern| matches(pattern, requirement))
            && (self.rfc.is_empty() || self.rfc.iter().any(|&number| cites(requirement, number)))
            && (self.level.is_empty() || self.level.iter().any(level))
            && (self.protocol.is_empty() || self.protocol.iter().any(|name| name == requirement.protocol()))
    }
}

fn cites(requirement: &Requirement, rfc: u16) -> bool {
    requirement.source.rfc == rfc || requirement.also.iter().any(|source| source.rfc == rfc)
}

fn matches(pattern: &str, requirement: &Requirement) -> bool {
    glob::Pattern::new(pattern).map_or(pattern == requirement.id, |pattern| pattern.matches(requirement.id))
        || requirement.labels.contains(&pattern)
}
