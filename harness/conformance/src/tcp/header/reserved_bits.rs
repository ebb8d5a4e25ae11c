//! The reserved bits between the data offset and the control bits.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::Judge;

/// RFC 9293 section 3.1: reserved control bits are zero in generated segments.
#[derive(Default)]
pub struct ReservedBits;

impl TcpCheck for ReservedBits {
    const REQUIREMENT: Requirement = requirement("tcp/reserved-bits-zero", rfc(9293, "3.1"), Level::Must)
        .by_itself()
        .prose()
        .binds(Role::Sender)
        .says("The reserved bits of the header are zero in every segment sent.")
        .judged(
            "The three bits left once AE (RFC 9768, formerly NS) is taken out are compared with zero in every segment.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let reserved = at.segment.flags.reserved();
        judge.require(
            reserved == 0,
            &[at.frame()],
            "reserved bits 000",
            format_args!("reserved bits {reserved:03b} in {}", at.segment.flags),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("an ordinary exchange", |t| {
                t.handshake();
                t.client().data(10);
                t.server();
            }),
            violates("a reserved bit is set on a data segment", |t| {
                t.handshake();
                t.client().data(10).reserved(0b010);
                t.server();
            }),
            abstains("no TCP at all", |t| {
                t.udp(5000, 6000, b"x");
            }),
        ]
    }
}
