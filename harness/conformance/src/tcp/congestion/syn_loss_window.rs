//! The initial window after a lost SYN or SYN-ACK.

use super::segment_size;
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// RFC 6928 section 2 recommends not to count a single lost SYN as loss; from the second retransmission on there is no doubt.
const RETRANSMISSIONS: u16 = 2;

/// RFC 5681 section 3.1: one segment after the loss of a SYN or SYN-ACK.
#[derive(Default)]
pub struct SynLossWindow {
    octets: u32,
    first: (FrameNumber, Instant),
    done: bool,
}

impl TcpCheck for SynLossWindow {
    const REQUIREMENT: Requirement = requirement("tcp/one-segment-after-syn-loss", rfc(5681, "3.1"), Level::Must)
        .also(&[rfc(6928, "2")])
        .binds(Role::Client)
        .says("When the SYN was lost, the initial window is a single segment.")
        .judged(
            "The opening end retransmitted its SYN at least twice (RFC 6928 advises against counting one): new data before the \
             first acknowledgement of data is at most one segment of the peer's MSS. With SACK a second one, a round trip later, may be a \
             tail loss probe (RFC 8985 section 7.3): inconclusive.",
        );

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.done || at.facts.new_octets == 0 || at.segment.flags.syn() {
            return;
        }
        let lost = at
            .me
            .offer
            .is_some_and(|offer| offer.times > RETRANSMISSIONS && !offer.with_ack);
        // Where SYNs crossed, each copy of the other's prompts one of ours: no loss is told.
        let lost = lost && !at.shared.simultaneous_open;
        let size = segment_size(at).filter(|_| lost && at.shared.is_clean());
        let Some(size) = size else { return self.done = true };
        if self.octets == 0 {
            self.first = (at.frame(), at.now());
        }
        // What is sent once more, with more behind it, is one segment still.
        let fin = u32::from(at.segment.flags.fin());
        self.octets = self.octets.saturating_add(at.facts.new_octets.saturating_sub(fin));
        if self.octets > size {
            self.done = true;
            // RFC 8985 section 7.3: a probe of new data goes out one segment beyond the congestion window.
            let later = at.now() - self.first.1 >= at.me.rtt.smallest.max(Duration::millis(10));
            if at.shared.sack && later && self.octets <= 2 * size {
                return judge.inconclusive(Reason::Ambiguous);
            }
            judge.violated(
                &[self.first.0, at.frame()],
                format_args!("at most one segment ({size} octets) before the first acknowledgement"),
                format_args!("{} octets", self.octets),
            );
        }
    }

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // RFC 6675 section 2: what tells of segments that have left the network may let new ones out, data with it or not.
        self.done |= at.facts.sack_news && at.shared.sack;
    }

    fn on_duplicate_ack(&mut self, _: &Moment<'_>, _: &mut Judge<'_>) {
        self.done = true;
    }

    fn on_acked(&mut self, _: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.octets > 0 && !self.done {
            self.done = true;
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("one segment", |t| {
                lost_syns(t);
                t.client().data(1460);
                t.server();
            }),
            abstains("SYNs that crossed, and copies of the other's", |t| {
                use wire::tcp::Flags;
                t.client().syn().mss(1460);
                t.server().flags(Flags::SYN).mss(1460);
                for _ in 0..2 {
                    t.client().seq(0).syn().set(Flags::ACK).mss(1460);
                    t.server().seq(0).flags(Flags::SYN).mss(1460);
                }
                t.client().seq(0).syn().set(Flags::ACK).mss(1460);
                t.server();
                t.client().data(1460);
                t.client().data(1460);
                t.server();
            }),
            violates("four segments", |t| {
                lost_syns(t);
                for _ in 0..4 {
                    t.client().data(1460);
                }
                t.server();
            }),
            abstains(
                "with SACK the second segment, 300 ms later, may be a tail loss probe",
                |t| {
                    lost_syns_with(t, true);
                    t.client().data(1460);
                    t.after(Duration::millis(300));
                    t.client().data(1460);
                    t.server();
                },
            ),
            holds("one segment, sent again with what was written meanwhile", |t| {
                lost_syns(t);
                t.client().data(1000);
                t.after(Duration::secs(3));
                t.client().seq(1).data(1460);
                t.server();
            }),
            abstains("nothing was lost", |t| {
                t.handshake();
                t.client().data(1460);
                t.server();
            }),
        ]
    }
}

/// The third SYN is answered.
fn lost_syns(t: &mut Trace) {
    lost_syns_with(t, false);
}

fn lost_syns_with(t: &mut Trace, sack: bool) {
    for gap in [0, 1, 2] {
        t.after(Duration::secs(gap));
        let syn = t.client().seq(0).syn().mss(1460);
        if sack {
            syn.sack_permitted();
        }
    }
    let answer = t.server().syn().mss(1460);
    if sack {
        answer.sack_permitted();
    }
    t.client();
}
