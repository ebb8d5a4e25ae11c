//! Data that fills a gap is acknowledged at once.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::wants_answer;
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Vantage;
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// What "at once" may take at most; delayed acknowledgements take longer than a busy host.
const AT_ONCE: Duration = Duration::millis(100);

/// RFC 5681 section 4.2: an immediate acknowledgement of what fills a gap, in part or wholly.
#[derive(Default)]
pub struct GapFillAckedAtOnce {
    /// What filled a gap, not acknowledged yet, and where it ends.
    waiting: Option<(Instant, FrameNumber, SeqNumber)>,
}

impl TcpCheck for GapFillAckedAtOnce {
    const REQUIREMENT: Requirement = requirement("tcp/gap-fill-acked-at-once", rfc(5681, "4.2"), Level::Should)
        .also(&[rfc(5681, "3.2")])
        .binds(Role::Receiver)
        .says("A segment that fills all or part of a gap is acknowledged at once.")
        .judged(
            "Data at RCV.NXT while data beyond it was seen to arrive: the next acknowledgement within 100 ms, less twice the delay \
             between capture point and receiver, is kept. Later ones deviate only next to the receiver, where the segment cannot \
             have been lost on its way, and only where they show that the data beyond had been kept, by reaching it or by SACK: for \
             who has thrown it away (tcp/above-sequence-data-kept) there is no gap.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let fills = at.segment.seq == at.me.rcv_nxt && !at.me.beyond.is_empty() && at.me.started;
        if fills && wants_answer(at) && !at.segment.flags.syn() {
            self.waiting.get_or_insert((at.now(), at.frame(), at.facts.end));
        }
        if let Some((.., end)) = self.waiting.as_mut().filter(|(.., end)| at.segment.seq <= *end) {
            *end = (*end).max(at.facts.end);
        }
    }

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.segment.flags.rst() {
            // It may have ended the connection, and with it what was owed.
            self.waiting = None;
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((time, frame, end)) = self.waiting.take() else {
            return;
        };
        if at.now() - time <= AT_ONCE {
            return judge.holds();
        }
        // RFC 9293 section 3.10.7.4, fourth (SHLD-31): what lies above a gap should be held, and need not be.
        if at.segment.ack <= end && at.segment.options.sack.is_empty() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if !near || !at.shared.is_clean() {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[frame, at.frame()],
            "an acknowledgement at once",
            format_args!("nothing for {}", at.now() - time),
        );
    }

    fn examples() -> Vec<Example> {
        let filled_at = |t: &mut Trace, vantage| {
            t.vantage(vantage);
            t.handshake();
            t.client().data(100).unseen();
            t.client().data(100);
            t.server().ack(1).sack(&[(101, 201)]);
            t.client().seq(1).data(100);
        };
        let filled = move |t: &mut Trace| filled_at(t, Vantage::Server);
        vec![
            holds("at once", move |t| {
                filled(t);
                t.server();
            }),
            violates("after 400 ms", move |t| {
                filled(t);
                t.after(Duration::millis(400));
                t.server();
            }),
            abstains("what fills it is damaged", |t| {
                t.vantage(Vantage::Server);
                t.handshake();
                t.client().data(100).unseen();
                t.client().data(100);
                t.server().ack(1).sack(&[(101, 201)]);
                t.client().seq(1).data(100).wrong_checksum(1);
                t.after(Duration::millis(400));
                t.server().ack(1).sack(&[(101, 201)]);
            }),
            abstains("the connection was reset before", move |t| {
                t.also_breaks("tcp/nothing-after-reset");
                filled_at(t, Vantage::Live(t.addresses().1));
                t.client().rst().seq(201);
                t.after(Duration::secs(3));
                t.client().seq(301).data(100);
                t.server().rst().ack(401);
            }),
            abstains("what lay beyond was thrown away", |t| {
                t.vantage(Vantage::Server);
                t.plain_handshake();
                t.client().data(100).unseen();
                t.client().data(100);
                t.server().ack(1);
                t.client().seq(1).data(100);
                t.after(Duration::millis(400));
                t.server().ack(101);
                t.client().seq(101).data(100);
                t.server().ack(201);
            }),
            abstains("there is no gap", |t| {
                t.handshake();
                t.client().data(100);
                t.server();
            }),
        ]
    }
}
