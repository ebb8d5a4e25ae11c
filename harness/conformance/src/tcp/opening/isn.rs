//! Initial sequence numbers: RFC 9293 section 3.4.1, RFC 6528.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::FrameNumber;

/// Connections compared.
const ENOUGH: usize = 4;

/// RFC 6528 section 3 (SHLD-1): ISNs come from a clock plus a keyed pseudo-random function of the four-tuple.
#[derive(Default)]
pub struct IsnUnpredictable;

impl TcpCheck for IsnUnpredictable {
    const REQUIREMENT: Requirement = requirement("tcp/isn-unpredictable", rfc(6528, "3"), Level::Should).by_itself()
        .labels(&["SHLD-1"])
        .also(&[rfc(9293, "3.4.1")])
        .says("Initial sequence numbers of different connections do not follow from one another.")
        .judged(
            "At least five connections of one host, each with another four-tuple: broken when their ISNs are all the same, or all \
             equally far apart. Anything cleverer than that cannot be told from a capture.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.me.offer.is_some() || at.host.crowd {
            return;
        }
        let earlier = &at.host.isns;
        if earlier.len() < ENOUGH {
            return;
        }
        let recent = &earlier[earlier.len() - ENOUGH..];
        let mine = (at.me.port, (at.peer.address, at.peer.port));
        let again = recent.iter().any(|isn| (isn.local_port, isn.peer) == mine);
        if again {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let last = recent[ENOUGH - 1].iss;
        let step = at.segment.seq.since(last);
        let regular = recent.windows(2).all(|pair| pair[1].iss.since(pair[0].iss) == step);
        let frames: [FrameNumber; 2] = [recent[0].seen.frame, at.frame()];
        judge.require(
            !regular,
            &frames,
            "initial sequence numbers that do not follow from one another",
            format_args!(
                "five in a row, each {step} after the one before (the last is {})",
                at.segment.seq
            ),
        );
    }

    fn examples() -> Vec<Example> {
        let five = |t: &mut crate::example::Trace, step: u32, random: bool| {
            for n in 0..5u32 {
                t.connection(40_000 + n as u16);
                let client = if random {
                    n.wrapping_mul(0x9e37_79b9) ^ 0x5555
                } else {
                    1000 + n * step
                };
                let server = (n + 7).wrapping_mul(0x7f4a_7c15);
                t.isns(client, server ^ server.rotate_left(n * 5));
                t.handshake();
            }
        };
        vec![
            holds("five scattered numbers", move |t| five(t, 0, true)),
            violates("64000 more each time", move |t| five(t, 64_000, false)),
            violates("always the same", move |t| five(t, 0, false)),
            abstains("a single connection", |t| t.handshake()),
        ]
    }
}

/// RFC 9293 section 3.4.1 (MUST-8): a clock drives the ISN, so that a four-tuple's next use begins elsewhere.
#[derive(Default)]
pub struct IsnMovesOn;

impl TcpCheck for IsnMovesOn {
    const REQUIREMENT: Requirement = requirement("tcp/isn-clock-driven", rfc(9293, "3.4.1"), Level::Must)
        .by_itself()
        .labels(&["MUST-8"])
        .says("The next connection on the same four-tuple begins with another initial sequence number.")
        .judged(
            "A four-tuple used again after its earlier connection was closed by FIN both ways: the same ISN breaks it.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(previous) = at.shared.previous.as_deref().filter(|_| at.me.offer.is_none()) else {
            return;
        };
        let Some(iss) = at.me_before().and_then(|me| me.iss) else {
            return;
        };
        if previous.closed.is_none() || previous.by_reset {
            return judge.inconclusive(Reason::Ambiguous); // it may be another try of the same connection
        }
        judge.require(
            at.segment.seq != iss,
            &[previous.last.frame, at.frame()],
            "another initial sequence number than last time",
            format_args!("{iss} again, {} after the last segment", at.now() - previous.last.time),
        );
    }

    fn examples() -> Vec<Example> {
        let twice = |t: &mut crate::example::Trace, again: u32| {
            t.isns(1000, 500_000);
            t.handshake();
            t.close();
            t.after(wire::Duration::minutes(5));
            t.reopen();
            t.isns(again, 900_000);
            t.handshake();
        };
        vec![
            holds("it has moved on", move |t| twice(t, 80_000_000)),
            violates("the same again", move |t| twice(t, 1000)),
            abstains("a single use", |t| t.handshake()),
        ]
    }
}
