//! What a receiver does about options that are wrong, or that it does not know.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::wants_answer;
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Checksum, Seen};
use crate::verdict::{Judge, Reason};
use wire::tcp::{Flags, TcpOption, options};
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// RFC 9293 section 3.1 (MUST-7): an illegal option length is survived; resetting the connection is the suggested reaction.
#[derive(Default)]
pub struct IllegalOptionSurvived {
    illegal: Option<FrameNumber>,
    /// What came since that wants an answer: how often, when first, what last.
    since: u8,
    began: Instant,
    last: Option<Seen>,
}

impl TcpCheck for IllegalOptionSurvived {
    const REQUIREMENT: Requirement = requirement("tcp/illegal-option-survived", rfc(9293, "3.1"), Level::Must)
        .labels(&["MUST-7"])
        .binds(Role::Receiver)
        .says("An illegal option length does not bring a receiver down.")
        .judged(
            "After a segment whose options cannot be delimited, anything the receiver sends (a reset included) shows that it lives. \
             Broken when the peer then sends three more segments, at least 3 s apart in all, and nothing ever comes back.",
        );

    fn on_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.options.malformed.is_some() && at.segment.checksum == Checksum::Correct {
            self.illegal.get_or_insert(at.frame());
        } else if self.illegal.is_some() && at.segment.checksum != Checksum::Correct {
            judge.inconclusive(Reason::Ambiguous);
        } else if self.illegal.is_some() && at.facts.len > 0 && wants_answer(at) {
            if self.since == 0 {
                self.began = at.now();
            }
            self.since = self.since.saturating_add(1);
            self.last = Some(at.seen());
        }
    }

    fn on_sent(&mut self, _: &Moment<'_>, judge: &mut Judge<'_>) {
        if std::mem::take(self).illegal.is_some() {
            judge.holds();
        }
    }

    fn on_end(&mut self, end: &crate::tcp::Ending<'_>, judge: &mut Judge<'_>) {
        let Some(illegal) = self.illegal else { return };
        // A live end answers data; silence to repeated data after it had answered before is what a crash looks like.
        let often = self
            .last
            .filter(|last| self.since >= 3 && last.time - self.began >= Duration::secs(3));
        let Some(unanswered) = often.filter(|_| end.me.segments > 0 && end.shared.is_clean()) else {
            return judge.inconclusive(Reason::TooFew);
        };
        judge.violated(
            &[illegal, unanswered.frame],
            "some answer after a segment with an illegal option length",
            format_args!("none, though the peer sent {} more times", self.since),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the data is acknowledged", |t| {
                t.handshake();
                t.client().data(10).raw_options(&[254, 1, 0, 0]);
                t.also_breaks("tcp/option-length-correct"); // the stimulus itself
                t.server();
            }),
            violates("silence ever after", |t| {
                t.handshake();
                t.client().data(10).raw_options(&[254, 1, 0, 0]);
                t.also_breaks("tcp/option-length-correct"); // the stimulus itself
                for gap in [1, 2, 4, 8] {
                    t.after(Duration::secs(gap));
                    t.client().seq(1).data(10);
                }
            }),
            abstains("silence began before", |t| {
                t.handshake();
                t.client().data(10);
                for gap in [1, 2, 4, 8] {
                    t.after(Duration::secs(gap));
                    t.client().seq(1).data(10);
                }
                t.also_breaks("tcp/option-length-correct"); // the stimulus itself
                t.client().raw_options(&[254, 0, 0, 0]);
            }),
            abstains("all options are legal", |t| t.handshake()),
        ]
    }
}

/// RFC 9293 section 3.1 (MUST-6): options that a receiver does not know are ignored.
#[derive(Default)]
pub struct UnknownOptionIgnored {
    /// Data that came with an unknown option, not yet acknowledged: its end, its SEG.ACK.
    pending: Option<(SeqNumber, SeqNumber, FrameNumber)>,
    /// A reset came.
    reset: bool,
}

