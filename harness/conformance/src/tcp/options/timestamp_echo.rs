//! What TSecr says: RFC 7323 section 3.2.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};

/// RFC 7323 section 3.2: without ACK, TSecr is zero.
#[derive(Default)]
pub struct TsecrZeroWithoutAck;

impl TcpCheck for TsecrZeroWithoutAck {
    const REQUIREMENT: Requirement = requirement("tcp/tsecr-zero-without-ack", rfc(7323, "3.2"), Level::Should)
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
    /// The first TSval seen from the peer.
    first: Option<u32>,
}

impl TcpCheck for TsecrValid {
    const REQUIREMENT: Requirement = requirement("tcp/tsecr-valid", rfc(7323, "3.2"), Level::Must)
        .binds(Role::Sender)
        .says("On a segment with ACK, TSecr echoes a TSval recently received.")
        .judged(
            "TSecr lies between the first and the highest TSval that the peer was seen to send, modulo 2^32. Not judged on resets, in \
             captures that miss packets, and where several SYNs leave open which one was received.",
        );

    fn on_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        if let (None, Some((tsval, _))) = (self.first, at.segment.options.timestamps) {
            self.first = Some(tsval);
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((_, echo)) = at.segment.options.timestamps.filter(|_| at.segment.flags.ack()) else {
            return;
        };
        let (Some(first), Some(highest)) = (self.first, at.peer.tsval_max) else {
            // Nothing with timestamps was seen on its way here.
            let nothing_to_echo = at.peer.offer.is_some_and(|offer| offer.times == 1 && !offer.timestamps)
                && !at.shared.capture_incomplete;
            if at.segment.flags.syn() && nothing_to_echo && at.peer.segments == 1 {
                judge.violated(
                    &[at.frame()],
                    "no echo: the peer sent no timestamps",
                    format_args!("TSecr {echo}"),
                );
            }
            return;
        };
        if at.segment.flags.rst() {
            return;
        }
        if echo.wrapping_sub(first) as i32 >= 0 && highest.wrapping_sub(echo) as i32 >= 0 {
            return judge.holds();
        }
        if !at.shared.is_clean() || at.peer.offer.is_none_or(|offer| offer.times > 1) || !at.shared.established {
            return judge.inconclusive(Reason::CaptureIncomplete);
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
            violates("something the peer never sent", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.server().ts(90_040, 123_456);
            }),
            abstains("no timestamps", |t| t.handshake()),
        ]
    }
}
