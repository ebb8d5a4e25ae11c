//! The speed of the timestamp clock: RFC 7323 section 5.4.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// How long a clock is watched before it is judged.
const WATCH: Duration = Duration::secs(20);
/// Longer than this, and a fast clock may have gone round.
const TOO_LONG: Duration = Duration::secs(1800);
/// Allowed on top, for delays on the way that vary: seconds of queues.
const JITTER: i64 = 5;

/// RFC 7323 section 5.4: between one tick per millisecond and one per second.
#[derive(Default)]
pub struct TsvalClockRate {
    /// The TSval, time and frame from which ticks are counted; frame 0 before the first.
    since: (u32, FrameNumber),
    time: Instant,
    /// The stretch before was too slow as well: a host that slept is slow only once.
    slow: bool,
}

impl TcpCheck for TsvalClockRate {
    const REQUIREMENT: Requirement = requirement("tcp/tsval-clock-rate", rfc(7323, "5.4"), Level::Should)
        .prose()
        .also(&[rfc(7323, "4.1")])
        .binds(Role::Sender)
        .says("The timestamp clock ticks once per millisecond at most, and once per second at least.")
        .judged(
            "TSvals of one end at least 20 s apart, over which the clock would have to be twice too fast or too slow, with 5 s to spare for \
             delays that vary; too slow only if it is so twice in a row, as a host that sleeps is not blamed. Inconclusive when the \
             capture's clock stepped back.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((now, _)) = at.segment.options.timestamps else {
            return;
        };
        if self.since.1 == FrameNumber(0) {
            // A SYN-ACK may be a cookie whose TSval encodes options rather than the time.
            if !at.segment.flags.syn() && !at.segment.flags.rst() {
                (self.since, self.time) = ((now, at.frame()), at.now());
            }
            return;
        }
        let elapsed = at.now() - self.time;
        // RFC 7323 section 5.2: zero on a reset.
        if elapsed < WATCH || at.segment.flags.rst() {
            return;
        }
        let (then, frame) = self.since;
        (self.since, self.time) = ((now, at.frame()), at.now());
        if elapsed > TOO_LONG {
            return;
        }
        let ticks = i64::from(now.wrapping_sub(then) as i32);
        let millis = elapsed.0 / 1_000_000;
        let fast = ticks > 2 * (millis + 1000 * JITTER) || ticks < 0;
        let slow = ticks < millis / 2000 - JITTER;
        let again = std::mem::replace(&mut self.slow, slow && !fast);
        if !fast && !slow {
            return judge.holds();
        }
        if at.shared.stepped_back > Duration::ZERO {
            return judge.inconclusive(Reason::ClockSteppedBack);
        }
        if !fast && !again || ticks < 0 {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[frame, at.frame()],
            "1 to 1000 ticks of the timestamp clock per second",
            format_args!("{ticks} ticks in {} s", millis / 1000),
        );
    }

    fn examples() -> Vec<Example> {
        // The clock of a crafted end ticks in milliseconds; here the server's ticks `rate` times per second.
        let ticking = |t: &mut Trace, rate: u32| {
            t.handshake_with_timestamps();
            t.server().data(10);
            let echo = 7_020;
            t.client().ts(7_040, 90_030);
            for round in 1..=3 {
                t.after(Duration::secs(30));
                t.server()
                    .data(10)
                    .psh()
                    .ts(90_030 + round * 30 * rate, echo + (round - 1) * 30_000);
                t.client().ts(echo + round * 30_000, 90_030 + round * 30 * rate);
            }
        };
        vec![
            holds("a tick per millisecond", move |t| ticking(t, 1000)),
            holds("a tick per second", move |t| ticking(t, 1)),
            violates("a tick per microsecond", move |t| ticking(t, 1_000_000)),
            violates("it stands still", move |t| ticking(t, 0)),
            abstains("no timestamps", |t| t.handshake()),
        ]
    }
}
