use super::*;
use proptest::prelude::*;
use rstest::rstest;

/// One line for each event.
fn told(event: Event<'_>) -> String {
    match event {
        Event::Head(head) => {
            let start = match head.start {
                StartLine::Request { method, target, .. } => format!("{} {}", text(method), text(target)),
                StartLine::Response { status, reason, .. } => format!("{status} {}", text(reason)),
            };
            let fields: Vec<_> = head
                .fields
                .map(|f| format!("{}={}", text(f.name), text(f.value)))
                .collect();
            format!(
                "{start} [{}] {:?} at {}",
                fields.join(", "),
                head.framing.rule,
                head.offset
            )
        }
        Event::Chunk(chunk) => format!("chunk {}{}", chunk.size, text(chunk.extensions)),
        Event::Trailers(fields) => format!("trailers {}", fields.count()),
        Event::End(Ended {
            body,
            missing: 0,
            end,
            incomplete: None,
            ..
        }) => format!("end {body} at {end}"),
        Event::End(ended) => format!("end {} missing {} {:?}", ended.body, ended.missing, ended.incomplete),
        Event::Tunnel => "tunnel".to_string(),
        Event::Lost {
            why: Why::StartLine(error),
            offset,
        } => format!("lost {} at {offset}", error.field),
        Event::Lost { why, offset } => format!("lost {why:?} at {offset}"),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read(parser: &mut Parser, stream: &[u8], piece: usize) -> Vec<String> {
    let mut events = Vec::new();
    for bytes in stream.chunks(piece) {
        parser.push(bytes, |event| events.push(told(event)));
    }
    parser.end(|event| events.push(told(event)));
    events
}

/// The events of a response to `method` with this after the status line, which has 17 bytes and code `status`.
fn response(status: u16, method: Method, rest: &str) -> Vec<String> {
    let mut parser = Parser::new(Side::Responses);
    parser.request_sent(method);
    read(
        &mut parser,
        format!("HTTP/1.1 {status} OK\r\n{rest}").as_bytes(),
        usize::MAX,
    )
}

fn request(rest: &str) -> Vec<String> {
    read(
        &mut Parser::new(Side::Requests),
        format!("GET / HTTP/1.1\r\n{rest}").as_bytes(),
        usize::MAX,
    )
}

#[rstest]
#[case::answer_to_head(200, Method::Head, "Content-Length: 5\r\n\r\n", "NeverABody", "end 0 at 38")]
#[case::not_modified(304, Method::Other, "Content-Length: 5\r\n\r\n", "NeverABody", "end 0 at 38")]
#[case::tunnel(200, Method::Connect, "Content-Length: 5\r\n\r\n", "Tunnel", "end 0 at 38")]
#[case::refused_connect(403, Method::Connect, "Content-Length: 2\r\n\r\nno", "Length(2)", "end 2 at 40")]
#[case::both(
    200,
    Method::Other,
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Chunked",
    "chunk 0"
)]
#[case::coded(
    200,
    Method::Other,
    "Transfer-Encoding: chunked, gzip\r\n\r\nabc",
    "CodedUntilClose",
    "end 3 at 56"
)]
#[case::length_twice(
    200,
    Method::Other,
    "content-length: 3, 3\r\nContent-Length: 3\r\n\r\nabc",
    "Length(3)",
    "end 3 at 63"
)]
#[case::lengths_differ(
    200,
    Method::Other,
    "Content-Length: 3, 4\r\n\r\nabc",
    "InvalidLength",
    "end 0 missing 0 Some(Framing)"
)]
#[case::length_signed(
    200,
    Method::Other,
    "Content-Length: +3\r\n\r\nabc",
    "InvalidLength",
    "end 0 missing 0 Some(Framing)"
)]
#[case::length_cut(
    200,
    Method::Other,
    "Content-Length: 4\r\n\r\nabc",
    "Length(4)",
    "end 3 missing 0 Some(Closed)"
)]
#[case::until_close(200, Method::Other, "\r\nabc", "UntilClose", "end 3 at 22")]
fn responses_are_framed_by_rule(
    #[case] status: u16,
    #[case] method: Method,
    #[case] rest: &str,
    #[case] rule: &str,
    #[case] second: &str,
) {
    let events = response(status, method, rest);
    assert!(events[0].contains(&format!("] {rule} at 0")), "{}", events[0]);
    assert_eq!(events[1], second);
}

