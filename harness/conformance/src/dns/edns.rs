//! The OPT record: RFC 6891.

use super::header::{answer, exchange, query};
use super::{DnsCheck, Talk};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::dns::{Rcode, Type};

/// RFC 6891 section 6.1.1: OPT in the request, OPT in the response.
#[derive(Default)]
pub struct OptAnswered {
    /// The server has sent OPT records: it is one that knows EDNS.
    knows: bool,
}

impl DnsCheck for OptAnswered {
    const REQUIREMENT: Requirement = requirement("dns/opt-answered-with-opt", rfc(6891, "6.1.1"), Level::Must)
        .binds(Role::Server)
        .says("A server that knows EDNS answers a query that has an OPT record with one.")
        .judged(
            "Responses to queries with OPT. A server that has never sent one may not know EDNS, and errors may come from something in \
             front of it: both are inconclusive.",
        );

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let has = at.message.edns().is_some();
        self.knows |= has;
        let Some(asked) = at.asked.filter(|asked| asked.edns.is_some()) else {
            return;
        };
        if has {
            return judge.holds();
        }
        let plain = matches!(at.message.header.rcode(), Rcode(0 | 3)) && at.message.error().is_none();
        if !self.knows || !plain || at.message.header.tc() {
            return judge.inconclusive(Reason::ApplicationChoice);
        }
        judge.violated(
            &[asked.frame, at.frame],
            "an OPT record in the response",
            "none, though this server knows EDNS",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("OPT and OPT", |t| {
                exchange(t, query(1).opt(1232, 0, &[]), answer(1).opt(1232, 0, &[]))
            }),
            violates("once with, once without", |t| {
                exchange(t, query(1).opt(1232, 0, &[]), answer(1).opt(1232, 0, &[]));
                exchange(t, query(2).opt(1232, 0, &[]), answer(2));
            }),
            abstains("never with", |t| exchange(t, query(1).opt(1232, 0, &[]), answer(1))),
        ]
    }
}

/// RFC 6891 section 7: no OPT towards a client that sent none.
#[derive(Default)]
pub struct OptOnlyWhenAsked;

impl DnsCheck for OptOnlyWhenAsked {
    const REQUIREMENT: Requirement = requirement("dns/opt-only-when-asked", rfc(6891, "7"), Level::Must)
        .binds(Role::Server)
        .says("A response has no OPT record when its query had none.")
        .judged("Responses whose query was seen and had no OPT record.");

    fn on_response(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let Some(asked) = at.asked.filter(|asked| asked.edns.is_none()) else {
            return;
        };
        let none = at.message.edns().is_none();
        judge.require(
            none,
            &[asked.frame, at.frame],
            "no OPT record",
            "an OPT record that the query did not have",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("none and none", |t| exchange(t, query(1), answer(1))),
            violates("only the response has one", |t| {
                exchange(t, query(1), answer(1).opt(1232, 0, &[]))
            }),
            abstains("the query was not captured", |t| {
                t.udp_from_server(53, 4000, &answer(1).opt(1232, 0, &[]).build())
            }),
        ]
    }
}

/// RFC 6891 section 6.1.1: a single OPT record.
#[derive(Default)]
pub struct SingleOpt;

impl DnsCheck for SingleOpt {
    const REQUIREMENT: Requirement = requirement("dns/single-opt", rfc(6891, "6.1.1"), Level::Must)
        .says("A message has at most one OPT record.")
        .judged("Messages with an OPT record.");

    fn on_message(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let count = at
            .message
            .additional()
            .filter(|record| record.kind == Type::OPT)
            .count();
        if count > 0 && at.message.error().is_some() && count == 1 {
            return judge.inconclusive(Reason::Ambiguous);
        }
        if count > 0 {
            judge.require(count == 1, &[at.frame], "one OPT record", format_args!("{count}"));
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("one", |t| t.udp(4000, 53, &query(1).opt(1232, 0, &[]).build())),
            violates("two", |t| {
                t.udp(4000, 53, &query(1).opt(1232, 0, &[]).opt(1232, 0, &[]).build())
            }),
            abstains("none", |t| t.udp(4000, 53, &query(1).build())),
        ]
    }
}
