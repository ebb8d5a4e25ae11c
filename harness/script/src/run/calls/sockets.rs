//! Descriptors, and the calls that make, open and close them.

use super::{Answer, number, role, socket_of};
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::run::symbols;
use crate::syntax::ast::{Call, Expr};
use stacks::{CallError, Socket};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The name of an error number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub &'static str);

pub mod errno {
    use super::Errno;

    pub const EAGAIN: Errno = Errno("EAGAIN");
    pub const EBADF: Errno = Errno("EBADF");
    pub const EINVAL: Errno = Errno("EINVAL");
    pub const EINPROGRESS: Errno = Errno("EINPROGRESS");
    pub const EALREADY: Errno = Errno("EALREADY");
    pub const EISCONN: Errno = Errno("EISCONN");
    pub const ENOTCONN: Errno = Errno("ENOTCONN");
    pub const EPIPE: Errno = Errno("EPIPE");

    /// Stacks have fewer words for the end of a connection than Linux has.
    pub fn are_alike(a: &str, b: &str) -> bool {
        const ENDS: [&str; 9] = [
            "ECONNRESET",
            "EPIPE",
            "ENOTCONN",
            "ECONNABORTED",
            "ECONNREFUSED",
            "ETIMEDOUT",
            "EHOSTUNREACH",
            "ENETUNREACH",
            "ESHUTDOWN",
        ];
        const AGAIN: [&str; 2] = ["EAGAIN", "EWOULDBLOCK"];
        [&ENDS[..], &AGAIN[..]]
            .iter()
            .any(|group| group.contains(&a) && group.contains(&b))
    }
}

/// The error number that stands for an error of the stack.
pub fn told(error: CallError) -> Step<Errno> {
    Ok(Errno(match error {
        CallError::Unsupported => return Err(Stop::Needs("a call that the stack does not have".to_owned())),
        CallError::NoSuchSocket => "EBADF",
        CallError::InUse => "EADDRINUSE",
        CallError::BadAddress => "EADDRNOTAVAIL",
        CallError::Closed => "EPIPE",
        CallError::Reset => "ECONNRESET",
        CallError::Refused => "ECONNREFUSED",
        CallError::TimedOut => "ETIMEDOUT",
        CallError::Unreachable => "EHOSTUNREACH",
        CallError::Aborted => "ECONNABORTED",
    }))
}

#[derive(Debug, Clone, Default)]
pub struct Sock {
    pub role: Role,
    pub nonblocking: bool,
    /// `close` resets: SO_LINGER with no time.
    pub resets: bool,
    /// Octets written and read.
    pub written: u32,
    pub read: u32,
    /// The peer's end of data was read.
    pub at_end: bool,
    pub shut: bool,
    /// The application said that it will not receive: what is there may be read, then comes the end.
    pub deaf: bool,
    /// The index of its connection, for what can be seen from outside.
    pub flow: Option<usize>,
    /// Settings that are only told back.
    pub settings: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Fresh,
    Bound(u16),
    Listens(u16),
    Connecting(Socket),
    Connected(Socket),
}

#[derive(Debug, Clone, Default)]
pub struct Sockets {
    open: BTreeMap<i64, Sock>,
    /// Connections, closed ones included, in the order in which they came.
    all: Vec<Socket>,
    taken: Vec<usize>,
    /// The application has begun to listen, and nobody has called.
    awaited: bool,
    /// Octets that were written to the connection closed last.
    closed_written: u32,
}

impl Sockets {
    pub fn get(&mut self, fd: i64) -> Option<&mut Sock> {
        self.open.get_mut(&fd)
    }

    pub fn everything(&self) -> Vec<Socket> {
        self.all.clone()
    }

    pub fn latest(&self) -> Option<Socket> {
        self.all.last().copied()
    }

    /// Octets that the application wrote to its latest connection, and whether it has closed that.
    pub fn written(&self) -> (u32, bool) {
        let latest = self.latest();
        let of = |sock: &&Sock| match sock.role {
            Role::Connecting(socket) | Role::Connected(socket) => Some(socket) == latest,
            _ => false,
        };
        let open = self.open.values().find(of).map(|sock| (sock.written, sock.shut));
        open.unwrap_or((self.closed_written, true))
    }

    /// Whether the next SYN begins a connection with the application's listener; so it does once.
    pub fn expects(&mut self) -> bool {
        std::mem::take(&mut self.awaited)
    }

    /// The application has begun to listen.
    pub fn awaits(&mut self) {
        self.awaited = true;
    }

    pub fn close(&mut self, fd: i64) {
        if let Some(sock) = self.open.remove(&fd)
            && matches!(sock.role, Role::Connecting(_) | Role::Connected(_))
        {
            self.closed_written = sock.written;
        }
    }