#[rstest]
#[case::nothing_declared("\r\n", "NoBody", "end 0 at 18")]
#[case::chunked_not_final("Transfer-Encoding: gzip\r\n\r\n", "Unknowable", "end 0 missing 0 Some(Framing)")]
#[case::chunked_last(
    "Transfer-Encoding: gzip\r\ntransfer-encoding: Chunked\r\n\r\n1\r\n",
    "Chunked",
    "chunk 1"
)]
fn requests_are_framed_by_rule(#[case] rest: &str, #[case] rule: &str, #[case] second: &str) {
    let events = request(rest);
    assert!(events[0].contains(&format!("] {rule} at 0")), "{}", events[0]);
    assert_eq!(events[1], second);
}

#[rstest]
#[case("Host : a\r\n", Irregular::SPACE_BEFORE_COLON)]
#[case("Host: a\r\n b\r\n", Irregular::OBS_FOLD)]
#[case("Host: a\rb\r\n", Irregular::BARE_CR)]
#[case("Host: a\n", Irregular::BARE_LF)]
#[case("Ho(st: a\r\n", Irregular::NAME)]
#[case(": a\r\n", Irregular::NAME)]
#[case("Host: a\x01b\r\n", Irregular::VALUE)]
#[case("Host\r\n", Irregular::MISSING_COLON)]
#[case(" Host: a\r\n", Irregular::LEADING_SPACE)]
#[case("Host:\t\u{e9} \r\n", Irregular::default())]
fn irregular_fields_are_read_and_reported(#[case] lines: &str, #[case] irregular: Irregular) {
    let section = format!("{lines}Next: 1\r\n\r\n");
    let fields: Vec<_> = Fields::new(section.as_bytes(), 100).collect();
    assert_eq!(fields.len(), 2);
    assert_eq!(fields[0].irregular, irregular);
    assert_eq!(
        (fields[1].name, fields[1].offset),
        (b"Next".as_slice(), 100 + lines.len())
    );
    assert_eq!(fields[1].irregular, Irregular::default());
}

#[rstest]
#[case("GET  / HTTP/1.1", Some(Irregular::TARGET_SPACE))]
#[case("GET  HTTP/1.1", Some(Irregular::TARGET_SPACE))]
#[case("GET /a b HTTP/1.1", Some(Irregular::TARGET_SPACE))]
#[case("GET / HTTP/1.1", Some(Irregular::default()))]
#[case("HTTP/1.1 200", Some(Irregular::REASON_SPACE))]
#[case("HTTP/1.1 200 ", Some(Irregular::default()))]
#[case("GET /", None)]
#[case("GET / http/1.1", None)]
#[case("HTTP/1.1 20 OK", None)]
#[case(" / HTTP/1.1", None)]
fn start_lines_are_read_where_they_can_be_delimited(#[case] line: &str, #[case] irregular: Option<Irregular>) {
    let parsed = StartLine::parse(line.as_bytes());
    assert_eq!(parsed.map(|(_, irregular)| irregular).ok(), irregular);
}

#[rstest]
#[case("GET /", true)]
#[case("VERSION-CONTROL x", true)]
#[case("HTTP/1.0 200", true)]
#[case("GETX /", false)]
#[case("HTTP/2 200", false)]
#[case("\x16\x03\x01", false)]
#[case("", false)]
fn starts_are_known_by_method_or_version(#[case] bytes: &str, #[case] looks: bool) {
    assert_eq!(looks_like_start(bytes.as_bytes()), looks);
}

