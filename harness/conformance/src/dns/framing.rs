//! Messages over TCP.

use super::header::{answer, query};
use super::{DnsCheck, Over, Talk};
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::Judge;

/// RFC 1035 section 4.2.2: two octets of length before each message.
#[derive(Default)]
pub struct LengthBeforeMessage;

impl DnsCheck for LengthBeforeMessage {
    const REQUIREMENT: Requirement = requirement("dns/tcp-length-before-message", rfc(1035, "4.2.2"), Level::Must)
        .prose()
        .also(&[rfc(7766, "8")])
        .binds(Role::Sender)
        .says("Over TCP each message follows its length in two octets.")
        .judged(
            "Streams to and from port 53, read from their first octet on. A stream that begins like a DNS message, with an \
             identifier that was asked for, where its length should be, breaks it; a message that its length delimits is kept.",
        );

    fn on_message(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        if at.over == Over::Tcp {
            judge.holds();
        }
    }

    fn on_unframed(&mut self, at: &Talk<'_>, judge: &mut Judge<'_>) {
        let asked = at.asked.map_or(at.frame, |asked| asked.frame);
        judge.violated(
            &[asked, at.frame],
            "the length of the message first",
            format_args!("identifier {} of the query in its place", at.message.header.id),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("both with their length", |t| {
                over_tcp(t, &query(1).build(), &answer(1).build())
            }),
            violates("a response without", |t| {
                t.server_port(53);
                t.handshake();
                t.client().bytes(&framed(&query(0x4a31).build()));
                t.server().bytes(&answer(0x4a31).build());
                t.client();
            }),
            abstains("over UDP", |t| {
                t.udp(4000, 53, &query(1).build());
                t.udp_from_server(53, 4000, &answer(1).build());
            }),
        ]
    }
}

/// A query and its response on a connection, each after its length.
pub(super) fn over_tcp(t: &mut Trace, query: &[u8], response: &[u8]) {
    t.server_port(53);
    t.handshake();
    t.client().bytes(&framed(query));
    t.server().bytes(&framed(response));
    t.client();
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    // An example is never longer than the length can say.
    let _ = wire::dns::tcp::emit(message, &mut bytes);
    bytes
}
