//! Neighbor Advertisements, by themselves and against the solicitations that they answer.

use super::{NdpSeen, Solicitation};
use crate::example::{ALL_NODES, Example, NdpDraft, SERVER_LINK, Trace, abstains, holds, violates};
use crate::net::asked::COPIES_WITHIN;
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::ndp::{AdvertisementFlags, Message, option};
use wire::{Duration, FrameNumber, Instant};

/// An answer comes within this, or is not one: anycast addresses wait for a second (RFC 4861 section 7.2.4).
const ANSWER_WITHIN: Duration = Duration::secs(2);

/// RFC 4861 section 4.4: what is told to a group answers nobody.
#[derive(Default)]
pub struct MulticastUnsolicited;

impl NetCheck for MulticastUnsolicited {
    const REQUIREMENT: Requirement =
        requirement("ndp/multicast-advertisement-unsolicited", rfc(4861, "4.4"), Level::Must)
            .also(&[rfc(4861, "7.1.2")])
            .binds(Role::Sender)
            .says("A multicast Neighbor Advertisement does not have the Solicited flag.")
            .judged("Every Neighbor Advertisement to a multicast address.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        if let Message::NeighborAdvertisement { flags, .. } = seen.ndp.message
            && seen.destination.is_multicast()
        {
            judge.require(
                !flags.solicited(),
                &[at.frame],
                "no Solicited flag",
                format_args!("one, to {}", seen.destination),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let to_all = |flags| NdpDraft {
            destination: ALL_NODES,
            ..advertisement(flags)
        };
        vec![
            holds("without", move |t| t.ndp(to_all(AdvertisementFlags::OVERRIDE))),
            violates("with", move |t| t.ndp(to_all(AdvertisementFlags::SOLICITED))),
            abstains("to one node", |t| t.ndp(NdpDraft::advertisement())),
        ]
    }
}

/// RFC 4861 section 7.2.4: the answer says that it is one.
#[derive(Default)]
pub struct AnswerIsSolicited(Strike);

impl NetCheck for AnswerIsSolicited {
    const REQUIREMENT: Requirement = requirement("ndp/answer-has-solicited-flag", rfc(4861, "7.2.4"), Level::Must)
        .binds(Role::Receiver)
        .says("A Neighbor Advertisement that answers a solicitation has the Solicited flag.")
        .judged(
            "Unicast advertisements within 2 s of a solicitation by their receiver for their target. Broken by two in a row: one may \
             have been on its way unasked.",
        );

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        let Message::NeighborAdvertisement { flags, .. } = seen.ndp.message else {
            return;
        };
        if let Some(question) = questions(at, seen).next() {
            let kept = flags.solicited();
            self.0
                .require(kept, question, at, judge, ("the Solicited flag", "an answer without"));
        }
    }

    fn examples() -> Vec<Example> {
        let without = || advertisement(AdvertisementFlags::OVERRIDE);
        vec![
            holds("with", |t| answered(t, 1, NdpDraft::advertisement)),
            violates("twice without", move |t| answered(t, 2, without)),
            abstains("once without", move |t| answered(t, 1, without)),
            abstains("nobody asked", move |t| t.ndp(without())),
        ]
    }
}

/// RFC 4861 section 7.2.4: who asked by multicast is told the link-layer address.
#[derive(Default)]
pub struct AnswerCarriesLinkLayer(Strike);

impl NetCheck for AnswerCarriesLinkLayer {
    const REQUIREMENT: Requirement = requirement("ndp/answer-carries-link-layer", rfc(4861, "7.2.4"), Level::Must)
        .also(&[rfc(4861, "4.4")])
        .binds(Role::Receiver)
        .says("The answer to a multicast Neighbor Solicitation carries the target's link-layer address, where the link has such addresses.")
        .judged(
            "Unicast advertisements with the Solicited flag, within 2 s of solicitations that were all multicast and in Ethernet frames \
             to their group. Broken by two in a row: a unicast solicitation, whose answer may leave the option out, may not have been \
             captured.",
        );

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        let solicited = matches!(seen.ndp.message, Message::NeighborAdvertisement { flags, .. } if flags.solicited());
        let Some(question) = questions(at, seen).next().filter(|_| solicited) else {
            return;
        };
        if !questions(at, seen).all(|question| question.on_ethernet) {
            return;
        }
        let kept = seen.ndp.option(option::TARGET_LINK_LAYER).is_some();
        let texts = ("the target link-layer address", "an answer without");
        self.0.require(kept, question, at, judge, texts);
    }

    fn examples() -> Vec<Example> {
        let without = || NdpDraft::advertisement().options(Vec::new());
        vec![
            holds("with", |t| answered(t, 1, NdpDraft::advertisement)),
            violates("twice without", move |t| answered(t, 2, without)),
            abstains("once without", move |t| answered(t, 1, without)),
            abstains("answers to unicast solicitations", move |t| {
                for _ in 0..2 {
                    t.ndp(NdpDraft {
                        destination: SERVER_LINK,
                        ..NdpDraft::solicitation()
                    });
                    t.ndp(without());
                }
            }),
        ]
    }
}

/// Open solicitations that `seen` answers, if it is an advertisement.
fn questions<'a>(at: &Packet<'_>, seen: &NdpSeen<'a>) -> impl Iterator<Item = &'a Solicitation> {
    let seen = *seen;
    seen.asked
        .open(at.time, ANSWER_WITHIN)
        .filter(move |question| question.is_answered_by(&seen))
}

/// The last wrong answer, until a right one: what it answers, when it came, and its frame.
#[derive(Default)]
struct Strike(Option<(Solicitation, Instant, FrameNumber)>);

impl Strike {
    /// A single wrong answer is left open; the second in a row to the same asker breaks the rule.
    fn require(
        &mut self,
        kept: bool,
        question: &Solicitation,
        at: &Packet<'_>,
        judge: &mut Judge<'_>,
        (expected, seen): (&str, &str),
    ) {
        if kept {
            self.0 = None;
            return judge.holds();
        }
        match self.0.replace((*question, at.time, at.frame)) {
            Some((asked, time, answered)) if asked.source == question.source && asked.target == question.target => {
                if at.time - time < COPIES_WITHIN {
                    return judge.inconclusive(Reason::SeenTwice);
                }
                judge.violated(&[asked.frame, answered, question.frame, at.frame], expected, seen);
            }
            _ => judge.inconclusive(Reason::TooFew),
        }
    }
}

/// The server's answer with these flags.
fn advertisement(flags: AdvertisementFlags) -> NdpDraft {
    NdpDraft {
        message: Message::NeighborAdvertisement {
            flags,
            target: SERVER_LINK,
        },
        ..NdpDraft::advertisement()
    }
}

/// The client asks and the server answers, `times` over.
fn answered(t: &mut Trace, times: usize, answer: impl Fn() -> NdpDraft) {
    for _ in 0..times {
        t.after(Duration::secs(1));
        t.ndp(NdpDraft::solicitation());
        t.ndp(answer());
    }
}
