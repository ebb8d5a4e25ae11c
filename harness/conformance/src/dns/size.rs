//! How large a message over UDP may be.

use super::framing::over_tcp;
use super::header::{answer, exchange, named, query};
use super::{DnsCheck, Over, Talk};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::dns::emit::Builder;
use wire::dns::{Class, Section, Type};

/// RFC 1035 section 4.2.1.
const LIMIT: u32 = 512;

/// RFC 1035 section 4.2.1: without EDNS at most 512 octets.
#[derive(Default)]
pub struct AtMost512;

impl DnsCheck for AtMost512 {
    const REQUIREMENT: Requirement = requirement("dns/udp-at-most-512", rfc(1035, "4.2.1"), Level::Must)
        .prose()
        .also(&[rfc(6891, "6.2.5")])
        .binds(Role::Server)
        .says("Without EDNS a message over UDP has at most 512 octets.")
        .judged("Responses whose query was seen and had no OPT record.");

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let Some(asked) = at.asked else {
            return judge.inconclusive(Reason::CaptureIncomplete);
        };
        if asked.edns.is_none() && at.over == Over::Udp {
            judge.require(
                at.octets <= LIMIT,
                &[asked.frame, at.frame],
                "at most 512 octets",
                format_args!("{} octets", at.octets),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("small", |t| exchange(t, query(1), answer(1))),
            violates("600 octets", |t| exchange(t, query(1), padded(600))),
            abstains("600 octets over TCP", |t| {
                over_tcp(t, &query(1).build(), &padded(600).build())
            }),
            abstains("EDNS is used", |t| {
                exchange(t, query(1).opt(1232, 0, &[]), answer(1).opt(1232, 0, &[]))
            }),
        ]
    }
}

/// RFC 6891 section 6.2.3: no larger than what the query advertised; less than 512 counts as 512.
#[derive(Default)]
pub struct WithinAdvertisedSize;

impl DnsCheck for WithinAdvertisedSize {
    const REQUIREMENT: Requirement = requirement("dns/udp-within-advertised-size", rfc(6891, "6.2.3"), Level::Must)
        .prose()
        .binds(Role::Server)
        .says("A response over UDP is no larger than the payload size that the query advertised.")
        .judged("Responses whose query was seen and had an OPT record; a size below 512 is read as 512.");

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let Some(size) = at.asked.and_then(|asked| asked.edns).filter(|_| at.over == Over::Udp) else {
            return;
        };
        let limit = u32::from(size).max(LIMIT);
        let asked = at.asked.map_or(at.frame, |asked| asked.frame);
        judge.require(
            at.octets <= limit,
            &[asked, at.frame],
            format_args!("at most {limit} octets"),
            format_args!("{}", at.octets),
        );
    }

    fn examples() -> Vec<Example> {
        let with = |builder: Builder| builder.opt(600, 0, &[]);
        vec![
            holds("small", move |t| exchange(t, with(query(1)), with(answer(1)))),
            violates("700 octets where 600 fit", move |t| {
                exchange(t, with(query(1)), with(padded(700)))
            }),
            abstains("no EDNS", |t| exchange(t, query(1), answer(1))),
        ]
    }
}

/// The answer, with a TXT record that brings it beyond `octets`.
fn padded(octets: usize) -> Builder {
    answer(1).record(
        Section::Additional,
        &named("text.example."),
        Type::TXT,
        Class::IN,
        300,
        |rdata| {
            for _ in 0..octets / 100 {
                rdata.string(&[b'x'; 99]);
            }
        },
    )
}
