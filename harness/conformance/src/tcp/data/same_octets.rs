//! A retransmission carries what was sent before.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Checksum;
use crate::verdict::{Judge, Reason};

/// RFC 9293 section 3.4: a sequence number names one octet; RFC 2525 section 2.4 describes senders that forget it.
#[derive(Default)]
pub struct RetransmissionSameOctets;

impl TcpCheck for RetransmissionSameOctets {
    const REQUIREMENT: Requirement = requirement("tcp/retransmission-same-octets", rfc(9293, "3.8.1"), Level::Must).by_itself()
        .prose()
        .also(&[rfc(2525, "2.4"), rfc(9293, "3.4")])
        .binds(Role::Sender)
        .says("A retransmission carries the same octets as the transmission before it.")
        .judged(
            "Sums over the data of retransmissions with the same bounds, both captured whole and with right checksums. Reordered \
             16-bit words would go unnoticed.",
        );

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(resent) = at
            .facts
            .resent
            .filter(|resent| resent.same_bounds && at.segment.payload_len > 0)
        else {
            return;
        };
        let (before, now) = (resent.digest, at.facts.digest);
        if before == 0 || now == 0 || at.segment.checksum != Checksum::Correct {
            return judge.inconclusive(Reason::Sliced);
        }
        if before == now {
            return judge.holds();
        }
        // The first copy's checksum is not remembered: damage on the way explains one difference, not two.
        if resent.times < 2 && at.me.retransmissions < 2 && at.segment.checksum != Checksum::Correct {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[resent.first.frame, at.frame()],
            format_args!(
                "the same {} octets as in frame {}",
                at.segment.payload_len, resent.first.frame
            ),
            "other octets under the same sequence numbers",
        );
    }

    fn examples() -> Vec<Example> {
        use wire::Duration;
        vec![
            holds("the same again", |t| {
                t.handshake();
                t.client().data(100);
                t.after(Duration::millis(1200));
                t.client().seq(1).data(100);
                t.server();
            }),
            violates("other octets", |t| {
                t.handshake();
                t.client().bytes(b"GET /a");
                t.after(Duration::millis(1200));
                t.client().seq(1).bytes(b"GET /b");
                t.server();
            }),
            abstains("a keepalive's octet, of an end that kept nothing beyond a hole", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().0));
                t.also_breaks("tcp/ack-never-back");
                t.also_breaks("tcp/keepalive-only-when-idle");
                t.also_breaks("tcp/keepalive-without-data");
                t.also_breaks("tcp/unacknowledged-data-resent");
                t.handshake();
                t.server().seq(2).ack(0).data(1);
                t.server().seq(1).data(1);
                t.client().ack(2);
                t.client().ack(2).bytes(b"a");
                t.server().seq(2).ack(2);
                t.after(Duration::hours(2));
                t.client().seq(1).ack(2).bytes(&[0]);
                t.server().seq(2).ack(2);
            }),
            abstains("nothing is sent again", |t| t.handshake()),
        ]
    }
}
