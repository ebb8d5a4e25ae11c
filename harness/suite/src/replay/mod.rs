//! Replay: one side of a captured TCP connection, played at a live stack.
//!
//! - `read`: a capture's connection, out of its packets; `captured`: what is known of it, what the capture lacks filled in;
//!   `stream`: one direction's octets by their place;
//! - `translate`: captured numbers, windows and options to live ones;
//! - `play`: events in the order of the capture, at its pace; `turn`: our side's; `application`: the stack's; `heard`: what it has
//!   sent;
//! - `tell`: how the stack's part differs from the captured one.
//!
//! Nothing here judges, but for `tcp/data-delivered`: the checks watch a replay as they watch a scenario.

mod application;
mod captured;
mod heard;
mod play;
mod read;
mod stream;
mod tell;
mod translate;
mod turn;

pub use captured::{Conversation, Side};
pub use read::{Unfit, read};
pub use tell::Told;

use crate::run::{Case, CaseReport, Family, drive};
use crate::scenario::Scenario;
use conformance::Requirement;
use stacks::{Setup, Stack, Trouble};

/// A replay stands on the scorecard as this one scenario.
static SCENARIO: Scenario = Scenario {
    name: "replay",
    about: "One side of a captured connection is played.",
    exercises: &[],
    variants: &[],
    play: |_, _| Ok(()),
};

/// Whether a replay can show that a stack breaks this: what its application says is the captured one's, not the stack's own.
pub fn concerns(requirement: &Requirement) -> bool {
    !matches!(requirement.protocol(), "http" | "dns")
}

/// Plays the side `plays` of a captured connection at a fresh stack that `open` makes.
pub fn replay(
    conversation: &Conversation,
    plays: Side,
    seed: u64,
    open: impl Fn(&Setup) -> Result<Box<dyn Stack>, Trouble>,
) -> (CaseReport, Told) {
    let case = Case {
        scenario: &SCENARIO,
        variant: 0,
        family: if conversation.ends[0].0.is_ipv4() {
            Family::Ipv4
        } else {
            Family::Ipv6
        },
    };
    let mut player = play::Player::new(conversation, plays);
    let report = drive(case, seed, open, |t| player.play(t));
    (report, player.told())
}
