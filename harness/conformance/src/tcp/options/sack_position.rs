//! Where SACK blocks lie: above the acknowledgement, but for a D-SACK (RFC 2018 section 3, RFC 2883 section 4).

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};

/// RFC 2018 section 3: a block is isolated, so there is a hole between it and what is acknowledged.
#[derive(Default)]
pub struct SackNotBelowAck;

impl TcpCheck for SackNotBelowAck {
    const REQUIREMENT: Requirement = requirement("tcp/sack-not-below-ack", rfc(2018, "3"), Level::Should)
        .prose()
        .also(&[rfc(2883, "4")])
        .binds(Role::Receiver)
        .says("SACK blocks lie above the acknowledgement number, except that the first may report a duplicate below it.")
        .judged(
            "Every block against the acknowledgement number of the same segment. Blocks from before the peer's ISN were shifted by \
             something on the way that rewrites sequence numbers but not SACK: inconclusive, as are bad blocks where the ISN is unknown. \
             The RFC defines blocks so without a keyword; stacks that acknowledge a filled hole step by step break it harmlessly.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let blocks = &at.segment.options.sack;
        if blocks.is_empty() || !at.segment.flags.ack() {
            return;
        }
        let ack = at.segment.ack;
        let misplaced = blocks.iter().enumerate().find(|(nth, block)| {
            let duplicate = *nth == 0 && block.right <= ack;
            block.left <= ack && block.left < block.right && !duplicate
        });
        let Some((nth, block)) = misplaced else {
            return judge.holds();
        };
        match at.peer.iss {
            None => judge.inconclusive(Reason::MidStream),
            Some(iss) if block.left <= iss => judge.inconclusive(Reason::Ambiguous),
            Some(_) => judge.violated(
                &[at.frame()],
                format_args!("a block above the acknowledgement number {}", at.peer.relative(ack)),
                format_args!(
                    "block {} is {}..{}",
                    nth + 1,
                    at.peer.relative(block.left),
                    at.peer.relative(block.right)
                ),
            ),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the block lies above a hole", |t| {
                lost_second(t);
                t.server().ack(101).sack(&[(201, 301)]);
            }),
            violates("the block begins where the acknowledgement ends", |t| {
                lost_second(t);
                t.server().ack(101).sack(&[(101, 301)]);
            }),
            violates("a duplicate is reported, but not in the first block", |t| {
                lost_second(t);
                t.server().ack(101).sack(&[(201, 301)]);
                t.client().seq(1).data(100);
                t.server().ack(101).sack(&[(201, 301), (1, 101)]);
            }),
            abstains("no SACK option", |t| t.handshake()),
        ]
    }
}

/// Three segments, the second of them lost.
fn lost_second(t: &mut Trace) {
    t.handshake();
    t.client().data(100);
    t.client().data(100).unseen();
    t.client().data(100);
}