    /// The port where the application listens, or is about to.
    pub fn bound(&self) -> Option<u16> {
        self.open.values().rev().find_map(|sock| match sock.role {
            Role::Listens(port) | Role::Bound(port) => Some(port),
            _ => None,
        })
    }

    pub fn add(&mut self, fd: i64, sock: Sock) {
        if let Role::Connecting(socket) | Role::Connected(socket) = sock.role {
            self.all.push(socket);
        }
        self.taken.extend(sock.flow);
        self.open.insert(fd, sock);
    }

    /// The descriptor that the script expects, or the lowest free one.
    fn free(&self, call: &Call) -> i64 {
        symbols::value(&call.result)
            .filter(|fd| *fd >= 0 && !self.open.contains_key(fd))
            .unwrap_or_else(|| (3..).find(|fd| !self.open.contains_key(fd)).unwrap_or(3))
    }
}

pub fn socket(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let names: Vec<&str> = call.arguments.iter().flat_map(symbols::names).collect();
    if names.contains(&"SOCK_STREAM")
        && names
            .iter()
            .any(|name| name.starts_with("IPPROTO_") && *name != "IPPROTO_TCP")
    {
        return Ok(Answer::Fails(Errno("EPROTONOSUPPORT")));
    }
    if !names.contains(&"SOCK_STREAM") {
        return Err(Stop::Needs("sockets other than TCP's".to_owned()));
    }
    let fd = player.sockets.free(call);
    let nonblocking = names.contains(&"SOCK_NONBLOCK");
    player.sockets.add(
        fd,
        Sock {
            nonblocking,
            ..Sock::default()
        },
    );
    Ok(Answer::Returns(fd))
}

pub fn bind(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let port = call
        .arguments
        .get(1)
        .and_then(port_of)
        .unwrap_or(player.config.bind_port);
    match role(player, fd) {
        Some(role @ Role::Fresh) => {
            *role = Role::Bound(port);
            Ok(Answer::Returns(0))
        }
        Some(_) => Ok(Answer::Fails(errno::EINVAL)),
        None => Ok(Answer::Fails(errno::EBADF)),
    }
}

/// `sin_port=htons(N)` of an address.
pub fn port_of(address: &Expr) -> Option<u16> {
    let Expr::Struct(fields) = address else { return None };
    fields.iter().find_map(|field| match field {
        Expr::Assign(name, value) if matches!(&**name, Expr::Word(name) if name == "sin_port" || name == "sin6_port") => {
            symbols::value(value).and_then(|port| u16::try_from(port).ok())
        }
        _ => None,
    })
}

