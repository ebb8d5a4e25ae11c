//! A call of the script as a request to the stack's agent.

use super::message::{self, Parts, Purpose};
use super::request::{Memory, Request};
use super::values::{self, field, number, number_of};
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::run::symbols;
use crate::syntax::ast::{Call, Expr};

/// A request, and where the parts of a message stand in its memory.
pub struct Plan {
    pub request: Request,
    pub parts: Option<Parts>,
}

/// Calls that are made as they are written.
const KNOWN: &str = "socket bind listen accept accept4 connect close shutdown fcntl ioctl poll read recv recvfrom recvmsg readv \
    write send sendto sendmsg writev setsockopt getsockopt epoll_create epoll_create1 epoll_ctl epoll_wait pipe pipe2 splice \
    sendfile open";

pub fn is_known(name: &str) -> bool {
    KNOWN.split_whitespace().any(|known| known == name)
}

/// A call's arguments, one after the other.
struct Arguments<'c> {
    call: &'c Call,
}

impl<'c> Arguments<'c> {
    fn get(&self, at: usize) -> Option<&'c Expr> {
        self.call.arguments.get(at)
    }

    /// A number, or a name that stands for one; what the script leaves open is `default`.
    fn number(&self, at: usize, default: i64) -> Step<i64> {
        match self.get(at) {
            None | Some(Expr::Ellipsis) => Ok(default),
            Some(expr) => number(expr).ok_or_else(|| Stop::Needs(format!("the value {expr} in {}()", self.call.name))),
        }
    }

    fn size(&self, at: usize) -> Step<usize> {
        values::size(self.get(at))
    }
}

pub fn of(player: &mut Player<'_>, call: &Call) -> Step<Plan> {
    let arguments = Arguments { call };
    let mut parts = None;
    let request = match call.name.as_str() {
        "socket" => socket(player, &arguments)?,
        "bind" | "connect" => addressed(player, &arguments)?,
        "listen" | "shutdown" => plain(player, &arguments, 1)?,
        "close" => plain(player, &arguments, 0)?,
        "accept" | "accept4" => accept(player, &arguments)?,
        "fcntl" => fcntl(player, &arguments)?,
        "ioctl" => on(player, &arguments, 0, "ioctl")?
            .number(arguments.number(1, 0)?)
            .memory(Memory::Zeros(4)),
        "poll" => poll(player, &arguments)?,
        "epoll_create" | "epoll_create1" => Request::of("epoll_create1").number(0),
        "epoll_ctl" => epoll_ctl(player, &arguments)?,
        "epoll_wait" => {
            let most = arguments.number(2, 1)?;
            on(player, &arguments, 0, "epoll_pwait")?
                .memory(Memory::Zeros(most.clamp(0, 4096) as usize * 16))
                .number(most)
                .number(arguments.number(3, 0)?)
                .null()
                .number(8)
        }
        "pipe" | "pipe2" => Request::of("pipe2")
            .memory(Memory::Zeros(8))
            .number(arguments.number(1, 0)?),
        "splice" => splice(player, &arguments)?,
        "sendfile" => sendfile(player, &arguments)?,
        // Whatever file it is, it holds what applications send.
        "open" => Request::of("file"),
        "read" => {
            let size = arguments.size(2)?;
            into(on(player, &arguments, 0, "read")?, arguments.get(1), size).number(size as i64)
        }
        "recv" | "recvfrom" => receive(player, &arguments)?,
        "write" => {
            let (size, first) = (arguments.size(2)?, first(player, &arguments));
            out_of(on(player, &arguments, 0, "write")?, arguments.get(1), size, first).number(size as i64)
        }
        "send" | "sendto" => send(player, &arguments)?,
        "sendmsg" | "writev" | "recvmsg" | "readv" => {
            let (request, where_they_are) = message(player, &arguments)?;
            parts = Some(where_they_are);
            request
        }
        "setsockopt" => set_option(player, &arguments)?,
        "getsockopt" => get_option(player, &arguments)?,
        other => return Err(Stop::Needs(format!("{other}()"))),
    };
    Ok(Plan { request, parts })
}

/// A call on the descriptor that an argument names.
fn on(player: &mut Player<'_>, arguments: &Arguments<'_>, at: usize, name: &'static str) -> Step<Request> {
    Ok(Request::of(name).descriptor(descriptor(player, arguments, at)?))
}

