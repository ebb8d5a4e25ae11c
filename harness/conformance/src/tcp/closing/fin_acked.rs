//! A FIN is acknowledged, the first time and every time it comes again.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::Unanswered;
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::tracker::{Checksum, State};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, SeqNumber};

/// So many answers to a FIN that leave it out cannot all have been sent before it came.
const ENOUGH: u8 = 3;

/// RFC 9293 section 3.10.7.4, eighth: a FIN is acknowledged; in TIME-WAIT a repeated one too.
#[derive(Default)]
pub struct FinAcked {
    unanswered: Unanswered,
    /// A FIN within the window that is not acknowledged yet: its place.
    due: Option<SeqNumber>,
    /// Its first answer left it out: that may have been under way already.
    passed_over: bool,
    /// FINs that were answered by an acknowledgement of everything before them: how many, and the first.
    left_out: u8,
    first: FrameNumber,
}

impl TcpCheck for FinAcked {
    const REQUIREMENT: Requirement = requirement("tcp/fin-acknowledged", rfc(9293, "3.10.7.4"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.6")])
        .binds(Role::Receiver)
        .says("A FIN is acknowledged, and again each time it is repeated, in TIME-WAIT too.")
        .judged(
            "FINs that arrive in sequence. Answered within 3 s counts as kept. Broken when at least three FINs were passed over by an end \
             that later sent something, or when each of three, within its window, was answered by an acknowledgement of all that \
             stands before the FIN and not of the FIN.",
        );

    fn on_fin_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // A FIN behind the FIN is none (RFC 9293 section 3.6).
        let place = at.segment.data_start() + at.segment.payload_len;
        let first = at.peer.fin.is_none_or(|fin| fin == place);
        // Eighth: in SYN-SENT it is not processed, as nothing tells whether its number is right.
        let judges = at.me.started && at.me.state != State::SynSent;
        if first && at.segment.seq <= at.me.rcv_nxt && judges {
            let counts = self.unanswered.stimulus(at) && at.segment.checksum == Checksum::Correct;
            let inside = at.me.window != Some(0) && at.me.edge.is_some_and(|edge| place < edge);
            // Once it was taken, a repeated one is dropped, and acknowledged all the same.
            let taken = !at.facts.dropped || at.me.rcv_nxt > place;
            self.due = (counts && inside && taken).then_some(place);
            self.passed_over = false;
            if self.left_out == 0 {
                self.first = at.frame();
            }
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        match self.due {
            Some(place)
                if at.segment.flags.ack()
                    && at.segment.ack == place
                    && (self.passed_over || self.unanswered.is_recent(at)) =>
            {
                return self.leave_out(at, judge);
            }
            Some(place) => {
                if self.passed_over && at.segment.flags.ack() && at.segment.ack > place {
                    judge.holds();
                }
                self.settle();
            }
            None => {}
        }
        self.unanswered.judge(
            at,
            judge,
            "an acknowledgement of the FIN",
            "none, though it came at least three times and its receiver was alive",
        );
    }

    fn on_end(&mut self, _: &Ending<'_>, judge: &mut Judge<'_>) {
        self.unanswered.judge_end(judge);
        if self.passed_over {
            judge.inconclusive(Reason::CaptureEnded);
        }
    }

    fn examples() -> Vec<Example> {
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
            violates("all but the FIN is acknowledged, three times", |t| {
                t.vantage(crate::tracker::Vantage::Server);
                t.handshake();
                t.client().data(10);
                for gap in [1, 2, 4] {
                    t.client().seq(1).data(10).fin();
                    t.server().ack(11);
                    t.after(Duration::secs(gap));
                }
            }),
            holds("an acknowledgement was under way when the FIN came", |t| {
                t.handshake();
                t.client().data(10);
                t.client().fin();
                t.server().ack(11);
                t.after(Duration::millis(1));
                t.server().ack(12);
            }),
            abstains("the capture ends with the FIN", |t| {
                t.handshake();
                t.client().fin();
            }),
        ]
    }
}

impl FinAcked {
    fn settle(&mut self) {
        (self.due, self.passed_over, self.left_out) = (None, false, 0);
    }

    /// All that stands before the FIN was acknowledged, and not the FIN; counted once for each FIN.
    fn leave_out(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.unanswered = Unanswered::default();
        self.left_out = self.left_out.saturating_add(u8::from(!self.passed_over));
        self.passed_over = true;
        // Far from the judged end the FINs may have been lost.
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if self.left_out >= ENOUGH && near && at.shared.is_clean() {
            judge.violated(
                &[self.first, at.frame()],
                "an acknowledgement of the FIN",
                "everything before it acknowledged, three times, and not the FIN",
            );
            self.settle();
        }
    }
}
