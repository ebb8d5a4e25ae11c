//! The lower bound of the retransmission timeout.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Cause, Transmission};
use crate::verdict::{Judge, Reason};
use wire::{Duration, Instant};

/// RFC 6298 section 2.4.
const MINIMUM: Duration = Duration::secs(1);

/// RFC 6298 section 2.4: a computed timeout below one second is rounded up to one second.
#[derive(Default)]
pub struct RtoMinimum {
    /// When something was first sent again, or seen for the first time although it is old.
    repaired: Option<Instant>,
    /// SACK came on a segment that is dropped: what it reports may count all the same.
    reported: bool,
    /// Acknowledgements without data that repeat SND.UNA, whatever their windows.
    repeats: u8,
}

impl TcpCheck for RtoMinimum {
    const REQUIREMENT: Requirement = requirement("tcp/rto-minimum", rfc(6298, "2.4"), Level::Should)
        .also(&[rfc(8961, "4")])
        .binds(Role::Sender)
        .says("The retransmission timeout is never below one second.")
        .judged(
            "The gap before the first timeout retransmission of the first unacknowledged octets, with no acknowledgement since, \
             plus the delay between capture point and sender; an acknowledgement on its way to the sender may have come since. Not judged where it may have been a tail loss probe or \
             RACK's reordering timer (RFC 8985), or a recovery by duplicate acknowledgements or SACK.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.reported |= at.facts.dropped && !at.segment.options.sack.is_empty();
        if at.segment.ack > at.me.snd_una {
            self.repeats = 0;
        } else if at.segment.ack == at.me.snd_una && at.segment.payload_len == 0 {
            self.repeats = self.repeats.saturating_add(1);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let old = matches!(
            at.facts.transmission,
            Transmission::FillsHole | Transmission::OutOfOrder | Transmission::Spurious
        );
        self.timer(at, judge);
        if old || at.facts.is_retransmission() {
            self.repaired.get_or_insert(at.now());
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("sent again after 1.2 s", |t| {
                t.plain_handshake();
                t.client().data(100);
                t.after(Duration::millis(1200));
                t.client().seq(1).data(100);
                t.server();
            }),
            violates("sent again after 200 ms", |t| {
                t.plain_handshake();
                t.client().data(100);
                t.after(Duration::millis(200));
                t.client().seq(1).data(100);
                t.server();
            }),
            abstains(
                "an acknowledgement of part of the flight asked for it, far from the sender",
                |t| {
                    t.client().syn().mss(1460);
                    t.server().syn().mss(1460);
                    t.after(Duration::millis(100));
                    t.client();
                    t.client().data(1000).unseen();
                    for _ in 0..3 {
                        t.client().data(1000);
                    }
                    t.after(Duration::millis(100));
                    t.client().seq(1).data(1000);
                    t.server().ack(4001);
                    t.client().seq(4001).data(40);
                    t.after(Duration::millis(400));
                    t.client().seq(4001).data(40);
                    t.server();
                },
            ),
            abstains(
                "three acknowledgements repeat, of which the first tells another window",
                |t| {
                    t.plain_handshake();
                    t.client().data(100);
                    t.server().ack(1).wnd(1000);
                    t.server().ack(1).wnd(1000);
                    t.server().ack(1).wnd(1000);
                    t.client().seq(1).data(100);
                    t.server();
                },
            ),
            abstains("with a later segment SACKed it may be RACK's reordering timer", |t| {
                t.handshake();
                t.client().data(100);
                t.client().data(100);
                t.client().data(100);
                t.server().ack(1).sack(&[(101, 201)]);
                t.after(Duration::millis(400));
                t.client().seq(1).data(100);
                t.server().ack(301);
            }),
            abstains("with SACK it may be a tail loss probe", |t| {
                t.handshake();
                t.client().data(100);
                t.after(Duration::millis(200));
                t.client().seq(1).data(100);
                t.server();
            }),
        ]
    }
}

impl RtoMinimum {
    fn timer(&self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Transmission::Retransmission(cause) = at.facts.transmission else {
            return;
        };
        let Some(resent) = at.facts.resent.filter(|resent| resent.times == 1 && resent.from_start) else {
            return;
        };
        match cause {
            // RFC 8985 section 6.2 step 5: what SACK reports lets a sender take what was sent before for lost, by time alone.
            Cause::Timeout if (self.reported || !at.me.sacked.is_empty()) && at.now() - resent.last.time < MINIMUM => {
                return judge.inconclusive(Reason::Ambiguous);
            }
            Cause::Timeout => {}
            Cause::ProbeOrTimeout if at.now() - resent.last.time < MINIMUM => {
                return judge.inconclusive(Reason::Ambiguous);
            }
            Cause::ProbeOrTimeout => {}
            _ => return,
        }
        let Some(gap) = at.gap_between_my_segments(resent.last.time) else {
            return judge.inconclusive(Reason::Vantage);
        };
        // Far from the sender an acknowledgement that was seen before may have reached it after: what it asks for at once is no
        // timer's (RFC 6582 section 3.2 step 3).
        let way = at.my_delay().unwrap_or_default() * 2;
        let una = at
            .me
            .una
            .filter(|una| self.repaired.is_some_and(|repaired| una.time >= repaired));
        let acknowledged = una.is_some_and(|una| una.time + way >= resent.last.time);
        // A tick of tolerance: stacks count time in steps of up to 10 ms and round either way.
        if gap.seen >= MINIMUM - Duration::millis(10) {
            judge.holds();
        } else if !gap.surely_below(MINIMUM) || acknowledged {
            judge.inconclusive(Reason::Vantage);
        } else if self.repeats >= 3 {
            // Which of them are duplicates hangs on the windows that the sender took before (RFC 5681 section 2).
            judge.inconclusive(Reason::Ambiguous);
        } else if at.shared.seen_twice > 0 {
            // Copied acknowledgements may have been the third duplicate.
            judge.inconclusive(Reason::SeenTwice);
        } else {
            judge.violated(
                &[resent.last.frame, at.frame()],
                "a first timeout of at least 1 s",
                format_args!("octet {} sent again after {}", at.me.relative(at.segment.seq), gap.seen),
            );
        }
    }
}
