//! Segments beyond the window are answered by an acknowledgement.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::Unanswered;
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::verdict::Judge;
use wire::Duration;

/// RFC 9293 section 3.10.7.4, first: a segment that is not acceptable is answered, unless it is a reset.
#[derive(Default)]
pub struct BeyondWindowAnswered(Unanswered);

impl TcpCheck for BeyondWindowAnswered {
    const REQUIREMENT: Requirement = requirement("tcp/beyond-window-answered", rfc(9293, "3.10.7.4"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.4")])
        .binds(Role::Receiver)
        .says("A segment beyond the receive window is answered by an acknowledgement.")
        .judged(
            "Data that begins at or behind the right edge of the highest window ever advertised: an answer within 3 s is kept; three \
             such segments passed over by an end that later sent something are not.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let beyond = at
            .me
            .edge
            .is_some_and(|edge| at.segment.seq >= edge && at.segment.seq > at.me.rcv_nxt);
        if beyond && at.shared.established && at.me.rst.is_none() && at.me.state.is_synchronized() {
            self.0.stimulus(at);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.0.judge(
            at,
            judge,
            "an acknowledgement of where the window is",
            "none to at least three segments beyond it, though alive",
        );
    }

    fn on_end(&mut self, _: &Ending<'_>, judge: &mut Judge<'_>) {
        self.0.judge_end(judge);
    }

    fn examples() -> Vec<Example> {
        let beyond = |t: &mut Trace| {
            t.also_breaks("tcp/within-peer-window");
            t.handshake_with_server_window(1000);
            for gap in [1, 2, 4] {
                t.after(Duration::secs(gap));
                t.client().seq(5001).data(100);
            }
        };
        vec![
            holds("answered", move |t| {
                beyond(t);
                t.server().ack(1).wnd(1000);
            }),
            violates("three passed over, data much later", move |t| {
                t.vantage(crate::tracker::Vantage::Server);
                beyond(t);
                t.after(Duration::secs(20));
                t.server().ack(1).wnd(1000).data(10);
                t.client().seq(1);
            }),
            abstains("nothing beyond the window", |t| t.handshake()),
        ]
    }
}