/// `sin_addr=inet_addr("...")` of an address.
pub fn address_of(address: &Expr) -> Option<IpAddr> {
    let Expr::Struct(fields) = address else { return None };
    fields.iter().find_map(|field| match field {
        Expr::Assign(_, value) => match &**value {
            Expr::Function(name, arguments) if name == "inet_addr" || name == "inet6_addr" => match arguments.first() {
                Some(Expr::Str(parts)) => parts.concat().parse().ok(),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

pub fn listen(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let port = match role(player, fd) {
        Some(Role::Bound(port)) => *port,
        Some(Role::Listens(_)) => return Ok(Answer::Returns(0)),
        Some(Role::Fresh) => player.config.bind_port,
        Some(_) => return Ok(Answer::Fails(errno::EINVAL)),
        None => return Ok(Answer::Fails(errno::EBADF)),
    };
    let answer = player
        .tester
        .call(format_args!("listen on {port}"), |stack| stack.listen(port));
    match answer {
        Ok(()) | Err(CallError::InUse) => {
            role(player, fd)
                .into_iter()
                .for_each(|role| *role = Role::Listens(port));
            player.sockets.awaited = true;
            Ok(Answer::Returns(0))
        }
        Err(error) => told(error).map(Answer::Fails),
    }
}

pub fn accept(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let Some(listener) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    let Role::Listens(port) = listener.role else {
        return Ok(Answer::Fails(errno::EINVAL));
    };
    let nonblocking = listener.nonblocking;
    match player.tester.quietly(|stack| stack.accept(port)) {
        Ok(Some(socket)) => {
            player.tester.remark(format!("the application: accept on {port}"));
            let new = player.sockets.free(call);
            let flow = player.flows.iter().enumerate().position(|(at, flow)| {
                !flow.active && flow.established && flow.its == port && !player.sockets.taken.contains(&at)
            });
            let nonblocking = call
                .arguments
                .get(3)
                .is_some_and(|flags| symbols::names(flags).contains(&"SOCK_NONBLOCK"));
            player.sockets.add(
                new,
                Sock {
                    role: Role::Connected(socket),
                    nonblocking,
                    flow,
                    ..Sock::default()
                },
            );
            Ok(Answer::Returns(new))
        }
        Ok(None) if nonblocking => Ok(Answer::Fails(errno::EAGAIN)),
        Ok(None) => Ok(Answer::Waits),
        Err(error) => told(error).map(Answer::Fails),
    }
}

pub fn connect(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    if call
        .arguments
        .iter()
        .flat_map(symbols::names)
        .any(|name| name == "AF_UNSPEC")
    {
        return Err(Stop::Needs("connect() that disconnects".to_owned()));
    }
    let Some(sock) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    match sock.role {
        Role::Fresh | Role::Bound(_) => begin(player, call, fd),
        Role::Connecting(socket) => progress(player, fd, socket),
        Role::Connected(_) => Ok(Answer::Fails(errno::EISCONN)),
        Role::Listens(_) => Ok(Answer::Fails(errno::EINVAL)),
    }
}

fn begin(player: &mut Player<'_>, call: &Call, fd: i64) -> Step<Answer> {
    let address = call.arguments.get(1);
    let port = address.and_then(port_of).unwrap_or(player.config.connect_port);
    let remote = address.and_then(address_of).unwrap_or(player.config.peer);
    let own = match role(player, fd) {
        Some(Role::Bound(port)) => *port,
        _ => 0,
    };
    let before = player.flows.len();
    let answer = player.tester.call(format_args!("connect to {port}"), |stack| {
        stack.connect(own, (remote, port))
    });
    let socket = match answer {
        Ok(socket) => socket,
        Err(error) => return told(error).map(Answer::Fails),
    };
    player.absorb();
    let flow = (player.flows.len() > before).then_some(before);
    let Some(mut sock) = player.sockets.get(fd).cloned() else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    (sock.role, sock.flow) = (Role::Connecting(socket), flow);
    let nonblocking = sock.nonblocking;
    player.sockets.add(fd, sock);
    Ok(if nonblocking {
        Answer::Fails(errno::EINPROGRESS)
    } else {
        Answer::Waits
    })
}

/// A connection in progress, asked again.
fn progress(player: &mut Player<'_>, fd: i64, socket: Socket) -> Step<Answer> {
    player.absorb();
    let flow = player.sockets.get(fd).and_then(|sock| sock.flow);
    let flow = flow.and_then(|at| player.flows.get(at)).or(player.flows.last());
    let (established, reset) = flow.map_or((false, false), |flow| (flow.established, flow.reset));
    if established && !reset {
        role(player, fd)
            .into_iter()
            .for_each(|role| *role = Role::Connected(socket));
        return Ok(Answer::Returns(0));
    }
    // Nothing has come that a read could take: an error is the attempt's own.
    match player.tester.quietly(|stack| stack.receive(socket, 1)) {
        Err(error) if error != CallError::Unsupported => told(error).map(Answer::Fails),
        _ if player.sockets.get(fd).is_some_and(|sock| sock.nonblocking) => Ok(Answer::Fails(errno::EALREADY)),
        _ => Ok(Answer::Waits),
    }
}

pub fn close(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let Some(sock) = player.sockets.open.remove(&fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    if let Role::Connecting(socket) | Role::Connected(socket) = sock.role {
        player.sockets.closed_written = sock.written;
        let answer = if sock.resets {
            player.tester.call(format_args!("abort"), |stack| stack.abort(socket))
        } else {
            player.tester.call(format_args!("close"), |stack| stack.close(socket))
        };
        if answer == Err(CallError::Unsupported) {
            return Err(Stop::Needs(if sock.resets { "abort" } else { "close" }.to_owned()));
        }
    }
    Ok(Answer::Returns(0))
}

pub fn shutdown(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let Some(sock) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    let (Role::Connecting(socket) | Role::Connected(socket)) = sock.role else {
        return Ok(Answer::Fails(errno::ENOTCONN));
    };
    // RFC 9293 knows no end of receiving: the application alone is told that nothing more comes.
    let how = number(call, 1);
    sock.deaf |= how != symbols::number("SHUT_WR");
    if how == symbols::number("SHUT_RD") {
        return Ok(Answer::Returns(0));
    }
    let again = std::mem::replace(&mut sock.shut, true);
    if again {
        return Ok(Answer::Returns(0));
    }
    match player
        .tester
        .call(format_args!("shutdown"), |stack| stack.shutdown(socket))
    {
        Ok(()) => Ok(Answer::Returns(0)),
        Err(CallError::Closed | CallError::Reset) => Ok(Answer::Fails(errno::ENOTCONN)),
        Err(error) => told(error).map(Answer::Fails),
    }
}
