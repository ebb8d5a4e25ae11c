//! Keepalives are answered.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::Unanswered;
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::tracker::Transmission;
use crate::verdict::Judge;

/// RFC 9293 section 3.10.7.4, first: a segment outside the window is answered by an acknowledgement; a keepalive is one.
#[derive(Default)]
pub struct KeepaliveAnswered(Unanswered);

impl TcpCheck for KeepaliveAnswered {
    const REQUIREMENT: Requirement = requirement("tcp/keepalive-answered", rfc(9293, "3.10.7.4"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.8.4")])
        .binds(Role::Receiver)
        .says("A keepalive is answered by an acknowledgement.")
        .judged("Answered within 3 s is kept; three passed over by an end that later sent something are not.");

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.facts.transmission == Transmission::KeepAlive {
            self.0.stimulus(at);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.0.judge(
            at,
            judge,
            "an acknowledgement of the keepalive",
            "none to at least three of them, though alive",
        );
    }

    fn on_end(&mut self, _: &Ending<'_>, judge: &mut Judge<'_>) {
        self.0.judge_end(judge);
    }

    fn examples() -> Vec<Example> {
        use wire::Duration;
        let probes = |t: &mut crate::example::Trace| {
            t.handshake();
            t.client().data(10);
            t.server();
            for _ in 0..3 {
                t.after(Duration::secs(75));
                t.client().seq(10);
            }
        };
        vec![
            holds("answered at once", move |t| {
                probes(t);
                t.server();
            }),
            violates("three passed over, data much later", move |t| {
                t.vantage(crate::tracker::Vantage::Server);
                probes(t);
                t.after(Duration::secs(60));
                t.server().data(10);
                t.client();
            }),
            abstains("nothing ever comes", move |t| probes(t)),
        ]
    }
}
