//! When keepalives are sent, and what may follow from their silence.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{Checksum, Seen, Transmission};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber};

/// No stack lets an interval of less than a second be configured; below half of that the connection was not idle.
const NOT_IDLE: Duration = Duration::millis(500);

/// RFC 9293 section 3.8.4 (MUST-26): only when nothing was received for an interval.
#[derive(Default)]
pub struct KeepaliveOnlyWhenIdle {
    /// The last segment on its way here that was no keepalive of the peer's.
    heard: Option<Seen>,
}

impl TcpCheck for KeepaliveOnlyWhenIdle {
    const REQUIREMENT: Requirement = requirement("tcp/keepalive-only-when-idle", rfc(9293, "3.8.4"), Level::Must)
        .labels(&["MUST-26"])
        .also(&[rfc(2525, "2.11")])
        .binds(Role::Sender)
        .says("A keepalive is sent only when no segment has been received for the keepalive interval.")
        .judged(
            "The time since the last segment that was no keepalive itself was seen on its way to the sender of one. The interval \
             is the application's choice, but at least a second everywhere: less than half of that breaks it.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // What is damaged or not acceptable need not count as received.
        let received = !at.facts.dropped && at.segment.checksum != Checksum::Wrong;
        if received && at.facts.transmission != Transmission::KeepAlive {
            self.heard = Some(at.seen());
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.facts.transmission != Transmission::KeepAlive {
            return;
        }
        let Some(last) = self.heard else { return };
        let idle = at.now() - last.time;
        if idle >= NOT_IDLE {
            return judge.holds();
        }
        // Far from its sender an old acknowledgement, swapped by the network, looks the same.
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if !near || !at.shared.is_clean() {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[last.frame, at.frame()],
            "keepalives only on an idle connection",
            format_args!("one {idle} after a segment was received"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("after two hours", |t| {
                probes(t, Duration::hours(2), 1);
                t.server();
            }),
            violates("50 ms after the last segment", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                probes(t, Duration::millis(50), 1);
                t.server();
            }),
            holds("what came just before was damaged", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.handshake();
                t.client().data(10);
                t.server();
                t.after(Duration::hours(2));
                t.server().wrong_checksum(0x1234);
                t.client().seq(10);
                t.server();
            }),
            abstains("the last octet again, whose acknowledgement came above a gap", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().0));
                t.handshake();
                t.client().data(1);
                t.server().seq(2);
                t.after(Duration::millis(200));
                t.client().seq(1).data(1);
                t.server().seq(1);
            }),
            abstains("no keepalive", |t| t.handshake()),
        ]
    }
}

/// RFC 9293 section 3.8.4 (MUST-29): the loss of a keepalive, or of its answer, is not the end of a connection.
#[derive(Default)]
pub struct KeepaliveLossNotFatal {
    unanswered: u8,
    first: FrameNumber,
}

impl TcpCheck for KeepaliveLossNotFatal {
    const REQUIREMENT: Requirement = requirement("tcp/keepalive-loss-not-fatal", rfc(9293, "3.8.4"), Level::Must)
        .labels(&["MUST-29"])
        .also(&[rfc(2525, "2.9")])
        .binds(Role::Sender)
        .says("A single unanswered keepalive does not end a connection.")
        .judged("A reset by an end whose keepalives went unanswered: after two or more it is kept, after a single one broken.");

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.facts.transmission == Transmission::KeepAlive {
            if self.unanswered == 0 {
                self.first = at.frame();
            } else {
                judge.holds();
            }
            self.unanswered = self.unanswered.saturating_add(1);
        } else if self.unanswered > 0 && !at.segment.flags.rst() {
            self.unanswered = 0;
        }
    }

    fn on_received(&mut self, _: &Moment<'_>, _: &mut Judge<'_>) {
        self.unanswered = 0;
    }

    fn on_rst_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let quick = at
            .me
            .last_sent
            .is_some_and(|last| at.now() - last.time < Duration::minutes(5));
        match self.unanswered {
            0 => {}
            1 if quick && !at.me.abandoned && !at.me.left && at.shared.is_clean() && at.my_delay().is_some() => judge
                .violated(
                    &[self.first, at.frame()],
                    "more keepalives before the connection is given up",
                    "a reset after a single unanswered one",
                ),
            1 => judge.inconclusive(Reason::ApplicationChoice),
            _ => judge.holds(),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("nine probes, then a reset", |t| {
                probes(t, Duration::secs(75), 9);
                t.after(Duration::secs(75));
                t.client().rst();
            }),
            violates("one probe, then a reset", |t| {
                probes(t, Duration::secs(75), 1);
                t.after(Duration::secs(75));
                t.client().rst();
            }),
            abstains("answered", |t| {
                probes(t, Duration::secs(75), 1);
                t.server();
            }),
        ]
    }
}

/// An exchange, then so many keepalives, each after `gap`.
fn probes(t: &mut Trace, gap: Duration, count: usize) {
    t.handshake();
    t.client().data(10);
    t.server();
    for _ in 0..count {
        t.after(gap);
        t.client().seq(10);
    }
}
