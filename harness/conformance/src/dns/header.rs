//! The header and the question section: RFC 1035 section 4.1.

use super::{DnsCheck, Talk};
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::dns::emit::Builder;
use wire::dns::{Class, Header, NameBuf, Opcode, Rcode, Type};

/// RFC 1035 section 7.3: by its question a response is matched with its query.
#[derive(Default)]
pub struct ResponseEchoesQuestion;

impl DnsCheck for ResponseEchoesQuestion {
    const REQUIREMENT: Requirement = requirement("dns/response-echoes-question", rfc(1035, "7.3"), Level::Must)
        .prose()
        .also(&[rfc(1035, "4.1.2"), rfc(4343, "4.1")])
        .binds(Role::Server)
        .says("A response carries the question of its query.")
        .judged(
            "Responses to a single question: name (whatever its case), type and class are the same. A response without a question, \
             as errors may be, is inconclusive.",
        );

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let Some(asked) = at.asked else {
            return judge.inconclusive(Reason::CaptureIncomplete);
        };
        let (Some((name, kind, class)), Some(answered)) = (&asked.question, at.message.questions().next()) else {
            return judge.inconclusive(Reason::Ambiguous);
        };
        judge.require(
            *name == answered.name && (*kind, *class) == (answered.kind, answered.class),
            &[asked.frame, at.frame],
            "the question of the query",
            format_args!("{} type {} class {}", answered.name, answered.kind.0, answered.class.0),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("the same question", |t| exchange(t, query(1), answer(1))),
            violates("another name", |t| {
                let other =
                    Builder::new(1, Header::QR | Header::RD).question(&named("other.example."), Type::A, Class::IN);
                exchange(t, query(1), other);
            }),
            abstains("the query was not captured", |t| {
                t.udp_from_server(53, 4000, &answer(1).build())
            }),
        ]
    }
}

/// RFC 1035 section 4.1.1: OPCODE is copied into the response.
#[derive(Default)]
pub struct ResponseCopiesOpcode;

impl DnsCheck for ResponseCopiesOpcode {
    const REQUIREMENT: Requirement = requirement("dns/response-copies-opcode", rfc(1035, "4.1.1"), Level::Must)
        .prose()
        .binds(Role::Server)
        .says("A response has the OPCODE of its query.")
        .judged("Responses whose query was seen.");

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let Some(asked) = at.asked else {
            return judge.inconclusive(Reason::CaptureIncomplete);
        };
        let (wanted, seen) = (asked.header.opcode(), at.message.header.opcode());
        judge.require(
            wanted == seen,
            &[asked.frame, at.frame],
            format_args!("OPCODE {}", wanted.0),
            format_args!("{}", seen.0),
        );
    }

    fn examples() -> Vec<Example> {
        let notify = |builder: Builder| builder.header(|header| header.flags |= u16::from(Opcode(4).0) << 11);
        vec![
            holds("a query", |t| exchange(t, query(1), answer(1))),
            violates("a notification", move |t| exchange(t, query(1), notify(answer(1)))),
            abstains("the query was not captured", |t| {
                t.udp_from_server(53, 4000, &answer(1).build())
            }),
        ]
    }
}

/// RFC 1035 section 4.1.1: RD is copied into the response.
#[derive(Default)]
pub struct ResponseCopiesRd;

impl DnsCheck for ResponseCopiesRd {
    const REQUIREMENT: Requirement = requirement("dns/response-copies-rd", rfc(1035, "4.1.1"), Level::Must)
        .prose()
        .binds(Role::Server)
        .says("A response has the Recursion Desired bit of its query.")
        .judged(
            "Responses without error, and NXDOMAIN, whose query was seen; servers that refuse may not have looked.",
        );

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let Some(asked) = at.asked else {
            return judge.inconclusive(Reason::CaptureIncomplete);
        };
        let header = at.message.header;
        if !matches!(header.rcode(), Rcode(0 | 3)) || asked.header.opcode() != Opcode(0) {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let (wanted, seen) = (u8::from(asked.header.rd()), u8::from(header.rd()));
        judge.require(
            wanted == seen,
            &[asked.frame, at.frame],
            format_args!("RD {wanted}"),
            format_args!("RD {seen}"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("copied", |t| exchange(t, query(1), answer(1))),
            violates("cleared", |t| {
                exchange(t, query(1), answer(1).header(|header| header.flags &= !Header::RD))
            }),
            abstains("the query was not captured", |t| {
                t.udp_from_server(53, 4000, &answer(1).build())
            }),
        ]
    }
}

/// RFC 1035 section 4.1.1: Z is zero (RFC 4035 took AD and CD out of it).
#[derive(Default)]
pub struct ZBitZero;

impl DnsCheck for ZBitZero {
    const REQUIREMENT: Requirement = requirement("dns/z-bit-zero", rfc(1035, "4.1.1"), Level::Must)
        .prose()
        .also(&[rfc(4035, "3.1.6")])
        .says("The reserved bit of the header is zero, in queries and responses.")
        .judged("Every message of OPCODE 0.");

    fn on_message(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        if at.message.header.opcode() == Opcode(0) {
            judge.require(!at.message.header.z(), &[at.frame], "Z 0", "Z 1");
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("zero", |t| exchange(t, query(1), answer(1))),
            violates("one in a query", |t| {
                let reserved = query(1).header(|header| header.flags |= Header::Z);
                t.udp(4000, 53, &reserved.build());
            }),
            abstains("no DNS", |t| t.udp(1000, 2000, b"x")),
        ]
    }
}

/// A valid name, or the root.
pub(super) fn named(name: &str) -> NameBuf {
    name.parse().unwrap_or_else(|_| NameBuf::root())
}

/// Asks for the address of www.example.
pub(super) fn query(id: u16) -> Builder {
    Builder::new(id, Header::RD).question(&named("www.example."), Type::A, Class::IN)
}

/// Answers it.
pub(super) fn answer(id: u16) -> Builder {
    let name = named("www.example.");
    Builder::new(id, Header::QR | Header::RD | Header::RA)
        .question(&name, Type::A, Class::IN)
        .record(wire::dns::Section::Answer, &name, Type::A, Class::IN, 300, |rdata| {
            rdata.bytes(&[192, 0, 2, 80]);
        })
}

pub(super) fn exchange(t: &mut Trace, query: Builder, response: Builder) {
    t.udp(4000, 53, &query.build());
    t.udp_from_server(53, 4000, &response.build());
}

/// The same, its names compressed.
pub(super) fn compressed_answer(id: u16) -> Builder {
    let name = named("www.example.");
    let head = Builder::new(id, Header::QR | Header::RD | Header::RA).compressed();
    head.question(&name, Type::A, Class::IN).record(
        wire::dns::Section::Answer,
        &name,
        Type::A,
        Class::IN,
        300,
        |rdata| {
            rdata.bytes(&[192, 0, 2, 80]);
        },
    )
}
