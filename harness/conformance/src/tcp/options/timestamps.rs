//! When the timestamps option is sent, and how its values run: RFC 7323 sections 3.2 and 4.1.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::FrameNumber;

/// RFC 7323 section 3.2: on a SYN-ACK only if the SYN had it.
#[derive(Default)]
pub struct TimestampsOnlyIfOffered {
    /// The SYN-ACK, until the peer's next segment shows that its SYN was as the capture has it.
    suspect: Option<FrameNumber>,
}

impl TcpCheck for TimestampsOnlyIfOffered {
    const REQUIREMENT: Requirement = requirement("tcp/timestamps-only-if-offered", rfc(7323, "3.2"), Level::Must).by_itself()
        .prose()
        .binds(Role::Server)
        .says("A SYN-ACK carries the timestamps option only if the SYN did.")
        .judged("SYN-ACKs with the option, against the SYN that they answer; crossing SYNs may differ, and several SYNs too.");

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.segment.flags.ack() || at.segment.options.timestamps.is_none() {
            return;
        }
        match at.peer.offer {
            Some(offer) if offer.timestamps => judge.holds(),
            Some(offer) if offer.times == 1 && !offer.with_ack && !at.shared.simultaneous_open => {
                self.suspect = Some(at.frame());
            }
            Some(_) => judge.inconclusive(Reason::Ambiguous),
            None => judge.inconclusive(Reason::CaptureIncomplete),
        }
    }

    fn on_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(frame) = self.suspect.take() else { return };
        if at.segment.options.timestamps.is_some() {
            // Its sender thinks that it offered: something on the way took the option out of its SYN, or put it back in.
            return judge.inconclusive(Reason::Ambiguous);
        }
        let syn = at.peer.offer.map_or(frame, |offer| offer.first.frame);
        judge.violated(
            &[syn, frame],
            "no timestamps option, as the SYN had none",
            "timestamps on the SYN-ACK",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("both have it", |t| t.handshake_with_timestamps()),
            violates("only the SYN-ACK has it", |t| {
                t.client().syn().mss(1460);
                t.server().syn().mss(1460).ts(90_000, 0);
                t.client();
            }),
            abstains("the SYN was not captured", |t| {
                t.client().syn().mss(1460).timestamps().unseen();
                t.server().syn().mss(1460).timestamps();
            }),
        ]
    }
}

/// RFC 7323 section 3.2: once agreed, on every segment but RST.
#[derive(Default)]
pub struct TimestampsOnEverySegment {
    /// TTL of its SYN.
    ttl: u8,
}

impl TcpCheck for TimestampsOnEverySegment {
    const REQUIREMENT: Requirement = requirement("tcp/timestamps-on-every-segment", rfc(7323, "3.2"), Level::Must).by_itself()
        .binds(Role::Sender)
        .says("Once both SYNs carried timestamps, every segment but a reset carries them.")
        .judged(
            "Segments after the handshake of connections where SYN and SYN-ACK had the option. Options that cannot be delimited, \
             or that are signed (no room), are inconclusive, and so is a segment whose TTL differs from the SYN's: it may be forged.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        self.ttl = at.segment.ip.ttl;
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.shared.timestamps || at.segment.flags.rst() || at.segment.flags.syn() {
            return;
        }
        let options = &at.segment.options;
        if options.timestamps.is_some() {
            judge.holds();
        } else if options.malformed.is_some()
            || options.signed
            || at.segment.ip.ttl != self.ttl
            || at.me.offer.is_none_or(|offer| offer.times > 1)
        {
            judge.inconclusive(Reason::Ambiguous);
        } else {
            judge.violated(
                &[at.frame()],
                "the timestamps option, as agreed in the handshake",
                "a segment without it",
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("on all of them", |t| {
                t.handshake_with_timestamps();
                t.client().data(10);
                t.server();
            }),
            violates("missing on a data segment", |t| {
                t.handshake_with_timestamps();
                t.client().data(10).no_timestamps();
                t.server();
            }),
            abstains("not agreed", |t| t.handshake()),
        ]
    }
}
