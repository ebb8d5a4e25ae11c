//! PSH on the last segment of what is queued.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// With everything acknowledged, a sender that had more queued would have sent it by now: Nagle has nothing to wait for, and
/// the override timeout of RFC 9293 section 3.8.6.2.1 ends after a second.
const NOTHING_QUEUED: Duration = Duration::secs(2);
/// From here on a gap between probes need not grow any more.
const LONGEST_GAP: Duration = Duration::secs(30);
/// Last segments without PSH before the end is said to set none.
const ENOUGH: u8 = 3;

/// RFC 9293 section 3.9.1.2 (MUST-61): the last buffered segment is pushed.
#[derive(Default)]
pub struct PushOnLastSegment {
    /// My latest new data went without PSH: its frame.
    unpushed: Option<FrameNumber>,
    missing: u8,
    pushes: bool,
    /// Some acknowledgement ran ahead of the data before it: by SND.WL1 (RFC 9293 section 3.10.7.4, fifth) the windows of later ones
    /// may not count, and what looks like an open window is one that is probed, with more queued.
    ahead: bool,
    octets: Octets,
}

/// Single octets in a row: with more queued behind them, they may probe a window that their sender takes for closed (RFC 9293 section
/// 3.8.6.1), at gaps that grow.
#[derive(Default)]
struct Octets {
    last: Option<(Instant, Option<Duration>)>,
    probes: bool,
}

impl Octets {
    /// Whether the latest new data, or what came before it, may be one.
    fn may_probe(&mut self, at: &Moment<'_>) -> bool {
        if at.segment.payload_len != 1 {
            self.last = None;
            return std::mem::take(&mut self.probes);
        }
        let gap = self.last.map(|(time, _)| at.now() - time);
        let steady = gap.zip(self.last.and_then(|(_, gap)| gap));
        self.probes = steady.is_none_or(|(gap, before)| gap * 2 >= before * 3 || gap >= LONGEST_GAP);
        self.last = Some((at.now(), gap));
        self.probes
    }
}

impl TcpCheck for PushOnLastSegment {
    const REQUIREMENT: Requirement = requirement("tcp/push-on-last-segment", rfc(9293, "3.9.1.2"), Level::Must)
        .labels(&["MUST-61"])
        .binds(Role::Sender)
        .says("Without a PUSH flag in SEND, the last segment of what is queued has PSH.")
        .judged(
            "New data followed by two seconds of silence although all of it is acknowledged and the window is open: nothing was queued \
             behind it. Single octets at growing gaps may be window probes, and are passed over. Broken when three such segments lack PSH and no segment of the connection ever had it. An application that \
             chooses when to push cannot be told from outside, so a sender that pushes some segments is never accused.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.ahead |= at.peer.started && at.segment.seq > at.me.rcv_nxt;
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.flags.psh() {
            self.pushes = true;
            self.unpushed = None;
            return judge.holds();
        }
        if at.facts.new_octets == 0 {
            return;
        }
        let probes = self.octets.may_probe(at);
        let before = self.unpushed.replace(at.frame());
        let Some(frame) = before.filter(|_| !probes && !self.pushes && !self.ahead && was_idle(at)) else {
            return;
        };
        self.missing = self.missing.saturating_add(1);
        // Far from the sender, the window may have been open here long before it was there.
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if self.missing < ENOUGH || !near || !at.shared.is_clean() || at.me.has_holes() {
            return judge.inconclusive(Reason::TooFew);
        }
        judge.violated(
            &[frame, at.frame()],
            "PSH on the last segment before a pause",
            format_args!("no PSH on {} of them, nor on any other segment", self.missing),
        );
    }

    fn examples() -> Vec<Example> {
        let thrice = |t: &mut Trace, pushed: bool| {
            t.vantage(crate::tracker::Vantage::Client);
            t.plain_handshake();
            for _ in 0..5 {
                t.after(Duration::secs(5));
                let segment = t.client().data(100);
                if pushed {
                    segment.psh();
                }
                t.server();
            }
        };
        vec![
            holds("each message is pushed", move |t| thrice(t, true)),
            violates("five messages, none pushed", move |t| thrice(t, false)),
            abstains("octet after octet, behind an acknowledgement that ran ahead", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.plain_handshake();
                t.server().wnd(0).seq(5001);
                t.server().seq(1);
                for _ in 0..5 {
                    t.after(Duration::secs(5));
                    t.client().data(1);
                    t.server().seq(1);
                }
            }),
            violates("octet after octet", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.plain_handshake();
                for _ in 0..5 {
                    t.after(Duration::secs(5));
                    t.client().data(1);
                    t.server();
                }
            }),
            abstains("octet after octet at gaps that double: they may be probes", |t| {
                t.vantage(crate::tracker::Vantage::Client);
                t.plain_handshake();
                for gap in [3, 6, 12, 24, 48, 60, 60, 60, 60] {
                    t.after(Duration::secs(gap));
                    t.client().data(1);
                    t.server();
                }
            }),
            abstains("one message", |t| {
                t.plain_handshake();
                t.client().data(100);
                t.server();
            }),
        ]
    }
}

/// Before this segment, everything was acknowledged, the window open, and nothing sent for long.
fn was_idle(at: &Moment<'_>) -> bool {
    let acknowledged = at.me.snd_una == at.me.snd_nxt;
    let since = at.me.una.map(|una| at.now() - una.time);
    // Room for a full segment: into less a sender may wait to send (section 3.8.6.2.1).
    let full = at
        .me
        .offer
        .and_then(|offer| offer.mss)
        .max(at.peer.offer.and_then(|offer| offer.mss));
    let full = full.map_or(1460, u32::from).max(at.me.largest_payload);
    let open = at.peer.window.is_some_and(|window| window >= full);
    acknowledged && open && since.is_some_and(|gap| gap > NOTHING_QUEUED)
}