#[test]
fn pipelined_requests_follow_each_other_and_empty_lines_are_passed_over() {
    let stream = b"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi\r\nGET /b HTTP/1.1\r\n\r\n";
    let expected = [
        "POST /a [Content-Length=2] Length(2) at 0",
        "end 2 at 41",
        "GET /b [] NoBody at 43",
        "end 0 at 62",
    ];
    for piece in [1, 2, 7, 1000] {
        assert_eq!(read(&mut Parser::new(Side::Requests), stream, piece), expected);
    }
}

#[test]
fn interim_responses_leave_their_request_to_the_final_one() {
    let stream = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    let mut parser = Parser::new(Side::Responses);
    parser.request_sent(Method::Head);
    let events = read(&mut parser, stream, 5);
    assert_eq!(events.last().map(String::as_str), Some("end 0 at 63"));
}

#[test]
fn a_switch_of_protocols_ends_http() {
    let events = response(
        101,
        Method::Other,
        "Upgrade: websocket\r\n\r\n\x01\x02HTTP/1.1 200 OK\r\n\r\n",
    );
    assert_eq!(events[1..], ["end 0 at 39", "tunnel"]);
}

#[test]
fn a_hole_within_a_body_of_known_length_is_counted() {
    let (mut parser, mut events) = (Parser::new(Side::Responses), Vec::new());
    parser.push(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", |event| {
        events.push(told(event))
    });
    parser.hole(Some(6), |event| events.push(told(event)));
    parser.push(b"ijHTTP/1.1 204 \r\n\r\n", |event| events.push(told(event)));
    assert_eq!(
        events[1..],
        ["end 10 missing 6 None", "204  [] NeverABody at 49", "end 0 at 66"]
    );
}

#[test]
fn a_body_until_close_with_a_hole_is_incomplete() {
    let (mut parser, mut events) = (Parser::new(Side::Responses), Vec::new());
    parser.push(b"HTTP/1.1 200 OK\r\n\r\nab", |event| events.push(told(event)));
    parser.hole(None, |event| events.push(told(event)));
    parser.end(|event| events.push(told(event)));
    assert_eq!(events[1..], ["end 2 missing 0 Some(Hole)"]);
}

#[test]
fn after_lost_responses_the_next_answers_the_latest_request() {
    let (mut parser, mut events) = (Parser::new(Side::Responses), Vec::new());
    parser.request_sent(Method::Head);
    parser.hole(None, |event| events.push(told(event)));
    parser.request_sent(Method::Other);
    parser.push(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", |event| {
        events.push(told(event))
    });
    assert_eq!(events[1..], ["200 OK [Content-Length=1] Length(1) at 0", "end 1 at 39"]);
}

#[test]
fn after_a_hole_in_a_head_the_next_start_at_a_push_is_taken() {
    let (mut parser, mut events) = (Parser::new(Side::Requests), Vec::new());
    parser.push(b"GET / HTTP/1.1\r\nHo", |event| events.push(told(event)));
    parser.hole(None, |event| events.push(told(event)));
    parser.push(b"a\r\n\r\nGET /not-here HTTP/1.1\r\n\r\n", |event| {
        events.push(told(event))
    });
    parser.push(b"GET /b HTTP/1.1\r\n\r\n", |event| events.push(told(event)));
    assert_eq!(events, ["lost Hole at 18", "GET /b [] NoBody at 49", "end 0 at 68"]);
}

#[test]
fn chunks_extensions_and_trailers_are_told() {
    let mut stream = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    emit::chunk(b"hello", b";a=b", &mut stream);
    emit::last_chunk(&[(b"T", b"1")], &mut stream);
    for piece in [1, 3, 1000] {
        let events = read(&mut Parser::new(Side::Responses), &stream, piece);
        assert_eq!(events[1..], ["chunk 5;a=b", "chunk 0", "trailers 1", "end 5 at 72"]);
    }
}

