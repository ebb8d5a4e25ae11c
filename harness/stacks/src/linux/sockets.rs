//! The application inside the namespace: ordinary sockets that never wait.

use super::agent::{from_hex, to_hex};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::time::Duration;

/// Connections of a port that wait to be accepted.
const BACKLOG: i32 = 128;

#[derive(Default)]
pub struct Sockets {
    listening: HashMap<u16, Socket>,
    open: HashMap<u64, One>,
    next: u64,
}

/// A connection; the socket is gone once the application has closed it.
struct One {
    socket: Option<Socket>,
    ports: (u16, u16),
    connecting: bool,
}

type Answer = Result<String, String>;

impl Sockets {
    /// `listen 80`, `send 3 00ff` and so on.
    pub fn call(&mut self, address: IpAddr, words: &[&str]) -> Answer {
        let number = |text: &str| text.parse::<u64>().map_err(|_| "malformed".to_owned());
        match words {
            ["listen", port] => self.listen(address, number(port)? as u16),
            ["accept", port] => self.accept(number(port)? as u16),
            ["connect", local, remote, port] => {
                let remote = remote.parse::<IpAddr>().map_err(|_| "malformed".to_owned())?;
                self.connect(address, number(local)? as u16, (remote, number(port)? as u16))
            }
            ["send", id, hex] => self.send(number(id)?, hex),
            ["urgent", id, hex] => self.urgent(number(id)?, hex),
            ["receive", id, most] => self.receive(number(id)?, number(most)? as usize),
            ["shutdown", id] => self.with(number(id)?, |one| one.shutdown(Shutdown::Write)),
            ["close", id] => self.close(number(id)?, false),
            ["abort", id] => self.close(number(id)?, true),
            ["status", id] => self.status(number(id)?),
            ["option", id, "nodelay", value] => self.with(number(id)?, |one| one.set_tcp_nodelay(*value == "1")),
            ["option", id, "keepalive", value] => self.with(number(id)?, |one| one.set_keepalive(*value == "1")),
            ["count", state] => Ok(count(state)),
            _ => Err("unsupported".to_owned()),
        }
    }

    fn listen(&mut self, address: IpAddr, port: u16) -> Answer {
        let at = SocketAddr::new(address, port);
        let listened = || -> std::io::Result<Socket> {
            let socket = make(at)?;
            socket.bind(&at.into())?;
            socket.listen(BACKLOG)?;
            Ok(socket)
        };
        let socket = listened().map_err(told)?;
        self.listening.insert(port, socket);
        Ok("ok".to_owned())
    }

