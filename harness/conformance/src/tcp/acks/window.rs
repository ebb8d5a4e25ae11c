//! The window that a receiver offers.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{AckKind, End};
use crate::verdict::{Judge, Reason};
use wire::Duration;

/// RFC 9293 section 3.8.6 (SHLD-14): the right edge does not move to the left.
#[derive(Default)]
pub struct WindowNotShrunk;

impl TcpCheck for WindowNotShrunk {
    const REQUIREMENT: Requirement = requirement("tcp/window-not-shrunk", rfc(9293, "3.8.6"), Level::Should)
        .labels(&["SHLD-14"])
        .also(&[rfc(7323, "2.4")])
        .binds(Role::Receiver)
        .says("The right edge of the offered window does not move to the left.")
        .judged(
            "Acknowledgement plus window of each segment against the rightmost edge before it, less one unit of the window scale, which \
             rounding may lose (RFC 7323 section 2.4). Segments overtaken on the way abstain.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let (Some(edge), Some(window), Some(shift)) = (at.me.edge, at.facts.window, at.me.shift) else {
            return;
        };
        let flags = at.segment.flags;
        if flags.syn() || flags.rst() || !flags.ack() || at.me.fin.is_some() || at.peer.fin.is_some() {
            return;
        }
        let shrunk = edge.since(at.segment.ack + window);
        if shrunk < 1 << shift.min(14) {
            if at.facts.newly_acked() > 0 {
                judge.holds();
            }
            return;
        }
        // Certainly sent after the segment that offered more: it acknowledges more, or the same with another window.
        let later = matches!(at.facts.ack, AckKind::New(_));
        if !later || !at.shared.is_clean() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[at.me.last_sent.map_or(at.frame(), |last| last.frame), at.frame()],
            format_args!("a right edge of at least {}", at.peer.relative(edge)),
            format_args!(
                "{}: {shrunk} octets to the left",
                at.peer.relative(at.segment.ack + window)
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("it closes as it fills", |t| {
                t.handshake();
                t.client().data(1000);
                t.server().wnd(64_535);
            }),
            violates("it is taken back", |t| {
                t.handshake();
                t.client().data(1000);
                t.server().wnd(10_000);
            }),
            abstains("the scale is unknown", |t| {
                t.client().seq(1).ack(1).data(1000);
                t.server().wnd(10_000);
            }),
        ]
    }
}

/// RFC 9293 section 3.8.6.2.2 (MUST-39): a closed window opens by a useful step.
#[derive(Default)]
pub struct ReceiverSws {
    largest: u32,
}

impl TcpCheck for ReceiverSws {
    const REQUIREMENT: Requirement = requirement("tcp/receiver-avoids-silly-window", rfc(9293, "3.8.6.2.2"), Level::Must)
        .labels(&["MUST-39"])
        .also(&[rfc(813, "4")])
        .binds(Role::Receiver)
        .says("A receiver opens a closed window only by the smaller of a segment and half its buffer.")
        .judged(
            "The first window above zero after a zero window, against the smaller of the MSS that the end announced and half of the \
             largest window it ever offered (its buffer is at least that). Broken when it is less than half of that bound: buffers \
             shrink and grow unseen.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(window) = at
            .facts
            .window
            .filter(|_| !at.segment.flags.syn() && !at.segment.flags.rst())
        else {
            return;
        };
        let before = self.largest;
        self.largest = before.max(window);
        if at.me.window != Some(0) || window == 0 || at.facts.ack == AckKind::Old {
            return;
        }
        // Eff.snd.MSS: neither end sends more than either announced.
        let announced = |end: &End| end.offer.and_then(|offer| offer.mss);
        let Some(mss) = announced(at.me)
            .min(announced(at.peer))
            .filter(|_| at.shared.is_clean())
        else {
            return judge.inconclusive(Reason::MidStream);
        };
        let bound = u32::from(mss).min(before / 2);
        // How far the right edge moves: what arrived meanwhile has used some of the new window already.
        let gain = at
            .me
            .edge
            .map_or(window, |edge| (at.segment.ack + window).since(edge).max(0) as u32);
        if window.max(gain) * 2 >= bound {
            return judge.holds();
        }
        // Far from the receiver, smaller steps of the opening may have been lost.
        if at.my_delay().is_none_or(|delay| delay > Duration::millis(1)) {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[at.me.last_sent.map_or(at.frame(), |last| last.frame), at.frame()],
            format_args!("a window opened by {bound} octets or more"),
            format_args!("{window} octets after a window of zero"),
        );
    }

    fn examples() -> Vec<Example> {
        let closed = |t: &mut Trace| {
            t.vantage(crate::tracker::Vantage::Server);
            t.handshake_with_server_window(4000);
            for left in [3000, 2000, 1000, 0] {
                t.client().data(1000);
                t.server().wnd(left);
            }
            t.after(Duration::millis(300));
        };
        vec![
            holds("it opens by 2000 octets", move |t| {
                closed(t);
                t.server().wnd(2000);
            }),
            violates("it opens by 10 octets", move |t| {
                closed(t);
                t.server().wnd(10);
            }),
            abstains("it never closes", |t| t.handshake()),
        ]
    }
}
