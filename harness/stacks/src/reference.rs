//! The reference TCP, in process, on virtual time.

use crate::adapter::Adapter;
use crate::stack::{
    Abilities, Ability, CallError, Clock, Identity, Received, START, Setting, Setup, Socket, Stack, Status,
};
use std::collections::HashSet;
use std::net::IpAddr;
use tcp::{Config, Connection, Ended, Host, Keepalive, SocketId};
use wire::Instant;

pub const ADAPTER: Adapter = Adapter {
    name: "reference",
    about: "The reference TCP of this project, in process, on virtual time",
    needs: || Ok(()),
    open: |_, setup| Ok(open(setup)),
};

struct Reference {
    host: Host,
    now: Instant,
    sockets: Vec<SocketId>,
    /// Whose application is done with the connection: it reads no more (RFC 9293 section 3.6.1, MAY-1).
    done: HashSet<Socket>,
}

fn open(setup: &Setup) -> Box<dyn Stack> {
    let mut config = Config::new(setup.address);
    config.seed = setup.seed;
    config.mtu = setup.mtu;
    config.receive_buffer = setup.receive_buffer;
    config.send_buffer = setup.send_buffer;
    config.faults = setup.faults;
    config.ecn = true;
    Box::new(Reference {
        host: Host::new(config),
        now: START,
        sockets: Vec::new(),
        done: HashSet::new(),
    })
}

impl Reference {
    fn connection(&mut self, socket: Socket) -> Result<&mut Connection, CallError> {
        let id = self.sockets.get(socket.0 as usize).ok_or(CallError::NoSuchSocket)?;
        self.host.connection(*id).map_err(|_| CallError::NoSuchSocket)
    }

    fn keep(&mut self, id: SocketId) -> Socket {
        self.sockets.push(id);
        Socket(self.sockets.len() as u64 - 1)
    }
}

/// How the end of a connection is told to its user.
fn failure(ended: Option<Ended>) -> CallError {
    match ended {
        Some(Ended::Reset) => CallError::Reset,
        Some(Ended::Refused) => CallError::Refused,
        Some(Ended::TimedOut) => CallError::TimedOut,
        Some(Ended::Closed | Ended::Aborted) | None => CallError::Closed,
    }
}

impl Stack for Reference {
    fn identity(&self) -> Identity {
        Identity {
            name: "reference".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: Clock::Virtual,
        }
    }

    fn abilities(&self) -> Abilities {
        Abilities::of(&[
            Ability::Listen,
            Ability::Connect,
            Ability::HalfClose,
            Ability::Urgent,
            Ability::Keepalive,
            Ability::Nagle,
            Ability::Abort,
            Ability::Status,
            Ability::ReceiveBuffer,
            Ability::UserTimeout,
        ])
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.host.deliver(self.now, packet);
    }

    fn transmit(&mut self, packet: &mut Vec<u8>) -> bool {
        self.host.transmit(self.now, packet)
    }

    fn wake_at(&mut self) -> Option<Instant> {
        self.host.wake_at()
    }

    fn advance_to(&mut self, time: Instant) {
        self.now = self.now.max(time);
        self.host.advance_to(self.now);
    }

    fn listen(&mut self, port: u16) -> Result<(), CallError> {
        self.host.listen(port).map_err(|_| CallError::InUse)
    }

    fn accept(&mut self, port: u16) -> Result<Option<Socket>, CallError> {
        Ok(self.host.accept(port).map(|id| self.keep(id)))
    }

    fn connect(&mut self, port: u16, remote: (IpAddr, u16)) -> Result<Socket, CallError> {
        let port = if port == 0 { 49_152 } else { port };
        let id = self.host.connect(self.now, port, remote).map_err(|error| match error {
            tcp::CallError::NoSuchConnection => CallError::NoSuchSocket,
            tcp::CallError::BadAddress => CallError::BadAddress,
            tcp::CallError::InUse => CallError::InUse,
        })?;
        Ok(self.keep(id))
    }

    fn send(&mut self, socket: Socket, data: &[u8]) -> Result<usize, CallError> {
        let connection = self.connection(socket)?;
        connection.send(data).ok_or(failure(connection.ended()))
    }

    fn receive(&mut self, socket: Socket, limit: usize) -> Result<Received, CallError> {
        if self.done.contains(&socket) {
            return Err(CallError::Closed);
        }
        let connection = self.connection(socket)?;
        let mut octets = vec![0; limit.min(1 << 20)];
        match connection.receive(&mut octets) {
            Some(0) => Ok(Received::Nothing),
            Some(count) => {
                octets.truncate(count);
                Ok(Received::Data(octets))
            }
            None => match connection.ended() {
                None | Some(Ended::Closed) => Ok(Received::End),
                ended => Err(failure(ended)),
            },
        }
    }

    fn shutdown(&mut self, socket: Socket) -> Result<(), CallError> {
        self.connection(socket)?.close();
        Ok(())
    }

    fn close(&mut self, socket: Socket) -> Result<(), CallError> {
        self.connection(socket)?.close_for_good();
        self.done.insert(socket);
        Ok(())
    }

    fn abort(&mut self, socket: Socket) -> Result<(), CallError> {
        self.connection(socket)?.abort();
        Ok(())
    }

    fn status(&mut self, socket: Socket) -> Result<Status, CallError> {
        Ok(Status::In(self.connection(socket)?.state()))
    }

    fn send_urgent(&mut self, socket: Socket, data: &[u8]) -> Result<usize, CallError> {
        let connection = self.connection(socket)?;
        connection.send_urgent(data).ok_or(failure(connection.ended()))
    }

    fn r1_told(&mut self, socket: Socket) -> Result<bool, CallError> {
        Ok(self.connection(socket)?.r1_reached())
    }

    fn set(&mut self, socket: Socket, setting: Setting) -> Result<(), CallError> {
        let connection = self.connection(socket)?;
        match setting {
            Setting::Nagle(on) => connection.set_nagle(on),
            Setting::Keepalive(on) => connection.set_keepalive(on.then(Keepalive::default)),
            Setting::UserTimeout(timeout) => connection.set_user_timeout(timeout),
        }
        Ok(())
    }
}
