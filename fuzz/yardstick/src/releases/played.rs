//! A release as a stack. A listening socket takes one connection: a listener is a handful of them.

use super::wire::{MAX_QUEUED, Wire};
use super::{NoData, Release};
use ::wire::Instant;
use stacks::{
    Abilities, Ability, CallError, Clock, Identity, Received, START, Setting, Setup, Socket, Stack, State, Status,
    Trouble,
};
use std::net::IpAddr;

pub fn open<R: Release + 'static>(setup: &Setup) -> Result<Box<dyn Stack>, Trouble> {
    Ok(Box::new(Played {
        now: START,
        release: R::open(setup, Wire::new(setup.mtu)),
        address: setup.address,
        listening: Vec::new(),
        open: Vec::new(),
        buffers: (setup.receive_buffer, setup.send_buffer),
        backlog: setup.backlog,
        trouble: None,
    }))
}

struct Played<R: Release> {
    now: Instant,
    release: R,
    address: IpAddr,
    listening: Vec<(u16, R::Handle)>,
    /// By the numbers that the application knows them by.
    open: Vec<R::Handle>,
    buffers: (usize, usize),
    backlog: usize,
    trouble: Option<String>,
}

impl<R: Release> Played<R> {
    /// Lets it work until it has nothing more to send.
    fn poll(&mut self) {
        loop {
            let before = self.release.wire().sent.len();
            self.release.poll(self.now);
            let wire = self.release.wire();
            if wire.is_full() {
                self.trouble = Some(format!("one poll sent {MAX_QUEUED} packets{}", self.states()));
                break;
            }
            if wire.sent.len() == before && wire.arrived.is_empty() {
                break;
            }
        }
    }

    /// Where its connections stand.
    fn states(&mut self) -> String {
        let listening = self.listening.iter().map(|&(_, handle)| handle);
        let handles: Vec<R::Handle> = listening.chain(self.open.iter().copied()).collect();
        let states = handles.into_iter().map(|handle| self.release.state(handle));
        let live = states.filter(|state| !matches!(state, State::Listen | State::Closed));
        live.map(|state| format!(", {state:?}")).collect()
    }

    fn fresh(&mut self) -> R::Handle {
        self.release.fresh(self.buffers.0, self.buffers.1)
    }

    fn listener(&mut self, port: u16) -> Result<(), CallError> {
        let handle = self.fresh();
        if !self.release.listen(handle, port) {
            return Err(CallError::BadAddress);
        }
        self.listening.push((port, handle));
        Ok(())
    }

    fn handle(&self, socket: Socket) -> Result<R::Handle, CallError> {
        self.open.get(socket.0 as usize).copied().ok_or(CallError::NoSuchSocket)
    }

    fn keep(&mut self, handle: R::Handle) -> Socket {
        self.open.push(handle);
        Socket(self.open.len() as u64 - 1)
    }
}

impl<R: Release> Stack for Played<R> {
    fn identity(&self) -> Identity {
        Identity {
            name: "smoltcp".to_owned(),
            version: R::VERSION.to_owned(),
            clock: Clock::Virtual,
        }
    }

    fn abilities(&self) -> Abilities {
        let mut abilities = vec![
            Ability::Listen,
            Ability::Connect,
            Ability::HalfClose,
            Ability::Keepalive,
            Ability::Abort,
            Ability::Status,
            Ability::ReceiveBuffer,
        ];
        abilities.extend(R::NAGLE.then_some(Ability::Nagle));
        Abilities::of(&abilities)
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.release.wire().arrived.push_back(packet.to_vec());
        self.poll();
    }

    fn transmit(&mut self, packet: &mut Vec<u8>) -> bool {
        packet.clear();
        let Some(sent) = self.release.wire().sent.pop_front() else {
            return false;
        };
        *packet = sent;
        true
    }

    fn wake_at(&mut self) -> Option<Instant> {
        let at = self.release.poll_at(self.now)?;
        Some(at.max(self.now))
    }

    fn advance_to(&mut self, time: Instant) {
        self.now = self.now.max(time);
        self.poll();
    }

    fn listen(&mut self, port: u16) -> Result<(), CallError> {
        (0..self.backlog).try_for_each(|_| self.listener(port))
    }

    fn accept(&mut self, port: u16) -> Result<Option<Socket>, CallError> {
        use State::{Closed, Listen, SynReceived, SynSent};
        let release = &mut self.release;
        let ready = self.listening.iter().position(|&(at, handle)| {
            at == port && !matches!(release.state(handle), Closed | Listen | SynReceived | SynSent)
        });
        let Some(ready) = ready else { return Ok(None) };
        let (_, handle) = self.listening.remove(ready);
        self.listener(port)?;
        Ok(Some(self.keep(handle)))
    }

    fn connect(&mut self, port: u16, remote: (IpAddr, u16)) -> Result<Socket, CallError> {
        let port = if port == 0 { 49_152 } else { port };
        let handle = self.fresh();
        if !self.release.connect(handle, (self.address, port), remote) {
            return Err(CallError::BadAddress);
        }
        self.poll();
        Ok(self.keep(handle))
    }

    fn send(&mut self, socket: Socket, data: &[u8]) -> Result<usize, CallError> {
        let handle = self.handle(socket)?;
        let Some(taken) = self.release.send(handle, data) else {
            return Err(match self.release.state(handle) {
                State::Closed => CallError::Aborted,
                _ => CallError::Closed,
            });
        };
        self.poll();
        Ok(taken)
    }

    fn receive(&mut self, socket: Socket, limit: usize) -> Result<Received, CallError> {
        let handle = self.handle(socket)?;
        let mut octets = vec![0; limit.min(1 << 20)];
        let received = match self.release.receive(handle, &mut octets) {
            Ok(0) => Ok(Received::Nothing),
            Ok(count) => {
                octets.truncate(count);
                Ok(Received::Data(octets))
            }
            Err(NoData::Finished) => Ok(Received::End),
            // Not yet open, or over without a word why.
            Err(NoData::InvalidState) if self.release.state(handle) == State::Closed => Err(CallError::Aborted),
            Err(NoData::InvalidState) => Ok(Received::Nothing),
        };
        self.poll();
        received
    }

    fn shutdown(&mut self, socket: Socket) -> Result<(), CallError> {
        let handle = self.handle(socket)?;
        self.release.close(handle);
        self.poll();
        Ok(())
    }

    fn close(&mut self, socket: Socket) -> Result<(), CallError> {
        self.shutdown(socket)
    }

    fn abort(&mut self, socket: Socket) -> Result<(), CallError> {
        let handle = self.handle(socket)?;
        self.release.abort(handle);
        self.poll();
        Ok(())
    }

    fn status(&mut self, socket: Socket) -> Result<Status, CallError> {
        let handle = self.handle(socket)?;
        Ok(Status::In(self.release.state(handle)))
    }

    fn set(&mut self, socket: Socket, setting: Setting) -> Result<(), CallError> {
        let handle = self.handle(socket)?;
        match setting {
            Setting::Nagle(on) => self.release.nagle(handle, on),
            Setting::Keepalive(on) => self.release.keepalive(handle, on),
            Setting::UserTimeout(_) => return Err(CallError::Unsupported),
        }
        self.poll();
        Ok(())
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.clone()
    }
}
