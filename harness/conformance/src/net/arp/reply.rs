//! Replies, against the requests that they answer.

use super::{ANSWER_WITHIN, ArpPacket, ArpSeen};
use crate::example::{ArpDraft, Example, abstains, holds, violates};
use crate::net::NetCheck;
use crate::net::asked::COPIES_WITHIN;
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use std::fmt::Display;
use wire::Duration;
use wire::ethernet::MacAddress;

/// RFC 826, Packet Reception: the asker's addresses come back as the target's.
#[derive(Default)]
pub struct ReplySwapsFields(Strike);

impl NetCheck for ReplySwapsFields {
    const REQUIREMENT: Requirement = requirement("arp/reply-swaps-fields", rfc(826, "Packet Reception"), Level::Must)
        .prose()
        .binds(Role::Receiver)
        .says("A reply carries the request's sender addresses, hardware and protocol, as its target addresses.")
        .judged(
            "Replies within 2 s of a request for their sender address that nobody has answered. Broken by two equal replies in a row, to \
             two equal requests, \
             that are sent to the asker's Ethernet address and name other target addresses; announcements in the form of a reply answer \
             nobody, and a single such reply may be damaged, or answer a request that was not captured: inconclusive.",
        );

    fn on_arp(&mut self, at: &ArpSeen<'_>, judge: &mut Judge<'_>) {
        let reply = &at.packet;
        if reply.is_request() || reply.is_announcement() {
            return;
        }
        let mut candidates = at
            .asked
            .open(reply.time, ANSWER_WITHIN)
            .filter(|question| question.asks_for_sender_of(reply));
        let Some(first) = candidates.next() else { return };
        if first.is_answered_by(reply) || candidates.any(|question| question.is_answered_by(reply)) {
            self.0 = Strike::default();
            return judge.holds();
        }
        let Some(question) = sent_to_asker(at, reply) else {
            return judge.inconclusive(Reason::Ambiguous);
        };
        let (wanted, given) = (question.addresses, reply.addresses);
        self.0.again(
            (question, reply),
            judge,
            format_args!("target {} {}", wanted.sender_hardware, wanted.sender_protocol),
            format_args!("{} {}", given.target_hardware, given.target_protocol),
        );
    }

    fn examples() -> Vec<Example> {
        let wrong = ArpDraft {
            target_protocol: [192, 0, 2, 9],
            ..ArpDraft::reply()
        };
        vec![
            holds("request and reply", |t| {
                t.arp(ArpDraft::request());
                t.arp(ArpDraft::reply());
            }),
            violates("two replies that name another address", move |t| {
                for _ in 0..2 {
                    t.after(Duration::secs(1));
                    t.arp(ArpDraft::request());
                    t.arp(wrong);
                }
            }),
            violates("two replies without the asker's hardware address", |t| {
                for _ in 0..2 {
                    t.after(Duration::secs(1));
                    t.arp(ArpDraft::request());
                    t.arp(ArpDraft {
                        target_hardware: [0; 6],
                        ..ArpDraft::reply()
                    });
                }
            }),
            abstains("one of them", move |t| {
                t.arp(ArpDraft::request());
                t.arp(wrong);
            }),
            abstains("both seen twice", move |t| {
                for _ in 0..2 {
                    t.arp(ArpDraft::request());
                    t.arp(wrong);
                }
            }),
            abstains("nobody asked", |t| t.arp(ArpDraft::reply())),
        ]
    }
}

/// The latest question of the station that `reply` is sent to.
fn sent_to_asker<'a>(at: &ArpSeen<'a>, reply: &ArpPacket) -> Option<&'a ArpPacket> {
    let (_, destination) = reply.ethernet?;
    at.asked
        .open(reply.time, ANSWER_WITHIN)
        .filter(|question| question.asks_for_sender_of(reply))
        .filter(|question| question.confirmed_sender() == Some(destination))
        .max_by_key(|question| question.frame)
}

