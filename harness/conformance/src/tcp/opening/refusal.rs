//! Resets that refuse: their numbers (RFC 9293 section 3.10.7.1).

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};

/// RFC 9293 section 3.10.7.1: a SYN to a closed port is refused by <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>.
#[derive(Default)]
pub struct ResetNumbersForSyn {
    /// A segment with ACK came: a reset may answer that.
    acknowledged: bool,
}

impl TcpCheck for ResetNumbersForSyn {
    const REQUIREMENT: Requirement = requirement("tcp/refusal-of-syn", rfc(9293, "3.10.7.1"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.5.2")])
        .binds(Role::Server)
        .says("A SYN is refused by a reset with sequence number zero that acknowledges the SYN.")
        .judged(
            "A reset from an end that has sent nothing else, after a SYN without ACK and nothing more was sent to it.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.acknowledged |= at.segment.flags.ack();
    }

    fn on_rst_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let (peer, Some(iss)) = (at.peer, at.peer.iss) else {
            return;
        };
        let refusal = at.me.segments == 0 && peer.offer.is_some_and(|offer| !offer.with_ack);
        if !refusal {
            return;
        }
        if self.acknowledged || peer.segments != peer.offer.map_or(0, |offer| u32::from(offer.times)) {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let first = iss + 1 + peer.offer.map_or(0, |offer| offer.payload_len) + u32::from(peer.fin.is_some());
        // A repeated SYN may have brought more text, and been the one that was answered.
        let most = first.max(peer.snd_nxt);
        // Of the connection before, which is not over yet, it may be a reset.
        if at.shared.previous.is_some() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let acknowledges = at.segment.flags.ack() && iss < at.segment.ack && at.segment.ack <= most;
        judge.require(
            acknowledges && at.segment.seq.0 == 0,
            &[peer.offer.map_or(at.frame(), |offer| offer.first.frame), at.frame()],
            format_args!("RST,ACK with sequence number 0, acknowledging {most}"),
            format_args!(
                "{} with sequence number {}, acknowledging {}",
                at.segment.flags, at.segment.seq, at.segment.ack
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("zero, and the SYN acknowledged", |t| {
                t.isns(5000, 0);
                t.client().syn();
                t.server().rst();
            }),
            holds("the SYN again, with more text, and that one is answered", |t| {
                t.isns(5000, 0);
                t.client().syn().data(10);
                t.after(wire::Duration::secs(2));
                t.client().seq(0).syn().data(20);
                t.server().rst().ack(21);
            }),
            violates("a sequence number of its own, no acknowledgement", |t| {
                t.isns(5000, 77);
                t.client().syn();
                t.server().bare_rst();
            }),
            abstains("the connection before is still there, and ends by it", |t| {
                t.handshake();
                t.server().fin();
                t.client().fin();
                t.server();
                t.after(wire::Duration::secs(2));
                t.client().seq(100_000).syn();
                t.server().seq(2).rst();
            }),
            abstains("a SYN with RST is a reset, and is not refused", |t| {
                use wire::tcp::Flags;
                t.isns(5000, 77);
                t.client().flags(Flags::SYN.with(Flags::RST));
                t.client().seq(0).flags(Flags::SYN.with(Flags::ACK)).ack(500);
                t.server().seq(500).bare_rst();
            }),
            abstains("accepted", |t| t.handshake()),
        ]
    }
}

/// RFC 9293 section 3.10.7.1: a segment with ACK for no connection is refused by <SEQ=SEG.ACK><CTL=RST>.
#[derive(Default)]
pub struct ResetNumbersForAck;

impl TcpCheck for ResetNumbersForAck {
    const REQUIREMENT: Requirement = requirement("tcp/reset-takes-number-from-ack", rfc(9293, "3.10.7.1"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.5.2")])
        .says("A reset that answers a segment with ACK takes its sequence number from that acknowledgement.")
        .judged(
            "A reset in answer to a SYN-ACK that the end cannot use: its sequence number is what the SYN-ACK acknowledges. Resets \
             within connections have several right forms and are not judged here.",
        );

    fn on_rst_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        // An opening end that has sent only SYNs, whose peer has sent only SYN-ACKs.
        let Some((mine, theirs)) = at.me.offer.zip(at.peer.offer) else {
            return;
        };
        let only_syns = at.me.segments == u32::from(mine.times) && at.peer.segments == u32::from(theirs.times);
        let Some(una) = at.me.una.filter(|_| only_syns && theirs.with_ack && !mine.with_ack) else {
            return;
        };
        let expected = at.me.snd_una;
        // What came behind the SYN-ACK, taken or not, may be what is refused.
        let behind = at.me.last_received.is_some_and(|last| last.frame != una.frame);
        if (at.segment.flags.ack() || behind) && at.segment.seq != expected {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.require(
            at.segment.seq == expected,
            &[una.frame, at.frame()],
            format_args!("sequence number {expected}, as acknowledged"),
            format_args!("{}", at.segment.seq),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the acknowledged number", |t| {
                t.client().syn();
                t.server().syn();
                t.client().bare_rst();
            }),
            abstains("what comes behind the SYN-ACK is refused", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().0));
                t.client().syn();
                t.server().syn();
                t.server().ack(2);
                t.client().seq(2).bare_rst();
            }),
            violates("another number", |t| {
                t.client().syn();
                t.server().syn();
                t.client().seq(5000).bare_rst();
            }),
            abstains("no reset", |t| t.handshake()),
        ]
    }
}
