//! ICMP messages by themselves: checksum, kinds, echo.

use super::wrong_sums::WrongSums;
use super::{NetCheck, Packet};
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::checksum::Sum;
use wire::icmpv4::{Icmpv4, Message, icmp_type};
use wire::{Duration, FrameNumber, Instant};

/// RFC 792: the checksum covers the whole message.
#[derive(Default)]
pub struct IcmpChecksumCorrect(WrongSums);

impl NetCheck for IcmpChecksumCorrect {
    const REQUIREMENT: Requirement = requirement("icmp/checksum-correct", rfc(792, "Message Formats"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("An ICMP message carries the right checksum.")
        .judged("Messages captured whole. Broken when a host's messages, at least three, all have wrong sums.");

    fn on_icmpv4(&mut self, at: &Packet<'_>, icmp: &Icmpv4<'_>, judge: &mut Judge<'_>) {
        if !at.whole {
            return judge.inconclusive(Reason::Sliced);
        }
        if icmp.checksum_ok() {
            self.0.right(judge);
        } else if icmp.checksum == 0 {
            judge.inconclusive(Reason::ChecksumOffload);
        } else {
            self.0
                .wrong(icmp.checksum, icmp.correct_checksum(), at.frame, judge, "checksum");
        }
    }

    fn examples() -> Vec<Example> {
        let wrong = |t: &mut Trace, count| {
            for n in 1..=count {
                t.icmp_changed(icmp_type::ECHO, 0, b"data", |icmp| icmp.checksum ^= 0x1111 * n);
            }
        };
        vec![
            holds("a right one", |t| t.icmp(icmp_type::ECHO, 0, b"data")),
            violates("three wrong ones", move |t| wrong(t, 3)),
            abstains("a single wrong one", move |t| wrong(t, 1)),
        ]
    }
}

/// RFC 6633 section 3: hosts send no Source Quench.
#[derive(Default)]
pub struct NoSourceQuench;

impl NetCheck for NoSourceQuench {
    const REQUIREMENT: Requirement = requirement("icmp/no-source-quench", rfc(6633, "3"), Level::Must)
        .binds(Role::Sender)
        .says("No Source Quench is sent.")
        .judged("Every ICMP error message of a host.");

    fn on_icmpv4(&mut self, at: &Packet<'_>, icmp: &Icmpv4<'_>, judge: &mut Judge<'_>) {
        if icmp.quoted().is_some() {
            let other = icmp.icmp_type != icmp_type::SOURCE_QUENCH;
            judge.require(other, &[at.frame], "no Source Quench", "ICMP type 4");
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("port unreachable", |t| t.icmp_error(3, 3)),
            violates("a Source Quench", |t| t.icmp_error(4, 0)),
            abstains("an echo", |t| t.icmp(icmp_type::ECHO, 0, b"data")),
        ]
    }
}

/// RFC 1122 section 3.2.2.6: an echo reply returns the request's data.
#[derive(Default)]
pub struct EchoReplyCarriesData {
    /// The last requests on their way here: identifier and sequence number, sum and length of the data.
    requests: [Option<Request>; 4],
    next: u8,
}

#[derive(Clone, Copy)]
struct Request {
    key: (u16, u16),
    sum: u16,
    octets: usize,
    frame: FrameNumber,
    time: Instant,
}

impl NetCheck for EchoReplyCarriesData {
    const REQUIREMENT: Requirement = requirement("icmp/echo-reply-carries-data", rfc(1122, "3.2.2.6"), Level::Must)
        .binds(Role::Receiver)
        .says("An echo reply carries all the data of its request.")
        .judged(
            "Replies within 10 s of a request with the same identifier and sequence number, both captured whole: as many octets with \
             the same sum. A request that was used twice with other data is inconclusive.",
        );

    fn on_icmpv4_received(&mut self, at: &Packet<'_>, icmp: &Icmpv4<'_>, _: &mut Judge<'_>) {
        let Message::Echo {
            reply: false,
            id,
            sequence,
            data,
        } = icmp.message()
        else {
            return;
        };
        if !at.whole {
            return;
        }
        let sum = Sum::default().add(data).fold();
        let request = Request {
            key: (id, sequence),
            sum,
            octets: data.len(),
            frame: at.frame,
            time: at.time,
        };
        if let Some(place) = self.requests.get_mut(usize::from(self.next)) {
            *place = Some(request);
        }
        self.next = (self.next + 1) % 4;
    }

    fn on_icmpv4(&mut self, at: &Packet<'_>, icmp: &Icmpv4<'_>, judge: &mut Judge<'_>) {
        let Message::Echo {
            reply: true,
            id,
            sequence,
            data,
        } = icmp.message()
        else {
            return;
        };
        let mine = |request: &&Request| request.key == (id, sequence) && at.time - request.time < Duration::secs(10);
        let mut candidates = self.requests.iter().flatten().filter(mine);
        let Some(request) = candidates.next().filter(|_| at.whole) else {
            return judge.inconclusive(Reason::CaptureIncomplete);
        };
        let several = candidates.next().is_some();
        if request.octets == data.len() && request.sum == Sum::default().add(data).fold() {
            return judge.holds();
        }
        if several || !icmp.checksum_ok() {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[request.frame, at.frame],
            format_args!("the request's {} octets", request.octets),
            format_args!("{} octets, not the same", data.len()),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the same data", |t| {
                t.icmp(icmp_type::ECHO, 0, b"data");
                t.icmp_from_server(icmp_type::ECHO_REPLY, 0, b"data");
            }),
            violates("cut short", |t| {
                t.icmp(icmp_type::ECHO, 0, b"data");
                t.icmp_from_server(icmp_type::ECHO_REPLY, 0, b"da");
            }),
            abstains("the request was not captured", |t| {
                t.icmp_from_server(icmp_type::ECHO_REPLY, 0, b"data")
            }),
        ]
    }
}
