//! What stands between the Tester and the stack. It notes what the application does; and a stack that hands its application more
//! octets than ever arrived has lost its bounds, and would go on for ever: the run ends.

use crate::log::Deed;
use stacks::{Abilities, CallError, Identity, Lateness, Received, Services, Setting, Socket, Stack, Status};
use std::net::IpAddr;
use wire::Instant;

/// A stack, and what went through it.
pub(crate) struct Guarded {
    stack: Box<dyn Stack>,
    /// Octets of all packets that were delivered, headers as well; and octets that the application was given.
    arrived: u64,
    given: u64,
    trouble: Option<String>,
    /// What the application did, and nobody has fetched yet.
    pub deeds: Vec<(Socket, Deed)>,
}

impl Guarded {
    pub fn new(stack: Box<dyn Stack>) -> Guarded {
        Guarded {
            stack,
            arrived: 0,
            given: 0,
            trouble: None,
            deeds: Vec::new(),
        }
    }

    /// A call was made, if it was taken or the stack failed over it.
    fn did<R>(&mut self, socket: Socket, deed: Deed, result: Result<R, CallError>) -> Result<R, CallError> {
        if result.is_ok() || self.stack.trouble().is_some() {
            self.deeds.push((socket, deed));
        }
        result
    }

    fn wrote(
        &mut self,
        socket: Socket,
        asked: usize,
        urgent: bool,
        sent: Result<usize, CallError>,
    ) -> Result<usize, CallError> {
        let octets = sent.unwrap_or(asked);
        self.did(socket, Deed::Wrote { octets, urgent }, sent)
    }
}

impl Stack for Guarded {
    fn deliver(&mut self, packet: &[u8]) {
        self.arrived += packet.len() as u64;
        self.stack.deliver(packet);
    }

    /// The octets that are too many are still handed on, once: whoever compares them says what is wrong with them.
    fn receive(&mut self, socket: Socket, limit: usize) -> Result<Received, CallError> {
        if self.trouble.is_some() {
            return Ok(Received::Nothing);
        }
        let received = self.stack.receive(socket, limit);
        if let Ok(Received::Data(octets)) = &received {
            self.given += octets.len() as u64;
            self.deeds.push((socket, Deed::Read(octets.len())));
            if self.given > self.arrived {
                let (given, arrived) = (self.given, self.arrived);
                self.trouble = Some(format!(
                    "its application was given {given} octets and more, and only {arrived} have arrived, headers and all"
                ));
            }
        }
        received
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.clone().or_else(|| self.stack.trouble())
    }

    fn identity(&self) -> Identity {
        self.stack.identity()
    }
    fn abilities(&self) -> Abilities {
        self.stack.abilities()
    }
    fn now(&self) -> Instant {
        self.stack.now()
    }
    fn transmit(&mut self, packet: &mut Vec<u8>) -> bool {
        self.stack.transmit(packet)
    }
    fn wake_at(&mut self) -> Option<Instant> {
        self.stack.wake_at()
    }
    fn advance_to(&mut self, time: Instant) {
        self.stack.advance_to(time);
    }
    fn pass_until(&mut self, time: Instant) {
        self.stack.pass_until(time);
    }
    fn services(&self) -> Option<Services> {
        self.stack.services()
    }
    fn sent_at(&self) -> Option<Instant> {
        self.stack.sent_at()
    }
    fn arrived(&self) -> Option<(Instant, usize)> {
        self.stack.arrived()
    }
    fn lateness(&self) -> Lateness {
        self.stack.lateness()
    }
    fn listen(&mut self, port: u16) -> Result<(), CallError> {
        self.stack.listen(port)
    }
    fn accept(&mut self, port: u16) -> Result<Option<Socket>, CallError> {
        let accepted = self.stack.accept(port);
        if let Ok(Some(socket)) = accepted {
            self.deeds.push((socket, Deed::Accepted));
        }
        accepted
    }
    fn connect(&mut self, port: u16, remote: (IpAddr, u16)) -> Result<Socket, CallError> {
        self.stack.connect(port, remote)
    }
    fn send(&mut self, socket: Socket, data: &[u8]) -> Result<usize, CallError> {
        let sent = self.stack.send(socket, data);
        self.wrote(socket, data.len(), false, sent)
    }
    fn send_urgent(&mut self, socket: Socket, data: &[u8]) -> Result<usize, CallError> {
        let sent = self.stack.send_urgent(socket, data);
        self.wrote(socket, data.len(), true, sent)
    }
    fn shutdown(&mut self, socket: Socket) -> Result<(), CallError> {
        let shut = self.stack.shutdown(socket);
        self.did(socket, Deed::ShutDown, shut)
    }
    fn close(&mut self, socket: Socket) -> Result<(), CallError> {
        let closed = self.stack.close(socket);
        self.did(socket, Deed::Closed, closed)
    }
    fn abort(&mut self, socket: Socket) -> Result<(), CallError> {
        let aborted = self.stack.abort(socket);
        self.did(socket, Deed::Aborted, aborted)
    }
    fn status(&mut self, socket: Socket) -> Result<Status, CallError> {
        self.stack.status(socket)
    }
    fn set(&mut self, socket: Socket, setting: Setting) -> Result<(), CallError> {
        self.stack.set(socket, setting)
    }
    fn r1_told(&mut self, socket: Socket) -> Result<bool, CallError> {
        self.stack.r1_told(socket)
    }
    fn system_call(&mut self, call: &str) -> Result<String, CallError> {
        self.stack.system_call(call)
    }
    fn option(&mut self, socket: Option<Socket>, name: &str, value: i64) -> Result<(), CallError> {
        self.stack.option(socket, name, value)
    }
    fn knob(&mut self, name: &str, value: &str) -> Result<(), CallError> {
        self.stack.knob(name, value)
    }
}
