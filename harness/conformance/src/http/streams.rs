//! Finds HTTP among TCP streams, and reads it: segments in sequence only. A hole ends the reading of its connection, so that
//! nothing is ever read across it; copies and retransmissions are passed over.

use super::{HttpChecks, Requested, Said};
use crate::hosts::Hosts;
use crate::net::Packet;
use crate::tracker::{Checksum, Segment};
use crate::verdict::Book;
use hashbrown::HashMap;
use std::collections::VecDeque;
use std::net::IpAddr;
use wire::SeqNumber;
use wire::http::{Event, Head, Irregular, Method, Parser, Side, StartLine, looks_like_start};

/// Connections read at once; further ones are not read.
const MAX_READ: usize = 256;
/// Requests without a response, per connection.
const MAX_PIPELINED: usize = 64;

type Address = (IpAddr, u16);

/// Client and server, told by who speaks first.
type Key = (Address, Address);

struct Conversation {
    requests: Parser,
    responses: Parser,
    /// The sequence numbers that come next: client's, server's (none before it has sent data).
    next: [Option<SeqNumber>; 2],
    asked: VecDeque<Requested>,
}

/// HTTP in one capture.
#[derive(Default)]
pub(crate) struct Streams {
    read: HashMap<Key, Conversation>,
    hosts: Hosts<HttpChecks>,
}

impl Streams {
    /// Takes a segment. One without data, or on a connection that does not look like HTTP, costs a look-up at most.
    #[inline]
    pub fn segment(&mut self, at: &Packet<'_>, segment: &Segment<'_>, book: &mut Book) {
        let source = (segment.ip.source, segment.source_port);
        let destination = (segment.ip.destination, segment.destination_port);
        if self.read.is_empty() && !begins(segment) {
            return;
        }
        if segment.flags.syn() || segment.flags.rst() {
            self.read.remove(&(source, destination));
            self.read.remove(&(destination, source));
        } else if segment.payload_len > 0 {
            self.data(at, segment, source, destination, book);
        }
    }

    fn data(&mut self, at: &Packet<'_>, segment: &Segment<'_>, source: Address, destination: Address, book: &mut Book) {
        let (key, side) = if self.read.contains_key(&(destination, source)) {
            ((destination, source), 1)
        } else {
            ((source, destination), 0)
        };
        if side == 0 && !self.read.contains_key(&key) {
            if !begins(segment) || self.read.len() >= MAX_READ {
                return;
            }
            let conversation = Conversation {
                requests: Parser::new(Side::Requests),
                responses: Parser::new(Side::Responses),
                next: [Some(segment.seq), None],
                asked: VecDeque::new(),
            };
            self.read.insert(key, conversation);
        }
        let Some(conversation) = self.read.get_mut(&key) else {
            return;
        };
        let next = conversation.next[side].unwrap_or(segment.seq);
        let behind = next.since(segment.seq);
        let broken = behind < 0 || segment.sliced() || segment.checksum == Checksum::Wrong;
        if broken {
            self.read.remove(&key);
            return;
        }
        let Some(fresh) = segment.payload.get(behind as usize..).filter(|fresh| !fresh.is_empty()) else {
            return;
        };
        conversation.next[side] = Some(next + fresh.len() as u32);
        let hosts = &mut self.hosts;
        let lost = conversation.read(side, fresh, at, |said| {
            hosts.tell(
                (segment.ip.source, segment.ip.destination),
                at,
                book,
                |checks, judge| {
                    checks.on_message(said, judge);
                    if side == 0 {
                        checks.on_request(said, judge)
                    } else {
                        checks.on_response(said, judge)
                    }
                },
            );
        });
        if lost || segment.flags.fin() {
            self.read.remove(&key);
        }
    }
}

/// A request's first octets.
fn begins(segment: &Segment<'_>) -> bool {
    looks_like_start(segment.payload) && !segment.payload.starts_with(b"HTTP/")
}

impl Conversation {
    /// Reads on; true when messages can no longer be told apart.
    fn read(&mut self, side: usize, bytes: &[u8], at: &Packet<'_>, mut tell: impl FnMut(&Said<'_>)) -> bool {
        let Conversation {
            requests,
            responses,
            asked,
            ..
        } = self;
        let mut over = false;
        if side == 0 {
            let mut methods = Vec::new();
            requests.push(bytes, |event| match event {
                Event::Head(head) => {
                    let (request, method) = remembered(&head, at);
                    tell(&Said {
                        frame: at.frame,
                        head: &head,
                        asked: None,
                    });
                    methods.push(method);
                    asked.push_back(request);
                }
                Event::Lost { .. } | Event::Tunnel => over = true,
                _ => {}
            });
            methods.into_iter().for_each(|method| responses.request_sent(method));
            return over || asked.len() > MAX_PIPELINED;
        }
        responses.push(bytes, |event| match event {
            Event::Head(head) => {
                tell(&Said {
                    frame: at.frame,
                    head: &head,
                    asked: asked.front(),
                });
                // RFC 9110 section 15.2: interim responses precede the final one.
                let interim = matches!(head.start, StartLine::Response { status: 100..=199, .. });
                if !interim {
                    asked.pop_front();
                }
            }
            Event::Lost { .. } | Event::Tunnel => over = true,
            _ => {}
        });
        over
    }
}

fn remembered(head: &Head<'_>, at: &Packet<'_>) -> (Requested, Method) {
    let method = match head.start {
        StartLine::Request { method, .. } => Method::of(method),
        StartLine::Response { .. } => Method::Other,
    };
    let request = Requested {
        frame: at.frame,
        version: head.start.version(),
        hosts: head.fields.named("host").count().min(255) as u8,
        space_before_colon: head
            .fields
            .into_iter()
            .any(|field| field.irregular.contains(Irregular::SPACE_BEFORE_COLON)),
        connect: method == Method::Connect,
    };
    (request, method)
}
