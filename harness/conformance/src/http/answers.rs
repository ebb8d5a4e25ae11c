//! What a server answers.

use super::{HttpCheck, Said};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::http::Version;

const REFUSED: &str = "HTTP/1.1 400 Bad Request\r\n\r\n";
const ACCEPTED: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// RFC 9112 section 6.1: codings only for requests of version 1.1.
#[derive(Default)]
pub struct NoCodingForOlder;

impl HttpCheck for NoCodingForOlder {
    const REQUIREMENT: Requirement = requirement("http/no-coding-for-older-clients", rfc(9112, "6.1"), Level::Must)
        .binds(Role::Server)
        .says("A response has Transfer-Encoding only if its request was of HTTP/1.1 or a later minor version.")
        .judged("Responses with Transfer-Encoding whose request was seen.");

    fn on_response(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        if !at.head.framing.has_transfer_encoding {
            return;
        }
        let Some(asked) = at.asked else {
            return judge.inconclusive(Reason::CaptureIncomplete);
        };
        judge.require(
            asked.version >= Version::HTTP_1_1,
            &[asked.frame, at.frame],
            "no Transfer-Encoding: the request was of HTTP/1.0",
            "Transfer-Encoding",
        );
    }

    fn examples() -> Vec<Example> {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        vec![
            holds("for 1.1", move |t| t.http("GET / HTTP/1.1\r\nHost: a\r\n\r\n", chunked)),
            violates("for 1.0", move |t| t.http("GET / HTTP/1.0\r\n\r\n", chunked)),
            abstains("no coding", |t| t.http("GET / HTTP/1.0\r\n\r\n", ACCEPTED)),
        ]
    }
}

/// RFC 9112 section 3.2: 400 for a request without Host, or with several.
#[derive(Default)]
pub struct BadHostRefused;

impl HttpCheck for BadHostRefused {
    const REQUIREMENT: Requirement = requirement("http/bad-host-refused", rfc(9112, "3.2"), Level::Must)
        .binds(Role::Server)
        .says("An HTTP/1.1 request without Host, or with several, is answered with 400.")
        .judged("Responses to such requests; other errors (4xx, 5xx) and interim responses may have come first and are inconclusive.");

    fn on_response(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        let Some(asked) = at
            .asked
            .filter(|asked| asked.version == Version::HTTP_1_1 && asked.hosts != 1)
        else {
            return;
        };
        refusal(at, asked.frame, judge);
    }

    fn examples() -> Vec<Example> {
        let without = "GET / HTTP/1.1\r\n\r\n";
        vec![
            Example {
                also_breaks: vec!["http/host-sent"],
                ..holds("400", move |t| t.http(without, REFUSED))
            },
            Example {
                also_breaks: vec!["http/host-sent"],
                ..violates("200", move |t| t.http(without, ACCEPTED))
            },
            abstains("a Host field", |t| {
                t.http("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ACCEPTED)
            }),
        ]
    }
}

/// RFC 9112 section 5.1: 400 for whitespace before a colon.
#[derive(Default)]
pub struct SpaceBeforeColonRefused;

impl HttpCheck for SpaceBeforeColonRefused {
    const REQUIREMENT: Requirement = requirement("http/space-before-colon-refused", rfc(9112, "5.1"), Level::Must)
        .binds(Role::Server)
        .says("A request with whitespace between a field name and its colon is answered with 400.")
        .judged("Responses to such requests; other errors (4xx, 5xx) and interim responses may have come first and are inconclusive.");

    fn on_response(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        let Some(asked) = at.asked.filter(|asked| asked.space_before_colon) else {
            return;
        };
        refusal(at, asked.frame, judge);
    }

    fn examples() -> Vec<Example> {
        let spaced = "GET / HTTP/1.1\r\nHost: a\r\nX-Field : b\r\n\r\n";
        let stimulus = || vec!["http/no-space-before-colon"];
        vec![
            Example {
                also_breaks: stimulus(),
                ..holds("400", move |t| t.http(spaced, REFUSED))
            },
            Example {
                also_breaks: stimulus(),
                ..violates("200", move |t| t.http(spaced, ACCEPTED))
            },
            abstains("an ordinary request", |t| {
                t.http("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ACCEPTED)
            }),
        ]
    }
}

fn refusal(at: &Said<'_>, request: wire::FrameNumber, judge: &mut Judge<'_>) {
    match at.status() {
        400 => judge.holds(),
        100..=199 | 401..=599 => judge.inconclusive(Reason::ApplicationChoice),
        status => judge.violated(&[request, at.frame], "400 (Bad Request)", format_args!("{status}")),
    }
}
