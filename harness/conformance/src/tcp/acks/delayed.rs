//! The delay of acknowledgements.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// RFC 9293 section 3.8.6.3 (MUST-40).
const LIMIT: Duration = Duration::millis(500);

/// The capture was taken beside the receiver: no acknowledgement gets lost before it.
const NEAR: Duration = Duration::millis(1);

/// RFC 9293 section 3.8.6.3 (MUST-40): less than half a second.
#[derive(Default)]
pub struct AckDelay {
    /// The first data not yet acknowledged: its end, when and where it was seen.
    waiting: Option<(SeqNumber, Instant, FrameNumber)>,
    /// The capture has shown an acknowledgement of this end without data: it is not one that leaves them out.
    shows_acks: bool,
    /// Behind data that overflowed the window, until it is acknowledged: nobody knows how much of it was taken.
    overflow: Option<SeqNumber>,
}

impl TcpCheck for AckDelay {
    const REQUIREMENT: Requirement = requirement("tcp/ack-delay-below-500ms", rfc(9293, "3.8.6.3"), Level::Must)
        .labels(&["MUST-40", "SHLD-18"])
        .also(&[rfc(5681, "4.2")])
        .binds(Role::Receiver)
        .says("An acknowledgement is delayed by less than half a second.")
        .judged(
            "New data in sequence that is acknowledged without having been sent again: the time until its acknowledgement is at most \
             500 ms (10 ms of tolerance for clock ticks). Broken only where the capture was taken within 1 ms of the receiver; anything \
             retransmitted or out of order in between ends the measurement, and an end of which no pure acknowledgement was seen is \
             not judged: filtered captures leave them out.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // RFC 7323 section 3.2: without the timestamps agreed on it is no data yet; RFC 9293 section 3.10.7.3: on a SYN it waits.
        if at.facts.dropped || at.segment.flags.syn() || at.segment.lacks_timestamps(at.shared) {
            return;
        }
        if at
            .me
            .edge
            .is_some_and(|edge| at.facts.end > edge && at.me.rcv_nxt <= at.facts.end)
        {
            self.overflow = Some(at.facts.end);
        }
        let in_sequence = at.segment.seq == at.me.rcv_nxt && at.facts.new_octets == at.facts.len;
        if !in_sequence || !at.me.beyond.is_empty() || at.me.window == Some(0) {
            self.waiting = None;
        } else if self.waiting.is_none() && self.overflow.is_none() {
            self.waiting = Some((at.facts.end, at.now(), at.frame()));
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.overflow = self
            .overflow
            .filter(|&end| !at.segment.flags.ack() || at.segment.ack < end);
        if at.segment.flags.rst() {
            return self.waiting = None; // a refusal acknowledges what it refuses
        }
        let Some((end, time, frame)) = self.waiting else { return };
        if !at.segment.flags.ack() || at.segment.ack < end {
            return;
        }
        self.waiting = None;
        self.shows_acks |= at.segment.is_pure_ack();
        if at.now() - time <= LIMIT {
            return judge.holds();
        }
        let Some(reaction) = at.my_reaction(time).filter(|_| at.shared.is_clean()) else {
            return judge.inconclusive(Reason::Vantage);
        };
        // A slow first measurement is no measurement of the path: it may be the delay itself.
        // Far from the receiver its acknowledgement may have been lost before the capture point, and a later one seen.
        let near = at.my_delay().is_some_and(|delay| delay <= NEAR);
        if !near || !self.shows_acks || reaction.at_least <= LIMIT + Duration::millis(10) {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[frame, at.frame()],
            "an acknowledgement within 500 ms",
            format_args!("one after {}", reaction.seen),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("after 200 ms", |t| {
                t.handshake();
                t.client().data(100);
                t.after(Duration::millis(200));
                t.server();
            }),
            violates("after 800 ms", |t| {
                t.vantage(crate::tracker::Vantage::Server);
                t.handshake();
                t.client().data(100);
                t.server();
                t.client().data(100);
                t.after(Duration::millis(800));
                t.server();
            }),
            holds("as much of it as the window has room for, at once", |t| {
                t.also_breaks("tcp/within-peer-window");
                t.vantage(crate::tracker::Vantage::Server);
                t.handshake_with_server_window(500);
                t.client().data(100);
                t.server().wnd(500);
                t.client().data(700);
                t.server().ack(601).wnd(500);
                t.after(Duration::secs(1));
                t.client().seq(601).data(200);
                t.server();
            }),
            abstains("what lacks the timestamps agreed on is no data yet", |t| {
                t.also_breaks("tcp/timestamps-on-every-segment");
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.handshake_with_timestamps();
                t.client().data(100).no_timestamps();
                t.after(Duration::millis(600));
                t.client().seq(1).data(100);
                t.server();
            }),
            abstains("the path itself is slow", |t| {
                t.step(Duration::millis(600));
                t.handshake();
                t.client().data(100);
                t.after(Duration::millis(800));
                t.server();
            }),
        ]
    }
}
