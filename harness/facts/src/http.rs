//! HTTP/1 messages, found by their start lines and counted once they are whole (RFC 9112).

/// Requests and responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub requests: u64,
    pub responses: u64,
}

/// Follows one direction of a connection from message to message.
#[derive(Debug, Default)]
pub struct Reader {
    state: State,
    /// The line being read, up to [`MAX_LINE`].
    line: Vec<u8>,
    kind: Kind,
    body: Body,
    /// The last request was HEAD.
    is_head: bool,
    /// The peer's last request was HEAD.
    to_head: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Start,
    Headers,
    /// Octets of body, or of a chunk and its line end, still to come.
    Body(u64),
    ChunkSize,
    Chunk(u64),
    Trailer,
    UntilEnd,
    /// No HTTP at the start of a message: waits for the next segment.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Request,
    /// And whether its status admits a body.
    Response { body: bool },
}

/// How the end of a message shows: RFC 9112 section 6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Body {
    #[default]
    Unsaid,
    Length(u64),
    Chunked,
}

/// Longer lines are cut: what tells the framing is short.
const MAX_LINE: usize = 4096;

impl Reader {
    /// Whether what comes in the other direction answers HEAD.
    pub fn asked_for_head(&self) -> bool {
        self.is_head
    }

    /// Takes the next octets, one segment's. `to_head`: a response in them answers HEAD.
    pub fn read(&mut self, mut bytes: &[u8], to_head: bool) -> Count {
        self.to_head = to_head;
        let mut count = Count::default();
        if self.state == State::Lost {
            self.state = State::Start;
        }
        if self.state == State::Start && self.line.is_empty() && !is_promising(bytes) {
            self.state = State::Lost;
        }
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Lost | State::UntilEnd => &[],
                State::Body(left) => self.skip(left, bytes, &mut count),
                State::Chunk(left) => self.skip(left, bytes, &mut count),
                _ => self.lines(bytes, &mut count),
            };
        }
        count
    }

    /// The sender has closed: what was to last until then is whole.
    pub fn end(&mut self) -> Count {
        let mut count = Count::default();
        if self.state == State::UntilEnd {
            self.finish(&mut count);
        }
        count
    }

    /// What begins here counts though it is not whole.
    pub fn cut(&mut self) -> Count {
        let mut count = Count::default();
        if self.state == State::Start {
            self.line_ended(&mut count);
        }
        if !matches!(self.state, State::Start | State::Lost) {
            self.finish(&mut count);
        }
        count
    }

    fn skip<'a>(&mut self, left: u64, bytes: &'a [u8], count: &mut Count) -> &'a [u8] {
        let taken = left.min(bytes.len() as u64);
        let left = left - taken;
        match self.state {
            State::Chunk(_) if left == 0 => self.state = State::ChunkSize,
            State::Chunk(_) => self.state = State::Chunk(left),
            _ if left == 0 => self.finish(count),
            _ => self.state = State::Body(left),
        }
        bytes.get(taken as usize..).unwrap_or_default()
    }

    fn lines<'a>(&mut self, bytes: &'a [u8], count: &mut Count) -> &'a [u8] {
        let end = bytes.iter().position(|&octet| octet == b'\n');
        let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        let room = MAX_LINE.saturating_sub(self.line.len()).min(part.len());
        self.line.extend_from_slice(part.get(..room).unwrap_or_default());
        let Some(end) = end else {
            if self.state == State::Start && !could_start(&self.line) {
                (self.state, self.line) = (State::Lost, Vec::new());
            }
            return &[];
        };
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        self.line_ended(count);
        self.line.clear();
        bytes.get(end + 1..).unwrap_or_default()
    }

    fn line_ended(&mut self, count: &mut Count) {
        match self.state {
            State::Start => match kind(&self.line) {
                // RFC 9112 section 2.2: an empty line before a start line is passed over.
                None if self.line.is_empty() => {}
                None => self.state = State::Lost,
                Some(kind) => {
                    (self.kind, self.body, self.state) = (kind, Body::Unsaid, State::Headers);
                    self.is_head = self.line.starts_with(b"HEAD");
                    // RFC 9112 section 6.3: an answer to HEAD has no body, whatever its headers say.
                    if self.to_head && kind != Kind::Request {
                        self.kind = Kind::Response { body: false };
                    }
                }
            },
            State::Headers if self.line.is_empty() => self.headers_ended(count),
            State::Headers => self.header(),
            State::ChunkSize => match chunk_size(&self.line) {
                Some(0) => self.state = State::Trailer,
                Some(size) => self.state = State::Chunk(size.saturating_add(2)),
                None => self.finish(count),
            },
            State::Trailer if self.line.is_empty() => self.finish(count),
            _ => {}
        }
    }

    /// RFC 9112 section 6.3: Transfer-Encoding overrides Content-Length.
    fn header(&mut self) {
        let Some((name, value)) = split_once(&self.line, b':') else {
            return;
        };
        if name.eq_ignore_ascii_case(b"transfer-encoding") && contains(value, b"chunked") {
            self.body = Body::Chunked;
        } else if name.eq_ignore_ascii_case(b"content-length") && self.body != Body::Chunked {
            // A length that cannot be is passed over.
            self.body = number(value)
                .filter(|&length| length <= i64::MAX as u64)
                .map_or(Body::Unsaid, Body::Length);
        }
    }

    fn headers_ended(&mut self, count: &mut Count) {
        self.state = match (self.kind, self.body) {
            (Kind::Response { body: false }, _) | (_, Body::Length(0)) | (Kind::Request, Body::Unsaid) => {
                return self.finish(count);
            }
            (_, Body::Length(length)) => State::Body(length),
            (_, Body::Chunked) => State::ChunkSize,
            (Kind::Response { .. }, Body::Unsaid) => State::UntilEnd,
        };
    }

    fn finish(&mut self, count: &mut Count) {
        match self.kind {
            Kind::Request => count.requests += 1,
            Kind::Response { .. } => count.responses += 1,
        }
        self.state = State::Start;
        self.line.clear();
    }
}

