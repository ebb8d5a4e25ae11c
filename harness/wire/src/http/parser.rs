//! One direction of a connection, from message to message.

use super::body::{Framing, Method, Rule};
use super::chunked::ChunkSize;
use super::event::{Ended, Event, Head, Why};
use super::field::{Fields, Survey};
use super::irregular::line;
use super::start_line::{StartLine, looks_like_start};
use memchr::memchr;
use std::collections::VecDeque;

/// Bytes kept at most: of a start line with its fields, of a trailer section, of a chunk's line.
pub const MAX_HEAD: usize = 64 * 1024;
/// Requests remembered until they are answered. Later ones count as [`Method::Other`].
const MAX_UNANSWERED: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Requests,
    Responses,
}

/// Reads a stream in pieces of any size. Allocates only until its buffer has grown to the longest head met.
#[derive(Debug)]
pub struct Parser {
    side: Side,
    state: State,
    /// The head, trailer section or chunk line being read, and where in it the present line begins.
    held: Vec<u8>,
    line: usize,
    /// Of the next byte in the stream.
    offset: u64,
    empty_lines: u32,
    unanswered: VecDeque<Method>,
    /// Of the present message.
    start: u64,
    body: u64,
    missing: u64,
    /// Its body lasts until the close, and lacks an unknown part.
    has_hole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    StartLine,
    Fields,
    /// Octets to come.
    Length(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailers,
    UntilClose,
    Tunnel,
    Lost,
}

impl Parser {
    pub fn new(side: Side) -> Parser {
        Parser {
            side,
            state: State::StartLine,
            held: Vec::new(),
            line: 0,
            offset: 0,
            empty_lines: 0,
            unanswered: VecDeque::new(),
            start: 0,
            body: 0,
            missing: 0,
            has_hole: false,
        }
    }

    /// Tells a parser of responses of a request, in the order in which they were sent.
    pub fn request_sent(&mut self, method: Method) {
        if self.unanswered.len() < MAX_UNANSWERED {
            self.unanswered.push_back(method);
        }
    }

    /// Takes the next bytes. After [`Event::Lost`] messages are looked for at the start of each push: give it segments.
    pub fn push(&mut self, mut bytes: &[u8], mut on: impl FnMut(Event<'_>)) {
        if self.state == State::Lost && looks_like_start(bytes) && self.is_mine(bytes.starts_with(b"HTTP/")) {
            // Responses may have been lost: without pipelining this one answers the latest request.
            self.unanswered.drain(..self.unanswered.len().saturating_sub(1));
            self.next_message();
        }
        while !bytes.is_empty() {
            let taken = match self.state {
                State::Tunnel | State::Lost | State::UntilClose => bytes.len(),
                State::Length(left) | State::Chunk(left) => left.min(bytes.len() as u64) as usize,
                State::StartLine | State::Fields | State::ChunkSize | State::ChunkEnd | State::Trailers => {
                    memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1)
                }
            };
            let (now, later) = bytes.split_at(taken);
            self.offset = self.offset.saturating_add(taken as u64);
            match self.state {
                State::Tunnel | State::Lost => {}
                State::UntilClose | State::Length(_) | State::Chunk(_) => self.body_seen(taken as u64, &mut on),
                _ => self.line_seen(now, &mut on),
            }
            bytes = later;
        }
    }

