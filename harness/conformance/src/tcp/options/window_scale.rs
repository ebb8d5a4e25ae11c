//! The window scale option, RFC 7323 section 2.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::verdict::{Judge, Reason};
use wire::FrameNumber;

/// RFC 7323 section 2.2: an option of SYN segments.
#[derive(Default)]
pub struct WindowScaleOnlyOnSyn;

impl TcpCheck for WindowScaleOnlyOnSyn {
    const REQUIREMENT: Requirement = requirement("tcp/window-scale-only-on-syn", rfc(7323, "2.2"), Level::Must)
        .by_itself()
        .prose()
        .binds(Role::Sender)
        .says("The window scale option is sent only on segments with SYN.")
        .judged("Every segment with the option.");

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if let Some(shift) = at.segment.options.window_scale {
            let syn = at.segment.flags.syn();
            judge.require(
                syn,
                &[at.frame()],
                "no window scale without SYN",
                format_args!("shift {shift} on {}", at.segment.flags),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("on SYN and SYN-ACK", |t| t.handshake()),
            violates("on a data segment", |t| {
                t.handshake();
                t.client().data(10).scale(3);
                t.server();
            }),
            abstains("no such option", |t| t.plain_handshake()),
        ]
    }
}

/// RFC 7323 section 2.3: the shift count is at most 14.
#[derive(Default)]
pub struct WindowScaleAtMost14;

impl TcpCheck for WindowScaleAtMost14 {
    const REQUIREMENT: Requirement = requirement("tcp/window-scale-at-most-14", rfc(7323, "2.3"), Level::Must)
        .by_itself()
        .binds(Role::Sender)
        .says("The window scale shift count is at most 14.")
        .judged("The option of every SYN.");

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if let Some(shift) = at.segment.options.window_scale {
            judge.require(
                shift <= 14,
                &[at.frame()],
                "a shift of at most 14",
                format_args!("{shift}"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("7", |t| {
                t.client().syn().scale(7);
            }),
            violates("15", |t| {
                t.client().syn().scale(15);
            }),
            abstains("no option", |t| {
                t.client().syn();
            }),
        ]
    }
}

/// RFC 7323 section 2.2: on a SYN-ACK only if the SYN had it.
#[derive(Default)]
pub struct WindowScaleOnlyIfOffered {
    /// The SYN-ACK, until the peer's next segment shows that its SYN was as the capture has it.
    suspect: Option<FrameNumber>,
}

impl TcpCheck for WindowScaleOnlyIfOffered {
    const REQUIREMENT: Requirement = requirement("tcp/window-scale-only-if-offered", rfc(7323, "2.2"), Level::Must)
        .by_itself()
        .prose()
        .binds(Role::Server)
        .says("A SYN-ACK carries the window scale option only if the SYN did.")
        .judged(
            "SYN-ACKs with the option, against the SYN that they answer; several SYNs that differ are inconclusive.",
        );

    fn on_syn_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.segment.flags.ack() || at.segment.options.window_scale.is_none() {
            return;
        }
        match at.peer.offer {
            Some(offer) if offer.with_ack => {}
            Some(offer) if offer.window_scale.is_some() => judge.holds(),
            Some(offer) if offer.times == 1 => self.suspect = Some(at.frame()),
            Some(_) => judge.inconclusive(Reason::Ambiguous),
            None => judge.inconclusive(Reason::CaptureIncomplete),
        }
    }

    fn on_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(frame) = self.suspect.take() else { return };
        let offer = at.peer.offer;
        if at.segment.options.timestamps.is_some() && offer.is_some_and(|offer| !offer.timestamps) {
            // Something on the way has changed the SYN's options: nobody knows what the listener saw.
            return judge.inconclusive(Reason::Ambiguous);
        }
        let syn = offer.map_or(frame, |offer| offer.first.frame);
        judge.violated(
            &[syn, frame],
            "no window scale option, as the SYN had none",
            "window scale on the SYN-ACK",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("both have it", |t| t.handshake()),
            violates("only the SYN-ACK has it", |t| {
                t.client().syn().mss(1460);
                t.server().syn().mss(1460).scale(7);
                t.client();
            }),
            abstains("the SYN was not captured", |t| {
                t.client().syn().mss(1460).unseen();
                t.server().syn().mss(1460).scale(7);
            }),
        ]
    }
}
