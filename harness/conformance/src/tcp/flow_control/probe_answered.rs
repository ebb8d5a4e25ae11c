//! Window probes are answered.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::Unanswered;
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::tracker::Transmission;
use crate::verdict::Judge;
use wire::Duration;

/// RFC 9293 section 3.8.6.1: a receiver with a closed window still answers with what it expects and its window.
#[derive(Default)]
pub struct ProbeAnswered(Unanswered);

impl TcpCheck for ProbeAnswered {
    const REQUIREMENT: Requirement = requirement("tcp/window-probe-answered", rfc(9293, "3.8.6.1"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.10.7.4")])
        .binds(Role::Receiver)
        .says("A segment that arrives at a closed window is answered by an acknowledgement with the present window.")
        .judged("Window probes: an answer within 3 s is kept; three passed over by an end that later sent something are not.");

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.facts.transmission == Transmission::ZeroWindowProbe {
            self.0.stimulus(at);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.0.judge(
            at,
            judge,
            "an acknowledgement of the window probe",
            "none to at least three of them, though alive",
        );
    }

    fn on_end(&mut self, _: &Ending<'_>, judge: &mut Judge<'_>) {
        self.0.judge_end(judge);
    }

    fn examples() -> Vec<Example> {
        let probed = |t: &mut Trace| {
            t.handshake_with_server_window(1000);
            t.client().data(1000);
            t.server().wnd(0);
            for gap in [1, 2, 4] {
                t.after(Duration::secs(gap));
                t.client().seq(1000);
            }
        };
        vec![
            holds("answered", move |t| {
                probed(t);
                t.server().wnd(0);
            }),
            violates("three passed over, the window opens much later", move |t| {
                t.vantage(crate::tracker::Vantage::Server);
                probed(t);
                t.after(Duration::secs(20));
                t.server().wnd(60_000);
                t.client().data(100);
            }),
            abstains("probes without the timestamps agreed on", |t| {
                t.also_breaks("tcp/timestamps-on-every-segment");
                t.vantage(crate::tracker::Vantage::Server);
                t.handshake_with_timestamps();
                t.server().wnd(0);
                for gap in [1, 2, 4] {
                    t.after(Duration::secs(gap));
                    t.client().seq(0).no_timestamps();
                }
                t.after(Duration::secs(20));
                t.server().wnd(60_000);
                t.client();
            }),
            abstains("the window never closes", |t| t.handshake()),
        ]
    }
}
