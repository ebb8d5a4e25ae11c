//! Out-of-order data is acknowledged at once.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::unanswered::wants_answer;
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::State;
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// What "at once" may take at most; delayed acknowledgements take longer than a busy host.
const AT_ONCE: Duration = Duration::millis(100);

/// RFC 5681 section 4.2: an immediate duplicate acknowledgement.
#[derive(Default)]
pub struct OutOfOrderAckedAtOnce {
    waiting: Option<(Instant, FrameNumber)>,
    /// What this end has acknowledged, be it of a segment that it should have dropped: up to there nothing is missing for it.
    told: Option<SeqNumber>,
}

impl TcpCheck for OutOfOrderAckedAtOnce {
    const REQUIREMENT: Requirement = requirement("tcp/out-of-order-acked-at-once", rfc(5681, "4.2"), Level::Should)
        .also(&[rfc(9293, "3.10.7.4")])
        .labels(&["MAY-13"])
        .binds(Role::Receiver)
        .says("A segment that arrives above a gap is acknowledged at once.")
        .judged(
            "Data beyond a hole: the next acknowledgement within 100 ms, less twice the delay between capture point and receiver, is \
             kept. A segment that fills the hole first, or that may have been lost on its way, ends the matter.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let has_all = self.told.is_some_and(|told| told >= at.segment.seq);
        let gap = at.segment.seq > at.me.rcv_nxt && !has_all && at.facts.new_octets == at.facts.len && at.me.started;
        // What lies outside the window, or is dropped without a word, asks for nothing; before the handshake is over nothing is out
        // of order.
        let inside = at.me.edge.is_some_and(|edge| at.segment.seq < edge);
        // A SYN is challenged instead, and challenges are throttled (RFC 5961 section 7).
        let challenged = at.segment.flags.syn();
        if gap && inside && wants_answer(at) && !challenged && at.me.state != State::SynReceived {
            self.waiting.get_or_insert((at.now(), at.frame()));
        } else {
            self.waiting = None;
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.flags.ack() {
            self.told = Some(at.segment.ack);
        }
        let Some((time, frame)) = self.waiting.take() else {
            return;
        };
        // A reset is no late acknowledgement: the connection was over.
        if at.segment.flags.rst() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        if at.now() - time <= AT_ONCE {
            return judge.holds();
        }
        let Some(reaction) = at.my_reaction(time).filter(|_| at.shared.is_clean()) else {
            return judge.inconclusive(Reason::Vantage);
        };
        // Far from the receiver the segment may have been lost after all.
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if reaction.at_least <= AT_ONCE || !near {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[frame, at.frame()],
            "a duplicate acknowledgement at once",
            format_args!("nothing for {}", reaction.seen),
        );
    }

    fn examples() -> Vec<Example> {
        let hole = |t: &mut Trace| {
            t.vantage(crate::tracker::Vantage::Server);
            t.handshake();
            t.client().data(100).unseen();
            t.client().data(100);
        };
        vec![
            holds("at once", move |t| {
                hole(t);
                t.server().ack(1).sack(&[(101, 201)]);
            }),
            violates("after 400 ms", move |t| {
                hole(t);
                t.after(Duration::millis(400));
                t.server().ack(1).sack(&[(101, 201)]);
            }),
            abstains("after 400 ms, overheard on the air", move |t| {
                t.overheard();
                hole(t);
                t.after(Duration::millis(400));
                t.server().ack(1).sack(&[(101, 201)]);
            }),
            abstains("nothing is out of order", |t| t.handshake()),
            abstains("the end has acknowledged what it should have dropped", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.also_breaks("tcp/ack-always-set");
                t.also_breaks("tcp/ack-only-received");
                t.handshake();
                t.client().data(100).flags(wire::tcp::Flags::PSH);
                t.server().ack(101);
                t.client().data(100);
                t.after(Duration::millis(400));
                t.server().ack(201);
            }),
            abstains("it is over, and says so", move |t| {
                hole(t);
                t.after(Duration::secs(200));
                t.server().bare_rst();
            }),
            abstains("beyond the window", |t| {
                t.vantage(crate::tracker::Vantage::Server);
                t.handshake();
                t.client().seq(20_000_000).data(100);
                t.after(Duration::millis(400));
                t.server().ack(1);
            }),
            abstains("it is damaged", |t| {
                t.vantage(crate::tracker::Vantage::Server);
                t.handshake();
                t.client().seq(101).data(100).wrong_checksum(1);
                t.after(Duration::millis(400));
                t.server().ack(1);
            }),
        ]
    }
}
