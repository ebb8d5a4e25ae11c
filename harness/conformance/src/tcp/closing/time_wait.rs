//! TIME-WAIT.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::State;
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// The RFC leaves the length of MSL to the stack (it names 2 minutes): only an end that does not wait at all is accused.
const NOT_AT_ALL: Duration = Duration::secs(5);

/// RFC 9293 section 3.6 (MUST-13): the end that closes first lingers for twice the MSL.
#[derive(Default)]
pub struct TimeWaitLingers {
    since: Option<(Instant, FrameNumber)>,
    fin: Option<FrameNumber>,
    /// A reset has come: RFC 9293 section 3.10.7.4, second, lets it end TIME-WAIT.
    reset: bool,
}

impl TcpCheck for TimeWaitLingers {
    const REQUIREMENT: Requirement = requirement("tcp/time-wait", rfc(9293, "3.6"), Level::Must)
        .labels(&["MUST-13"])
        .also(&[rfc(9293, "3.4.2")])
        .binds(Role::Any)
        .says("The end that closes first keeps the connection in TIME-WAIT for twice the maximum segment lifetime.")
        .judged(
            "A FIN repeated to an end in TIME-WAIT: an acknowledgement shows that it still knows the connection, a reset that it does \
             not. Stacks choose their MSL, so only a reset within 5 s of entering TIME-WAIT breaks it; a later one is inconclusive, \
             and so is one after a reset by the peer, which may end TIME-WAIT.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        // Only the acknowledgement of the FIN tells that all before it was taken: part may lie beyond the window.
        let taken = at.peer.fin.is_some_and(|fin| at.segment.ack > fin);
        if self.since.is_none() && at.me.state == State::TimeWait && taken && !at.segment.flags.rst() {
            self.since = Some((at.now(), at.frame()));
        }
        let (Some(fin), Some((since, frame))) = (self.fin.take(), self.since) else {
            return;
        };
        if !at.segment.flags.rst() {
            return judge.holds();
        }
        if self.reset || at.me.abandoned || at.now() - since > NOT_AT_ALL || !at.shared.is_clean() {
            return judge.inconclusive(Reason::ApplicationChoice);
        }
        judge.violated(
            &[frame, fin, at.frame()],
            "an acknowledgement of the repeated FIN, from TIME-WAIT",
            format_args!("a reset {} after the connection closed", at.now() - since),
        );
    }

    fn on_rst_received(&mut self, _: &Moment<'_>, _: &mut Judge<'_>) {
        self.reset = true;
    }

    fn on_fin_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if self.since.is_some() && at.facts.is_retransmission() {
            self.fin = Some(at.frame());
        }
    }

    fn examples() -> Vec<Example> {
        let closed = |t: &mut Trace| {
            t.handshake();
            t.close();
            t.after(Duration::millis(1200));
            t.server().seq(1).fin();
        };
        vec![
            holds("the repeated FIN is acknowledged", move |t| {
                closed(t);
                t.client();
            }),
            violates("the repeated FIN is answered by a reset", move |t| {
                closed(t);
                t.client().bare_rst();
            }),
            abstains("the FIN is not repeated", |t| {
                t.handshake();
                t.close();
            }),
        ]
    }
}
