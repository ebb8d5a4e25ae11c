//! Data that was received before is acknowledged again.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::Unanswered;
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::tracker::Transmission;
use crate::verdict::Judge;

/// RFC 9293 section 3.10.7.4, first: what lies outside the window is answered by an acknowledgement.
#[derive(Default)]
pub struct OldDataAcked(Unanswered);

impl TcpCheck for OldDataAcked {
    const REQUIREMENT: Requirement = requirement("tcp/old-data-acknowledged", rfc(9293, "3.10.7.4"), Level::Must)
        .prose()
        .binds(Role::Receiver)
        .says("A segment with data that was received already is answered by an acknowledgement.")
        .judged(
            "Data sent again after its acknowledgement was seen: an answer within 3 s is kept; three passed over by an end that later \
             sent something are not.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.facts.transmission == Transmission::Spurious && at.me.rst.is_none() {
            self.0.stimulus(at);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.0.judge(
            at,
            judge,
            "an acknowledgement of the repeated data",
            "none to at least three copies, though alive",
        );
    }

    fn on_end(&mut self, _: &Ending<'_>, judge: &mut Judge<'_>) {
        self.0.judge_end(judge);
    }

    fn examples() -> Vec<Example> {
        use wire::Duration;
        let again = |t: &mut crate::example::Trace| {
            t.handshake();
            t.client().data(100);
            t.server();
            for gap in [1, 2, 4] {
                t.after(Duration::secs(gap));
                t.client().seq(1).data(100);
            }
        };
        vec![
            holds("answered", move |t| {
                again(t);
                t.server();
            }),
            violates("three passed over, data much later", move |t| {
                t.vantage(crate::tracker::Vantage::Server);
                again(t);
                t.after(Duration::secs(20));
                t.server().data(10);
                t.client();
            }),
            abstains("nothing is sent again", |t| t.handshake()),
        ]
    }
}
