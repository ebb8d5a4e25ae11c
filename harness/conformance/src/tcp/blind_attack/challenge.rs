//! Challenge ACKs.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// An answer comes within this; what is sent later was sent for something else.
const PROMPT: Duration = Duration::secs(1);

/// RFC 5961 section 4.2 (section 6 makes it a SHOULD): a SYN on a synchronized connection is answered by an ACK.
#[derive(Default)]
pub struct SynChallenged {
    syn: Option<(Instant, FrameNumber)>,
}

impl TcpCheck for SynChallenged {
    const REQUIREMENT: Requirement = requirement("tcp/syn-challenged", rfc(5961, "4.2"), Level::Should).by_itself()
        .also(&[rfc(9293, "3.10.7.4"), rfc(5961, "6")])
        .binds(Role::Receiver)
        .says("A SYN on an established connection is answered by a challenge ACK and changes nothing.")
        .judged(
            "What an established end sends within a second of such a SYN: an acknowledgement is kept, a reset broken. Silence is \
             inconclusive: challenge ACKs are throttled (section 7), and the SYN may be lost.",
        );

    fn on_syn_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let other = at.peer.iss.is_some_and(|iss| iss != at.segment.seq);
        if at.me.state.is_synchronized() && at.shared.established && at.shared.closed.is_none() && other {
            self.syn = Some((at.now(), at.frame()));
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((time, frame)) = self.syn.take() else { return };
        if at.now() - time > PROMPT || at.segment.flags.syn() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.require(
            !at.segment.flags.rst(),
            &[frame, at.frame()],
            "an acknowledgement, the connection left as it was",
            "a reset",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("a challenge ACK", |t| {
                t.handshake();
                t.server().data(10);
                t.client().seq(5000).syn();
                t.server();
            }),
            violates("a reset", |t| {
                t.handshake();
                t.server().data(10);
                t.client().seq(5000).syn();
                t.server().rst();
            }),
            abstains("no such SYN", |t| t.handshake()),
        ]
    }
}

/// RFC 5961 section 3.2 (section 6 makes it a SHOULD): a reset in the window, but not at RCV.NXT, is answered by an ACK.
#[derive(Default)]
pub struct ResetChallenged {
    rst: Option<FrameNumber>,
}

impl TcpCheck for ResetChallenged {
    const REQUIREMENT: Requirement = requirement("tcp/reset-challenged", rfc(5961, "3.2"), Level::Should)
        .also(&[rfc(9293, "3.10.7.4"), rfc(5961, "6")])
        .binds(Role::Receiver)
        .says("A reset within the window that is not exactly at RCV.NXT is answered by a challenge ACK; the connection lives on.")
        .judged(
            "The next segment of an end that such a reset was sent to: an acknowledgement is kept. A reset of its own, upon further \
             data, shows that the connection was dropped and breaks it. Silence is inconclusive, as is a reset for which packets \
             may have been lost in between.",
        );

    fn on_rst_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let inside = at
            .me
            .edge
            .is_some_and(|edge| at.segment.seq > at.me.rcv_nxt && at.segment.seq < edge);
        if inside && at.me.state.is_synchronized() && at.shared.is_clean() && at.me.beyond.is_empty() {
            self.rst = Some(at.frame());
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(frame) = self.rst.take() else { return };
        judge.require(
            !at.segment.flags.rst(),
            &[frame, at.frame()],
            "a challenge ACK, and the connection alive",
            "a reset: the connection was dropped",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("a challenge ACK", |t| {
                t.handshake();
                t.client().seq(1000).bare_rst();
                t.server();
            }),
            violates("the connection is gone", |t| {
                t.handshake();
                t.client().seq(1000).bare_rst();
                t.client().data(10);
                t.server().bare_rst();
            }),
            abstains("no reset", |t| t.handshake()),
        ]
    }
}
