//! Heads of HTTP/1 messages against httparse.
//!
//! By design ours reads more, and says what is irregular about it: white space before a colon, folded lines, a bare CR or LF,
//! names that are no tokens, controls in values, lines without a colon, white space in a target. What is compared is a head
//! in which ours finds nothing irregular, and one that httparse accepts. Besides
//! - the versions 1.2 to 1.9 are read as RFC 9110 section 2.5 has it, a recipient's own; httparse knows 1.0 and 1.1;
//! - octets of a target and of a reason phrase are not looked at; httparse refuses controls, and leaves out a reason beyond ASCII.

use httparse::{EMPTY_HEADER, Error, Request, Response, Status};
use wire::http::{Event, Head, Parser, Side, StartLine};

/// More fields than any input holds.
const MAX_FIELDS: usize = 2048;

pub fn http(octets: &[u8]) {
    request(octets);
    response(octets);
}

/// Whether ours found a head at the start, and whether it was regular; `on` compares it.
fn ours(side: Side, octets: &[u8], mut on: impl FnMut(&Head<'_>)) -> Option<bool> {
    let mut parser = Parser::new(side);
    let mut first = None;
    parser.push(octets, |event| {
        if let (Event::Head(head), None) = (event, first) {
            first = Some(head.irregular.and(head.survey.irregular).is_empty() && is_known(&head.start));
            on(&head);
        }
    });
    first
}

/// What httparse has no word against.
fn is_known(start: &StartLine<'_>) -> bool {
    let is_text = |text: &[u8]| text.iter().all(|octet| (b' '..=b'~').contains(octet));
    let text = match start {
        StartLine::Request { target, .. } => target,
        StartLine::Response { reason, .. } => reason,
    };
    start.version().minor <= 1 && is_text(text)
}

fn request(octets: &[u8]) {
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let mut theirs = Request::new(&mut fields);
    let status = theirs.parse(octets);
    let found = ours(Side::Requests, octets, |head| {
        let Ok(Status::Complete(length)) = status else { return };
        let StartLine::Request {
            method,
            target,
            version,
        } = head.start
        else {
            return;
        };
        assert_eq!(Some(method), theirs.method.map(str::as_bytes));
        assert_eq!(Some(target), theirs.path.map(str::as_bytes));
        assert_eq!((version.major, Some(version.minor)), (1, theirs.version));
        compare(head, length, theirs.headers);
    });
    agree(found, status);
}

fn response(octets: &[u8]) {
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let mut theirs = Response::new(&mut fields);
    let status = theirs.parse(octets);
    let found = ours(Side::Responses, octets, |head| {
        let Ok(Status::Complete(length)) = status else { return };
        let StartLine::Response {
            version,
            status,
            reason,
        } = head.start
        else {
            return;
        };
        assert_eq!((version.major, Some(version.minor)), (1, theirs.version));
        assert_eq!(Some(status), theirs.code);
        if reason.is_ascii() {
            assert_eq!(Some(reason), theirs.reason.map(str::as_bytes));
        }
        compare(head, length, theirs.headers);
    });
    agree(found, status);
}

fn compare(head: &Head<'_>, length: usize, theirs: &[httparse::Header<'_>]) {
    assert_eq!(head.offset as usize + head.bytes.len(), length);
    let fields = head.fields.map(|field| (field.name, field.value));
    assert!(
        fields.eq(theirs.iter().map(|field| (field.name.as_bytes(), field.value))),
        "{theirs:?}"
    );
}

fn agree(found: Option<bool>, status: Result<Status<usize>, Error>) {
    match (found, status) {
        (None, Ok(Status::Complete(length))) => panic!("only httparse reads it, {length} octets"),
        (Some(true), Err(error)) => panic!("only httparse refuses it: {error}"),
        (Some(_), Ok(Status::Partial)) => panic!("httparse waits for more"),
        _ => {}
    }
}
