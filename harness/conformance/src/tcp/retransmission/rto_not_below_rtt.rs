//! A timer never expires before an answer can have come.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Cause, Resent, Transmission};
use crate::verdict::{Judge, Reason};
use wire::Duration;

/// Round trips measured before the timer is held to them.
const ENOUGH_SAMPLES: u32 = 4;

/// RFC 6298 section 5: never less than one RTO after the previous transmission; section 2.3: the RTO is above SRTT.
#[derive(Default)]
pub struct RtoNotBelowRtt;

impl TcpCheck for RtoNotBelowRtt {
    const REQUIREMENT: Requirement = requirement("tcp/rto-not-below-rtt", rfc(6298, "5"), Level::Must)
        .also(&[rfc(6298, "2.3")])
        .binds(Role::Sender)
        .says("A segment is not retransmitted by timer before one retransmission timeout, which exceeds the round-trip time, has passed.")
        .judged(
            "Retransmissions of the first unacknowledged octets with no duplicate acknowledgement, SACK block or partial \
             acknowledgement that could have prompted them, against the shortest of at least four round trips. Copies made by the \
             network are told by an equal timestamp or IP identification; without timestamps the check abstains.",
        );

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Transmission::Retransmission(cause) = at.facts.transmission else {
            return;
        };
        let Some(resent) = at.facts.resent.filter(|resent| resent.same_bounds) else {
            return;
        };
        let me = at.me;
        if cause == Cause::Timeout && me.rtt.samples >= ENOUGH_SAMPLES {
            return judge.holds();
        }
        let prompted =
            me.duplicate_acks > 0 || !me.sacked.is_empty() || me.una.is_some_and(|una| una.time > resent.last.time);
        if cause != Cause::Unknown || prompted || me.rtt.samples < ENOUGH_SAMPLES || at.segment.seq != me.snd_una {
            return;
        }
        judge_gap(at, &resent, judge);
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("sent again after more than a round trip", |t| {
                exchange(t);
                t.client().data(100);
                t.after(Duration::millis(1500));
                t.client().seq(501).data(100);
                t.server();
            }),
            violates("sent again after a third of the shortest round trip", |t| {
                exchange(t);
                t.client().data(100);
                t.after(Duration::millis(60));
                t.client().seq(501).data(100);
                t.server();
            }),
            abstains("a duplicate acknowledgement may have prompted it", |t| {
                exchange(t);
                t.client().data(100);
                t.after(Duration::millis(30));
                t.server().ack(501);
                t.after(Duration::millis(30));
                t.client().seq(501).data(100);
                t.server();
            }),
        ]
    }
}

fn judge_gap(at: &Moment<'_>, resent: &Resent, judge: &mut Judge<'_>) {
    let fresh = at
        .segment
        .options
        .timestamps
        .zip(at.me.tsval)
        .is_some_and(|((now, _), (last, _))| now != last);
    if !fresh {
        return judge.inconclusive(Reason::Ambiguous);
    }
    let Some(gap) = at.gap_between_my_segments(resent.last.time) else {
        return judge.inconclusive(Reason::Vantage);
    };
    let shortest = at.me.rtt.smallest;
    // Half: the path may have become shorter since.
    if gap.at_most * 2 < shortest {
        judge.violated(
            &[resent.last.frame, at.frame()],
            format_args!("a retransmission no sooner than the shortest round trip, {shortest}"),
            format_args!("octet {} sent again after {}", at.me.relative(at.segment.seq), gap.seen),
        );
    } else {
        judge.inconclusive(Reason::Ambiguous);
    }
}

/// Five round trips of 200 ms, captured next to the client.
fn exchange(t: &mut Trace) {
    t.vantage(crate::tracker::Vantage::Client);
    t.step(Duration::millis(200));
    t.client().syn().mss(1460).timestamps();
    t.server().syn().mss(1460).timestamps();
    t.client();
    for _ in 0..5 {
        t.client().data(100);
        t.server();
    }
}
