//! Probing a closed window.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{AckKind, Seen, Transmission};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber};

/// Any sender has probed by then: the first probe is due after one retransmission timeout (SHLD-29).
const OVERDUE: Duration = Duration::minutes(2);
/// Gaps need not grow beyond a minute, as timeouts need not (RFC 6298 section 2.5), counted in ticks of half a second.
const LONGEST: Duration = Duration::secs(59);
/// Data sent so soon after a window opens was waiting for it.
const WAS_WAITING: Duration = Duration::millis(200);

/// RFC 9293 section 3.8.6.1 (MUST-36): a sender with data probes a closed window.
#[derive(Default)]
pub struct ZeroWindowProbed {
    /// When the peer last said that its window is closed, which was not probed since.
    closed: Option<Seen>,
    more: More,
    /// The last data sent went without PSH.
    unpushed: bool,
    /// It sets PSH at all: only then what goes without it says that there was more (RFC 9293 MUST-61).
    pushes: bool,
    /// The last data sent was a probe.
    probed: bool,
    /// The window opened after it had been closed for long: when.
    opened: Option<Seen>,
    /// Broken, should it ever set PSH: the window's opening, and what followed.
    unproven: Option<[FrameNumber; 2]>,
}

/// Whether the sender had more when the window closed.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum More {
    #[default]
    Unknown,
    /// The window was full.
    Perhaps,
    Unpushed,
    /// Not all that had been sent was acknowledged.
    InFlight,
}

impl More {
    fn of(at: &Moment<'_>, unpushed: bool, full: bool) -> More {
        if at.segment.ack.max(at.me.snd_una) < at.me.snd_nxt {
            More::InFlight
        } else if unpushed {
            More::Unpushed
        } else if full {
            More::Perhaps
        } else {
            More::Unknown
        }
    }
}

