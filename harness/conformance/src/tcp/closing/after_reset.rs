//! A reset ends a connection, for its sender and for its receiver.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::tcp::Flags;
use wire::{Duration, FrameNumber, Instant};

/// What was sent before a reset does not arrive so much later.
const LATE: Duration = Duration::secs(2);
/// Resets that were passed over before an end is said not to obey them.
const ENOUGH: u8 = 3;

/// RFC 9293 section 3.10.5: after a reset all that was queued is gone, and the connection closed.
#[derive(Default)]
pub struct NothingAfterReset {
    reset: Option<(Instant, FrameNumber, u8)>,
}

impl TcpCheck for NothingAfterReset {
    const REQUIREMENT: Requirement = requirement("tcp/nothing-after-reset", rfc(9293, "3.10.5"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.5.2")])
        .binds(Role::Sender)
        .says("An end that resets a synchronized connection sends nothing on it afterwards but resets.")
        .judged(
            "Segments of an end more than 2 s after its own reset from a synchronized state, on the same connection: a reset is kept, \
             data or FIN is broken. A reset with another TTL than its supposed sender's may be a middlebox's: inconclusive.",
        );

    fn on_rst_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.reset.is_some() {
            return judge.holds();
        }
        // RFC 4987 section 3.6: a listener that keeps no state refuses one segment, and knows nothing of the next.
        let stateless = !at.segment.flags.ack() && at.me.iss.is_some_and(|iss| at.me.snd_nxt == iss + 1);
        if at.me.state.is_synchronized() && at.shared.established && !stateless {
            self.reset = Some((at.now(), at.frame(), at.segment.ip.ttl));
        }
    }

    fn on_fin_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.on_data_sent(at, judge);
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((time, frame, ttl)) = self.reset else { return };
        if at.segment.flags.rst() || at.segment.flags.syn() || at.now() - time <= LATE {
            return;
        }
        if ttl != at.segment.ip.ttl || !at.shared.is_clean() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[frame, at.frame()],
            "nothing on a connection that was reset",
            format_args!("{} octets {} after the reset", at.segment.payload_len, at.now() - time),
        );
    }

    fn examples() -> Vec<Example> {
        let reset = |t: &mut Trace| {
            t.handshake();
            t.client().data(100);
            t.server();
            t.client().rst();
        };
        vec![
            holds("another reset answers what still comes", move |t| {
                reset(t);
                t.server().data(100);
                t.client().bare_rst();
            }),
            abstains("a reset that refuses one segment of the handshake", |t| {
                t.also_breaks("tcp/handshake-completed-in-sequence"); // the stimulus itself
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.client().syn().mss(1460);
                t.server().syn().mss(1460);
                t.client().ack(0).fin();
                t.server().seq(0).ack(1).bare_rst();
                t.client().seq(1);
                t.after(Duration::secs(3));
                t.server().ack(1).data(100);
            }),
            violates("data three seconds later", move |t| {
                reset(t);
                t.after(Duration::secs(3));
                t.client().data(100);
            }),
            abstains("no reset", |t| t.handshake()),
        ]
    }
}

/// RFC 9293 section 3.10.7.4, second: a reset at RCV.NXT ends the connection.
#[derive(Default)]
pub struct ResetObeyed {
    resets: u8,
    first: FrameNumber,
}

impl TcpCheck for ResetObeyed {
    const REQUIREMENT: Requirement = requirement("tcp/reset-obeyed", rfc(9293, "3.10.7.4"), Level::Must)
        .prose()
        .also(&[rfc(5961, "3.2"), rfc(5961, "4.2")])
        .binds(Role::Receiver)
        .says("An end that receives a reset exactly at RCV.NXT gives the connection up.")
        .judged(
            "Data or FIN of an end that three resets were sent to, each with the number that this end had acknowledged last, each \
             after it had sent something since: not all of them can have been lost. Silence for 2 s after the first is kept.",
        );

    fn on_rst_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // What came since may have moved RCV.NXT, acknowledged or not.
        let exact = at.peer.una.is_some() && at.segment.seq == at.peer.snd_una && at.segment.seq == at.me.rcv_nxt;
        // Text on its SYN may have been kept without a word (RFC 9293 section 3.10.7.3): then RCV.NXT is beyond.
        let text = at.peer.offer.is_some_and(|offer| offer.payload_len > 0);
        let exact = exact && !at.facts.dropped && !text;
        if exact && (self.resets > 0 || at.me.state.is_synchronized()) {
            if self.resets == 0 {
                self.first = at.frame();
            }
            self.resets = self.resets.saturating_add(1);
        }
    }

    fn on_fin_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.on_data_sent(at, judge);
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.resets == 0 || at.segment.flags.intersects(SYN_OR_RST) {
            return;
        }
        if self.resets < ENOUGH || !at.shared.is_clean() {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[self.first, at.frame()],
            "silence after a reset",
            format_args!("data after {} resets", self.resets),
        );
    }

    fn on_end(&mut self, end: &crate::tcp::Ending<'_>, judge: &mut Judge<'_>) {
        let silent = |last: crate::tracker::Seen| end.time - last.time > LATE;
        if self.resets > 0 && end.me.last_sent.is_none_or(silent) {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("silence", |t| {
                t.handshake();
                t.client().data(100);
                t.server();
                t.server().rst();
                t.quiet(Duration::secs(10));
            }),
            violates("the same data again and again", |t| {
                t.handshake();
                t.client().data(100);
                for gap in [1, 2, 4, 8] {
                    t.server().ack(1).rst();
                    t.after(Duration::secs(gap));
                    t.client().seq(1).data(100);
                }
            }),
            abstains("three resets below data that is not acknowledged yet", |t| {
                t.handshake();
                t.server().data(50);
                for gap in [1, 2, 4, 8] {
                    t.server().seq(1).bare_rst();
                    t.after(Duration::secs(gap));
                    t.client().ack(1).data(100);
                }
            }),
            abstains("three resets below text of the SYN, which may have been kept", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().0));
                t.client().syn().mss(1460);
                t.server().flags(Flags::SYN).mss(1460).data(100);
                t.client().seq(0).flags(Flags::SYN.with(Flags::ACK)).ack(1).mss(1460);
                t.server().seq(101).ack(1);
                for _ in 0..3 {
                    t.server().seq(1).bare_rst();
                }
                t.client().seq(1).ack(101).data(100);
            }),
            abstains("no reset", |t| t.handshake()),
        ]
    }
}

const SYN_OR_RST: wire::tcp::Flags = wire::tcp::Flags::SYN.with(wire::tcp::Flags::RST);
