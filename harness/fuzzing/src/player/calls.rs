//! The stack's application: what it does when told, and without being told.

use super::{MAX_ENDS, Player};
use crate::find::Find;
use crate::palette::{self, Call, pick};
use crate::record::RECORD;
use crate::stream::written;
use stacks::{Ability, CallError, Received, Setting, Socket, State, Status};

/// What one RECEIVE asks for.
const READ: usize = 2_048;
/// How often an application reads at once.
const MAX_READS: usize = 80;

impl Player<'_> {
    pub(super) fn app_call(&mut self, [call, size, which, ..]: [u8; RECORD - 1]) {
        let call = pick(palette::CALLS, call);
        match call {
            Call::Connect => {
                if self.ends.len() < MAX_ENDS {
                    self.called();
                }
                return;
            }
            Call::ConnectGroup => return self.connect_group(),
            _ => {}
        }
        let Some(at) = self.chosen(which) else { return };
        if call == Call::Accept {
            return self.accept(at);
        }
        let view = self.ends[at].view();
        let Some(socket) = self.ends[at].peer.socket else {
            return;
        };
        let (_, size) = pick(palette::SIZE, size);
        match call {
            Call::Send | Call::SendUrgent => self.app_send(at, socket, size(&view), call == Call::SendUrgent),
            Call::Receive => {
                let closed = self.is_closed_to_the_peer(at, socket);
                self.read_once(at, socket, size(&view) as usize);
                if closed {
                    self.judge_reopening(at);
                }
            }
            Call::Shutdown => {
                let due = self.due_of_shutdown(at, socket);
                self.app_shutdown(at, socket);
                if due {
                    self.judge_shutdown(at);
                }
            }
            Call::Close => self.done_with(at, socket),
            Call::Abort => {
                let due = self.due_of_abort(at, socket);
                self.ends[at].aborted = true;
                self.tester.app_leaves(&self.ends[at].peer, true);
                let heard = self.tester.inbox.len();
                let aborted = self.tester.app_abort(socket);
                if due && aborted.is_ok() {
                    self.judge_abort(at, heard);
                }
            }
            Call::Nagle(on) => {
                if self.set(socket, Setting::Nagle(on)) {
                    self.ends[at].asked.nagle = Some(on);
                }
            }
            Call::Keepalive(on) => {
                if self.set(socket, Setting::Keepalive(on)) {
                    let asked = &mut self.ends[at].asked;
                    (asked.keepalive, asked.kept) = (on, asked.kept || on);
                }
            }
            Call::UserTimeout(timeout) => {
                if self.set(socket, Setting::UserTimeout(timeout)) {
                    let asked = &mut self.ends[at].asked;
                    (asked.user_timeout, asked.untold, asked.at) = (Some(timeout), true, self.tester.now());
                    asked.suggested = None;
                }
            }
            Call::Accept | Call::Connect | Call::ConnectGroup => {}
        }
    }

    /// Whether the stack took it.
    fn set(&mut self, socket: Socket, setting: Setting) -> bool {
        let set = self
            .tester
            .call(format_args!("{setting:?}"), |stack| stack.set(socket, setting));
        set.is_ok()
    }

    fn app_send(&mut self, at: usize, socket: Socket, size: u32, urgent: bool) {
        let before = self.ends[at].written;
        let due = self.due_of_write(at, socket, size, urgent);
        let shut = self.is_shut(at);
        let heard = self.tester.inbox.len();
        let end = &mut self.ends[at];
        let octets = written(before, size);
        // What the call sends at once is judged by what was written, so that is noted first.
        end.written = before + size;
        let taken = if urgent {
            self.tester.app_send_urgent(socket, &octets)
        } else {
            self.tester.app_send(socket, &octets)
        };
        let taken = taken.unwrap_or(0) as u32;
        self.ends[at].written = before + taken;
        if let Some(due) = due.filter(|_| taken == size) {
            self.judge_write(at, &due);
        }
        if shut {
            self.judge_shut(at, heard);
        }
        if let Some(edge) = self.ends[at].late_scale {
            self.judge_late_scale(at, edge);
        }
    }

    fn app_shutdown(&mut self, at: usize, socket: Socket) {
        self.ends[at].closed = true;
        let _ = self.tester.app_shutdown(socket);
    }

    /// The application closes, and never reads again.
    fn done_with(&mut self, at: usize, socket: Socket) {
        let status = self.tester.quietly(|stack| stack.status(socket));
        let end = &mut self.ends[at];
        let open = matches!(status, Ok(Status::In(State::Established | State::CloseWait)))
            && !end.closed
            && !end.ended
            && end.incarnations == 1;
        // Where the stack took an odd SYN, nobody knows with which octet its stream begins.
        let unread = open && end.orderly && end.read.is_behind(&end.sent, end.acked);
        // Where anything was not read that is an ABORT (RFC 9293 section 3.6.1), of which in LAST-ACK nobody is told (section 3.10.5).
        let aborts = !end.ended && !end.read.has_all(&end.sent, end.acked);
        (end.closed, end.ended) = (true, true);
        end.account.gone();
        self.tester.app_leaves(&self.ends[at].peer, aborts);
        let heard = self.tester.inbox.len();
        let closed = self.tester.app_close(socket);
        self.ends[at].left = closed.is_ok() && !aborts && open;
        self.judge_close(at, unread && closed.is_ok(), heard);
    }

    /// An orderly end: everything is read before.
    pub(super) fn app_close(&mut self, at: usize) {
        let end = &self.ends[at];
        if let (Some(socket), false) = (end.peer.socket, end.closed || end.aborted) {
            if self.tester.can(Ability::HalfClose) {
                self.app_shutdown(at, socket);
            } else if end.ended {
                self.done_with(at, socket);
            }
        }
    }

    /// What the application does by itself.
    pub(super) fn application(&mut self) {
        for at in 0..self.ends.len() {
            if self.habit(2) && self.ends[at].may_accept {
                self.accept(at);
            }
            if let (Some(socket), true) = (self.ends[at].peer.socket, self.habit(0)) {
                for _ in 0..MAX_READS {
                    if !self.read_once(at, socket, READ) {
                        break;
                    }
                }
                self.judge_end(at);
            }
        }
    }

    /// Everything was read, and the FIN behind it is acknowledged: the application must have been told (RFC 9293 section 3.10.7.4,
    /// eighth).
    fn judge_end(&mut self, at: usize) {
        let end = &self.ends[at];
        let over = end.incarnations == 1 && end.read.is_over(&end.sent, end.acked);
        if over && !end.ended && !end.aborted && !end.closed {
            self.accuse("tcp/end-told", "the end of the stream", "nothing");
        }
    }

    pub(super) fn accept(&mut self, at: usize) {
        let port = self.ends[at].peer.there.1;
        while let Ok(Some(socket)) = self.tester.quietly(|stack| stack.accept(port)) {
            self.tester
                .remark_with(|| format!("the application: accept: {socket:?}"));
            let end = &mut self.ends[at];
            end.taken(socket);
            end.may_accept = false;
            // RFC 9293 section 3.5 (MUST-11): of what never was a connection nobody hears.
            if end.incarnations == 1 && end.its_iss == Some(end.una) {
                self.accuse(
                    "tcp/passive-open-returns-to-listen",
                    "nothing to accept",
                    "a connection that nobody completed",
                );
            }
        }
    }

    /// One RECEIVE, judged; whether it brought anything.
    fn read_once(&mut self, at: usize, socket: Socket, limit: usize) -> bool {
        let end = &self.ends[at];
        if end.ended || end.aborted {
            return false;
        }
        let received = self.tester.quietly(|stack| stack.receive(socket, limit));
        let end = &mut self.ends[at];
        let (more, verdict) = match received {
            Ok(Received::Data(octets)) => {
                self.tester
                    .remark_with(|| format!("the application reads {} octets", octets.len()));
                let verdict = end.read.take(&octets, &end.sent);
                if verdict.is_err() {
                    end.account.given_other_octets();
                }
                (
                    !octets.is_empty(),
                    verdict.map_err(|seen| ("octets that were not sent", seen)),
                )
            }
            Ok(Received::End) => {
                self.tester.remark_with(|| "the application reads the end".to_owned());
                end.ended = true;
                end.account.told_end();
                // A connection that this end has closed may end without the other's FIN (RFC 9293 section 3.6).
                let verdict = if end.closed { Ok(()) } else { end.read.end(&end.sent) };
                if let (true, Some(id)) = (verdict.is_err(), end.broken_off) {
                    self.accuse(id, "an error", "the end of the stream");
                    return false;
                }
                (false, verdict.map_err(|seen| ("an end that was not sent", seen)))
            }
            Ok(Received::Nothing) => (false, Ok(())),
            Err(error) => {
                end.ended |= error != CallError::Unsupported;
                end.account.failed(error);
                (false, Ok(()))
            }
        };
        if let Err((kind, seen)) = verdict {
            let frame = self.tester.frames();
            self.finds.push(Find::of_stream(kind, seen, self.event, frame));
        }
        more
    }
}
