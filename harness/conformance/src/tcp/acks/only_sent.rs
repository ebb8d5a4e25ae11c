//! Nothing is acknowledged that was not sent.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::AckKind;
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// RFC 7323 section 2.3: no window is larger. Numbers farther apart have no order that could be relied on.
const LARGEST_WINDOW: u32 = 1 << 30;

/// RFC 9293 section 3.4: an acknowledgement is of octets received.
#[derive(Default)]
pub struct AckOnlySent {
    /// An acknowledgement beyond everything seen: what it acknowledged, when, where.
    beyond: Option<(SeqNumber, Instant, FrameNumber)>,
    /// Behind what came in segments that should have been dropped: an end that takes them acknowledges what it received.
    dropped: Option<SeqNumber>,
}

impl TcpCheck for AckOnlySent {
    const REQUIREMENT: Requirement = requirement("tcp/ack-only-received", rfc(9293, "3.4"), Level::Must).by_itself()
        .prose()
        .binds(Role::Receiver)
        .says("Only octets that were received are acknowledged.")
        .judged(
            "Every acknowledgement of new data. One beyond everything that the peer was seen to send first says that the capture \
             missed packets; it is broken when the peer then sends those octets as the natural continuation of its stream, later \
             than the acknowledgement can have travelled: what is acknowledged is never sent again.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.flags.rst() {
            return; // a refusal acknowledges what it refuses (RFC 9293 section 3.10.7.1)
        }
        match at.facts.ack {
            AckKind::New(_) => judge.holds(),
            AckKind::Beyond(_) if self.dropped.is_some_and(|end| at.segment.ack <= end) => {}
            AckKind::Beyond(_) if at.shared.handshake_seen && self.beyond.is_none() => {
                self.beyond = Some((at.segment.ack, at.now(), at.frame()));
                judge.inconclusive(Reason::CaptureIncomplete);
            }
            _ => {}
        }
    }

    fn on_data_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.facts.dropped {
            let end = at.facts.end;
            if end.since(at.me.rcv_nxt).unsigned_abs() > LARGEST_WINDOW {
                return;
            }
            self.dropped = Some(self.dropped.map_or(end, |known| known.max(end)));
            return;
        }
        let Some((ack, time, frame)) = self.beyond else { return };
        if at.facts.leaves_hole || at.facts.new_octets == 0 {
            self.beyond = None; // the stream went on elsewhere: the capture had a gap
            return;
        }
        let continues = at.segment.seq == at.peer.snd_nxt && at.facts.end <= ack;
        let round_trip = at.peer.rtt.largest.max(Duration::millis(200));
        if !continues || at.now() - time < round_trip || at.shared.stepped_back > Duration::ZERO {
            return;
        }
        self.beyond = None;
        judge.violated(
            &[frame, at.frame()],
            "no acknowledgement of octets that were not sent yet",
            format_args!(
                "acknowledgement of {} before octets from {} were first sent",
                at.peer.relative(ack),
                at.peer.relative(at.segment.seq)
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("what was sent", |t| {
                t.handshake();
                t.client().data(100);
                t.server();
            }),
            violates("a thousand octets too many", |t| {
                t.handshake();
                t.client().data(100);
                t.server().ack(1101);
                t.after(Duration::secs(1));
                t.client().data(100);
                t.server().ack(1101);
            }),
            holds("a reset acknowledges what it refuses", |t| {
                t.handshake();
                t.client().data(10);
                t.server();
                t.server().seq(0).rst().ack(61);
                t.after(Duration::secs(1));
                t.client().data(50);
                t.server().bare_rst();
            }),
            holds(
                "what should have been dropped, after numbers half the space away",
                |t| {
                    t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                    t.also_breaks("tcp/within-peer-window");
                    t.handshake_with_server_window(1000);
                    t.client().seq(0x8000_0001).data(1000);
                    t.server().ack(1).wnd(1000);
                    t.client().seq(1).data(999);
                    t.server().ack(1000).wnd(1);
                    t.client().seq(1).data(1000).fin();
                    t.server().ack(1002).wnd(0);
                    t.client().seq(0_u32.wrapping_sub(99)).data(100);
                    t.server().ack(1002).wnd(0);
                    t.after(Duration::secs(1));
                    t.client().seq(1000).data(2);
                    t.server().ack(1002).wnd(0);
                },
            ),
            abstains("the capture missed a segment", |t| {
                t.client().syn().unseen();
                t.server().syn().unseen();
                t.client().data(100).unseen();
                t.server();
            }),
        ]
    }
}
