//! Calls of the stack's application that a script can repeat: each stands in the log, for people and for programs.

use super::Tester;
use crate::log::Deed;
use stacks::{CallError, Received, Socket, Stack};

/// What one call of RECEIVE asks for at most.
const READ: usize = 65_536;

impl Tester {
    pub fn app_send(&mut self, socket: Socket, octets: &[u8]) -> Result<usize, CallError> {
        self.app_write(socket, octets, false)
    }

    pub fn app_write(&mut self, socket: Socket, octets: &[u8], urgent: bool) -> Result<usize, CallError> {
        let what = if urgent { "urgent SEND" } else { "SEND" };
        let deed = |sent: &Result<usize, CallError>, failed: bool| {
            let octets = if failed { octets.len() } else { *sent.as_ref().ok()? };
            Some(Deed::Wrote { octets, urgent })
        };
        self.act(
            format_args!("{what} of {} octets", octets.len()),
            socket,
            deed,
            |stack| {
                if urgent {
                    stack.send_urgent(socket, octets)
                } else {
                    stack.send(socket, octets)
                }
            },
        )
    }

    /// Everything that can be read now, and how the stream stands after it.
    pub fn app_read(&mut self, socket: Socket) -> (Vec<u8>, Result<Received, CallError>) {
        let mut octets = Vec::new();
        loop {
            match self.receive(format_args!("RECEIVE"), socket, READ) {
                Ok(Received::Data(more)) if !more.is_empty() => octets.extend(more),
                other => return (octets, other),
            }
        }
    }

    /// One RECEIVE of at most `limit` octets.
    pub fn app_read_some(&mut self, socket: Socket, limit: usize) -> Result<Received, CallError> {
        self.receive(format_args!("RECEIVE of {limit} octets"), socket, limit)
    }

    fn receive(&mut self, what: std::fmt::Arguments<'_>, socket: Socket, limit: usize) -> Result<Received, CallError> {
        self.act(
            what,
            socket,
            |read, _| was_read(read),
            |stack| stack.receive(socket, limit),
        )
    }

    /// The same, of which the log tells nobody but programs.
    pub fn app_read_quietly(&mut self, socket: Socket, limit: usize) -> Result<Received, CallError> {
        let read = self.stack.receive(socket, limit);
        self.reached(&read);
        self.did(socket, was_read(&read));
        self.drain();
        read
    }

    pub fn app_shutdown(&mut self, socket: Socket) -> Result<(), CallError> {
        let what = format_args!("CLOSE of its direction");
        self.act(what, socket, done(Deed::ShutDown), |stack| stack.shutdown(socket))
    }

    pub fn app_close(&mut self, socket: Socket) -> Result<(), CallError> {
        let what = format_args!("CLOSE");
        self.act(what, socket, done(Deed::Closed), |stack| stack.close(socket))
    }

    pub fn app_abort(&mut self, socket: Socket) -> Result<(), CallError> {
        let what = format_args!("ABORT");
        self.act(what, socket, done(Deed::Aborted), |stack| stack.abort(socket))
    }

    /// A call that a script can repeat: what it did with `socket`, if anything, stands in the log for programs too, before what
    /// the stack sends upon it.
    fn act<R: std::fmt::Debug>(
        &mut self,
        what: std::fmt::Arguments<'_>,
        socket: Socket,
        deed: impl FnOnce(&Result<R, CallError>, bool) -> Option<Deed>,
        call: impl FnOnce(&mut dyn Stack) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        let result = call(&mut self.stack);
        self.reached(&result);
        self.note(what, &result);
        self.did(socket, deed(&result, self.trouble.is_some()));
        self.drain();
        result
    }

    fn did(&mut self, socket: Socket, deed: Option<Deed>) {
        if let Some(deed) = deed.filter(|_| self.logging) {
            let now = self.now();
            self.log.deed(now, socket, deed);
        }
    }
}

/// A call that brings nothing back: it was made, or the stack failed over it.
fn done(deed: Deed) -> impl FnOnce(&Result<(), CallError>, bool) -> Option<Deed> {
    move |result, failed| (result.is_ok() || failed).then_some(deed)
}

fn was_read(read: &Result<Received, CallError>) -> Option<Deed> {
    match read {
        Ok(Received::Data(octets)) if !octets.is_empty() => Some(Deed::Read(octets.len())),
        _ => None,
    }
}
