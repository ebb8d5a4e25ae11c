//! Duplicate SACK: RFC 2883.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::Duration;

/// RFC 2883 section 4: a first block at or below the acknowledgement reports a duplicate, and only once.
#[derive(Default)]
pub struct DsackReportsDuplicate {
    /// Duplicates seen on their way here, not yet reported.
    duplicates: u16,
}

impl TcpCheck for DsackReportsDuplicate {
    const REQUIREMENT: Requirement = requirement("tcp/dsack-reports-duplicate", rfc(2883, "4"), Level::Should)
        .prose()
        .also(&[rfc(2883, "3")])
        .binds(Role::Receiver)
        .says("A D-SACK block reports data that was received twice, each duplicate once.")
        .judged(
            "First blocks wholly below the acknowledgement number: a segment with octets of that range was seen at least twice on its \
             way here. Duplicates made by the network behind the capture point cannot be seen, so an unexplained block is only broken \
             when the capture was taken at the receiver. Linux leaves a stale block on the acknowledgement of a FIN that had been \
             queued out of order.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.facts.is_retransmission() || at.segment.seq < at.me.rcv_nxt {
            self.duplicates = self.duplicates.saturating_add(1);
        }
    }

    fn on_syn_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // Its text may be kept (RFC 9293 section 3.10.7.2), or come again.
        self.duplicates = self.duplicates.saturating_add(u16::from(at.segment.payload_len > 0));
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(first) = at.segment.options.sack.first() else {
            return;
        };
        if first.right > at.segment.ack || first.left >= first.right {
            return;
        }
        if self.duplicates > 0 {
            self.duplicates -= 1;
            return judge.holds();
        }
        // Copies that the tracker took for sightings are duplicates to the receiver.
        let near = at.shared.vantage != crate::tracker::Vantage::Auto && at.my_delay() == Some(Duration::ZERO);
        if !near || !at.shared.is_clean() || at.shared.seen_twice > 0 {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[at.frame()],
            "a D-SACK block only for data received twice",
            format_args!(
                "block {}..{}, of which nothing was seen twice",
                at.peer.relative(first.left),
                at.peer.relative(first.right)
            ),
        );
    }

    fn examples() -> Vec<Example> {
        let once = |t: &mut Trace| {
            t.vantage(crate::tracker::Vantage::Server);
            t.handshake();
            t.client().data(100);
            t.server();
        };
        vec![
            holds("a segment came twice", move |t| {
                once(t);
                t.after(Duration::millis(1200));
                t.client().seq(1).data(100);
                t.server().sack(&[(1, 101)]);
            }),
            violates("nothing came twice", move |t| {
                once(t);
                t.server().sack(&[(1, 101)]);
            }),
            abstains("no D-SACK", |t| t.handshake()),
        ]
    }
}