    fn accept(&mut self, port: u16) -> Answer {
        let listener = self.listening.get(&port).ok_or("closed")?;
        match listener.accept() {
            Ok((socket, peer)) => {
                socket.set_nonblocking(true).map_err(told)?;
                let remote = peer.as_socket().map_or(0, |peer| peer.port());
                Ok(self.keep(socket, (port, remote), false))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok("none".to_owned()),
            Err(error) => Err(told(error)),
        }
    }

    fn connect(&mut self, address: IpAddr, port: u16, remote: (IpAddr, u16)) -> Answer {
        let socket = make(SocketAddr::from(remote)).map_err(told)?;
        socket.set_reuse_address(true).map_err(told)?;
        socket.bind(&SocketAddr::new(address, port).into()).map_err(told)?;
        match socket.connect(&SocketAddr::from(remote).into()) {
            Err(error) if !in_progress(&error) => Err(told(error)),
            _ => {
                let local = socket.local_addr().ok().and_then(|one| one.as_socket());
                Ok(self.keep(socket, (local.map_or(port, |one| one.port()), remote.1), true))
            }
        }
    }

    fn keep(&mut self, socket: Socket, ports: (u16, u16), connecting: bool) -> String {
        self.next += 1;
        let one = One {
            socket: Some(socket),
            ports,
            connecting,
        };
        self.open.insert(self.next, one);
        self.next.to_string()
    }

    fn with(&mut self, id: u64, act: impl FnOnce(&Socket) -> std::io::Result<()>) -> Answer {
        let one = self.open.get(&id).and_then(|one| one.socket.as_ref()).ok_or("closed")?;
        act(one).map(|()| "ok".to_owned()).map_err(told)
    }

    fn send(&mut self, id: u64, hex: &str) -> Answer {
        let data = from_hex(hex).ok_or("malformed")?;
        let socket = self
            .open
            .get_mut(&id)
            .and_then(|one| one.socket.as_mut())
            .ok_or("closed")?;
        match socket.write(&data) {
            Ok(count) => Ok(count.to_string()),
            Err(error) if waits(&error) => Ok("0".to_owned()),
            Err(error) => Err(told(error)),
        }
    }

    fn urgent(&mut self, id: u64, hex: &str) -> Answer {
        let data = from_hex(hex).ok_or("malformed")?;
        let socket = self.open.get(&id).and_then(|one| one.socket.as_ref()).ok_or("closed")?;
        socket
            .send_out_of_band(&data)
            .map(|count| count.to_string())
            .map_err(told)
    }

    fn receive(&mut self, id: u64, most: usize) -> Answer {
        let one = self.open.get_mut(&id).ok_or("closed")?;
        let socket = one.socket.as_mut().ok_or("closed")?;
        let mut octets = vec![0; most.clamp(1, 65_536)];
        match socket.read(&mut octets) {
            Ok(0) => Ok("end".to_owned()),
            Ok(count) => Ok(format!("data {}", to_hex(&octets[..count]))),
            Err(error) if waits(&error) => {
                // An attempt that failed is told by the pending error, not by the read.
                match socket.take_error() {
                    Ok(Some(error)) => Err(told(error)),
                    _ => Ok("none".to_owned()),
                }
            }
            Err(error) if error.kind() == ErrorKind::NotConnected && one.connecting => Ok("none".to_owned()),
            Err(error) => Err(told(error)),
        }
    }

    /// A linger of zero makes a close an abort.
    fn close(&mut self, id: u64, abort: bool) -> Answer {
        let one = self.open.get_mut(&id).ok_or("closed")?;
        let socket = one.socket.take().ok_or("closed")?;
        if abort {
            socket.set_linger(Some(Duration::ZERO)).map_err(told)?;
        }
        Ok("ok".to_owned())
    }

    /// As /proc/net/tcp tells.
    fn status(&mut self, id: u64) -> Answer {
        let one = self.open.get(&id).ok_or("closed")?;
        let (local, remote) = (format!(":{:04X}", one.ports.0), format!(":{:04X}", one.ports.1));
        let state = connections()
            .into_iter()
            .find(|(mine, theirs, _)| mine.ends_with(&local) && theirs.ends_with(&remote));
        Ok(state.map_or("closed", |(_, _, state)| state).to_owned())
    }
}

fn make(at: SocketAddr) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Local and remote address and port, in hexadecimal, and the state of every connection in the namespace.
fn connections() -> Vec<(String, String, &'static str)> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|file| std::fs::read_to_string(file).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    let one = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        Some((words.next()?.to_owned(), words.next()?.to_owned(), name(words.next()?)))
    };
    lines.filter_map(one).collect()
}

fn count(state: &str) -> String {
    connections()
        .iter()
        .filter(|(_, _, one)| *one == state)
        .count()
        .to_string()
}

/// The kernel's numbers for states.
fn name(state: &str) -> &'static str {
    match state {
        "01" => "established",
        "02" => "syn-sent",
        "03" | "0C" => "syn-received",
        "04" => "fin-wait-1",
        "05" => "fin-wait-2",
        "06" => "time-wait",
        "07" => "closed",
        "08" => "close-wait",
        "09" => "last-ack",
        "0A" => "listen",
        "0B" => "closing",
        _ => "unknown",
    }
}

fn waits(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn in_progress(error: &std::io::Error) -> bool {
    waits(error) || error.raw_os_error() == Some(115)
}

/// The protocol's word for an error.
fn told(error: std::io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionReset => "reset",
        ErrorKind::ConnectionRefused => "refused",
        ErrorKind::TimedOut => "timeout",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "unreachable",
        ErrorKind::AddrInUse => "in-use",
        ErrorKind::BrokenPipe | ErrorKind::NotConnected => "closed",
        ErrorKind::ConnectionAborted => "aborted",
        ErrorKind::AddrNotAvailable | ErrorKind::InvalidInput => "bad-address",
        _ => return format!("aborted {error}"),
    }
    .to_owned()
}
