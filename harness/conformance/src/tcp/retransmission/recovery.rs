//! How an end recovers from loss: which algorithm was seen at work. Capabilities, never judged.

use crate::example::{Example, Trace, abstains, holds};
use crate::requirement::{Level, Requirement, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Cause, Transmission};
use crate::verdict::Judge;
use wire::{Duration, FrameNumber};

/// RFC 3042 section 2: new data in answer to the first two duplicate acknowledgements.
#[derive(Default)]
pub struct LimitedTransmit {
    duplicate: Option<(wire::Instant, FrameNumber)>,
}

impl TcpCheck for LimitedTransmit {
    const REQUIREMENT: Requirement = requirement("tcp/uses-limited-transmit", rfc(3042, "2"), Level::May)
        .also(&[rfc(5681, "3.2")])
        .says("The end sends new data upon the first and the second duplicate acknowledgement.")
        .judged("New data within 20 ms of the first or second duplicate acknowledgement. Broken by nothing.");

    fn on_duplicate_ack(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.duplicate = (at.facts.duplicate_acks <= 2).then(|| (at.now(), at.frame()));
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let prompted = self
            .duplicate
            .take()
            .is_some_and(|(time, _)| at.now() - time < Duration::millis(20));
        if prompted && at.facts.new_octets > 0 {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("a new segment upon the first duplicate", |t| {
                flight(t);
                t.server().ack(1);
                t.client().data(1000);
            }),
            abstains("no duplicates", |t| t.handshake()),
        ]
    }
}

/// One way of recovering: a cause that the tracker found for a retransmission.
macro_rules! recovery {
    ($(#[$doc:meta])* $name:ident, $id:literal, $source:expr, $says:literal, $cause:pat, |$t:ident| $trace:expr) => {
        $(#[$doc])*
        #[derive(Default)]
        pub struct $name;

        impl TcpCheck for $name {
            const REQUIREMENT: Requirement = requirement($id, $source, Level::May)
                .says($says)
                .judged("What prompted each retransmission, as far as the traffic tells. Broken by nothing.");

            fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
                if matches!(at.facts.transmission, Transmission::Retransmission($cause)) {
                    judge.holds();
                }
            }

            fn examples() -> Vec<Example> {
                vec![
                    holds("seen once", |$t| $trace),
                    abstains("no loss", |t| t.handshake()),
                ]
            }
        }
    };
}

recovery!(
    /// RFC 6582 section 3.2 step 3: a partial acknowledgement prompts the next retransmission.
    NewReno, "tcp/uses-newreno", rfc(6582, "3.2"),
    "The end retransmits the next hole as soon as an acknowledgement tells of it.",
    Cause::PartialAck, |t| {
        flight(t);
        for _ in 0..3 {
            t.server().ack(1);
        }
        t.client().seq(1).data(1000);
        t.server().ack(1001);
        t.after(Duration::millis(5));
        t.client().seq(1001).data(1000);
        t.server().ack(4001);
    }
);

recovery!(
    /// RFC 6675 section 5: retransmissions driven by SACK blocks.
    SackRecovery, "tcp/uses-sack-recovery", rfc(6675, "5"),
    "The end fills holes that SACK blocks tell of.",
    Cause::Sack, |t| {
        t.handshake();
        for _ in 0..4 {
            t.client().data(1000);
        }
        t.server().ack(1).sack(&[(1001, 2001)]);
        t.server().ack(1).sack(&[(1001, 2001), (3001, 4001)]);
        t.client().seq(2001).data(1000);
        t.server().ack(1).sack(&[(1001, 4001)]);
        t.after(Duration::secs(1));
        t.client().seq(1).data(1000);
        t.server().ack(4001);
    }
);

/// Four segments, none acknowledged.
fn flight(t: &mut Trace) {
    t.plain_handshake();
    for _ in 0..4 {
        t.client().data(1000);
    }
}
