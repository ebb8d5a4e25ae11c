//! The sender's half of silly window avoidance.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Transmission;
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant};

/// RFC 9293 section 3.8.6.2.1: the override timeout lasts 0.1 to 1.0 seconds; what is sent sooner was not sent by it.
const OVERRIDE: Duration = Duration::millis(100);
/// Silly segments before a sender is said to have no defence.
const ENOUGH: u8 = 3;

/// RFC 9293 section 3.8.6.2.1 (MUST-38): a sender with more data does not fill a small window with a small segment.
#[derive(Default)]
pub struct SenderAvoidsSillyWindow {
    silly: u8,
    first: FrameNumber,
    /// When the window's edge moved last: no override timeout began before.
    moved: Option<Instant>,
}

impl TcpCheck for SenderAvoidsSillyWindow {
    const REQUIREMENT: Requirement = requirement("tcp/sender-avoids-silly-window", rfc(9293, "3.8.6.2.1"), Level::Must)
        .labels(&["MUST-38"])
        .binds(Role::Sender)
        .says("A sender with more data waits rather than fill a small window with a small segment.")
        .judged(
            "New data that ends exactly at the edge of the peer's window, without PSH, within 100 ms of the acknowledgement that moved \
             it there, and is smaller than both a full segment and half of the largest window ever offered: three such segments break it. A \
             window of at least a full segment that is filled is kept.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let edge = at.facts.window.map(|window| at.segment.ack + window);
        if !at.facts.dropped && edge.is_some() && edge != at.peer.edge {
            self.moved = Some(at.now());
        }
    }

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let fills = at.peer.edge == Some(at.facts.end) && at.peer.window.is_some_and(|window| window > 0);
        let fresh = at.facts.transmission == Transmission::New && at.facts.new_octets == at.facts.len;
        if !fills || !fresh || !at.shared.handshake_seen || at.segment.flags.syn() {
            return;
        }
        let len = at.segment.payload_len;
        // Options take their room from the segment (RFC 9293 section 3.7.1); hardware may have merged larger ones.
        let announced = at.peer.offer.and_then(|offer| offer.mss).map_or(536, u32::from);
        if len + at.segment.raw_options.len() as u32 >= at.me.largest_payload.min(announced) {
            return judge.holds();
        }
        let prompt = self.moved.is_some_and(|moved| at.now() - moved < OVERRIDE);
        // Max(SND.WND): what a reset or a dropped segment says is none.
        let largest = at.peer.largest_window;
        // Where the path takes no more, a small segment is a full one (RFC 9293 section 3.7.2).
        let narrow = at.me.too_big.is_some();
        if len * 2 >= largest || at.segment.flags.intersects(PUSHED) || !prompt || narrow {
            return;
        }
        if self.silly == 0 {
            self.first = at.frame();
        }
        self.silly = self.silly.saturating_add(1);
        if self.silly < ENOUGH || !at.shared.is_clean() {
            return judge.inconclusive(Reason::TooFew);
        }
        judge.violated(
            &[self.first, at.frame()],
            format_args!(
                "no data until {} octets fit the window",
                at.me.largest_payload.min(largest / 2)
            ),
            format_args!("{len} octets, just what the window had room for"),
        );
    }

    fn examples() -> Vec<Example> {
        let opens_by = |t: &mut Trace, octets: u16| {
            t.handshake_with_server_window(4000);
            for _ in 0..4 {
                t.client().data(1000);
            }
            for _ in 0..4 {
                t.server().wnd(octets);
                t.client().data(usize::from(octets));
            }
        };
        vec![
            holds("a full segment's worth at a time", move |t| opens_by(t, 1000)),
            violates("a hundred octets at a time", move |t| {
                t.also_breaks("tcp/receiver-avoids-silly-window");
                opens_by(t, 100);
            }),
            holds("by the override timeout, just behind a repeated acknowledgement", |t| {
                t.handshake_with_server_window(4000);
                for _ in 0..4 {
                    t.client().data(1000);
                }
                for _ in 0..4 {
                    t.server().wnd(100);
                    t.after(Duration::millis(499));
                    t.server().wnd(100);
                    t.client().data(100);
                }
            }),
            abstains("the window is never filled", |t| {
                t.handshake();
                t.client().data(100);
                t.server();
            }),
        ]
    }
}

/// Pushed data may go in a small segment (condition 2); so may the last of a stream.
const PUSHED: wire::tcp::Flags = wire::tcp::Flags::PSH.with(wire::tcp::Flags::FIN);
