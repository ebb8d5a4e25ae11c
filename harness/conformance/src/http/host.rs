//! The Host field.

use super::{HttpCheck, Said};
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;
use wire::http::Version;

/// RFC 9112 section 3.2: every HTTP/1.1 request has a Host field; RFC 9110 section 7.2 wants one only.
#[derive(Default)]
pub struct HostSent;

impl HttpCheck for HostSent {
    const REQUIREMENT: Requirement = requirement("http/host-sent", rfc(9112, "3.2"), Level::Must)
        .also(&[rfc(9110, "7.2")])
        .binds(Role::Client)
        .says("An HTTP/1.1 request has a Host field, and one only.")
        .judged("Every request of version 1.1.");

    fn on_request(&mut self, at: &Said<'_>, judge: &mut Judge<'_>) {
        if at.head.start.version() == Version::HTTP_1_1 {
            let hosts = at.head.survey.hosts;
            judge.require(hosts == 1, &[at.frame], "one Host field", format_args!("{hosts}"));
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("one", |t| {
                t.http("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")
            }),
            violates("none", |t| {
                t.http("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n")
            }),
            abstains("HTTP/1.0", |t| {
                t.http("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 204 No Content\r\n\r\n")
            }),
        ]
    }
}
