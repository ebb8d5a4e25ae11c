//! What TSecr says: RFC 7323 section 3.2.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::AckKind;
use crate::verdict::{Judge, Reason};
use wire::FrameNumber;

/// RFC 7323 section 3.2: without ACK, TSecr is zero.
#[derive(Default)]
pub struct TsecrZeroWithoutAck;

impl TcpCheck for TsecrZeroWithoutAck {
    const REQUIREMENT: Requirement = requirement("tcp/tsecr-zero-without-ack", rfc(7323, "3.2"), Level::Should)
        .by_itself()
        .binds(Role::Sender)
        .says("TSecr is zero on a segment without ACK.")
        .judged("Every SYN without ACK that carries timestamps.");

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.flags.ack() {
            return;
        }
        if let Some((_, echo)) = at.segment.options.timestamps {
            judge.require(
                echo == 0,
                &[at.frame()],
                "TSecr 0",
                format_args!("TSecr {echo} on a SYN without ACK"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("zero on the SYN", |t| t.handshake_with_timestamps()),
            violates("something else on the SYN", |t| {
                t.client().syn().mss(1460).ts(7_000, 99);
            }),
            abstains("no timestamps", |t| t.handshake()),
        ]
    }
}

/// RFC 7323 section 3.2: with ACK, TSecr echoes a TSval that the peer sent.
#[derive(Default)]
pub struct TsecrValid {
    /// The first TSval seen from the peer, and the highest.
    first: Option<u32>,
    highest: Option<u32>,
    /// How far the highest lies above the first, which the clock may leave more than 2^31 behind; saturates.
    span: u32,
    /// An echo above everything seen so far: the peer's next TSval tells whether it can have sent it.
    early: Option<(u32, FrameNumber)>,
    /// It has received a segment without timestamps, where every one should have them, or one that was dropped: RFC 7323 section
    /// 5.3 has TS.Recent updated by what passes its tests R1 and R2, whatever is wrong with the rest. What it then echoes is open.
    open: bool,
}

impl TcpCheck for TsecrValid {
    const REQUIREMENT: Requirement = requirement("tcp/tsecr-valid", rfc(7323, "3.2"), Level::Must)
        .binds(Role::Sender)
        .says("On a segment with ACK, TSecr echoes a TSval recently received.")
        .judged(
            "TSecr is not below the first TSval that the peer was seen to send, nor above the highest, modulo 2^32. One above it may \
             stand in a packet that the capture missed: it is broken only when the peer's clock has not come so far by its next \
             segment. Not judged on resets, where several SYNs leave open which one was received, and once the peer's segments \
             lacked timestamps or were dropped.",
        );

    fn on_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((tsval, _)) = at.segment.options.timestamps else {
            self.open |= at.shared.timestamps;
            return;
        };
        if at.facts.dropped {
            self.open = true;
            return;
        }
        self.first.get_or_insert(tsval);
        let step = self.highest.map_or(0, |highest| tsval.wrapping_sub(highest));
        if self.highest.is_none() || step as i32 > 0 {
            self.highest = Some(tsval);
            self.span = self.span.saturating_add(step);
        }
        let Some((echo, frame)) = self.early.take() else { return };
        let fresh = at.facts.new_octets > 0 && at.facts.new_octets == at.facts.len;
        if echo.wrapping_sub(tsval) as i32 > 0 && fresh && at.shared.is_clean() {
            judge.violated(
                &[frame, at.frame()],
                format_args!("TSecr of at most {tsval}, which the peer's clock reached only later"),
                format_args!("TSecr {echo}"),
            );
        } else {
            judge.inconclusive(Reason::CaptureIncomplete);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((_, echo)) = at.segment.options.timestamps.filter(|_| at.segment.flags.ack()) else {
            return;
        };
        let (Some(first), Some(highest), false) = (self.first, self.highest, at.segment.flags.rst()) else {
            return;
        };
        if echo.wrapping_sub(first) <= self.span {
            return judge.holds();
        }
        let certain =
            at.shared.is_clean() && at.shared.established && at.peer.offer.is_some_and(|offer| offer.times == 1);
        if self.open {
            return judge.inconclusive(Reason::Ambiguous);
        }
        if !certain || matches!(at.facts.ack, AckKind::Beyond(_)) {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        if echo.wrapping_sub(highest) as i32 > 0 {
            self.early = Some((echo, at.frame()));
            return;
        }
        judge.violated(
            &[at.frame()],
            format_args!("TSecr from {first} to {highest}, as the peer has sent"),
            format_args!("TSecr {echo}"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("what the peer sent last", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.server();
            }),
            holds("that of a SYN that is challenged", |t| {
                t.vantage(crate::tracker::Vantage::Live(t.addresses().1));
                t.handshake_with_timestamps();
                t.client().seq(1).syn().mss(1460).ts(8_000, 0);
                t.server().ack(1).ts(90_040, 8_000);
                t.client().seq(1).data(10).ts(7_050, 90_040);
            }),
            holds("a clock that has gone further than 2^31 since the SYN", |t| {
                t.handshake_with_timestamps();
                for tsval in [2_000_000_000, 4_000_000_000] {
                    t.client().data(10).ts(tsval, 90_010);
                    t.server().ts(90_040, tsval);
                }
                t.also_breaks("tcp/tsval-clock-rate"); // what it takes to get there
            }),
            violates("something the peer never sent", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.server().ts(90_040, 123_456);
                t.client().data(10);
            }),
            violates("zero, though the peer's clock was never there", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.server().ts(90_040, 0);
            }),
            abstains("the capture missed what was echoed", |t| {
                t.client().syn().mss(1460).timestamps();
                t.server().syn().mss(1460).timestamps().unseen();
                t.client().ts(7_020, 90_010);
            }),
            abstains("no timestamps", |t| t.handshake()),
        ]
    }
}