/// RFC 9110 section 9, the registry that it founds, and those of UPnP.
const METHODS: &[&str] = &[
    "ACL",
    "BASELINE-CONTROL",
    "BCOPY",
    "BDELETE",
    "BIND",
    "BMOVE",
    "BPROPFIND",
    "BPROPPATCH",
    "CCM_POST",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "M-SEARCH",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "NOTIFY",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POLL",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "REBIND",
    "REPORT",
    "SEARCH",
    "SUBSCRIBE",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UNSUBSCRIBE",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

/// A request line (RFC 9112 section 3) or a status line (section 4).
fn kind(line: &[u8]) -> Option<Kind> {
    if line.starts_with(b"HTTP/") {
        let status = line.split(|&octet| octet == b' ').nth(1).and_then(number);
        // RFC 9112 section 6.3: neither 1xx, 204 nor 304 has a body.
        let body = !matches!(status, Some(100..=199 | 204 | 304));
        return Some(Kind::Response { body });
    }
    let method = line.split(|&octet| octet == b' ').next()?;
    METHODS
        .iter()
        .any(|known| known.as_bytes() == method)
        .then_some(Kind::Request)
}

/// Whether a message may begin with these octets: what spares most segments the reading of a line.
fn is_promising(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(32)).unwrap_or_default();
    let line = head.split(|octet| b"\r\n".contains(octet)).next().unwrap_or_default();
    could_start(line)
}

/// Whether a line that is not yet whole may become a start line.
fn could_start(line: &[u8]) -> bool {
    let word = line.split(|&octet| octet == b' ').next().unwrap_or_default();
    let (is_whole, version) = (word.len() < line.len(), b"HTTP/");
    version.starts_with(line)
        || line.starts_with(version)
        || METHODS
            .iter()
            .map(|method| method.as_bytes())
            .any(|method| match is_whole {
                true => method == word,
                false => method.starts_with(word),
            })
}

/// A request or response that fills a datagram (SSDP).
pub fn datagram(payload: &[u8]) -> Count {
    let mut reader = Reader::default();
    let mut count = reader.read(payload, false);
    let rest = reader.cut();
    count.requests += rest.requests;
    count.responses += rest.responses;
    count
}

fn split_once(line: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = line.iter().position(|&octet| octet == at)?;
    Some((line.get(..place)?, line.get(place + 1..)?))
}

fn contains(line: &[u8], word: &[u8]) -> bool {
    line.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&octet| octet == b';').next()?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn counted(segments: &[&str], to_head: bool) -> (u64, u64) {
        let mut reader = Reader::default();
        let mut all = Count::default();
        for segment in segments {
            let count = reader.read(segment.as_bytes(), to_head);
            all.requests += count.requests;
            all.responses += count.responses;
        }
        let last = reader.end();
        (all.requests + last.requests, all.responses + last.responses)
    }

    #[rstest]
    #[case::a_request_without_body(&["GET / HTTP/1.1\r\nHost: a\r\n\r\n"], (1, 0))]
    #[case::two_in_one_segment(&["GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"], (2, 0))]
    #[case::octets_one_by_one(&["G", "E", "T /", " HTTP/1.1\r", "\n\r", "\n"], (1, 0))]
    #[case::a_body_is_no_message(&["POST / HTTP/1.1\r\nContent-Length: 18\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"], (1, 0))]
    #[case::a_body_that_is_not_whole(&["POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"], (0, 0))]
    #[case::chunks(&["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nGET ", "\r\n0\r\n\r\n"], (0, 1))]
    #[case::until_the_end(&["HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"], (0, 1))]
    #[case::a_status_without_body(&["HTTP/1.1 204 No\r\n\r\nHTTP/1.1 100 Go\r\n\r\n"], (0, 2))]
    #[case::something_else(&["\x16\x03\x01 GET ", "EHLO example\r\n"], (0, 0))]
    #[case::after_something_else(&["EHLO example\r\n", "GET / HTTP/1.1\r\n\r\n"], (1, 0))]
    fn messages_count_once_they_are_whole(#[case] segments: &[&str], #[case] expected: (u64, u64)) {
        assert_eq!(counted(segments, false), expected);
    }

    #[test]
    fn an_answer_to_head_has_no_body() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        assert_eq!(counted(&[answer, answer], true), (0, 2));
    }

    #[test]
    fn a_message_by_itself_counts_though_it_is_cut() {
        let count = datagram(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc");
        assert_eq!((count.requests, count.responses), (0, 1));
    }
}
