//! Times to live: RFC 2181.

use super::header::{answer, exchange, named, query};
use super::{DnsCheck, Talk};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::dns::emit::Builder;
use wire::dns::{Class, Section, Type};

/// Answers compared; enough for any real set.
const MOST: usize = 64;

/// RFC 2181 section 5.2: all records of a set have the same TTL.
#[derive(Default)]
pub struct TtlsEqual;

impl DnsCheck for TtlsEqual {
    const REQUIREMENT: Requirement = requirement("dns/ttls-equal-in-set", rfc(2181, "5.2"), Level::Must)
        .prose()
        .binds(Role::Server)
        .says("All records with the same name, type and class have the same time to live.")
        .judged(
            "The answer sections of responses, up to 64 records; signatures (RRSIG) take the TTL of what they sign.",
        );

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let mut sets = 0u32;
        let answers = || at.message.answers().take(MOST).filter(|record| record.kind != Type(46));
        for (nth, record) in answers().enumerate() {
            let same = |other: &wire::dns::Record<'_>| {
                other.kind == record.kind && other.class == record.class && other.name == record.name
            };
            let Some(earlier) = answers().take(nth).find(same) else {
                continue;
            };
            sets += 1;
            if earlier.ttl != record.ttl {
                return judge.violated(
                    &[at.frame],
                    format_args!(
                        "TTL {} for all records of {} type {}",
                        earlier.ttl, record.name, record.kind.0
                    ),
                    format_args!("{} too", record.ttl),
                );
            }
        }
        if sets > 0 {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("300 and 300", |t| exchange(t, query(1), second(300))),
            violates("300 and 200", |t| exchange(t, query(1), second(200))),
            abstains("a single record", |t| exchange(t, query(1), answer(1))),
        ]
    }
}

/// RFC 2181 section 8: a TTL is at most 2^31 - 1.
#[derive(Default)]
pub struct TtlTopBitClear;

impl DnsCheck for TtlTopBitClear {
    const REQUIREMENT: Requirement = requirement("dns/ttl-below-2-31", rfc(2181, "8"), Level::Must)
        .prose()
        .binds(Role::Server)
        .says("A time to live is at most 2147483647 seconds.")
        .judged("Answer and authority records of responses.");

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let mut records = at.message.answers().chain(at.message.authority()).peekable();
        if records.peek().is_none() {
            return;
        }
        match records.find(|record| record.ttl > i32::MAX as u32) {
            None => judge.holds(),
            Some(record) => judge.violated(
                &[at.frame],
                "a TTL of at most 2147483647",
                format_args!("{} of {}", record.ttl, record.name),
            ),
        }
    }

    fn examples() -> Vec<Example> {
        let forever = || {
            Builder::new(1, 0x8180)
                .question(&named("www.example."), Type::A, Class::IN)
                .record(
                    Section::Answer,
                    &named("www.example."),
                    Type::A,
                    Class::IN,
                    u32::MAX,
                    |rdata| {
                        rdata.bytes(&[192, 0, 2, 80]);
                    },
                )
        };
        vec![
            holds("300", |t| exchange(t, query(1), answer(1))),
            violates("4294967295", move |t| exchange(t, query(1), forever())),
            abstains("no records", |t| t.udp(4000, 53, &query(1).build())),
        ]
    }
}

/// The answer with a second address.
fn second(ttl: u32) -> Builder {
    answer(1).record(
        Section::Answer,
        &named("www.example."),
        Type::A,
        Class::IN,
        ttl,
        |rdata| {
            rdata.bytes(&[192, 0, 2, 81]);
        },
    )
}
