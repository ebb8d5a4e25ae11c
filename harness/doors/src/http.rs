//! HTTP/1: events do not depend on how a stream arrives, and a regular head is written and read again as the same.

use crate::pieces::pieces;
use wire::http::{Ended, Event, Framing, Head, Method, Parser, Side, StartLine, Why, emit};

pub fn http(octets: &[u8]) {
    for side in [Side::Requests, Side::Responses] {
        assert_eq!(events(side, pieces(octets)), events(side, [octets]));
    }
}

/// What an event says, without its borrow.
#[derive(Debug, PartialEq)]
enum Seen {
    Head(Vec<u8>, Framing, u64, u32),
    Chunk(u64, Vec<u8>),
    Trailers(usize),
    End(Ended),
    Tunnel,
    Lost(Why, u64),
}

fn events<'a>(side: Side, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Seen> {
    let mut parser = Parser::new(side);
    parser.request_sent(Method::Head);
    let mut all = Vec::new();
    for bytes in pieces {
        parser.push(bytes, |event| all.push(seen(event)));
        // From there on messages are looked for at the start of each piece.
        if parser.is_lost() {
            return all;
        }
    }
    parser.end(|event| all.push(seen(event)));
    all
}

fn seen(event: Event<'_>) -> Seen {
    match event {
        Event::Head(head) => {
            is_written_again(&head);
            Seen::Head(head.bytes.to_vec(), head.framing, head.offset, head.empty_lines)
        }
        Event::Chunk(chunk) => Seen::Chunk(chunk.size, chunk.extensions.to_vec()),
        Event::Trailers(fields) => Seen::Trailers(fields.count()),
        Event::End(ended) => Seen::End(ended),
        Event::Tunnel => Seen::Tunnel,
        Event::Lost { why, offset } => Seen::Lost(why, offset),
    }
}

fn is_written_again(head: &Head<'_>) {
    if !head.irregular.and(head.survey.irregular).is_empty() || head.start.version().minor != 1 {
        return;
    }
    let fields: Vec<_> = head.fields.map(|field| (field.name, field.value)).collect();
    let mut written = Vec::new();
    let side = match head.start {
        StartLine::Request { method, target, .. } => {
            emit::request(method, target, &fields, &mut written);
            Side::Requests
        }
        StartLine::Response { status, reason, .. } => {
            emit::response(status, reason, &fields, &mut written);
            Side::Responses
        }
    };
    let mut parser = Parser::new(side);
    parser.request_sent(head.answered);
    let mut heads = 0;
    parser.push(&written, |event| {
        if let Event::Head(again) = event {
            assert_eq!((again.start, again.framing), (head.start, head.framing));
            assert!(
                again
                    .fields
                    .map(|field| (field.name, field.value))
                    .eq(fields.iter().copied())
            );
            heads += 1;
        }
    });
    assert_eq!(heads, 1, "{written:?}");
}