fn descriptor(player: &mut Player<'_>, arguments: &Arguments<'_>, at: usize) -> Step<i64> {
    let fd = arguments.number(at, -1)?;
    Ok(player.native().live(fd))
}

/// The pattern's number of the next octet that goes out on the call's descriptor.
fn first(player: &mut Player<'_>, arguments: &Arguments<'_>) -> u32 {
    let fd = arguments.number(0, -1).unwrap_or(-1);
    1 + player.sockets.get(fd).map_or(0, |sock| sock.written)
}

/// Memory that the call writes to.
fn into(request: Request, buffer: Option<&Expr>, size: usize) -> Request {
    if values::is_null(buffer) {
        request.null()
    } else {
        request.memory(Memory::Zeros(size))
    }
}

/// Memory that the call reads.
fn out_of(request: Request, buffer: Option<&Expr>, size: usize, first: u32) -> Request {
    match values::buffer(buffer, size, first) {
        Some(memory) => request.memory(memory),
        None => request.null(),
    }
}

fn socket(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let family = i64::from(values::family(player.config.stack));
    Ok(Request::of("socket")
        .number(arguments.number(0, family)?)
        .number(arguments.number(1, 1)?)
        .number(arguments.number(2, 0)?))
}

/// A call with so many numbers behind the descriptor.
fn plain(player: &mut Player<'_>, arguments: &Arguments<'_>, numbers: usize) -> Step<Request> {
    let name = match arguments.call.name.as_str() {
        "listen" => "listen",
        "shutdown" => "shutdown",
        _ => "close",
    };
    let mut request = on(player, arguments, 0, name)?;
    for at in 1..=numbers {
        request = request.number(arguments.number(at, 0)?);
    }
    Ok(request)
}

fn addressed(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let (name, default) = match arguments.call.name.as_str() {
        "bind" => ("bind", (player.config.stack, player.config.bind_port)),
        _ => ("connect", values::peer(&player.config)),
    };
    let address = values::address(arguments.get(1), default);
    let size = address.len() as i64;
    Ok(on(player, arguments, 0, name)?
        .memory(Memory::Octets(address))
        .number(size))
}

fn accept(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    Ok(on(player, arguments, 0, "accept4")?
        .memory(Memory::Zeros(28))
        .memory(Memory::Octets(28u32.to_le_bytes().to_vec()))
        .number(arguments.number(3, 0)?))
}

fn fcntl(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    Ok(on(player, arguments, 0, "fcntl")?
        .number(arguments.number(1, 0)?)
        .number(arguments.number(2, 0)?))
}

/// `poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0)`
fn poll(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let mut octets = Vec::new();
    if let Some(Expr::Array(entries)) = arguments.get(0) {
        for entry in entries {
            let Expr::Struct(fields) = entry else { continue };
            let live = player.native().live(number_of(fields, "fd").unwrap_or(-1));
            octets.extend((live as i32).to_le_bytes());
            octets.extend((number_of(fields, "events").unwrap_or(0) as i16).to_le_bytes());
            octets.extend([0; 2]);
        }
    }
    let request = Request::of("ppoll")
        .memory(Memory::Octets(octets))
        .number(arguments.number(1, 1)?);
    let wait = arguments.number(2, 0)?;
    let request = if wait < 0 {
        request.null()
    } else {
        let time = [wait / 1000, wait % 1000 * 1_000_000].map(i64::to_le_bytes).concat();
        request.memory(Memory::Octets(time))
    };
    Ok(request.null().number(8))
}

/// Where the data of `struct epoll_event` stand: it is packed on x86-64 alone (epoll_ctl(2)).
pub const EPOLL_DATA: usize = if cfg!(target_arch = "x86_64") { 4 } else { 8 };

/// The event's data is what the script says, its own descriptors included.
fn epoll_ctl(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let fields: &[Expr] = match arguments.get(3) {
        Some(Expr::Struct(fields)) => fields,
        _ => &[],
    };
    let data = ["fd", "u32", "u64", "ptr"]
        .iter()
        .find_map(|name| number_of(fields, name))
        .unwrap_or(0);
    let mut event = (number_of(fields, "events").unwrap_or(0) as u32).to_le_bytes().to_vec();
    event.resize(EPOLL_DATA, 0);
    event.extend(data.to_le_bytes());
    let whose = descriptor(player, arguments, 2)?;
    Ok(on(player, arguments, 0, "epoll_ctl")?
        .number(arguments.number(1, 0)?)
        .descriptor(whose)
        .memory(Memory::Octets(event)))
}

