//! Finds HTTP among TCP streams, and reads it: segments in sequence only. A hole ends the reading of its connection, so that
//! nothing is ever read across it; copies and retransmissions are passed over.

use super::{HttpChecks, Requested, Said};
use crate::hosts::Hosts;
use crate::in_order::InOrder;
use crate::net::Packet;
use crate::tracker::{ConnectionId, Segment, Side as End};
use crate::verdict::Book;
use hashbrown::HashMap;
use std::collections::VecDeque;
use wire::SeqNumber;
use wire::http::{Event, Head, Irregular, Method, Parser, Side, StartLine, looks_like_start};
use wire::tcp::Flags;

/// Connections read at once; with more than this the one that began first is let go.
const MAX_READ: usize = 256;
/// Requests without a response, per connection.
const MAX_PIPELINED: usize = 64;

struct Conversation {
    /// The end that spoke first.
    client: End,
    requests: Parser,
    responses: Parser,
    order: InOrder,
    asked: VecDeque<Requested>,
}

/// HTTP in one capture.
#[derive(Default)]
pub(crate) struct Streams {
    read: HashMap<ConnectionId, Conversation>,
    /// In the order in which they began, some of them gone by now.
    began: VecDeque<ConnectionId>,
    hosts: Hosts<HttpChecks>,
}

impl Streams {
    /// Takes a segment of `connection`, sent by `from`. One without data costs nothing, one on a connection that does not look
    /// like HTTP a look-up at most.
    #[inline]
    pub fn segment(
        &mut self,
        connection: ConnectionId,
        from: End,
        at: &Packet<'_>,
        segment: &Segment<'_>,
        book: &mut Book,
    ) {
        if segment.payload_len == 0 && !segment.flags.intersects(ENDS) || self.read.is_empty() && !begins(segment) {
            return;
        }
        let over = segment.flags.intersects(ENDS.with(Flags::SYN));
        let lost = segment.payload_len > 0 && self.data(connection, from, at, segment, book);
        if lost || over {
            self.read.remove(&connection);
        }
    }

    /// True when messages can no longer be told apart.
    fn data(&mut self, id: ConnectionId, from: End, at: &Packet<'_>, segment: &Segment<'_>, book: &mut Book) -> bool {
        let Streams { read, began, hosts } = self;
        if !read.contains_key(&id) {
            if !begins(segment) {
                return false;
            }
            make_room(read, began);
            began.push_back(id);
            read.insert(id, Conversation::begun_by(from, segment.seq));
        }
        let Some(conversation) = read.get_mut(&id) else {
            return false;
        };
        let side = usize::from(conversation.client != from);
        let Ok(fresh) = conversation.order.fresh(side, segment) else {
            return true;
        };
        if fresh.is_empty() {
            return false;
        }
        let ends = (&segment.ip.source, &segment.ip.destination);
        conversation.read(side, fresh, at, |said| {
            hosts.tell(ends, at.when(), book, |checks, judge| {
                checks.on_message(said, judge);
                if side == 0 {
                    checks.on_request(said, judge)
                } else {
                    checks.on_response(said, judge)
                }
            });
        })
    }
}

/// Lets the conversations go that began first.
fn make_room(read: &mut HashMap<ConnectionId, Conversation>, began: &mut VecDeque<ConnectionId>) {
    if began.len() >= 2 * MAX_READ {
        began.retain(|id| read.contains_key(id));
    }
    while read.len() >= MAX_READ
        && let Some(oldest) = began.pop_front()
    {
        read.remove(&oldest);
    }
}

/// What ends the reading of a connection.
const ENDS: Flags = Flags::FIN.with(Flags::RST);

/// A request's first octets.
fn begins(segment: &Segment<'_>) -> bool {
    looks_like_start(segment.payload) && !segment.payload.starts_with(b"HTTP/")
}

impl Conversation {
    fn begun_by(client: End, seq: SeqNumber) -> Conversation {
        Conversation {
            client,
            requests: Parser::new(Side::Requests),
            responses: Parser::new(Side::Responses),
            order: InOrder::new(seq),
            asked: VecDeque::new(),
        }
    }

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
        hosts: head.survey.hosts,
        space_before_colon: head.survey.irregular.contains(Irregular::SPACE_BEFORE_COLON),
        connect: method == Method::Connect,
    };
    (request, method)
}