impl TcpCheck for ZeroWindowProbed {
    const REQUIREMENT: Requirement = requirement("tcp/zero-window-probed", rfc(9293, "3.8.6.1"), Level::Must)
        .labels(&["MUST-36", "MUST-35", "MUST-37"])
        .also(&[rfc(2525, "2.12")])
        .binds(Role::Sender)
        .says("A sender that has data probes a closed window.")
        .judged(
            "A probe while the window is zero is kept. Broken when a window that had closed over data not yet acknowledged, or behind \
             data without PSH of a sender that sets PSH elsewhere, was zero for two minutes without one, nor a word from its \
             receiver, then opened by itself, and new data followed within 200 ms: the sender had data, and would have waited for \
             ever had the update been lost. Inconclusive where the window was full and the last data had PSH, or no data ever has: \
             there may have been none until then.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // What is dropped brings no window, and an old acknowledgement an old one.
        let counts = !at.facts.dropped && at.facts.ack != AckKind::Old;
        match at.facts.window.filter(|_| counts) {
            Some(0) if at.segment.flags.ack() && !at.segment.flags.rst() => {
                // A probe fills what there is of the window, and may be all there was to send.
                let full = at.me.data_segments > 0 && at.peer.edge == Some(at.me.snd_nxt) && !self.probed;
                if self.closed.is_none() || self.more == More::InFlight {
                    self.more = More::of(at, self.unpushed, full);
                }
                // Each time its receiver says so unasked, there is no need to ask.
                self.closed = Some(at.seen());
            }
            Some(_) => {
                let long = self.closed.take().filter(|closed| at.now() - closed.time > OVERDUE);
                // A request may be answered by data that did not exist before.
                let by_itself = self.more != More::Unknown && at.facts.len == 0;
                self.opened = long.filter(|_| by_itself).map(|_| at.seen());
            }
            None => {}
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let probing = at.facts.transmission == Transmission::ZeroWindowProbe || at.facts.is_retransmission();
        if at.segment.payload_len > 0 && at.segment.end() >= at.me.snd_nxt {
            // RFC 9293 MUST-61: the last of what is queued has PSH.
            self.unpushed = !at.segment.flags.psh();
            self.pushes |= at.segment.flags.psh();
        }
        if let Some(frames) = self.unproven.take_if(|_| self.pushes) {
            accuse(&frames, judge);
        }
        if at.segment.payload_len > 0 {
            self.probed = at.facts.transmission == Transmission::ZeroWindowProbe;
        }
        if self.closed.is_some() && probing && at.peer.window == Some(0) {
            self.closed = None;
            return judge.holds();
        }
        let Some(opened) = self.opened.take() else { return };
        let is_data = at.facts.new_octets > 0 && at.segment.payload_len > 0;
        if !is_data || at.now() - opened.time >= WAS_WAITING {
            return;
        }
        if !at.shared.is_clean() {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        let frames = [opened.frame, at.frame()];
        match self.more {
            More::InFlight => accuse(&frames, judge),
            More::Unpushed if self.pushes => accuse(&frames, judge),
            More::Unpushed => {
                self.unproven.get_or_insert(frames);
                judge.inconclusive(Reason::Ambiguous);
            }
            More::Perhaps | More::Unknown => judge.inconclusive(Reason::Ambiguous),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("probed after a second", |t| {
                closed(t);
                t.after(Duration::secs(1));
                t.client().seq(1000);
                t.server().wnd(0);
            }),
            violates("five minutes of silence, data as soon as it opens", |t| {
                closed(t);
                t.after(Duration::minutes(5));
                t.server().wnd(60_000);
                t.client().bytes(&[7; 1000]);
                t.server();
            }),
            violates("the same, and PSH on the last of that data alone", |t| {
                closed(t);
                t.after(Duration::minutes(5));
                t.server().wnd(60_000);
                t.client().data(1000);
                t.client().bytes(&[7; 100]);
                t.server();
            }),
            abstains("the same of a sender that never sets PSH", |t| {
                closed(t);
                t.after(Duration::minutes(5));
                t.server().wnd(60_000);
                t.client().data(1000);
                t.server();
            }),
            abstains("the last data filled the window, and had PSH", |t| {
                t.handshake_with_server_window(1000);
                t.client().bytes(&[7; 1000]);
                t.server().wnd(0);
                t.after(Duration::minutes(5));
                t.server().wnd(60_000);
                t.client().bytes(&[7; 1000]);
                t.server();
            }),
            abstains("a FIN as soon as it opens", |t| {
                closed(t);
                t.after(Duration::minutes(5));
                t.server().wnd(60_000);
                t.client().fin();
                t.server();
            }),
            abstains("its receiver repeats every half minute that it is closed", |t| {
                closed(t);
                for _ in 0..6 {
                    t.after(Duration::secs(30));
                    t.server().wnd(0);
                }
                t.after(Duration::secs(30));
                t.server().wnd(60_000);
                t.client().data(1000);
                t.server();
            }),
            abstains("a window closed over nothing, then a request and its answer", |t| {
                t.handshake();
                t.server().wnd(0);
                t.after(Duration::minutes(5));
                t.server().data(100).wnd(60_000);
                t.client().data(1000);
                t.server();
            }),
            abstains("the window never closes", |t| t.handshake()),
        ]
    }
}

fn accuse(frames: &[FrameNumber], judge: &mut Judge<'_>) {
    judge.violated(
        frames,
        "probes while the window was zero",
        format_args!("none in over {OVERDUE}, though data was waiting"),
    );
}

/// RFC 9293 section 3.8.6.1 (SHLD-30): the gaps between probes grow exponentially.
#[derive(Default)]
pub struct ProbeBackoff {
    /// The last probe carried nothing.
    empty: bool,
    last: Option<Seen>,
    gap: Duration,
    flat: u8,
}

impl TcpCheck for ProbeBackoff {
    const REQUIREMENT: Requirement = requirement("tcp/window-probe-backoff", rfc(9293, "3.8.6.1"), Level::Should)
        .labels(&["SHLD-30"])
        .binds(Role::Sender)
        .says("The gaps between successive window probes grow exponentially.")
        .judged(
            "Probes without a window above zero in between. Two gaps in a row, both below 60 s (less a second for coarse clocks), that each grow by less than half \
             deviate; a single one is inconclusive.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.facts.transmission != Transmission::ZeroWindowProbe {
            return;
        }
        // An idle connection may be probed by a keepalive's timer (RFC 9293 section 3.8.4): data that comes then begins anew.
        let empty = at.segment.payload_len == 0;
        if std::mem::replace(&mut self.empty, empty) != empty {
            *self = ProbeBackoff {
                empty,
                ..ProbeBackoff::default()
            };
        }
        let Some(last) = self.last.replace(at.seen()) else {
            return;
        };
        let gap = at.now() - last.time;
        let before = std::mem::replace(&mut self.gap, gap);
        if before <= Duration::ZERO {
            return;
        }
        if gap >= LONGEST || gap * 2 >= before * 3 {
            self.flat = 0;
            return judge.holds();
        }
        self.flat = self.flat.saturating_add(1);
        if self.flat < 2 {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[last.frame, at.frame()],
            format_args!("about {} before the next probe", before * 2),
            format_args!("{gap} after {before}"),
        );
    }

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if at.facts.window.is_some_and(|window| window > 0) || at.facts.newly_acked() > 0 {
            *self = ProbeBackoff::default();
        }
    }

    fn examples() -> Vec<Example> {
        let probes = |t: &mut Trace, gaps: &[i64]| {
            closed(t);
            for &gap in gaps {
                t.after(Duration::secs(gap));
                t.client().seq(1000);
                t.server().wnd(0);
            }
        };
        vec![
            holds("1, 2, 4 and 8 seconds", move |t| probes(t, &[1, 2, 4, 8])),
            holds("a minute at most, by a clock that is a little fast", move |t| {
                closed(t);
                for gap in [5_000, 10_000, 20_000, 40_000, 59_880, 59_880, 59_880] {
                    t.after(Duration::millis(gap));
                    t.client().seq(1000);
                    t.server().wnd(0);
                }
            }),
            violates("every five seconds", move |t| probes(t, &[5, 5, 5, 5, 5])),
            abstains("a single probe", move |t| probes(t, &[1])),
        ]
    }
}

/// The server's window is closed.
fn closed(t: &mut Trace) {
    t.handshake_with_server_window(1000);
    t.client().data(1000);
    t.server().wnd(0);
}
