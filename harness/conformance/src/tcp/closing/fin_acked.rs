//! A FIN is acknowledged, the first time and every time it comes again.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::Unanswered;
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::verdict::Judge;

/// RFC 9293 section 3.10.7.4, eighth: a FIN is acknowledged; in TIME-WAIT a repeated one too.
#[derive(Default)]
pub struct FinAcked(Unanswered);

impl TcpCheck for FinAcked {
    const REQUIREMENT: Requirement = requirement("tcp/fin-acknowledged", rfc(9293, "3.10.7.4"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.6")])
        .binds(Role::Receiver)
        .says("A FIN is acknowledged, and again each time it is repeated, in TIME-WAIT too.")
        .judged(
            "FINs that arrive in sequence. Answered by anything within 3 s counts as kept. Broken when at least three FINs were passed \
             over by an end that later sent something.",
        );

    fn on_fin_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // A FIN behind the FIN is none (RFC 9293 section 3.6).
        let place = at.segment.data_start() + at.segment.payload_len;
        let first = at.peer.fin.is_none_or(|fin| fin == place);
        if first && at.segment.seq <= at.me.rcv_nxt && at.me.started {
            self.0.stimulus(at);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.0.judge(
            at,
            judge,
            "an acknowledgement of the FIN",
            "none, though it came at least three times and its receiver was alive",
        );
    }

    fn on_end(&mut self, _: &Ending<'_>, judge: &mut Judge<'_>) {
        self.0.judge_end(judge);
    }

    fn examples() -> Vec<Example> {
        use wire::Duration;
        vec![
            holds("acknowledged", |t| {
                t.handshake();
                t.close();
            }),
            violates("passed over three times", |t| {
                t.vantage(crate::tracker::Vantage::Server);
                t.handshake();
                t.client().fin();
                for gap in [1, 2] {
                    t.after(Duration::secs(gap));
                    t.client().seq(1).fin();
                }
                t.after(Duration::secs(20));
                t.server().ack(1).data(10);
                t.client();
            }),
            abstains("the capture ends with the FIN", |t| {
                t.handshake();
                t.client().fin();
            }),
        ]
    }
}
