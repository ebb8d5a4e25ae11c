//! After its own FIN an end still receives.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::Unanswered;
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::verdict::Judge;

/// RFC 9293 section 3.6, case 1: the end that closed keeps receiving until the other closes too.
#[derive(Default)]
pub struct HalfCloseReceives(Unanswered);

impl TcpCheck for HalfCloseReceives {
    const REQUIREMENT: Requirement = requirement("tcp/half-close-receives", rfc(9293, "3.6"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.6.1"), rfc(2525, "2.16")])
        .binds(Role::Receiver)
        .says("An end that has sent FIN goes on receiving and acknowledging data, or resets if nobody is left to take it.")
        .judged(
            "New data to an end whose FIN was sent and whose peer has not closed. An acknowledgement, or a reset (RFC 9293 \
             SHLD-3: data arrives that nobody reads), within 3 s is kept; passing over it three times while alive is not.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.me.fin.is_some() && at.peer.fin.is_none() && at.me.rst.is_none() && at.me.window != Some(0) {
            self.0.stimulus(at);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.0.judge(
            at,
            judge,
            "data acknowledged (or refused by a reset) after the own FIN",
            "no answer to at least three segments, though alive",
        );
    }

    fn on_end(&mut self, _: &Ending<'_>, judge: &mut Judge<'_>) {
        self.0.judge_end(judge);
    }

    fn examples() -> Vec<Example> {
        use wire::Duration;
        vec![
            holds("data is acknowledged after the FIN", |t| {
                t.handshake();
                t.client().fin();
                t.server();
                t.server().data(100);
                t.client();
            }),
            violates("data is passed over three times", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.handshake();
                t.client().fin();
                t.server();
                t.server().data(100);
                for gap in [1, 2] {
                    t.after(Duration::secs(gap));
                    t.server().seq(1).data(100);
                }
                t.after(Duration::secs(20));
                t.client().ack(1);
            }),
            abstains("data without ACK is dropped", |t| {
                use wire::tcp::Flags;
                t.vantage(crate::tracker::Vantage::Client);
                t.handshake();
                t.client().fin();
                t.server();
                for _ in 0..3 {
                    t.after(Duration::secs(1));
                    t.server().seq(1).data(100).flags(Flags::PSH);
                }
                t.also_breaks("tcp/ack-always-set"); // the stimulus itself
                t.after(Duration::secs(20));
                t.client();
            }),
            abstains("data with SYN is not looked at", |t| {
                use wire::tcp::Flags;
                t.vantage(crate::tracker::Vantage::Client);
                t.handshake();
                t.client().fin();
                t.server();
                for gap in [1, 2, 4] {
                    t.after(Duration::secs(gap));
                    t.server().seq(1).data(100).flags(Flags(Flags::SYN.0 | Flags::ACK.0));
                }
                t.after(Duration::secs(20));
                t.client();
            }),
            abstains("both close", |t| {
                t.handshake();
                t.close();
            }),
        ]
    }
}
