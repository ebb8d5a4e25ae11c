//! Data that is never acknowledged is sent again.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::Duration;

/// Longer than any retransmission timer waits for its first expiry: RFC 6298 asks for 1 s to start with, and at most some round trips.
const OVERDUE: Duration = Duration::minutes(2);

/// RFC 9293 section 3.8.1: a segment that is not acknowledged in time is retransmitted.
#[derive(Default)]
pub struct LostDataRetransmitted;

impl TcpCheck for LostDataRetransmitted {
    const REQUIREMENT: Requirement = requirement("tcp/unacknowledged-data-resent", rfc(9293, "3.8.1"), Level::Must)
        .prose()
        .also(&[rfc(6298, "5.4")])
        .binds(Role::Sender)
        .says("Data that is not acknowledged is retransmitted until it is, or the connection is given up.")
        .judged(
            "Each first retransmission counts as kept. Broken when data stood first and unacknowledged for two minutes and was never \
             sent again although its sender was alive (it sent something else), the window was open, and the connection was not closed.",
        );

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.payload_len > 0 && at.facts.resent.is_some_and(|resent| resent.times == 1) {
            judge.holds();
        }
    }

    fn on_end(&mut self, end: &Ending<'_>, judge: &mut Judge<'_>) {
        let Some(first) = end.me.sent.front() else { return };
        let Some(una) = end.me.una else { return };
        if first.times > 1 || end.shared.reset || end.me.fin.is_some() {
            return;
        }
        // RFC 6298 section 5.3: the timer starts anew with each acknowledgement.
        let since = first.first_time.max(una.time);
        let Some(alive) = end.me.last_sent.filter(|last| last.time - since > OVERDUE) else {
            return;
        };
        let blocked = end.peer.window.is_none_or(|window| window == 0);
        let sacked = end.me.sacked.touches(first.start, first.end);
        if blocked || sacked || !end.shared.is_clean() || end.me.has_holes() || first.start != end.me.snd_una {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[first.first_frame, alive.frame],
            format_args!(
                "octet {} sent again, as no acknowledgement came",
                end.me.relative(first.start)
            ),
            format_args!(
                "never sent again in {}, though its sender went on",
                alive.time - first.first_time
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("sent again after 1 s", |t| {
                t.handshake();
                t.client().data(100);
                t.after(Duration::secs(1));
                t.client().seq(1).data(100);
                t.server();
            }),
            violates("forgotten, while the client goes on acknowledging", |t| {
                t.handshake();
                t.client().data(100);
                for _ in 0..2 {
                    t.after(Duration::secs(70));
                    t.server().ack(1).data(10);
                    t.client();
                }
            }),
            abstains("everything is acknowledged at once", |t| {
                t.handshake();
                t.client().data(100);
                t.server();
            }),
        ]
    }
}
