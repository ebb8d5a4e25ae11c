//! Where a reset stands in sequence space.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::SeqNumber;

/// RFC 9293 section 3.10.5: ABORT sends <SEQ=SND.NXT><CTL=RST>; section 3.10.7.1: an answer takes SEG.ACK. Both lie in the window.
#[derive(Default)]
pub struct ResetWithinWindow {
    /// The number of a reset that refuses the last segment that came, and whether that has ACK.
    refusal: Option<(SeqNumber, bool)>,
}

impl TcpCheck for ResetWithinWindow {
    const REQUIREMENT: Requirement = requirement("tcp/reset-within-window", rfc(9293, "3.10.5"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.5.2"), rfc(9293, "3.10.7.1")])
        .binds(Role::Sender)
        .says("A reset's sequence number is one that its sender has reached: never beyond the peer's window.")
        .judged(
            "Resets on established connections against the rightmost edge that the peer ever offered. Within it they may follow data \
             that the capture missed; those are kept, as are resets with the number that refuses the last segment that came: an end \
             that has forgotten the connection takes it from there. A reset forged by a third party is told as what it claims to be.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // Section 3.10.7.1: <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>.
        self.refusal = Some(match at.segment.flags.ack() {
            true => (at.segment.ack, false),
            false => (SeqNumber(0), true),
        });
    }

    fn on_rst_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.shared.established || !at.me.started {
            return;
        }
        let Some(edge) = at.peer.edge.filter(|_| at.shared.handshake_seen) else {
            return judge.inconclusive(Reason::MidStream);
        };
        // lwIP's resets have ACK where the RFC's have none: that is no wrong number.
        let refuses =
            |(seq, with_ack): (SeqNumber, bool)| seq == at.segment.seq && (at.segment.flags.ack() || !with_ack);
        if self.refusal.is_some_and(refuses) {
            return judge.holds();
        }
        judge.require(
            at.segment.seq <= edge.max(at.me.snd_nxt) + 1,
            &[at.frame()],
            format_args!(
                "a sequence number up to {}, the edge of the peer's window",
                at.me.relative(edge)
            ),
            format_args!("{}", at.me.relative(at.segment.seq)),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("at SND.NXT", |t| {
                t.handshake();
                t.client().data(10);
                t.server();
                t.client().rst();
            }),
            holds("as acknowledged, by an end that has forgotten the connection", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.handshake();
                t.client().ack(5_000_000);
                t.server().seq(5_000_000).bare_rst();
            }),
            holds("the same with ACK", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.handshake();
                t.client().ack(5_000_000);
                t.server().seq(5_000_000).rst();
            }),
            violates("far beyond the window", |t| {
                t.handshake();
                t.client().data(10);
                t.server();
                t.client().seq(1_000_000).rst();
            }),
            abstains("no reset", |t| t.handshake()),
        ]
    }
}
