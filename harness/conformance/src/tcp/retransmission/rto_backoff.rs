//! Exponential back-off of the retransmission timer.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Cause, Transmission};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, SeqNumber};

/// RFC 6298 section 2.5: a maximum may be placed on the timeout if it is at least this.
const LEAST_MAXIMUM: Duration = Duration::secs(60);

/// RFC 6298 section 5.5 (RFC 9293 MUST-19): each expiry doubles the timeout.
#[derive(Default)]
pub struct RtoBackoff {
    /// The gap before the last timeout retransmission of these octets; zero when there was none.
    previous: Duration,
    frame: FrameNumber,
    seq: SeqNumber,
    /// Gaps in a row that grew by less than half.
    flat: u8,
}

impl TcpCheck for RtoBackoff {
    const REQUIREMENT: Requirement = requirement("tcp/rto-backoff", rfc(6298, "5.5"), Level::Must)
        .labels(&["MUST-19"])
        .also(&[rfc(6298, "2.5"), rfc(9293, "3.8.1"), rfc(2525, "2.10")])
        .binds(Role::Sender)
        .says("Every expiry of the retransmission timer doubles the next timeout, up to a maximum of no less than 60 s.")
        .judged(
            "Gaps between transmissions of the same first unacknowledged octets, without an acknowledgement in between, from the \
             second retransmission on (the first may follow a tail loss probe or a restarted timer). Broken when two gaps in a \
             row, both below 60 s, each grow by less than half: a doubling timer cannot look so even where the capture misses \
             some of the retransmissions. One such gap is inconclusive.",
        );

    fn on_retransmitted(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Transmission::Retransmission(Cause::Timeout | Cause::Unknown | Cause::ProbeOrTimeout) =
            at.facts.transmission
        else {
            return self.forget();
        };
        let Some(resent) = at.facts.resent.filter(|resent| resent.from_start) else {
            return self.forget();
        };
        let gap = at.now() - resent.last.time;
        if at.segment.seq != self.seq || resent.times < 2 || gap <= Duration::ZERO {
            // The first retransmission: its gap is no measure of the timer.
            return *self = RtoBackoff {
                seq: at.segment.seq,
                ..RtoBackoff::default()
            };
        }
        let before = std::mem::replace(&mut self.previous, gap);
        let frame = std::mem::replace(&mut self.frame, at.frame());
        if before == Duration::ZERO {
            return;
        }
        if gap >= LEAST_MAXIMUM || gap * 2 >= before * 3 {
            self.flat = 0;
            return judge.holds();
        }
        self.flat = self.flat.saturating_add(1);
        if self.flat < 2 {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[resent.first.frame, frame, at.frame()],
            format_args!("at least {} between the last two (twice the gap before)", before * 2),
            format_args!(
                "{gap}, after {before}: octets {} sent for the {}th time",
                at.me.relative(at.segment.seq),
                u32::from(resent.times) + 1
            ),
        );
    }

    fn on_acked(&mut self, _: &Moment<'_>, _: &mut Judge<'_>) {
        self.forget();
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("1, 2, 4 and 8 seconds", |t| silence(t, &[1000, 2000, 4000, 8000])),
            violates("every two seconds", |t| silence(t, &[2000, 2000, 2000, 2000, 2000])),
            violates("a ceiling of 12 seconds", |t| {
                silence(t, &[1500, 3000, 6000, 12_000, 12_000, 12_000])
            }),
            abstains("one retransmission, then an answer", |t| {
                silence(t, &[1000]);
                t.server();
            }),
            abstains("the capture misses one of the retransmissions", |t| {
                t.handshake();
                t.client().data(100);
                for (gap, seen) in [(1000, true), (2000, false), (4000, true), (8000, true)] {
                    t.after(Duration::millis(gap));
                    let again = t.client().seq(1).data(100);
                    if !seen {
                        again.unseen();
                    }
                }
                t.server();
            }),
        ]
    }
}

impl RtoBackoff {
    fn forget(&mut self) {
        *self = RtoBackoff::default();
    }
}

/// A data segment that nobody answers, sent again after each of `gaps` in milliseconds.
fn silence(t: &mut Trace, gaps: &[i64]) {
    t.handshake();
    t.client().data(100);
    for &gap in gaps {
        t.after(Duration::millis(gap));
        t.client().seq(1).data(100);
    }
}
