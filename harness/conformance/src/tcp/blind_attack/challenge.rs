//! Challenge ACKs.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Checksum, Vantage};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// An answer comes within this; what is sent later was sent for something else.
const PROMPT: Duration = Duration::secs(1);

/// The least that a stack should wait for an acknowledgement.
const R2: Duration = Duration::secs(100);

/// RFC 5961 section 4.2 (section 6 makes it a SHOULD): a SYN on a synchronized connection is answered by an ACK.
#[derive(Default)]
pub struct SynChallenged {
    syn: Option<(Instant, FrameNumber)>,
    /// As below: then nobody knows which reset ended the connection.
    text: bool,
    unanswered: Silence,
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
        let open = at.me.state.is_synchronized() && at.shared.established && at.shared.closed.is_none();
        // RFC 7323 section 3.2: without the timestamps that were agreed on it is dropped in silence.
        let whole = is_whole(at) && !at.segment.lacks_timestamps(at.shared);
        let known = !self.text;
        self.text |= at.segment.payload_len > 0;
        if open && other && whole && known && !self.unanswered.may_be_over(at) {
            self.syn = Some((at.now(), at.frame()));
        }
    }

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.unanswered.hear(at);
        if at.segment.flags.rst() || breaks_options(at) {
            (self.syn, self.unanswered.ended) = (None, true);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.unanswered.ask(at);
        let Some((time, frame)) = self.syn.take() else { return };
        // A live test knows that the application has aborted meanwhile, or left: then a reset may refuse data that came since (RFC 9293
        // section 3.6.1, SHLD-3).
        let other = at.me.abandoned || at.me.left && at.segment.flags.rst();
        if at.now() - time > PROMPT || at.segment.flags.syn() || other {
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
            abstains(
                "a reset outside of the window had come: who obeys that has no connection",
                |t| {
                    t.vantage(Vantage::Live(t.addresses().1));
                    t.also_breaks("tcp/reset-within-window");
                    t.handshake();
                    t.server().data(10);
                    t.client().seq(1_000_000_000).bare_rst();
                    t.client().seq(5000).syn();
                    t.server().rst();
                },
            ),
            violates("a reset outside of the window had come, and was survived", |t| {
                t.vantage(Vantage::Live(t.addresses().1));
                t.also_breaks("tcp/reset-within-window");
                t.handshake();
                t.client().seq(1_000_000_000).bare_rst();
                t.client().seq(1).data(10);
                t.server();
                t.client().seq(5000).syn();
                t.server().rst();
            }),
            abstains("options were broken: the connection may have been reset", |t| {
                t.also_breaks("tcp/option-length-correct");
                t.handshake();
                t.server().data(10);
                t.client().raw_options(&[254, 40, 0, 0]);
                t.client().seq(5000).syn();
                t.server().rst();
            }),
            abstains("no such SYN", |t| t.handshake()),
            abstains("the SYN was damaged", |t| {
                t.handshake();
                t.server().data(10);
                t.client().seq(5000).syn().wrong_checksum(1);
                t.server().rst();
            }),
            abstains("its data went unanswered for two minutes: it may have given up", |t| {
                t.handshake();
                t.server().data(10);
                t.after(Duration::minutes(2));
                t.client().seq(5000).syn();
                t.server().rst();
            }),
        ]
    }
}

/// RFC 5961 section 3.2 (section 6 makes it a SHOULD): a reset in the window, but not at RCV.NXT, is answered by an ACK.
#[derive(Default)]
pub struct ResetChallenged {
    rst: Option<FrameNumber>,
    /// The peer's SYN carried data: whether it was kept, and so where RCV.NXT is, is not seen at once.
    text: bool,
    unanswered: Silence,
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

    fn on_syn_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.text |= at.segment.payload_len > 0;
    }

    fn on_rst_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let inside = at
            .me
            .edge
            .is_some_and(|edge| at.segment.seq > at.me.rcv_nxt && at.segment.seq < edge);
        let open = at.me.state.is_synchronized() && !self.unanswered.may_be_over(at);
        if inside && open && is_whole(at) && !self.text && at.shared.is_clean() && at.me.beyond.is_empty() {
            self.rst = Some(at.frame());
        }
        if !inside {
            (self.rst, self.unanswered.ended) = (None, true);
        }
    }

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.unanswered.hear(at);
        if breaks_options(at) {
            (self.rst, self.unanswered.ended) = (None, true);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.unanswered.ask(at);
        let Some(frame) = self.rst.take() else { return };
        if at.me.abandoned || at.me.left && at.segment.flags.rst() {
            return judge.inconclusive(Reason::Ambiguous);
        }
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
            abstains("a reset outside of the window came too: that may have ended it", |t| {
                t.vantage(Vantage::Live(t.addresses().1));
                t.also_breaks("tcp/reset-within-window");
                t.handshake();
                t.client().seq(1_000_000_000).bare_rst();
                t.client().seq(1000).bare_rst();
                t.client().seq(1).data(10);
                t.server().bare_rst();
            }),
            abstains("options were broken: the connection may have been reset", |t| {
                t.also_breaks("tcp/option-length-correct");
                t.handshake();
                t.client().raw_options(&[254, 40, 0, 0]);
                t.client().seq(1000).bare_rst();
                t.client().seq(1).data(10);
                t.server().bare_rst();
            }),
            abstains("no reset", |t| t.handshake()),
            abstains("its data went unanswered for two minutes: it may have given up", |t| {
                t.handshake();
                t.server().data(10);
                t.after(Duration::minutes(2));
                t.client().seq(1000).bare_rst();
                t.client().seq(1).ack(1).data(10);
                t.server().bare_rst();
            }),
        ]
    }
}

/// RFC 9293 section 3.1 (MUST-3, MUST-7): damage is dropped in silence; broken options are survived, and whether the rest of the segment counts is
/// not said.
fn is_whole(at: &Moment<'_>) -> bool {
    let options = &at.segment.options;
    at.segment.checksum != Checksum::Wrong && !options.irregular && options.malformed.is_none()
}

/// RFC 9293 section 3.1 (MUST-7): a connection may be reset for them.
fn breaks_options(at: &Moment<'_>) -> bool {
    at.segment.options.irregular || at.segment.options.malformed.is_some()
}

/// Whether the end may have given up: for how long the peer has left unanswered what asked for an answer (data, a FIN, a keepalive), and
/// what else may have ended the connection, rightly or not, before any challenge.
#[derive(Default)]
struct Silence {
    since: Option<Instant>,
    /// Such a thing came, and nothing was heard of the end since.
    ended: bool,
}

impl Silence {
    fn ask(&mut self, at: &Moment<'_>) {
        self.ended &= at.segment.flags.rst();
        let asks = at.segment.payload_len > 0 || at.segment.flags.fin() || at.segment.seq < at.me.snd_nxt;
        if asks {
            self.since.get_or_insert(at.now());
        }
    }

    fn hear(&mut self, at: &Moment<'_>) {
        if at.facts.dropped
            || !at.segment.flags.ack()
            || at.segment.ack <= at.me.snd_una && at.me.snd_una < at.me.snd_nxt
        {
            return;
        }
        self.since = (at.segment.ack < at.me.snd_nxt).then_some(at.now());
    }

    /// RFC 9293 section 3.8.3 (SHLD-11).
    fn may_be_over(&self, at: &Moment<'_>) -> bool {
        self.ended || self.since.is_some_and(|since| at.now() - since >= R2)
    }
}
