//! The loss window: what a timeout leaves of the congestion window.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Cause, Transmission};
use crate::verdict::{Judge, Reason};
use wire::{FrameNumber, SeqNumber};

/// RFC 5681 section 3.1: upon a timeout the window is one full-sized segment.
#[derive(Default)]
pub struct TimeoutWindow {
    /// Behind the octets that the timeout sent again.
    resent: Option<(SeqNumber, FrameNumber)>,
    judged: bool,
}

impl TcpCheck for TimeoutWindow {
    const REQUIREMENT: Requirement = requirement("tcp/one-segment-after-timeout", rfc(5681, "3.1"), Level::Must)
        .also(&[rfc(2525, "2.2"), rfc(2525, "2.14"), rfc(9293, "3.8.2")])
        .labels(&["MUST-19"])
        .binds(Role::Sender)
        .says("After a retransmission timeout only one segment is sent until an acknowledgement arrives.")
        .judged(
            "From the second timeout of the same octets on (the first may be a tail loss probe), data other than that segment sent \
             before anything is heard from the peer breaks it. A zero window, or a peer that was heard, ends the matter.",
        );

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((end, frame)) = self.resent else { return };
        // The loss window counts octets: small segments may share it, and a FIN may join them.
        let last = at.segment.data_start() + at.segment.payload_len;
        let within = super::segment_size(at).is_some_and(|size| last.since(at.me.snd_una) <= size as i32);
        if at.facts.end <= end || within || self.judged || at.peer.window == Some(0) {
            return;
        }
        self.judged = true;
        if !at.shared.is_clean() || at.me.has_holes() {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[frame, at.frame()],
            "one segment after the timeout, until it is acknowledged",
            format_args!(
                "octets {}..{} sent as well",
                at.me.relative(at.segment.seq),
                at.me.relative(at.facts.end)
            ),
        );
    }

    fn on_retransmitted(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let by_timer = at.facts.transmission == Transmission::Retransmission(Cause::Timeout);
        // What came since it was sent last may have counted as duplicates, whatever their windows.
        let quiet = |since: FrameNumber| at.me.last_received.is_none_or(|last| last.frame < since);
        let again = at
            .facts
            .resent
            .is_some_and(|resent| resent.times >= 2 && quiet(resent.last.frame));
        if by_timer && again && at.segment.seq == at.me.snd_una {
            let size = at
                .me
                .sent
                .front()
                .map_or(at.facts.end, |first| first.end.max(at.facts.end));
            self.resent = Some((size, at.frame()));
            self.judged = false;
        }
    }

    fn on_received(&mut self, _: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.resent.take().is_some() && !self.judged {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the first segment alone, twice, then an answer", |t| {
                two_timeouts(t);
                t.server().ack(1001);
                t.client().seq(1001).data(1000);
                t.server().ack(4001);
            }),
            violates("the second timeout sends the whole flight", |t| {
                two_timeouts(t);
                t.client().seq(1001).data(1000);
                t.client().seq(2001).data(1000);
                t.server().ack(4001);
            }),
            holds(
                "an acknowledgement that was dropped came before the one that counts",
                |t| {
                    t.vantage(crate::tracker::Vantage::Client);
                    t.client().syn().mss(1460).wnd(100);
                    t.server().syn().mss(1460);
                    t.client().wnd(100);
                    t.client().data(1000).wnd(100);
                    t.client().data(1000).wnd(100);
                    t.after(wire::Duration::secs(1));
                    t.client().seq(1).data(1000).wnd(100);
                    t.client().seq(1001).data(1000).wnd(100);
                    t.after(wire::Duration::secs(2));
                    t.client().seq(1).data(1000).wnd(100);
                    t.server().seq(101).ack(1001);
                    t.after(wire::Duration::millis(1300));
                    t.server().seq(1).ack(1001).data(100);
                    t.client().seq(1001).data(1000).wnd(0);
                    t.client().seq(2001).data(1000).wnd(0);
                    t.server().ack(3001);
                },
            ),
            holds(
                "the application closes meanwhile, and the FIN goes with the third",
                |t| {
                    t.plain_handshake();
                    t.client().data(1460);
                    for gap in [1, 2] {
                        t.after(wire::Duration::secs(gap));
                        t.client().seq(1).data(1460);
                    }
                    t.after(wire::Duration::secs(4));
                    t.client().seq(1).data(1460).fin();
                    t.server();
                },
            ),
            abstains("a single timeout may have been a probe", |t| {
                t.plain_handshake();
                t.client().data(1000);
                t.after(wire::Duration::secs(1));
                t.client().seq(1).data(1000);
                t.server();
            }),
        ]
    }
}

/// Four segments unanswered, the first sent again after 1 s and 2 s.
fn two_timeouts(t: &mut Trace) {
    t.plain_handshake();
    for _ in 0..4 {
        t.client().data(1000);
    }
    for gap in [1, 2] {
        t.after(wire::Duration::secs(gap));
        t.client().seq(1).data(1000);
    }
}
