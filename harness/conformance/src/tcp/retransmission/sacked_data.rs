//! What SACK reported as received is not sent again during recovery.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{AckKind, Cause, Transmission, Vantage};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// What stands first may have been sent again by a timer after so long, whatever else came just before.
const TIMER: Duration = Duration::millis(200);

/// RFC 6675 section 4, NextSeg rule (1): only octets that were not SACKed are retransmitted in recovery.
#[derive(Default)]
pub struct SackedDataNotResent {
    /// When SACK blocks last reported something new, no timeout having come in between.
    reported: Option<(Instant, FrameNumber)>,
    /// Acknowledgements were overtaken on their way: nobody knows in which order the sender learnt of what.
    disordered: bool,
}

impl TcpCheck for SackedDataNotResent {
    const REQUIREMENT: Requirement = requirement("tcp/sacked-data-not-resent", rfc(6675, "4"), Level::Must)
        .also(&[rfc(2018, "5.1")])
        .binds(Role::Sender)
        .says("During SACK-based recovery, octets that the receiver reported as received are not retransmitted.")
        .judged(
            "A retransmission in recovery wholly covered by SACK blocks that had reached the sender. After a timeout the sender \
             forgets what SACK reported (RFC 2018 section 5.1), a tail loss probe sends the last segment (RFC 8985): neither is \
             judged, nor are blocks that may not have reached the sender yet, nor connections whose acknowledgements were overtaken.",
        );

    fn on_duplicate_ack(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let new = |block: &wire::tcp::SackBlock| !at.me.sacked.covers(block.left, block.right);
        if at.me.sacks(at.peer) && at.segment.options.sack.iter().any(new) {
            self.reported = Some((at.now(), at.frame()));
        }
    }

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.disordered |= at.facts.ack == AckKind::Old;
    }

    fn on_acked(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.me.sacked.is_empty() {
            self.reported = None;
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // Into a closed window the retransmission timer sends what a probe would.
        if at.facts.transmission == Transmission::ZeroWindowProbe && at.facts.resent.is_some() {
            self.reported = None;
        }
    }

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((since, frame)) = self.reported else { return };
        let first = at.facts.resent.filter(|_| at.segment.seq <= at.me.snd_una);
        if first.is_some_and(|resent| at.now() - resent.last.time >= TIMER) {
            return self.reported = None;
        }
        match at.facts.transmission {
            Transmission::Retransmission(Cause::Timeout | Cause::ProbeOrTimeout) => return self.reported = None,
            Transmission::Retransmission(_) => {}
            _ => return,
        }
        if !at.me.sacked.covers(at.segment.seq, at.facts.end) {
            return judge.holds();
        }
        // The end of the last segment may have been sent to ask for an acknowledgement (RFC 8985 section 7.3).
        if at.facts.end == at.me.snd_nxt {
            return judge.inconclusive(Reason::Ambiguous);
        }
        // RFC 2018 section 8: an acknowledgement that stops where a reported block begins says that the block was dropped.
        if at.segment.seq == at.me.snd_una {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let Some(reaction) = at.my_reaction(since) else {
            return judge.inconclusive(Reason::Vantage);
        };
        // Far from the sender an original that was overtaken by a copy of it looks like a retransmission.
        if at.my_delay().is_none_or(|delay| delay > Duration::millis(1)) {
            return judge.inconclusive(Reason::Vantage);
        }
        // Until then the retransmission may have been on its way already.
        if reaction.at_least < at.me.rtt.largest || self.disordered || at.shared.seen_twice > 0 {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[frame, at.frame()],
            "only octets sent again that no SACK block has reported",
            format_args!(
                "{} octets from {} sent again, all reported",
                at.facts.len,
                at.me.relative(at.segment.seq)
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the hole is filled, nothing else", |t| {
                hole(t);
                t.client().seq(1).data(1000);
                t.server().ack(5001);
            }),
            violates("the reported octets are sent too", |t| {
                hole(t);
                t.client().seq(1).data(1000);
                t.after(wire::Duration::millis(100));
                t.server().ack(1).sack(&[(1001, 5001)]);
                t.client().seq(1001).data(1000);
                t.server().ack(5001);
            }),
            abstains("blocks that nobody permitted say nothing", |t| {
                t.also_breaks("tcp/sack-only-if-permitted");
                t.vantage(Vantage::Client);
                t.plain_handshake();
                for _ in 0..5 {
                    t.client().data(1000);
                }
                for right in [2001, 3001, 4001, 5001] {
                    t.server().ack(1).sack(&[(1001, right)]);
                }
                t.client().seq(1).data(1000);
                t.after(wire::Duration::millis(100));
                t.server().ack(1).sack(&[(1001, 5001)]);
                t.client().seq(1001).data(1000);
                t.server().ack(5001);
            }),
            abstains("a timeout while the window is closed", |t| {
                hole(t);
                t.server().ack(1).sack(&[(1001, 5001)]).wnd(0);
                t.after(wire::Duration::secs(1));
                t.client().seq(1).data(1);
                t.server().ack(2).wnd(65_535);
                t.client().seq(2).data(1000);
                t.client().seq(1002).data(1000);
                t.server().ack(5001);
            }),
            abstains("no SACK", |t| {
                t.plain_handshake();
                t.client().data(1000);
                t.server();
            }),
        ]
    }
}

/// Five segments, the first lost, the others reported; captured at the client.
fn hole(t: &mut Trace) {
    t.vantage(Vantage::Client);
    t.handshake();
    for _ in 0..5 {
        t.client().data(1000);
    }
    for right in [2001, 3001, 4001, 5001] {
        t.server().ack(1).sack(&[(1001, right)]);
    }
}
