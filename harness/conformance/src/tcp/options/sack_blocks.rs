//! The blocks of a SACK option by themselves: RFC 2018 section 3.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Vantage;
use crate::verdict::{Judge, Reason};
use wire::tcp::Flags;
use wire::{Duration, SeqNumber};

/// RFC 2018 section 3: left edge before right edge.
#[derive(Default)]
pub struct SackBlocksWellFormed;

impl TcpCheck for SackBlocksWellFormed {
    const REQUIREMENT: Requirement = requirement("tcp/sack-blocks-well-formed", rfc(2018, "3"), Level::Must)
        .by_itself()
        .prose()
        .binds(Role::Receiver)
        .says("Each SACK block's left edge lies before its right edge.")
        .judged("Every block of every SACK option, modulo 2^32.");

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.options.sack.is_empty() {
            return;
        }
        match at.segment.options.sack.iter().find(|block| block.right <= block.left) {
            None => judge.holds(),
            Some(block) => judge.violated(
                &[at.frame()],
                "left edges before right edges",
                format_args!(
                    "block {}..{}",
                    at.peer.relative(block.left),
                    at.peer.relative(block.right)
                ),
            ),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("a block of 100 octets", |t| reported(t, &[(101, 201)])),
            violates("a block back to front", |t| reported(t, &[(201, 101)])),
            abstains("no SACK option", |t| t.handshake()),
        ]
    }
}

/// RFC 2018 section 3: blocks describe data that was received.
#[derive(Default)]
pub struct SackCoversSentData {
    /// Behind what came in segments that were to be dropped: who takes such data reports what was sent all the same.
    dropped: Option<SeqNumber>,
}

impl TcpCheck for SackCoversSentData {
    const REQUIREMENT: Requirement = requirement("tcp/sack-covers-received-data", rfc(2018, "3"), Level::Must)
        .prose()
        .also(&[rfc(2018, "8")])
        .binds(Role::Receiver)
        .says("SACK blocks report only data that was received, so never beyond what the peer has sent.")
        .judged(
            "The right edge of each block against the highest octet that the peer was seen to send. A capture that misses packets \
             is inconclusive, and so are blocks outside of the receiver's own window (sequence numbers rewritten on the way), and of \
             data that came in a segment that was to be dropped.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.facts.dropped && self.dropped.is_none_or(|end| at.facts.end > end) {
            self.dropped = Some(at.facts.end);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.options.sack.is_empty() || !at.peer.started {
            return;
        }
        let beyond = at
            .segment
            .options
            .sack
            .iter()
            .find(|block| block.right > at.peer.snd_nxt && block.left < block.right);
        let Some(block) = beyond else { return judge.holds() };
        if !at.shared.is_clean() || !at.shared.established || at.segment.ack > at.peer.snd_nxt {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        // Something on the way that shifts sequence numbers but not those in SACK puts blocks anywhere in the 2^32, as a
        // rule outside of the window.
        if self.dropped.is_some_and(|end| block.right <= end) {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let shifted = block.left < at.segment.ack || at.me.edge.is_none_or(|edge| block.right > edge);
        if shifted {
            return judge.inconclusive(Reason::Ambiguous);
        }
        // Data lost to the capture would show as a hole at the peer; its whole flight was seen, in sequence.
        let complete = at.shared.vantage.is_live() || at.me.beyond.is_empty() && block.left > at.peer.snd_nxt;
        if !complete {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[at.frame()],
            format_args!(
                "blocks up to octet {} at most, the highest sent",
                at.peer.relative(at.peer.snd_nxt)
            ),
            format_args!(
                "block {}..{}",
                at.peer.relative(block.left),
                at.peer.relative(block.right)
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("a block within what was sent", |t| reported(t, &[(101, 201)])),
            violates("a block far beyond", |t| {
                t.handshake();
                t.client().data(100);
                t.server().sack(&[(50_001, 50_101)]);
            }),
            abstains("a block of data that came without ACK, and was to be dropped", |t| {
                t.vantage(Vantage::Live(t.addresses().1));
                t.handshake();
                t.client().seq(101).data(100).flags(Flags::PSH);
                t.also_breaks("tcp/ack-always-set");
                t.server().ack(1).sack(&[(101, 201)]);
            }),
            abstains("no SACK option", |t| t.handshake()),
        ]
    }
}

/// Two segments, the first lost, and the blocks that report the second.
fn reported(t: &mut Trace, blocks: &[(u32, u32)]) {
    t.handshake();
    t.client().data(100).unseen();
    t.client().data(100);
    t.server().ack(1).sack(blocks);
    t.after(Duration::millis(1500));
    t.client().seq(1).data(100);
    t.server();
}
