//! All scenarios, by what they are about. A file each; a folder's list is the only place that names them.

mod attack;
mod closing;
mod congestion;
mod data;
mod flow_control;
mod icmp;
mod ip;
mod keepalive;
mod opening;
mod options;
mod prelude;
mod retransmission;
mod services;
mod states;

use crate::scenario::Scenario;

/// Every scenario.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        opening::SCENARIOS,
        options::SCENARIOS,
        states::SCENARIOS,
        data::SCENARIOS,
        retransmission::SCENARIOS,
        congestion::SCENARIOS,
        flow_control::SCENARIOS,
        keepalive::SCENARIOS,
        closing::SCENARIOS,
        attack::SCENARIOS,
        icmp::SCENARIOS,
        ip::SCENARIOS,
        services::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}
