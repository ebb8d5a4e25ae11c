//! Acknowledgements do not go back.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::AckKind;
use crate::verdict::{Judge, Reason};
use wire::SeqNumber;

/// RFC 9293 section 3.4: acknowledgement is cumulative; what was acknowledged stays so.
#[derive(Default)]
pub struct AckNeverBack {
    /// SND.NXT of the segment that acknowledged most; none where it sent old octets again, and SND.NXT was higher.
    highest_at: Option<SeqNumber>,
}

impl TcpCheck for AckNeverBack {
    const REQUIREMENT: Requirement = requirement("tcp/ack-never-back", rfc(9293, "3.4"), Level::Must)
        .prose()
        .binds(Role::Receiver)
        .says("The acknowledgement number never decreases.")
        .judged(
            "A lower number than before on new data that starts at or behind SND.NXT of the segment with the higher number, and \
             so was certainly sent after it. Other segments may have been overtaken on the way, and the check abstains.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        match at.facts.ack {
            AckKind::New(_) => {
                self.highest_at = Some(at.segment.seq).filter(|seq| *seq >= at.me.snd_nxt);
                judge.holds();
            }
            AckKind::Old if at.segment.flags.rst() => {}
            AckKind::Old => {
                let above = self.highest_at.is_some_and(|highest| at.segment.seq >= highest);
                let later = above && at.facts.new_octets > 0 && at.facts.new_octets == at.facts.len;
                let Some(last) = at.me.last_sent.filter(|_| later && at.shared.is_clean()) else {
                    return judge.inconclusive(Reason::Ambiguous);
                };
                judge.violated(
                    &[last.frame, at.frame()],
                    format_args!("acknowledgement of at least {}", at.peer.relative(at.peer.snd_una)),
                    format_args!("{} on new data", at.peer.relative(at.segment.ack)),
                );
            }
            _ => {}
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("it grows", |t| {
                t.handshake();
                t.client().data(100);
                t.server();
            }),
            violates("it falls on new data", |t| {
                t.handshake();
                t.client().data(100);
                t.server();
                t.server().ack(51).data(10);
                t.client();
            }),
            abstains("overtaken by an acknowledgement that was sent later", |t| {
                t.client().syn().mss(1460).unseen();
                t.server().syn().mss(1460);
                t.server().seq(11).ack(51);
                t.server().seq(1).ack(1).data(10);
            }),
            holds("a new connection, with the numbers of the one that was reset", |t| {
                t.also_breaks("tcp/isn-clock-driven"); // such a stack
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.handshake();
                t.client().data(100);
                t.server();
                t.client().rst();
                t.client().seq(0).syn().mss(1460);
                t.server().seq(0).syn().ack(1).mss(1460);
                t.client().seq(1);
                t.server().seq(1).ack(1).data(100);
                t.client();
            }),
            holds("the same where the stack forgot the old one in silence", |t| {
                t.also_breaks("tcp/isn-clock-driven");
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.handshake();
                t.client().data(100);
                t.server().data(10);
                t.client().seq(0).syn().mss(1460);
                t.server().seq(0).syn().ack(1).mss(1460);
                t.client().seq(1);
                t.server().seq(1).ack(1).data(100);
                t.client();
            }),
            holds("new data overtaken by a retransmission that was sent later", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.handshake();
                t.client().data(100);
                t.client().data(100);
                t.server().ack(101).data(100);
                t.server().seq(1).ack(201).data(100);
                t.server().seq(101).ack(101).data(100);
                t.client();
            }),
            abstains("no data", |t| {
                t.client().syn();
            }),
        ]
    }
}