/// RFC 826, Packet Reception: it is sent to its target hardware address. RFC 5227 section 1.2.1 allows broadcast.
#[derive(Default)]
pub struct ReplyToAsker(Strike);

impl NetCheck for ReplyToAsker {
    const REQUIREMENT: Requirement = requirement("arp/reply-to-asker", rfc(826, "Packet Reception"), Level::Must)
        .prose()
        .also(&[rfc(5227, "1.2.1")])
        .binds(Role::Receiver)
        .says("A reply is sent to the hardware address that asked, or broadcast.")
        .judged(
            "The Ethernet destination of replies that answer a request. Broken by two equal replies in a row, to two equal requests. Where the request came from another Ethernet address than it \
             names, or the replying address is link-local, whose replies are broadcast and which an access point sends on to \
             single stations, it is inconclusive.",
        );

    fn on_arp(&mut self, at: &ArpSeen<'_>, judge: &mut Judge<'_>) {
        let reply = &at.packet;
        let question = at
            .asked
            .open(reply.time, ANSWER_WITHIN)
            .find(|question| question.is_answered_by(reply));
        let (Some(question), Some((_, destination))) = (question, reply.ethernet) else {
            return;
        };
        let asker = question.addresses.sender_hardware;
        if destination == asker || destination == MacAddress::BROADCAST {
            self.0 = Strike::default();
            return judge.holds();
        }
        if question.confirmed_sender().is_none() || reply.addresses.sender_protocol.is_link_local() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        self.0.again(
            (question, reply),
            judge,
            format_args!("a reply to {asker}"),
            format_args!("one to {destination}"),
        );
    }

    fn examples() -> Vec<Example> {
        let to = |destination| ArpDraft {
            destination,
            ..ArpDraft::reply()
        };
        vec![
            holds("to the asker", |t| {
                t.arp(ArpDraft::request());
                t.arp(ArpDraft::reply());
            }),
            holds("to everybody", move |t| {
                t.arp(ArpDraft::request());
                t.arp(to([0xff; 6]));
            }),
            violates("twice to somebody else", move |t| {
                for _ in 0..2 {
                    t.after(Duration::secs(1));
                    t.arp(ArpDraft::request());
                    t.arp(to([2, 0, 0, 0, 0, 9]));
                }
            }),
            abstains("once to somebody else", move |t| {
                t.arp(ArpDraft::request());
                t.arp(to([2, 0, 0, 0, 0, 9]));
            }),
            abstains("a request that came by a relay", move |t| {
                t.arp(ArpDraft {
                    source: [2, 0, 0, 0, 0, 9],
                    ..ArpDraft::request()
                });
                t.arp(to([2, 0, 0, 0, 0, 9]));
            }),
            abstains("nobody asked", move |t| t.arp(to([2, 0, 0, 0, 0, 9]))),
        ]
    }
}

/// The last question and its wrong reply, until a right one. An ARP packet has no checksum: one alone proves little.
#[derive(Default)]
struct Strike(Option<Box<(ArpPacket, ArpPacket)>>);

impl Strike {
    fn again(
        &mut self,
        (question, reply): (&ArpPacket, &ArpPacket),
        judge: &mut Judge<'_>,
        expected: impl Display,
        seen: impl Display,
    ) {
        let alike =
            |one: &ArpPacket, other: &ArpPacket| (one.addresses, one.ethernet) == (other.addresses, other.ethernet);
        let before = self.0.replace(Box::new((*question, *reply)));
        match before.as_deref() {
            Some((asked, answered)) if alike(asked, question) && alike(answered, reply) => {
                if question.time - asked.time < COPIES_WITHIN {
                    return judge.inconclusive(Reason::SeenTwice);
                }
                judge.violated(
                    &[asked.frame, answered.frame, question.frame, reply.frame],
                    expected,
                    seen,
                );
            }
            _ => judge.inconclusive(Reason::TooFew),
        }
    }
}