#[rstest]
#[case("x\r\n", "ChunkSize")]
#[case("10000000000000000\r\n", "ChunkSize")]
#[case("1 2\r\n", "ChunkSize")]
#[case("1\r\nab\r\n", "ChunkEnd")]
fn broken_chunks_end_the_message(#[case] chunks: &str, #[case] why: &str) {
    let events = response(
        200,
        Method::Other,
        &format!("Transfer-Encoding: chunked\r\n\r\n{chunks}"),
    );
    assert!(
        events.iter().any(|event| event.ends_with(&format!("Some({why})"))),
        "{events:?}"
    );
    assert!(
        events.iter().any(|event| event.starts_with(&format!("lost {why}"))),
        "{events:?}"
    );
}

#[test]
fn a_head_beyond_the_cap_is_reported_and_not_kept() {
    let mut parser = Parser::new(Side::Requests);
    let mut stream = b"GET / HTTP/1.1\r\nA: ".to_vec();
    stream.resize(2 * MAX_HEAD, b'a');
    let events = read(&mut parser, &stream, 1000);
    assert_eq!(events, [format!("lost TooLong at {}", 66_000)]);
}

fn token() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9-]{0,8}".prop_filter("framing is chosen apart", |name| {
        !["content-length", "transfer-encoding"].contains(&name.to_lowercase().as_str())
    })
}

proptest! {
    #[test]
    fn messages_written_are_read_the_same_in_any_pieces(
        messages in prop::collection::vec(
            (token(), prop::collection::vec((token(), "[!-~]{1,9}"), 0..4), prop::collection::vec(1..40usize, 0..4)),
            1..5,
        ),
        piece in 1..80usize,
    ) {
        let (mut stream, mut expected) = (Vec::new(), Vec::new());
        for (method, fields, chunks) in &messages {
            let mut all: Vec<_> = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
            all.push((b"Transfer-Encoding", b"chunked"));
            let listed: Vec<_> = all.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect();
            expected.push(format!("{method} /x [{}] Chunked at {}", listed.join(", "), stream.len()));
            emit::request(method.as_bytes(), b"/x", &all, &mut stream);
            for size in chunks {
                expected.push(format!("chunk {size}"));
                emit::chunk(&vec![b'\n'; *size], b"", &mut stream);
            }
            emit::last_chunk(&[], &mut stream);
            expected.push("chunk 0".to_string());
            expected.push(format!("end {} at {}", chunks.iter().sum::<usize>(), stream.len()));
        }
        prop_assert_eq!(read(&mut Parser::new(Side::Requests), &stream, piece), expected);
    }

    #[test]
    fn responses_written_are_read_the_same(status in 200..599u16, reason in "[ -~]{0,9}", body in 0..50usize) {
        let mut stream = Vec::new();
        let length = body.to_string();
        emit::response(status, reason.as_bytes(), &[(b"Content-Length", length.as_bytes())], &mut stream);
        let events = read(&mut Parser::new(Side::Responses), &stream, 3);
        let start = format!("{status} {reason} [Content-Length={body}]");
        prop_assert!(events[0].starts_with(&start), "{:?}", events);
    }

    #[test]
    fn pieces_make_no_difference_until_something_is_lost(
        parts in prop::collection::vec(prop::sample::select(vec![
            "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n", "\r\n", "\n", "\r", "Content-Length: 3\r\n", " x\r\n", ":",
            "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n", "0\r\n", "abc", "HTTP/1.1 101 \r\n", "\0",
        ]), 0..30),
        piece in 1..20usize,
        responses: bool,
    ) {
        let stream = parts.concat();
        let side = if responses { Side::Responses } else { Side::Requests };
        let known = |piece| {
            let events = read(&mut Parser::new(side), stream.as_bytes(), piece);
            events.into_iter().take_while(|event| !event.starts_with("lost")).collect::<Vec<_>>()
        };
        prop_assert_eq!(known(piece), known(usize::MAX));
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), hole: Option<u64>) {
        for side in [Side::Requests, Side::Responses] {
            let mut parser = Parser::new(side);
            parser.push(&bytes, |event| drop(told(event)));
            parser.hole(hole.map(|length| length >> 8), |event| drop(told(event)));
            parser.push(&bytes, |event| drop(told(event)));
            parser.end(|event| drop(told(event)));
        }
    }
}
