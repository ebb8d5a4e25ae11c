//! The urgent pointer.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Checksum;
use crate::verdict::Judge;
use wire::tcp::Flags;

/// RFC 9293 section 3.8.5 (MUST-62): the pointer names the octet behind the urgent data.
#[derive(Default)]
pub struct UrgentPointerAhead;

impl TcpCheck for UrgentPointerAhead {
    const REQUIREMENT: Requirement = requirement("tcp/urgent-pointer-ahead", rfc(9293, "3.8.5"), Level::Must)
        .by_itself()
        .labels(&["MUST-62"])
        .also(&[rfc(6093, "3.1")])
        .binds(Role::Sender)
        .says("With URG set the urgent pointer points behind the last urgent octet, so it is never zero.")
        .judged("Segments with URG and a right checksum, resets and SYNs excepted.");

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let flags = at.segment.flags;
        if !flags.urg() || flags.intersects(Flags::SYN.with(Flags::RST)) || at.segment.checksum != Checksum::Correct {
            return;
        }
        let ahead = at.segment.urgent_pointer > 0;
        judge.require(
            ahead,
            &[at.frame()],
            "an urgent pointer above 0",
            "URG with urgent pointer 0: no octet is urgent",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("behind the one urgent octet", |t| {
                t.handshake();
                t.client().data(1).urg(1);
                t.server();
            }),
            violates("zero", |t| {
                t.handshake();
                t.client().data(1).urg(0);
                t.server();
            }),
            abstains("nothing is urgent", |t| t.handshake()),
        ]
    }
}