/// `NULL`, or the place in a file.
fn offset(request: Request, arguments: &Arguments<'_>, at: usize) -> Step<Request> {
    if values::is_null(arguments.get(at)) {
        return Ok(request.null());
    }
    let place = arguments.number(at, 0)?;
    Ok(request.memory(Memory::Octets(place.to_le_bytes().to_vec())))
}

fn splice(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let request = offset(on(player, arguments, 0, "splice")?, arguments, 1)?;
    let out = descriptor(player, arguments, 2)?;
    Ok(offset(request.descriptor(out), arguments, 3)?
        .number(arguments.size(4)? as i64)
        .number(arguments.number(5, 0)?))
}

fn sendfile(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let from = descriptor(player, arguments, 1)?;
    let request = on(player, arguments, 0, "sendfile")?.descriptor(from);
    Ok(offset(request, arguments, 2)?.number(arguments.size(3)? as i64))
}

fn receive(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let size = arguments.size(2)?;
    let request = into(on(player, arguments, 0, "recvfrom")?, arguments.get(1), size)
        .number(size as i64)
        .number(arguments.number(3, 0)?);
    Ok(
        if arguments.call.name == "recvfrom" && !values::is_null(arguments.get(4)) {
            request
                .memory(Memory::Zeros(28))
                .memory(Memory::Octets(28u32.to_le_bytes().to_vec()))
        } else {
            request.null().null()
        },
    )
}

fn send(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let (size, first) = (arguments.size(2)?, first(player, arguments));
    let request = out_of(on(player, arguments, 0, "sendto")?, arguments.get(1), size, first)
        .number(size as i64)
        .number(arguments.number(3, 0)?);
    if arguments.call.name == "send" || values::is_null(arguments.get(4)) {
        return Ok(request.null().number(0));
    }
    let address = values::address(arguments.get(4), values::peer(&player.config));
    let length = address.len() as i64;
    Ok(request
        .memory(Memory::Octets(address))
        .number(arguments.number(5, length)?))
}

/// `sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 40}], msg_flags=0}, 0)`, `readv(4, [{..., 40}], 1)`
fn message(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<(Request, Parts)> {
    let call = &arguments.call.name;
    let sends = call == "sendmsg" || call == "writev";
    let mut request = on(player, arguments, 0, if sends { "sendmsg" } else { "recvmsg" })?;
    let fields: &[Expr] = match arguments.get(1) {
        Some(Expr::Struct(fields)) => fields,
        _ => &[],
    };
    let vector = call.ends_with('v').then(|| arguments.get(1)).flatten();
    let name = field(fields, "msg_name");
    let address = match name {
        Some(name) if !values::is_null(Some(name)) => values::address(Some(name), values::peer(&player.config)),
        _ => Vec::new(),
    };
    let purpose = Purpose {
        sends: sends.then(|| (first(player, arguments), address)),
        vector,
        fields,
    };
    let parts = message::build(&mut request, &purpose)?;
    let flags = if vector.is_some() { 0 } else { arguments.number(2, 0)? };
    Ok((request.address_of(parts.header).number(flags), parts))
}

fn set_option(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let size = match arguments.get(4) {
        None | Some(Expr::Ellipsis) => None,
        Some(_) => Some(arguments.size(4)?),
    };
    let value = values::option(arguments.get(3), size)?;
    let size = value.len() as i64;
    Ok(on(player, arguments, 0, "setsockopt")?
        .number(arguments.number(1, 0)?)
        .number(arguments.number(2, 0)?)
        .memory(Memory::Octets(value))
        .number(size))
}

fn get_option(player: &mut Player<'_>, arguments: &Arguments<'_>) -> Step<Request> {
    let size = match arguments.get(4).and_then(symbols::value) {
        Some(size) => u32::try_from(size).unwrap_or(0),
        None => 256,
    };
    Ok(on(player, arguments, 0, "getsockopt")?
        .number(arguments.number(1, 0)?)
        .number(arguments.number(2, 0)?)
        .memory(Memory::Zeros(size as usize))
        .memory(Memory::Octets(size.to_le_bytes().to_vec())))
}
