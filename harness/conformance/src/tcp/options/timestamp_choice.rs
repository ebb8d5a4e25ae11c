//! Which TSval is echoed: RFC 7323 section 4.3.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::AckKind;
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber};

/// Late echoes, and not one early one, before acknowledgements that were lost on the way are ruled out as their cause.
const NO_ACCIDENT: u8 = 8;
/// Closer than this to the receiver nothing on the way thins out acknowledgements.
const NEAR: Duration = Duration::millis(2);

/// RFC 7323 section 4.3 (A): a delayed acknowledgement echoes the earliest segment that it covers.
#[derive(Default)]
pub struct TsecrEchoesEarliest {
    earliest: bool,
    latest: u8,
    first: FrameNumber,
}

impl TcpCheck for TsecrEchoesEarliest {
    const REQUIREMENT: Requirement = requirement("tcp/tsecr-echoes-earliest", rfc(7323, "4.3"), Level::Should)
        .binds(Role::Receiver)
        .says("An acknowledgement of several segments echoes the TSval of the earliest of them.")
        .judged(
            "Acknowledgements of two or more segments that were sent once, in sequence, with different TSvals. Broken by an end that \
             echoes the last of them eight times and never the first, in a capture taken near to it: further away, \
             acknowledgements in between may have been lost.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.shared.timestamps || !matches!(at.facts.ack, AckKind::New(_)) || at.segment.flags.rst() {
            return;
        }
        let Some((first, last)) = covered(at) else { return };
        let echo = at.segment.options.timestamps.map(|(_, echo)| echo);
        if echo == Some(first) {
            self.earliest = true;
            return judge.holds();
        }
        if echo != Some(last) || self.earliest {
            return;
        }
        if self.latest == 0 {
            self.first = at.frame();
        }
        self.latest = self.latest.saturating_add(1);
        if self.latest != NO_ACCIDENT {
            return;
        }
        if !at.shared.is_clean() || at.my_delay().is_none_or(|delay| delay > NEAR) {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[self.first, at.frame()],
            format_args!("TSecr {first}, of the earliest segment acknowledged"),
            format_args!("TSecr {last}, of the last one, for the {NO_ACCIDENT}th time"),
        );
    }

    fn examples() -> Vec<Example> {
        // Two segments, 10 ms apart, to each acknowledgement.
        let pairs = |t: &mut Trace, count: u32, late: u32| {
            t.vantage(crate::tracker::Vantage::Server);
            t.handshake_with_timestamps();
            for pair in 0..count {
                let tsval = 7_030 + pair * 30;
                t.client().data(10);
                t.client().data(10);
                t.server().ts(90_050 + pair * 30, tsval + late);
            }
        };
        vec![
            holds("the first of two", move |t| pairs(t, 1, 0)),
            violates("the last of two, again and again", move |t| pairs(t, 9, 10)),
            abstains("each segment has an acknowledgement of its own", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.server();
            }),
        ]
    }
}

/// TSvals of the first and the last segment that an acknowledgement covers, when they are several, in order and differ.
fn covered(at: &Moment<'_>) -> Option<(u32, u32)> {
    let ack = at.segment.ack;
    let first = at
        .peer
        .sent
        .front()
        .filter(|record| record.start == at.peer.snd_una && record.end < ack)?;
    let last = at
        .peer
        .sent
        .overlapping(ack - 1, ack)
        .next()
        .filter(|record| record.end == ack)?;
    let once = first.times == 1 && last.times == 1 && at.me.beyond.is_empty() && at.peer.sacked.is_empty();
    let later = last.tsval.wrapping_sub(first.tsval) as i32 > 0;
    (once && later && first.tsval != 0).then_some((first.tsval, last.tsval))
}
