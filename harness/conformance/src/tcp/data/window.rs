//! The peer's window.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{AckKind, Transmission};
use crate::verdict::{Judge, Reason};
use wire::{FrameNumber, SeqNumber};

/// RFC 5681 section 2: never beyond the acknowledged octets plus the advertised window.
#[derive(Default)]
pub struct WithinWindow {
    /// New data that ended beyond every edge seen, until the peer reacts: its end, the edge, its frame.
    beyond: Option<(SeqNumber, SeqNumber, FrameNumber)>,
    used: bool,
}

impl TcpCheck for WithinWindow {
    const REQUIREMENT: Requirement = requirement("tcp/within-peer-window", rfc(5681, "2"), Level::Must)
        .also(&[rfc(9293, "3.8.6"), rfc(7323, "2.4")])
        .binds(Role::Sender)
        .says("New data is sent only within the window that the peer advertised.")
        .judged(
            "The end of new data against the rightmost edge that the peer was ever seen to offer; a probe of one octet is allowed. \
             Broken when the peer's next acknowledgement neither takes the excess nor moves the edge beyond it: if it does, the \
             capture may have missed a window update.",
        );

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(edge) = at.peer.edge.filter(|_| at.facts.new_octets > 0) else {
            return;
        };
        let end = at.segment.data_start() + at.segment.payload_len;
        let excess = end.since(edge);
        if excess <= 1 || at.facts.transmission == Transmission::ZeroWindowProbe {
            if !self.used {
                self.used = true;
                judge.holds();
            }
            return;
        }
        if !at.shared.is_clean() || at.shared.merged || at.facts.leaves_hole {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        self.beyond.get_or_insert((end, edge, at.frame()));
    }

    fn on_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((end, edge, frame)) = self.beyond else { return };
        let Some(window) = at.facts.window.filter(|_| at.segment.flags.ack()) else {
            return;
        };
        let offered = at.segment.ack + window;
        if matches!(at.facts.ack, AckKind::Old) || offered < edge {
            return; // sent before the excess arrived, or shrunk: wait for the next one
        }
        self.beyond = None;
        if at.segment.ack > edge || offered >= end {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[frame, at.frame()],
            format_args!(
                "new data up to {} at most, the right edge of the window",
                at.me.relative(edge)
            ),
            format_args!("data up to {}; the peer still offers no more", at.me.relative(end)),
        );
    }

    fn examples() -> Vec<Example> {
        let small = |t: &mut Trace| {
            t.handshake_with_server_window(1000);
            t.client().data(1000);
        };
        vec![
            holds("the window is filled exactly", move |t| {
                small(t);
                t.server().wnd(1000);
            }),
            violates("twice the window", move |t| {
                small(t);
                t.client().data(1000);
                t.server().ack(1001).wnd(0);
            }),
            holds("a window on a segment with a broken option may count or not", |t| {
                t.also_breaks("tcp/option-length-correct"); // the stimulus itself
                t.vantage(crate::tracker::Vantage::Live(t.addresses().0));
                t.handshake_with_server_window(1000);
                t.client().data(1000);
                t.server().wnd(2000).raw_options(&[254, 40, 0, 0]);
                t.client().data(2000);
                t.server().ack(1001).wnd(1000);
            }),
            abstains("no data", |t| t.handshake()),
        ]
    }
}
