//! Fast retransmit.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Cause, Transmission, Vantage};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// RFC 5681 section 3.2: three duplicate acknowledgements without anything that moves SND.UNA in between.
const THRESHOLD: u32 = 3;

/// RFC 5681 section 3.2: three duplicate acknowledgements prompt a retransmission, without waiting for the timer.
#[derive(Default)]
pub struct FastRetransmit {
    third: Option<(Instant, FrameNumber)>,
    /// Duplicates that the sender certainly took.
    taken: u32,
    /// What was outstanding at the last retransmission: below it duplicates may come from that.
    recover: Option<SeqNumber>,
}

impl TcpCheck for FastRetransmit {
    const REQUIREMENT: Requirement = requirement("tcp/fast-retransmit", rfc(5681, "3.2"), Level::Should)
        .also(&[rfc(6675, "5"), rfc(8985, "3.3.2")])
        .binds(Role::Sender)
        .says("Three duplicate acknowledgements make the sender retransmit what seems to be missing, without waiting for its timer.")
        .judged(
            "After the third duplicate acknowledgement within the sender's window (with SACK, of those that report something new) the \
             first unacknowledged segment is expected within half a second or the round-trip time. Broken when it comes by timeout \
             only, and the capture was taken at the sender: elsewhere duplicates, or the retransmission itself, may have been lost \
             on their way. A moved SND.UNA ends the matter unjudged.",
        );

    fn on_duplicate_ack(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // RFC 6582 section 3.2 step 1, RFC 6675 section 5.1: no second recovery below the point where one left off.
        let anew = self.recover.is_none_or(|recover| at.me.snd_una > recover);
        // What is dropped counts for nothing; and where the first acknowledgement was, the next one is no duplicate. With SACK
        // RFC 6675 section 2 counts those only that report something new.
        // Where nothing is outstanding none is a duplicate (RFC 5681 section 2); into a closed window nothing is sent but probes (RFC 9293 section 3.8.6.1).
        let open = at.peer.window != Some(0) && at.me.snd_una < at.me.snd_nxt;
        // SACK that was not agreed on is no part of what RFC 5681 section 2 calls a duplicate.
        let usual = at.me.sacks(at.peer) || at.segment.options.sack.is_empty();
        // Nor do blocks above HighData report anything (RFC 6675 section 2).
        let usual = usual && at.segment.options.sack.iter().all(|block| block.right <= at.me.snd_nxt);
        let counts =
            open && usual && at.facts.surely_taken && at.me.una_taken && (at.facts.sack_news || !at.me.sacks(at.peer));
        self.taken += u32::from(counts);
        if anew && self.taken == THRESHOLD && at.me.sent.front().is_some_and(|first| first.times == 1) {
            self.third = Some((at.now(), at.frame()));
        }
    }

    fn on_acked(&mut self, _: &Moment<'_>, judge: &mut Judge<'_>) {
        self.taken = 0;
        if self.third.take().is_some() {
            judge.inconclusive(Reason::Ambiguous);
        }
    }

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        self.recover = Some(at.me.snd_nxt);
        let Some((third, frame)) = self.third else { return };
        if at.segment.seq > at.me.snd_una {
            return;
        }
        self.third = None;
        let waited = at.now() - third;
        let patience = at.me.rtt.largest.max(Duration::millis(500));
        let timer = at.facts.transmission == Transmission::Retransmission(Cause::Timeout);
        if waited <= patience || !timer {
            return judge.holds();
        }
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if !near {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[frame, at.frame()],
            format_args!(
                "octet {} sent again upon the third duplicate acknowledgement",
                at.me.relative(at.segment.seq)
            ),
            format_args!("sent again {waited} later, after {} duplicates", at.me.duplicate_acks),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("sent again at once", |t| {
                third_duplicate(t);
                t.client().seq(1).data(1000);
                t.server().ack(5001);
            }),
            violates("sent again by timeout, 3 s later", |t| {
                third_duplicate(t);
                t.after(Duration::secs(3));
                t.client().seq(1).data(1000);
                t.server().ack(5001);
            }),
            abstains("with SACK, one duplicate of three reports nothing", |t| {
                t.vantage(Vantage::Client);
                t.handshake();
                for _ in 0..4 {
                    t.client().data(1000);
                }
                t.server().ack(1);
                t.server().ack(1).sack(&[(1001, 2001)]);
                t.server().ack(1).sack(&[(1001, 3001)]);
                t.after(Duration::secs(3));
                t.client().seq(1).data(1000);
                t.server().ack(4001);
            }),
            abstains("duplicates that report what was not sent yet", |t| {
                t.vantage(Vantage::Client);
                t.handshake();
                t.client().data(1000);
                t.server().ack(1);
                for right in [2001, 3001, 4001] {
                    t.server().ack(1).sack(&[(1001, right)]);
                }
                t.client().data(1000);
                t.after(Duration::secs(3));
                t.client().seq(1).data(1000);
                t.server().ack(2001);
            }),
            abstains("duplicates beyond the sender's window", |t| {
                t.vantage(Vantage::Client);
                t.client().syn().mss(1460).wnd(100);
                t.server().syn().mss(1460);
                t.client().wnd(100);
                for _ in 0..5 {
                    t.client().data(1000).wnd(100);
                }
                for _ in 0..3 {
                    t.server().seq(101).ack(1);
                }
                t.after(Duration::secs(3));
                t.client().seq(1).ack(1).data(1000).wnd(100);
                t.server().seq(1).ack(5001).data(100);
            }),
            abstains(
                "far from the sender the first retransmission may have been lost on its way",
                |t| {
                    t.vantage(Vantage::Server);
                    t.step(Duration::millis(20));
                    five_segments_without_the_first(t);
                    for _ in 0..9 {
                        t.server().ack(1);
                    }
                    t.after(Duration::secs(3));
                    t.client().seq(1).data(1000);
                    t.server().ack(5001);
                },
            ),
            abstains("an acknowledgement came first: the segments were swapped", |t| {
                third_duplicate(t);
                t.server().ack(5001);
            }),
        ]
    }
}

/// Five segments, the first lost, three duplicate acknowledgements; captured at the client.
fn third_duplicate(t: &mut Trace) {
    t.vantage(Vantage::Client);
    five_segments_without_the_first(t);
    for _ in 0..3 {
        t.server().ack(1);
    }
}

fn five_segments_without_the_first(t: &mut Trace) {
    t.plain_handshake();
    for _ in 0..5 {
        t.client().data(1000);
    }
}
