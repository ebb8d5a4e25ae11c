//! TSvals only grow: RFC 7323 section 4.1.

use super::order::captured_at_sender;
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// No packet overtakes another by so much.
const NO_OVERTAKING: Duration = Duration::secs(5);

/// RFC 7323 section 4.1: the clock behind TSval runs with real time, so its values never decrease.
#[derive(Default)]
pub struct TsvalMonotonic {
    /// The highest TSval on new data, and its frame; 0 before the first.
    highest: (u32, FrameNumber),
    /// Since when all new data has had lower ones.
    below: Option<(Instant, FrameNumber)>,
}

impl TcpCheck for TsvalMonotonic {
    const REQUIREMENT: Requirement = requirement("tcp/tsval-monotonic", rfc(7323, "4.1"), Level::Must).by_itself()
        .also(&[rfc(7323, "5.4")])
        .binds(Role::Sender)
        .says("TSval is taken from a clock that runs at least about as real time does: it never decreases (modulo 2^32).")
        .judged(
            "New data, in sequence, against earlier new data: it was sent later. As what was lost before the capture point is sent again, \
             and packets overtake each other, a step backwards counts only in a capture taken at the sender (--vantage), or \
             when all new data stays below for 5 s.",
        );

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((now, _)) = at.segment.options.timestamps.filter(|_| at.shared.timestamps) else {
            return;
        };
        let fresh = at.facts.new_octets == at.facts.len && !at.facts.leaves_hole;
        if !fresh || at.segment.flags.rst() {
            return;
        }
        let (highest, earlier) = self.highest;
        if earlier == FrameNumber(0) || now.wrapping_sub(highest) as i32 >= 0 {
            self.highest = (now, at.frame());
            return match self.below.take() {
                Some(_) => judge.inconclusive(Reason::Ambiguous),
                None if earlier == FrameNumber(0) => {}
                None => judge.holds(),
            };
        }
        let &mut (since, first) = self.below.get_or_insert((at.now(), at.frame()));
        if !at.shared.is_clean() {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        if captured_at_sender(at) || at.now() - since >= NO_OVERTAKING {
            judge.violated(
                &[earlier, first],
                format_args!("a TSval of at least {highest}"),
                format_args!("{now} on new data"),
            );
            (self.highest, self.below) = ((now, at.frame()), None);
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("it runs with the clock", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.client().data(10);
                t.server();
            }),
            violates("it steps back by a second", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.handshake_with_timestamps();
                t.client().data(10);
                t.server();
                t.client().data(10).ts(6_000, 90_040);
                t.server();
                t.also_breaks("tcp/tsecr-valid");
            }),
            violates("it steps back, and stays there", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.server();
                t.client().data(10).ts(1_000, 90_040);
                t.after(Duration::secs(6));
                t.client().data(10).ts(7_000, 90_040);
                t.server().ts(96_080, 7_030);
            }),
            abstains("no timestamps", |t| t.handshake()),
            abstains("overtaken on the way, perhaps", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.client().data(10).ts(7_025, 90_010);
                t.server().ts(90_050, 7_030);
                t.client().data(10);
            }),
        ]
    }
}
