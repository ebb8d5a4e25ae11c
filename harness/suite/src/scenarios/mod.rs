//! All scenarios, by what they are about. A file each; a folder's list is the only place that names them.

mod closing;
mod data;
mod opening;
mod prelude;
mod states;

use crate::scenario::Scenario;

/// Every scenario.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        opening::SCENARIOS,
        states::SCENARIOS,
        data::SCENARIOS,
        closing::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}
