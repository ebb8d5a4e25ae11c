//! Requirements, the tracker that turns packets into facts, the checks that judge them, and the verdicts.
//!
//! No I/O, no clock, no thread: frames and times are handed in.
#![forbid(unsafe_code)]

pub mod coverage;
pub mod dns;
pub mod example;
mod hosts;
pub mod http;
mod in_order;
mod inspector;
pub mod live;
pub mod net;
pub mod requirement;
mod retries;
pub mod tcp;
pub mod tracker;
pub mod verdict;

pub use inspector::{Counts, FrameInfo, Inspector, Report, Settings};
pub use requirement::{Basis, Level, Requirement, Role, Source};
pub use verdict::{Book, Finding, Judge, Reason, RequirementIndex, Tally, Verdict};

use std::sync::OnceLock;

/// How many requirements there are.
pub(crate) const TOTAL: usize = (tcp::TOTAL + net::TOTAL + dns::TOTAL + http::TOTAL + live::TOTAL) as usize;

/// Every requirement that packets alone can judge; a [`RequirementIndex`] is a position in this list, with those of [`live`]
/// behind it.
pub fn requirements() -> &'static [&'static Requirement] {
    static ALL: OnceLock<Vec<&'static Requirement>> = OnceLock::new();
    ALL.get_or_init(|| {
        tcp::requirements()
            .chain(net::requirements())
            .chain(dns::requirements())
            .chain(http::requirements())
            .collect()
    })
}

/// The examples of every requirement, in the order of [`requirements`].
pub fn examples() -> Vec<Vec<example::Example>> {
    let mut all = tcp::examples();
    all.extend(net::examples());
    all.extend(dns::examples());
    all.extend(http::examples());
    all
}

/// Those of [`requirements`] and those of [`live`], in the order of a [`RequirementIndex`].
pub fn all_requirements() -> impl Iterator<Item = &'static Requirement> {
    requirements().iter().copied().chain(live::requirements())
}

/// The requirement with this id.
pub fn requirement_by_id(id: &str) -> Option<(RequirementIndex, &'static Requirement)> {
    let (at, requirement) = all_requirements()
        .enumerate()
        .find(|(_, requirement)| requirement.id == id)?;
    Some((RequirementIndex(at as u16), requirement))
}
