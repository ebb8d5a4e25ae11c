//! Which segment a timeout sends again.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Cause, Transmission};
use crate::verdict::{Judge, Reason};
use wire::Duration;

/// No sender's timer waits less than this once it is this long since anything was heard (RFC 6298 section 2.4, doubled).
const LONG: Duration = Duration::secs(2);

/// RFC 6298 section 5.4; RFC 2018 section 5 makes it a MUST where SACK is in use.
#[derive(Default)]
pub struct OldestFirst;

impl TcpCheck for OldestFirst {
    const REQUIREMENT: Requirement = requirement("tcp/timeout-resends-oldest", rfc(2018, "5"), Level::Must)
        .also(&[rfc(6298, "5.4")])
        .binds(Role::Sender)
        .says("After a retransmission timeout the segment at the left edge of the window is sent again, whatever SACK reported.")
        .judged(
            "The first retransmission after at least 2 s without any acknowledgement: it starts at SND.UNA. A retransmission of the \
             last segment may be a tail loss probe, and an acknowledgement may be lost behind the capture point: both abstain.",
        );

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Transmission::Retransmission(cause) = at.facts.transmission else {
            return;
        };
        let me = at.me;
        if cause == Cause::Timeout {
            return judge.holds();
        }
        let Some(una) = me.una else { return };
        let Some(resent) = at.facts.resent.filter(|_| at.segment.seq > me.snd_una) else {
            return;
        };
        let heard = me.last_received.map_or(una.time, |last| last.time);
        let spoke = me.last_data_sent.map_or(una.time, |last| last.time);
        if at.now() - heard < LONG || at.now() - spoke < LONG {
            return;
        }
        let known = me.sent.front().is_some_and(|first| first.start == me.snd_una) && !me.has_holes();
        if !known || at.facts.end == me.snd_nxt || resent.times < 2 {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[una.frame, at.frame()],
            format_args!("octet {} (SND.UNA) sent again first", me.relative(me.snd_una)),
            format_args!(
                "octet {} sent again after {} of silence",
                me.relative(at.segment.seq),
                at.now() - heard
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("two segments unanswered, the first is sent again", |t| {
                t.handshake();
                t.client().data(100);
                t.client().data(100);
                t.after(Duration::secs(3));
                t.client().seq(1).data(100);
                t.server();
            }),
            violates("the middle one of three is sent again and again", |t| {
                t.handshake();
                t.client().data(100);
                t.client().data(100);
                t.client().data(100);
                for gap in [3, 6] {
                    t.after(Duration::secs(gap));
                    t.client().seq(101).data(100);
                }
                t.server().ack(301);
            }),
            abstains("the last one is sent again: a tail loss probe", |t| {
                t.handshake();
                t.client().data(100);
                t.client().data(100);
                t.after(Duration::secs(3));
                t.client().seq(101).data(100);
                t.server();
            }),
        ]
    }
}
