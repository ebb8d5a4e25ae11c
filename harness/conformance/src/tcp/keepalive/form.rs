//! What a keepalive carries.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Transmission;
use crate::verdict::{Judge, Reason};
use wire::SeqNumber;

/// RFC 9293 section 3.8.4 (SHLD-12): without data; MAY-6 allows a garbage octet where a peer needs it.
#[derive(Default)]
pub struct KeepaliveWithoutData {
    /// My latest new data was one octet by itself: where it stands, and its hash.
    alone: Option<(SeqNumber, u16)>,
}

impl TcpCheck for KeepaliveWithoutData {
    const REQUIREMENT: Requirement = requirement("tcp/keepalive-without-data", rfc(9293, "3.8.4"), Level::Should)
        .by_itself()
        .labels(&["SHLD-12", "MAY-6"])
        .binds(Role::Sender)
        .says("A keepalive carries no data; a single garbage octet may be configured for peers that need it.")
        .judged(
            "Segments at SND.NXT - 1 with one octet or none while everything is acknowledged, by a segment that was certainly taken, and the window is open. \
             Where that octet was a segment of its own before, it may be that one again, and is inconclusive.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.facts.transmission == Transmission::KeepAlive {
            let none = at.segment.payload_len == 0;
            // Far from its sender a window probe, late, looks the same.
            let near = at.my_delay().is_some_and(|delay| delay <= wire::Duration::millis(1));
            if !none && !near {
                return judge.inconclusive(Reason::Vantage);
            }
            // Its acknowledgement may have been lost, or dropped by the sender.
            let again = self.alone.is_some_and(|(seq, digest)| {
                seq == at.segment.seq && (digest == 0 || at.facts.digest == 0 || digest == at.facts.digest)
            });
            if !none && again {
                return judge.inconclusive(Reason::Ambiguous);
            }
            judge.require(
                none,
                &[at.frame()],
                "a keepalive without data",
                "one octet of data at SND.NXT - 1",
            );
        }
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.facts.new_octets > 0 {
            let alone = at.segment.payload_len == 1;
            self.alone = alone.then_some((at.segment.seq, at.facts.digest));
        }
    }

    fn examples() -> Vec<Example> {
        let probe = |t: &mut crate::example::Trace, octets| {
            t.vantage(crate::tracker::Vantage::Client);
            t.handshake();
            t.client().data(10);
            t.server();
            t.after(wire::Duration::hours(2));
            t.client().seq(10).data(octets);
            t.server();
        };
        vec![
            holds("no octet", move |t| probe(t, 0)),
            violates("one octet", move |t| probe(t, 1)),
            abstains(
                "the octet again, whose acknowledgement came on a segment that was dropped",
                |t| {
                    t.vantage(crate::tracker::Vantage::Client);
                    t.handshake();
                    t.server().data(10);
                    t.client();
                    t.client().data(1);
                    t.server().seq(1).data(10);
                    t.client();
                    t.after(wire::Duration::secs(1));
                    t.client().seq(1).data(1);
                    t.server();
                },
            ),
            abstains("the octet was a segment of its own: this may be that one again", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.handshake();
                t.client().data(1);
                t.server();
                t.after(wire::Duration::secs(1));
                t.client().seq(1).data(1);
                t.server();
            }),
            abstains("no keepalive", |t| t.handshake()),
        ]
    }
}
