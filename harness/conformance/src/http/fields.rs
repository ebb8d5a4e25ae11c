//! The form of field lines.

use super::{HttpCheck, Said};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::http::Irregular;

const GOOD: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const ANSWER: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// RFC 9112 section 5.1: nothing stands between a field's name and its colon.
#[derive(Default)]
pub struct NoSpaceBeforeColon;

impl HttpCheck for NoSpaceBeforeColon {
    const REQUIREMENT: Requirement = requirement("http/no-space-before-colon", rfc(9112, "5.1"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("No whitespace stands between a field name and its colon.")
        .judged("Every field of every message.");

    fn on_message(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        let found = at.some_field(Irregular::SPACE_BEFORE_COLON);
        judge.require(
            !found,
            &[at.frame],
            "field names that end at their colon",
            "whitespace before a colon",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("none", |t| t.http(GOOD, ANSWER)),
            violates("a space", |t| {
                t.http(
                    "GET / HTTP/1.1\r\nHost: a\r\nX-Field : b\r\n\r\n",
                    "HTTP/1.1 400 Bad Request\r\n\r\n",
                );
            }),
            abstains("no HTTP", |t| t.handshake()),
        ]
    }
}

/// RFC 9112 section 5.2: no line folding.
#[derive(Default)]
pub struct NoLineFolding;

impl HttpCheck for NoLineFolding {
    const REQUIREMENT: Requirement = requirement("http/no-line-folding", rfc(9112, "5.2"), Level::Must)
        .binds(Role::Sender)
        .says("Field values are not folded over several lines.")
        .judged("Every field of every message; the exception for message/http stands in bodies, not in heads.");

    fn on_message(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        let found = at.some_field(Irregular::OBS_FOLD);
        judge.require(!found, &[at.frame], "each field on one line", "a folded field");
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("one line each", |t| t.http(GOOD, ANSWER)),
            violates("folded", |t| {
                t.http("GET / HTTP/1.1\r\nHost: a\r\nX-Field: b\r\n c\r\n\r\n", ANSWER)
            }),
            abstains("no HTTP", |t| t.handshake()),
        ]
    }
}

/// RFC 9112 section 2.2: no CR without LF.
#[derive(Default)]
pub struct NoBareCr;

impl HttpCheck for NoBareCr {
    const REQUIREMENT: Requirement = requirement("http/no-bare-cr", rfc(9112, "2.2"), Level::Must)
        .binds(Role::Sender)
        .says("A CR is followed by LF everywhere but in content.")
        .judged("Start line and fields of every message.");

    fn on_message(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        let found = at.head.irregular.contains(Irregular::BARE_CR) || at.some_field(Irregular::BARE_CR);
        judge.require(!found, &[at.frame], "no CR without LF", "a bare CR in the head");
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("none", |t| t.http(GOOD, ANSWER)),
            violates("in a field", |t| {
                t.http("GET / HTTP/1.1\r\nHost: a\r\nX-Field: b\rc\r\n\r\n", ANSWER)
            }),
            abstains("no HTTP", |t| t.handshake()),
        ]
    }
}
