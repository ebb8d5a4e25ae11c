//! The ACK bit.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Checksum;
use crate::verdict::{Judge, Reason};
use wire::tcp::Flags;

/// RFC 9293 section 3.1: once a connection is established, an acknowledgement is always sent.
#[derive(Default)]
pub struct AckAlwaysSet;

impl TcpCheck for AckAlwaysSet {
    const REQUIREMENT: Requirement = requirement("tcp/ack-always-set", rfc(9293, "3.1"), Level::Must)
        .by_itself()
        .prose()
        .binds(Role::Sender)
        .says("On an established connection every segment but a reset carries an acknowledgement.")
        .judged(
            "Segments after the handshake, resets and SYNs excepted. A wrong checksum may hide a damaged control bit.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.shared.established || at.segment.flags.intersects(Flags::RST.with(Flags::SYN)) {
            return;
        }
        if at.segment.flags.ack() {
            judge.holds();
        } else if at.segment.checksum == Checksum::Correct {
            judge.violated(&[at.frame()], "the ACK bit", format_args!("{}", at.segment.flags));
        } else {
            judge.inconclusive(Reason::Ambiguous);
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("on all segments", |t| {
                t.handshake();
                t.client().data(10);
                t.server();
            }),
            violates("a data segment without it", |t| {
                t.handshake();
                t.client().data(10).flags(Flags::PSH);
                t.server();
            }),
            abstains("not established", |t| {
                t.client().syn();
            }),
        ]
    }
}
