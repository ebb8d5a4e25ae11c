//! The initial congestion window.

use super::{largest_initial_window, segment_size};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Vantage;
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// A flight goes out at once; what comes so much later was sent by a timer.
const PROBE_PAUSE: Duration = Duration::millis(5);

/// RFC 5681 section 3.1 bounds the initial window; RFC 6928 raises the bound to ten segments.
#[derive(Default)]
pub struct InitialWindow {
    /// New octets of data before any of them was acknowledged.
    octets: u32,
    first: FrameNumber,
    began: Instant,
    done: bool,
}

impl TcpCheck for InitialWindow {
    const REQUIREMENT: Requirement = requirement("tcp/initial-window", rfc(5681, "3.1"), Level::Must)
        .also(&[rfc(6928, "2"), rfc(3390, "1"), rfc(2525, "2.1"), rfc(2525, "2.3")])
        .binds(Role::Sender)
        .says("Before its first data is acknowledged a sender has no more outstanding than the initial window.")
        .judged(
            "Octets of new data sent before any of them is acknowledged, against the largest window that an RFC allows: ten \
             segments of the peer's MSS, at most 14600 octets or two segments (RFC 6928). A duplicate acknowledgement ends the count. Up to four segments more are inconclusive \
             once a round trip has passed: the capture may have missed an acknowledgement. Needs the handshake. Octets on a SYN \
             (RFC 7413) are not counted.",
        );

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.done || at.facts.new_octets == 0 || at.segment.flags.syn() {
            return;
        }
        let Some(bound) = largest_initial_window(at) else {
            self.done = true;
            return judge.inconclusive(Reason::MidStream);
        };
        if self.octets == 0 {
            (self.first, self.began) = (at.frame(), at.now());
        }
        self.octets = self
            .octets
            .saturating_add(at.facts.new_octets.min(at.segment.payload_len));
        if self.octets <= bound {
            return;
        }
        // Before a round trip has passed no acknowledgement can have come; later one may have come unseen.
        let round_trip = at.me.rtt.smallest + at.me.response.unwrap_or_default();
        let too_soon = at.me.rtt.samples > 0 && at.now() - self.began < round_trip;
        let far_beyond = segment_size(at).is_some_and(|size| self.octets > bound + 4 * size);
        // RFC 8985 section 7.3: a tail loss probe may be one segment of new data, sent by itself.
        let paused = at
            .me
            .last_data_sent
            .is_some_and(|last| at.now() - last.time >= PROBE_PAUSE);
        let probe = paused && segment_size(at).is_some_and(|size| self.octets <= bound + size);
        if (!too_soon && !far_beyond) || probe {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        self.done = true;
        if !at.shared.is_clean() || at.facts.leaves_hole {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[self.first, at.frame()],
            format_args!("at most {bound} octets before the first is acknowledged"),
            format_args!("{} octets", self.octets),
        );
    }

    fn on_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        // A broken stack that takes it all the same goes on with it.
        if at.facts.dropped && at.segment.flags.ack() && at.segment.ack > at.me.snd_una && self.octets > 0 && !self.done
        {
            self.done = true;
            return judge.inconclusive(Reason::Ambiguous);
        }
        // RFC 6675 section 2: with SACK, data may come with it.
        if at.facts.sack_news && at.shared.sack && self.octets > 0 && !self.done {
            self.done = true;
            judge.holds();
        }
    }

    fn on_duplicate_ack(&mut self, _: &Moment<'_>, judge: &mut Judge<'_>) {
        // Segments have left the network (RFC 3042, RFC 6675): what is sent from here on may replace them.
        if self.octets > 0 && !self.done {
            self.done = true;
            judge.holds();
        }
    }

    fn on_acked(&mut self, _: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.octets > 0 && !self.done {
            self.done = true;
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("ten segments, then an acknowledgement", |t| {
                t.handshake();
                for _ in 0..10 {
                    t.client().data(1460);
                }
                t.server();
            }),
            holds("towards an MSS of zero, ten segments of what is sent", |t| {
                t.client().syn().mss(1460);
                t.server().syn().mss(0);
                t.client();
                for _ in 0..10 {
                    t.client().data(1);
                }
                t.server();
                t.also_breaks("tcp/effective-send-mss");
            }),
            violates("thirty segments at once", |t| {
                t.handshake();
                for _ in 0..30 {
                    t.client().data(1460);
                }
                t.server();
            }),
            abstains("it goes on upon an acknowledgement that was to be dropped", |t| {
                t.vantage(Vantage::Live(t.addresses().0));
                t.handshake();
                for _ in 0..10 {
                    t.client().data(1460);
                }
                t.server().seq(1_000_000_000);
                for _ in 0..10 {
                    t.client().data(1460);
                }
            }),
            abstains("the capture began later", |t| {
                t.client().seq(1).ack(1).data(1460);
                t.server();
            }),
        ]
    }
}
