//! TCP: one folder per concern, one file per requirement or close family of them; each requirement sits beside its check.
//!
//! To add one, write it in a file of the folder it belongs to and list it in that folder's `mod.rs`.

mod acks;
mod blind_attack;
pub mod check;
mod closing;
mod congestion;
mod data;
mod ecn;
mod flow_control;
mod header;
mod keepalive;
mod opening;
mod options;
mod retransmission;
mod unanswered;

pub use check::{Ending, Moment, TcpCheck, Why};

use crate::example::Example;
use crate::requirement::Requirement;
use crate::verdict::Judge;

/// The groups, in the order of the registry.
macro_rules! groups {
    ($($group:ident),* $(,)?) => {
        /// Every TCP check for one end of one connection.
        #[derive(Default)]
        pub struct TcpChecks { $($group: $group::Checks),* }

        #[allow(non_camel_case_types)]
        #[repr(usize)]
        enum Group { $($group),* }

        const COUNTS: &[u16] = &[$($group::COUNT),*];

        /// How many requirements come before a group.
        const fn base(group: Group) -> u16 {
            let (mut sum, mut at, group) = (0, 0, group as usize);
            while at < group {
                sum += COUNTS[at];
                at += 1;
            }
            sum
        }

        /// Requirements of this family; those of the next one follow in the registry.
        pub(crate) const TOTAL: u16 = {
            let (mut sum, mut at) = (0, 0);
            while at < COUNTS.len() {
                sum += COUNTS[at];
                at += 1;
            }
            sum
        };

        pub(crate) fn requirements() -> impl Iterator<Item = &'static Requirement> {
            [].into_iter()$(.chain($group::REQUIREMENTS.iter()))*
        }

        pub(crate) fn examples() -> Vec<Vec<Example>> {
            let mut all = Vec::new();
            $(all.extend($group::examples());)*
            all
        }

        impl TcpChecks {
            each_event!(on_sent, Moment, $($group)*);
            each_event!(on_syn_sent, Moment, $($group)*);
            each_event!(on_data_sent, Moment, $($group)*);
            each_event!(on_retransmitted, Moment, $($group)*);
            each_event!(on_fin_sent, Moment, $($group)*);
            each_event!(on_rst_sent, Moment, $($group)*);
            each_event!(on_received, Moment, $($group)*);
            each_event!(on_syn_received, Moment, $($group)*);
            each_event!(on_data_received, Moment, $($group)*);
            each_event!(on_acked, Moment, $($group)*);
            each_event!(on_duplicate_ack, Moment, $($group)*);
            each_event!(on_fin_received, Moment, $($group)*);
            each_event!(on_rst_received, Moment, $($group)*);
            each_event!(on_end, Ending, $($group)*);
        }
    };
}

macro_rules! each_event {
    ($event:ident, $what:ident, $($group:ident)*) => {
        #[inline]
        pub(crate) fn $event(&mut self, what: &$what<'_>, judge: &mut Judge<'_>) {
            $(self.$group.$event::<{ base(Group::$group) }>(what, judge);)*
        }
    };
}

groups! {
    header, options, opening, data, acks, retransmission, congestion, ecn, flow_control, keepalive, closing, blind_attack,
}
