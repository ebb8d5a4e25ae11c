//! The restart window after idleness.

use super::largest_initial_window;
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::Judge;
use wire::{Duration, FrameNumber, Instant};

/// Idle for longer than any timeout of an ordinary path; stacks that let the window decay (RFC 7661) have reached the restart window too.
const IDLE: Duration = Duration::secs(60);

/// RFC 5681 section 4.1: after idleness longer than the retransmission timeout, no more than the restart window is sent.
#[derive(Default)]
pub struct IdleRestart {
    /// Octets sent since the pause, before anything was acknowledged.
    octets: u32,
    first: FrameNumber,
    /// When the latest of them was sent; one that came later by itself has been passed over.
    last: Instant,
    probed: bool,
}

impl TcpCheck for IdleRestart {
    const REQUIREMENT: Requirement = requirement("tcp/restart-window-after-idle", rfc(5681, "4.1"), Level::Should)
        .also(&[rfc(6928, "2")])
        .binds(Role::Sender)
        .says("After a pause longer than its retransmission timeout a sender restarts with at most the restart window.")
        .judged(
            "After 60 s without sending data, and with everything acknowledged, new data before the next acknowledgement is at \
             most the largest initial window (RFC 6928). Where SACK is agreed on, one segment that comes later than those before it \
             may be a tail loss probe, and is not counted.",
        );

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.facts.new_octets == 0 {
            return;
        }
        if self.octets == 0 {
            let idle = at.me.last_data_sent.is_some_and(|last| at.now() - last.time > IDLE);
            if !idle || at.me.data_segments == 0 || at.me.snd_una != at.me.snd_nxt || !at.shared.is_clean() {
                return;
            }
            (self.first, self.last, self.probed) = (at.frame(), at.now(), false);
        }
        // RFC 8985 section 7.3: a tail loss probe may be new data, whatever the congestion window.
        let alone = at.shared.sack && at.now() > self.last;
        self.last = at.now();
        if alone && !std::mem::replace(&mut self.probed, true) {
            return;
        }
        let Some(bound) = largest_initial_window(at) else {
            return;
        };
        let before = self.octets;
        self.octets = before.saturating_add(at.segment.payload_len);
        if before <= bound && self.octets > bound {
            judge.violated(
                &[self.first, at.frame()],
                format_args!("at most {bound} octets after the pause, until one is acknowledged"),
                format_args!("{} octets", self.octets),
            );
        }
    }

    fn on_duplicate_ack(&mut self, _: &Moment<'_>, _: &mut Judge<'_>) {
        self.octets = 0;
    }

    fn on_acked(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let octets = std::mem::take(&mut self.octets);
        if octets > 0 && largest_initial_window(at).is_some_and(|bound| octets <= bound) {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("four segments after two minutes", |t| after_a_pause(t, 4)),
            violates("twenty segments after two minutes", |t| after_a_pause(t, 20)),
            abstains("no pause", |t| {
                t.handshake();
                t.client().data(1000);
                t.server();
                t.client().data(1000);
                t.server();
            }),
        ]
    }
}

/// Thirty segments in step with their acknowledgements, two minutes of nothing, then `segments` at once.
fn after_a_pause(t: &mut Trace, segments: usize) {
    t.handshake();
    for _ in 0..30 {
        t.client().data(1460);
        t.server();
    }
    t.after(Duration::minutes(2));
    for _ in 0..segments {
        t.client().data(1460);
    }
    t.server();
}
