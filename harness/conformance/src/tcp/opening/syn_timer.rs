//! SYN and SYN-ACK retransmission.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber};

/// RFC 6298 section 2.1 (RFC 9293 MUST-22: the same mechanism for SYNs).
#[derive(Default)]
pub struct SynInitialRto;

impl TcpCheck for SynInitialRto {
    const REQUIREMENT: Requirement = requirement("tcp/initial-rto", rfc(6298, "2.1"), Level::Should)
        .also(&[rfc(2525, "2.7")])
        .says("Before any round trip was measured the retransmission timeout is one second (or more).")
        .judged("The gap between the first and the second SYN, or SYN-ACK, plus the delay between capture point and sender.");

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let flags = at.segment.flags;
        let again = at
            .me
            .offer
            .filter(|offer| flags.syn() && offer.times == 1 && offer.with_ack == flags.ack());
        let Some(offer) = again else { return };
        let gap = at.now() - offer.first.time;
        let delay = at.my_delay().unwrap_or_default();
        // SYN-ACKs also answer the SYN's retransmission, whatever the timer says.
        // A SYN that came twice is answered twice, whichever of the four was seen first.
        let prompted = offer.with_ack
            && at
                .peer
                .offer
                .is_some_and(|theirs| theirs.times > 1 || theirs.last.frame > offer.first.frame);
        // Whatever came since may have prompted it: Linux sends its SYN again at once when an answer has a wrong number.
        let heard = at.me.last_received.is_some_and(|last| last.frame > offer.first.frame);
        if prompted || heard || at.shared.seen_twice > 0 {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.require(
            gap + delay >= Duration::millis(990),
            &[offer.first.frame, at.frame()],
            "at least 1 s before the SYN is sent again",
            format_args!("{gap}"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("after 1 s", |t| unanswered(t, &[1000])),
            violates("after 200 ms", |t| unanswered(t, &[200])),
            abstains(
                "a SYN-ACK that answers its SYN twice, one reset between, and then the timer",
                |t| {
                    t.also_breaks("tcp/handshake-completed-in-sequence"); // the stimulus itself
                    t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                    t.isns(1000, 9000);
                    t.client().syn().mss(1460);
                    t.server().syn().mss(1460);
                    t.client().ack(9000_u32.wrapping_neg());
                    t.server().seq(9000_u32.wrapping_neg()).bare_rst();
                    t.after(Duration::millis(2500));
                    t.client().seq(0).syn().mss(1460);
                    t.server().seq(0).syn().ack(1).mss(1460);
                    t.after(Duration::millis(250));
                    t.server().seq(0).syn().ack(1).mss(1460);
                },
            ),
            abstains("answered at once", |t| t.handshake()),
        ]
    }
}

/// RFC 6298 section 5.5 for SYN and SYN-ACK.
#[derive(Default)]
pub struct SynBackoff {
    previous: Duration,
    frame: FrameNumber,
    flat: u8,
}

impl TcpCheck for SynBackoff {
    const REQUIREMENT: Requirement = requirement("tcp/syn-backoff", rfc(6298, "5.5"), Level::Must)
        .labels(&["MUST-19", "MUST-22"])
        .also(&[rfc(9293, "3.8.3")])
        .says("The gaps between retransmissions of a SYN, or SYN-ACK, double.")
        .judged(
            "Broken when two gaps in a row, both below 60 s, each grow by less than half: a doubling timer cannot look so even where \
             the capture misses some. Those behind which something was heard may have been prompted by it: inconclusive.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(offer) = at.me.offer else { return };
        let prompted = offer.with_ack && at.peer.offer.is_some_and(|theirs| theirs.last.frame > offer.last.frame);
        // lwIP and Linux send their SYN again at once when an answer has a wrong number, and go on with the timer.
        let heard = at.me.last_received.is_some_and(|last| last.frame > offer.last.frame);
        if prompted || heard || offer.with_ack != at.segment.flags.ack() {
            *self = SynBackoff::default();
            return judge.inconclusive(Reason::Ambiguous);
        }
        let gap = at.now() - offer.last.time;
        let before = std::mem::replace(&mut self.previous, gap);
        let frame = std::mem::replace(&mut self.frame, offer.last.frame);
        if before <= Duration::ZERO {
            return;
        }
        if gap >= Duration::secs(60) || gap * 2 >= before * 3 {
            self.flat = 0;
            return judge.holds();
        }
        self.flat = self.flat.saturating_add(1);
        if self.flat < 2 {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[frame, offer.last.frame, at.frame()],
            format_args!("about {} before the next one, twice the gap before", before * 2),
            format_args!("{gap} after {before}"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("1, 2, 4, 8, 16 and 32 seconds", |t| {
                unanswered(t, &[1000, 2000, 4000, 8000, 16_000, 32_000])
            }),
            violates("every second", |t| unanswered(t, &[1000, 1000, 1000, 1000])),
            holds(
                "a refused SYN comes again, is accepted, and then answered as often as it comes",
                |t| {
                    unanswered_syn_ack(t);
                    for gap in [1768, 0] {
                        t.after(Duration::millis(gap));
                        t.client().seq(0).syn().mss(1460);
                        t.server().seq(0).syn().ack(1).mss(1460);
                    }
                },
            ),
            abstains("sent again at once, whenever an answer has a wrong number", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().0));
                unanswered(t, &[2750]);
                for gap in [250, 1] {
                    t.after(Duration::millis(gap));
                    t.server().seq(700).ack(0);
                    t.client().seq(0).bare_rst();
                    t.client().seq(0).syn().mss(1460);
                }
            }),
            abstains("answered at once", |t| t.handshake()),
        ]
    }
}

/// A SYN that nobody answers, sent again after each of `gaps` in milliseconds.
fn unanswered(t: &mut Trace, gaps: &[i64]) {
    t.client().syn().mss(1460);
    for &gap in gaps {
        t.after(Duration::millis(gap));
        t.client().seq(0).syn().mss(1460);
    }
}

/// A SYN that is refused, and accepted as it comes again; its SYN-ACK is sent three times.
fn unanswered_syn_ack(t: &mut Trace) {
    t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
    t.isns(1000, 9000);
    t.client().syn().mss(1460);
    t.server().seq(9000_u32.wrapping_neg()).rst().ack(1);
    t.client().seq(0).syn().mss(1460);
    t.server().seq(0).syn().ack(1).mss(1460);
    for gap in [1000, 2000] {
        t.after(Duration::millis(gap));
        t.server().seq(0).syn().ack(1).mss(1460);
    }
}