    /// The capture lacks bytes here, `length` of them if that is known.
    pub fn hole(&mut self, length: Option<u64>, mut on: impl FnMut(Event<'_>)) {
        self.offset = self.offset.saturating_add(length.unwrap_or(0));
        match (self.state, length) {
            (State::Tunnel | State::Lost, _) => {}
            (State::UntilClose, None) => self.has_hole = true,
            (State::Length(left) | State::Chunk(left), Some(length)) if length <= left => {
                self.missing = self.missing.saturating_add(length);
                self.body_seen(length, &mut on);
            }
            (State::UntilClose, Some(length)) => {
                self.missing = self.missing.saturating_add(length);
                self.body = self.body.saturating_add(length);
            }
            _ => self.lose(Why::Hole, &mut on),
        }
    }

    /// The sender has closed. Nothing is to be pushed after it.
    pub fn end(&mut self, mut on: impl FnMut(Event<'_>)) {
        match self.state {
            State::Tunnel | State::Lost => {}
            // RFC 9112 section 6.3 rule 8: this is how it ends.
            State::UntilClose => self.finish(self.has_hole.then_some(Why::Hole), &mut on),
            State::StartLine if self.held.is_empty() => {}
            _ => self.lose(Why::Closed, &mut on),
        }
        self.state = State::Lost;
    }

    /// The other direction has agreed to another protocol: what follows is not HTTP.
    pub fn tunnel(&mut self) {
        self.state = State::Tunnel;
    }

    /// Whether messages cannot be told apart at this point.
    pub fn is_lost(&self) -> bool {
        self.state == State::Lost
    }

    fn is_mine(&self, is_response: bool) -> bool {
        is_response == (self.side == Side::Responses)
    }

    fn next_message(&mut self) {
        self.state = State::StartLine;
        self.held.clear();
        (self.line, self.empty_lines) = (0, 0);
        (self.body, self.missing, self.has_hole) = (0, 0, false);
    }

    fn body_seen(&mut self, octets: u64, on: &mut impl FnMut(Event<'_>)) {
        self.body = self.body.saturating_add(octets);
        match self.state {
            State::Length(left) if left == octets => self.finish(None, on),
            State::Length(left) => self.state = State::Length(left.saturating_sub(octets)),
            State::Chunk(left) if left == octets => self.state = State::ChunkEnd,
            State::Chunk(left) => self.state = State::Chunk(left.saturating_sub(octets)),
            _ => {}
        }
    }

    /// Takes a line, or as much of one as there is.
    fn line_seen(&mut self, bytes: &[u8], on: &mut impl FnMut(Event<'_>)) {
        if self.held.len() + bytes.len() > MAX_HEAD {
            return self.lose(Why::TooLong, on);
        }
        self.held.extend_from_slice(bytes);
        if !bytes.ends_with(b"\n") {
            return;
        }
        // The buffer is lent to the events; its storage comes back for the next head.
        let held = std::mem::take(&mut self.held);
        let (text, _) = line(held.get(self.line..).unwrap_or_default());
        let before = self.state;
        match (before, text.is_empty()) {
            (State::StartLine, true) => self.empty_lines = self.empty_lines.saturating_add(1),
            (State::StartLine, false) => self.start_line(text, held.len(), on),
            (State::Fields, true) => self.head(&held, on),
            (State::Trailers, true) => self.trailers(&held, on),
            (State::ChunkSize, _) => self.chunk_size(&held, on),
            (State::ChunkEnd, true) => self.state = State::ChunkSize,
            (State::ChunkEnd, false) => self.lose(Why::ChunkEnd, on),
            _ => {}
        }
        let keeps = self.state == State::Fields || (before == State::Trailers && self.state == State::Trailers);
        self.held = held;
        self.line = if keeps { self.held.len() } else { 0 };
        self.held.truncate(self.line);
    }

    fn start_line(&mut self, text: &[u8], length: usize, on: &mut impl FnMut(Event<'_>)) {
        self.start = self.offset.saturating_sub(length as u64);
        let why = match StartLine::parse(text) {
            Err(error) => Why::StartLine(error),
            Ok((start, _)) if !self.is_mine(matches!(start, StartLine::Response { .. })) => Why::WrongSide,
            Ok((start, _)) if start.version().major != 1 => Why::Version,
            Ok(_) => {
                self.state = State::Fields;
                return;
            }
        };
        self.lose(why, on)
    }

    fn head(&mut self, held: &[u8], on: &mut impl FnMut(Event<'_>)) {
        let length = memchr(b'\n', held).map_or(0, |end| end + 1);
        let (first, section) = held.split_at_checked(length).unwrap_or_default();
        let (text, irregular) = line(first);
        let (start, unusual) = match StartLine::parse(text) {
            Ok(parsed) => parsed,
            Err(error) => return self.lose(Why::StartLine(error), on),
        };
        let fields = Fields::new(section, length);
        let answered = self.answered(&start);
        let survey = Survey::of(fields);
        let framing = Framing::of(&start, fields, survey, answered);
        on(Event::Head(Head {
            start,
            irregular: irregular.and(unusual),
            fields,
            survey,
            framing,
            answered,
            offset: self.start,
            empty_lines: self.empty_lines,
            bytes: held,
        }));
        let switches = matches!(start, StartLine::Response { status: 101, .. });
        self.frame(framing.rule, switches, on)
    }

    /// An interim response (1xx) leaves its request unanswered (RFC 9110 section 15.2), but for the switch of protocols.
    fn answered(&mut self, start: &StartLine<'_>) -> Method {
        let answered = match start {
            StartLine::Request { .. } => None,
            StartLine::Response {
                status: 100 | 102..=199,
                ..
            } => self.unanswered.front().copied(),
            StartLine::Response { .. } => self.unanswered.pop_front(),
        };
        answered.unwrap_or_default()
    }

    fn frame(&mut self, rule: Rule, switches: bool, on: &mut impl FnMut(Event<'_>)) {
        match rule {
            Rule::NeverABody | Rule::NoBody | Rule::Tunnel | Rule::Length(0) => self.finish(None, on),
            Rule::Length(length) => self.state = State::Length(length),
            Rule::Chunked => self.state = State::ChunkSize,
            Rule::CodedUntilClose | Rule::UntilClose => self.state = State::UntilClose,
            Rule::Unknowable | Rule::InvalidLength => {
                self.state = State::UntilClose;
                return self.lose(Why::Framing, on);
            }
        }
        if switches || rule == Rule::Tunnel {
            self.state = State::Tunnel;
            on(Event::Tunnel);
        }
    }

    fn chunk_size(&mut self, held: &[u8], on: &mut impl FnMut(Event<'_>)) {
        let Some(chunk) = ChunkSize::parse(held) else {
            return self.lose(Why::ChunkSize, on);
        };
        on(Event::Chunk(chunk));
        self.state = match chunk.size {
            0 => State::Trailers,
            size => State::Chunk(size),
        };
    }

    fn trailers(&mut self, held: &[u8], on: &mut impl FnMut(Event<'_>)) {
        let fields = Fields::new(held, 0);
        if fields.count() > 0 {
            on(Event::Trailers(fields));
        }
        self.finish(None, on);
    }

    fn finish(&mut self, incomplete: Option<Why>, on: &mut impl FnMut(Event<'_>)) {
        on(Event::End(Ended {
            body: self.body,
            missing: self.missing,
            start: self.start,
            end: self.offset,
            incomplete,
        }));
        self.next_message();
    }

    /// Ends the present message, if its head was told, and waits for a start line.
    fn lose(&mut self, why: Why, on: &mut impl FnMut(Event<'_>)) {
        if !matches!(self.state, State::StartLine | State::Fields | State::Lost) {
            self.finish(Some(why), on);
        }
        self.held.clear();
        self.state = State::Lost;
        on(Event::Lost {
            why,
            offset: self.offset,
        });
    }
}
