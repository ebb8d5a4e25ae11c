//! SACK-permitted, and SACK only where it is: RFC 2018 sections 2 and 4.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};

/// RFC 2018 section 2: only on SYNs.
#[derive(Default)]
pub struct SackPermittedOnlyOnSyn;

impl TcpCheck for SackPermittedOnlyOnSyn {
    const REQUIREMENT: Requirement = requirement("tcp/sack-permitted-only-on-syn", rfc(2018, "2"), Level::Must)
        .by_itself()
        .binds(Role::Sender)
        .says("SACK-permitted is sent only on segments with SYN.")
        .judged("Every segment with the option.");

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.options.sack_permitted {
            let syn = at.segment.flags.syn();
            judge.require(
                syn,
                &[at.frame()],
                "no SACK-permitted without SYN",
                format_args!("it is on {}", at.segment.flags),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("on both SYNs", |t| t.handshake()),
            violates("on a data segment", |t| {
                t.handshake();
                t.client().data(10).sack_permitted();
                t.server();
            }),
            abstains("not at all", |t| t.plain_handshake()),
        ]
    }
}

/// RFC 2018 section 4: no SACK towards an end that did not permit it.
#[derive(Default)]
pub struct SackOnlyIfPermitted;

impl TcpCheck for SackOnlyIfPermitted {
    const REQUIREMENT: Requirement = requirement("tcp/sack-only-if-permitted", rfc(2018, "4"), Level::Must)
        .by_itself()
        .binds(Role::Receiver)
        .says("SACK options are sent only on connections where the peer's SYN permitted them.")
        .judged("Every segment with a SACK option, against the peer's SYN; unseen SYNs are inconclusive.");

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.options.sack.is_empty() {
            return;
        }
        match at.peer.offer {
            None => judge.inconclusive(Reason::MidStream),
            Some(offer) if offer.sack_permitted => judge.holds(),
            Some(offer) if offer.times > 1 => judge.inconclusive(Reason::Ambiguous),
            Some(offer) => judge.violated(
                &[offer.first.frame, at.frame()],
                "no SACK option, as the peer's SYN did not permit it",
                format_args!("a SACK option with {} blocks", at.segment.options.sack.len()),
            ),
        }
    }

    fn examples() -> Vec<Example> {
        let hole = |t: &mut crate::example::Trace| {
            t.client().data(100).unseen();
            t.client().data(100);
            t.server().ack(1).sack(&[(101, 201)]);
            t.after(wire::Duration::millis(1500));
            t.client().seq(1).data(100);
            t.server();
        };
        vec![
            holds("permitted by both", move |t| {
                t.handshake();
                hole(t);
            }),
            violates("permitted by none", move |t| {
                t.plain_handshake();
                hole(t);
            }),
            abstains("no SACK option", |t| t.handshake()),
        ]
    }
}
