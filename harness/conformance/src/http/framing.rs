//! How the end of a message is announced.

use super::{HttpCheck, Said};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const EMPTY: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
const COUNTED: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// RFC 9112 section 6.2: no Content-Length beside Transfer-Encoding.
#[derive(Default)]
pub struct LengthNotWithCoding;

impl HttpCheck for LengthNotWithCoding {
    const REQUIREMENT: Requirement = requirement("http/no-length-with-coding", rfc(9112, "6.2"), Level::Must)
        .binds(Role::Sender)
        .says("A message with Transfer-Encoding has no Content-Length.")
        .judged("Messages with Transfer-Encoding.");

    fn on_message(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        if at.head.framing.has_transfer_encoding {
            let length = at.head.framing.has_content_length;
            judge.require(
                !length,
                &[at.frame],
                "no Content-Length beside Transfer-Encoding",
                "both",
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("chunked alone", |t| t.http(GET, CHUNKED)),
            violates("both", |t| {
                t.http(
                    GET,
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                );
            }),
            abstains("neither", |t| t.http(GET, EMPTY)),
        ]
    }
}

/// RFC 9112 section 6.1: chunked once, and last where it matters.
#[derive(Default)]
pub struct ChunkedOnceAndLast;

impl HttpCheck for ChunkedOnceAndLast {
    const REQUIREMENT: Requirement = requirement("http/chunked-once-and-last", rfc(9112, "6.1"), Level::Must)
        .binds(Role::Sender)
        .says("The chunked coding is applied once; in a request with any coding it is the last.")
        .judged("Messages with Transfer-Encoding. A response may end with the connection instead of a chunk.");

    fn on_message(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        let mut codings = at.head.transfer_codings().peekable();
        if codings.peek().is_none() {
            return;
        }
        let (mut chunked, mut last) = (0, false);
        for coding in codings {
            last = coding.eq_ignore_ascii_case(b"chunked");
            chunked += u32::from(last);
        }
        let request = at.status() == 0;
        let kept = chunked <= 1 && (last || (!request && chunked == 0));
        judge.require(
            kept,
            &[at.frame],
            "chunked once, as the last coding",
            format_args!("chunked {chunked} times, last: {last}"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("chunked", |t| t.http(GET, CHUNKED)),
            violates("twice", |t| {
                t.http(
                    GET,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
                )
            }),
            abstains("no coding", |t| t.http(GET, COUNTED)),
        ]
    }
}

/// RFC 9112 section 6.1: no Transfer-Encoding on 1xx, 204 and 2xx to CONNECT.
#[derive(Default)]
pub struct NoCodingWithoutBody;

impl HttpCheck for NoCodingWithoutBody {
    const REQUIREMENT: Requirement = requirement("http/no-coding-without-body", rfc(9112, "6.1"), Level::Must)
        .binds(Role::Server)
        .says("Responses 1xx and 204, and 2xx to CONNECT, have no Transfer-Encoding.")
        .judged("Those responses; whether it answers a CONNECT is known only where the request was seen.");

    fn on_response(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        if is_bodiless(at) {
            let coding = at.head.framing.has_transfer_encoding;
            judge.require(
                !coding,
                &[at.frame],
                "no Transfer-Encoding",
                format_args!("one on a {}", at.status()),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("204 without", |t| t.http(GET, EMPTY)),
            violates("204 with", |t| {
                t.http(GET, "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n")
            }),
            abstains("200", |t| t.http(GET, COUNTED)),
        ]
    }
}

/// RFC 9110 section 8.6: no Content-Length there either.
#[derive(Default)]
pub struct NoLengthWithoutBody;

impl HttpCheck for NoLengthWithoutBody {
    const REQUIREMENT: Requirement = requirement("http/no-length-without-body", rfc(9110, "8.6"), Level::Must)
        .binds(Role::Server)
        .says("Responses 1xx and 204, and 2xx to CONNECT, have no Content-Length.")
        .judged("Those responses; whether it answers a CONNECT is known only where the request was seen.");

    fn on_response(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        if is_bodiless(at) {
            let length = at.head.framing.has_content_length;
            judge.require(
                !length,
                &[at.frame],
                "no Content-Length",
                format_args!("one on a {}", at.status()),
            );
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("204 without", |t| t.http(GET, EMPTY)),
            violates("204 with", |t| {
                t.http(GET, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
            }),
            abstains("200", |t| t.http(GET, COUNTED)),
        ]
    }
}

fn is_bodiless(at: &Said<'_>) -> bool {
    let connected = at.asked.is_some_and(|asked| asked.connect) && (200..300).contains(&at.status());
    matches!(at.status(), 100..=199 | 204) || connected
}

/// RFC 9112 section 6.3, rule 5: one length, in digits; repetitions of the same are tolerated.
#[derive(Default)]
pub struct LengthsAgree;

impl HttpCheck for LengthsAgree {
    const REQUIREMENT: Requirement = requirement("http/content-length-valid", rfc(9110, "8.6"), Level::Must)
        .prose()
        .also(&[rfc(9112, "6.3")])
        .binds(Role::Sender)
        .says("Content-Length is a decimal number, the same wherever a message gives it.")
        .judged("Messages with Content-Length.");

    fn on_message(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        let mut lengths = at.head.content_lengths();
        let Some(first) = lengths.next() else { return };
        let digits = !first.is_empty() && first.iter().all(u8::is_ascii_digit);
        let same = lengths.all(|other| other == first);
        judge.require(
            digits && same,
            &[at.frame],
            "one length, in digits",
            String::from_utf8_lossy(first),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("two octets", |t| t.http(GET, COUNTED)),
            violates("two and three", |t| {
                t.http(
                    GET,
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
                );
            }),
            abstains("none", |t| t.http(GET, EMPTY)),
        ]
    }
}