impl TcpCheck for UnknownOptionIgnored {
    const REQUIREMENT: Requirement = requirement("tcp/unknown-option-ignored", rfc(9293, "3.1"), Level::Must)
        .labels(&["MUST-6", "MUST-5"])
        .binds(Role::Receiver)
        .says("An option that a receiver does not implement is ignored: the segment is processed as if it were not there.")
        .judged(
            "New data, in sequence, with an option of a kind that no RFC assigns: it is acknowledged. Broken when it is answered \
             by a reset that acknowledges nothing new; without an answer nothing is said.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.facts.len == 0
            || at.facts.dropped
            || !at.me.state.is_synchronized()
            || at.segment.seq != at.me.rcv_nxt
            || at.segment.flags.intersects(Flags::SYN.with(Flags::RST))
            || self.pending.is_some()
            || at.segment.raw_options.is_empty()
            // Of what overflows the window only a part is acknowledged.
            || at.me.edge.is_some_and(|edge| at.facts.end > edge)
        {
            return;
        }
        let unknown = |option| matches!(option, TcpOption::Other { kind: 70..=252, .. });
        if at.segment.checksum == Checksum::Correct && options(at.segment.raw_options).flatten().any(unknown) {
            self.pending = Some((at.facts.end, at.segment.ack, at.frame()));
        }
    }

    fn on_rst_received(&mut self, _: &Moment<'_>, judge: &mut Judge<'_>) {
        // It may have ended the connection (RFC 5961 section 3.2 is a SHOULD).
        self.reset = true;
        if self.pending.take().is_some() {
            judge.inconclusive(Reason::Ambiguous);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((end, acknowledges, frame)) = self.pending else {
            return;
        };
        let flags = at.segment.flags;
        if flags.rst() {
            self.pending = None;
            if at.me.abandoned || at.me.left || self.reset {
                return judge.inconclusive(Reason::ApplicationChoice);
            }
            // A closed port answers a SYN so, whatever its options; an application that has closed, or that leaves data unread,
            // makes its end do it too (RFC 9293 section 3.6.1), the latter acknowledging the data.
            let accepted = flags.ack() && at.segment.ack >= end;
            // RFC 9293 section 3.5.2: it takes its number from the acknowledgement that it answers.
            let elsewhere = !flags.ack() && at.segment.seq != acknowledges;
            if accepted || elsewhere || !at.me.state.is_synchronized() || at.me.fin.is_some() || may_be_gone(at) {
                return judge.inconclusive(Reason::Ambiguous);
            }
            judge.violated(
                &[frame, at.frame()],
                "the segment acknowledged, its unknown option ignored",
                "a reset",
            );
        } else if flags.ack() && at.segment.ack >= end {
            self.pending = None;
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            abstains("its connection was given up", |t| {
                t.handshake();
                t.server().data(10);
                t.after(Duration::secs(1));
                t.server().seq(1).data(10);
                t.after(Duration::minutes(10));
                t.client().data(10).raw_options(&[99, 4, 1, 2]);
                t.server().seq(11).bare_rst();
            }),
            abstains("a reset that answers another segment", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.handshake();
                t.server().data(10);
                t.client().data(10).raw_options(&[99, 4, 1, 2]);
                t.client().ack(5000);
                t.server().seq(5000).bare_rst();
            }),
            holds("data with option kind 99 is acknowledged", |t| {
                t.handshake();
                t.client().data(10).raw_options(&[99, 4, 1, 2]);
                t.server();
            }),
            violates("it is answered by a reset", |t| {
                t.handshake();
                t.server().data(10);
                t.client().data(10).raw_options(&[99, 4, 1, 2]);
                t.server().ack(1).rst();
            }),
            abstains("no unknown option", |t| t.handshake()),
        ]
    }
}

/// A reset without ACK comes from no connection (RFC 9293 section 3.10.7.1). After silence it may have been given up, unseen.
fn may_be_gone(at: &Moment<'_>) -> bool {
    let silent = |last: Seen| at.now() - last.time >= GIVEN_UP;
    !at.segment.flags.ack() && at.me.last_sent.is_none_or(silent)
}

/// Whoever gives up after so little has not waited for R2 (RFC 9293 section 3.8.3), but an application may ask for it.
const GIVEN_UP: Duration = Duration::secs(30);
