//! The stack's application: it says what the captured one said, once it has heard what that one had heard.

use crate::tester::Tester;
use stacks::{Ability, Received, Socket};
use std::collections::VecDeque;

/// What one call of RECEIVE asks for at most.
const READ: usize = 65_536;

/// How the application ends its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Close,
    Abort,
}

/// Something to say.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// Octets to be received first.
    after: u64,
    /// Everything before this place is sent.
    until: u64,
    ending: Option<Ending>,
}

#[derive(Debug, Default)]
pub struct Application {
    /// Its connections come from here.
    pub listens: Option<u16>,
    pub socket: Option<Socket>,
    turns: VecDeque<Turn>,
    pub sent: u64,
    pub received: Vec<u8>,
    /// Why nothing more is received: the peer's close, or an error.
    pub ended: Option<String>,
    closed: bool,
    /// Calls that failed, each told once.
    pub troubles: Vec<String>,
}

impl Application {
    pub fn say(&mut self, after: u64, until: u64, ending: Option<Ending>) {
        self.turns.push_back(Turn { after, until, ending });
    }

    /// Does whatever can be done now; `stream` is what it has to send in all.
    pub fn act(&mut self, t: &mut Tester, stream: &[u8]) {
        if let (None, Some(port)) = (self.socket, self.listens) {
            self.socket = t.quietly(|stack| stack.accept(port)).ok().flatten();
            if self.socket.is_some() {
                t.remark("the application: accept");
            }
        }
        let Some(socket) = self.socket else { return };
        self.receive(t, socket);
        while let Some(turn) = self.turns.front().copied() {
            let heard = self.received.len() as u64 >= turn.after || self.ended.is_some();
            if !heard || !self.send(t, socket, stream.get(..turn.until as usize).unwrap_or(stream)) {
                return;
            }
            self.turns.pop_front();
            if let Some(ending) = turn.ending {
                self.end(t, socket, ending);
            }
            self.receive(t, socket);
        }
    }

    fn receive(&mut self, t: &mut Tester, socket: Socket) {
        while self.ended.is_none() {
            match t.quietly(|stack| stack.receive(socket, READ)) {
                Ok(Received::Data(octets)) if !octets.is_empty() => self.received.extend(octets),
                Ok(Received::End) => self.ended = Some("the end of the data".to_owned()),
                Ok(_) => return,
                Err(error) => self.ended = Some(error.to_string()),
            }
        }
    }

    /// True when everything was taken, or nothing more will be.
    fn send(&mut self, t: &mut Tester, socket: Socket, stream: &[u8]) -> bool {
        while let Some(rest) = stream.get(self.sent as usize..).filter(|rest| !rest.is_empty()) {
            if self.closed {
                return true;
            }
            match t.app_send(socket, rest) {
                Ok(0) => return false,
                Ok(taken) => self.sent += taken as u64,
                Err(error) => {
                    self.failed("SEND", &error.to_string());
                    return true;
                }
            }
        }
        true
    }

    fn end(&mut self, t: &mut Tester, socket: Socket, ending: Ending) {
        let done = match ending {
            Ending::Close if self.closed => return,
            Ending::Close if t.can(Ability::HalfClose) => t.app_shutdown(socket),
            Ending::Abort if t.can(Ability::Abort) => t.app_abort(socket),
            Ending::Close | Ending::Abort => t.app_close(socket),
        };
        self.closed = true;
        if let (Err(error), None) = (done, &self.ended) {
            self.failed("CLOSE", &error.to_string());
        }
    }

    fn failed(&mut self, call: &str, error: &str) {
        let trouble = format!("{call} of the stack's application failed: {error}");
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }
}
