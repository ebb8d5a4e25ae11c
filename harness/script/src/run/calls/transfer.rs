//! Sending and receiving. What is written has a known octet at each place, and what is read must have it.

use super::sockets::{Errno, Role, errno, told};
use super::{Answer, socket_of};
use crate::run::inbound::octet_of;
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::run::symbols;
use crate::syntax::ast::{Call, Expr};
use stacks::{CallError, Received, Socket};

/// Octets that one call may move.
const MOST: usize = 64 << 20;
/// Octets handed over at once.
const CHUNK: usize = 65_536;

pub fn send(player: &mut Player<'_>, call: &Call, moved: &mut usize) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let size = size(call)?;
    let Some(sock) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    let (Role::Connected(socket) | Role::Connecting(socket)) = sock.role else {
        return Ok(Answer::Fails(errno::EPIPE));
    };
    if sock.shut {
        return Ok(Answer::Fails(errno::EPIPE));
    }
    let (nonblocking, urgent) = (sock.nonblocking || flag(call, "MSG_DONTWAIT"), flag(call, "MSG_OOB"));
    while *moved < size {
        let written = player.sockets.get(fd).map_or(0, |sock| sock.written);
        let count = (size - *moved).min(CHUNK);
        let octets: Vec<u8> = (0..count as u32).map(|at| octet_of(1 + written + at)).collect();
        match hand_over(player, socket, &octets, urgent) {
            Ok(0) => break,
            Ok(taken) => {
                *moved += taken;
                player
                    .sockets
                    .get(fd)
                    .into_iter()
                    .for_each(|sock| sock.written += taken as u32);
            }
            Err(_) if *moved > 0 => break,
            Err(CallError::Closed) if is_connecting(player, fd) => return Ok(Answer::Waits),
            Err(error) => return told(error).map(Answer::Fails),
        }
    }
    Ok(match *moved {
        moved if moved == size || nonblocking && moved > 0 => Answer::Returns(moved as i64),
        _ if nonblocking => Answer::Fails(errno::EAGAIN),
        _ => Answer::Waits,
    })
}

fn hand_over(player: &mut Player<'_>, socket: Socket, octets: &[u8], urgent: bool) -> Result<usize, CallError> {
    player
        .tester
        .call(format_args!("send {} octets", octets.len()), |stack| {
            if urgent {
                stack.send_urgent(socket, octets)
            } else {
                stack.send(socket, octets)
            }
        })
}

fn is_connecting(player: &mut Player<'_>, fd: i64) -> bool {
    player
        .sockets
        .get(fd)
        .is_some_and(|sock| matches!(sock.role, Role::Connecting(_)))
}

pub fn receive(player: &mut Player<'_>, call: &Call, moved: &mut usize) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let size = size(call)?;
    let Some(sock) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    let (Role::Connected(socket) | Role::Connecting(socket)) = sock.role else {
        return Ok(Answer::Fails(errno::ENOTCONN));
    };
    if sock.at_end || size == 0 {
        return Ok(Answer::Returns(0));
    }
    let nonblocking = sock.nonblocking || flag(call, "MSG_DONTWAIT");
    if flag(call, "MSG_PEEK")
        && let Some(answer) = peek(player, fd, size)
    {
        return Ok(answer);
    }
    let whole = flag(call, "MSG_WAITALL");
    while *moved < size {
        let most = (size - *moved).min(CHUNK);
        match player.tester.quietly(|stack| stack.receive(socket, most)) {
            Ok(Received::Data(octets)) if !octets.is_empty() => {
                *moved += octets.len();
                if let Some(wrong) = take(player, fd, &octets) {
                    return Ok(Answer::Differs(
                        format!("the octet sent at {wrong}"),
                        "another one".to_owned(),
                    ));
                }
            }
            Ok(Received::End) => {
                if *moved == 0 {
                    player.sockets.get(fd).into_iter().for_each(|sock| sock.at_end = true);
                }
                player
                    .tester
                    .remark(format!("the application: read {} octets, and the end", *moved));
                return Ok(Answer::Returns(*moved as i64));
            }
            Ok(_) if *moved == 0 && player.sockets.get(fd).is_some_and(|sock| sock.deaf) => {
                return Ok(Answer::Returns(0));
            }
            Ok(_) => break,
            Err(_) if *moved > 0 => break,
            Err(error) => return told(error).map(|error| Answer::Fails(read_error(error))),
        }
    }
    if *moved == size || *moved > 0 && !whole {
        player.tester.remark(format!("the application: read {} octets", *moved));
        return Ok(Answer::Returns(*moved as i64));
    }
    Ok(if nonblocking {
        Answer::Fails(errno::EAGAIN)
    } else {
        Answer::Waits
    })
}

/// What could be read, as far as the packets tell; none where the connection's end has the answer.
fn peek(player: &mut Player<'_>, fd: i64, size: usize) -> Option<Answer> {
    player.absorb();
    let sock = player.sockets.get(fd)?;
    let (read, nonblocking, at) = (sock.read, sock.nonblocking, sock.flow?);
    let flow = player.flows.get(at)?;
    let unread = flow.unread(read) as usize;
    if unread > 0 {
        return Some(Answer::Returns(unread.min(size) as i64));
    }
    match () {
        () if flow.reset => None,
        () if flow.our_fin && flow.acknowledged == flow.given => Some(Answer::Returns(0)),
        () if nonblocking => Some(Answer::Fails(errno::EAGAIN)),
        () => Some(Answer::Waits),
    }
}

/// A stream that is over says so to a reader in its own way.
fn read_error(error: Errno) -> Errno {
    if error == errno::EPIPE { errno::ENOTCONN } else { error }
}

/// Notes what was read; where it is not what we sent.
fn take(player: &mut Player<'_>, fd: i64, octets: &[u8]) -> Option<u32> {
    let sock = player.sockets.get(fd)?;
    let first = sock.read.wrapping_add(1);
    sock.read += octets.len() as u32;
    let wrong = octets
        .iter()
        .enumerate()
        .find(|(at, octet)| octet_of(first.wrapping_add(*at as u32)) != **octet);
    wrong.map(|(at, _)| first.wrapping_add(at as u32))
}

fn flag(call: &Call, name: &str) -> bool {
    call.arguments
        .iter()
        .skip(2)
        .flat_map(symbols::names)
        .any(|flag| flag == name)
}

/// How many octets a call is about.
fn size(call: &Call) -> Step<usize> {
    let size = match call.name.as_str() {
        "sendmsg" | "recvmsg" => call.arguments.get(1).and_then(message_size),
        "writev" | "readv" => call.arguments.get(1).and_then(vector_size),
        _ => call.arguments.get(2).and_then(symbols::value),
    };
    size.and_then(|size| usize::try_from(size).ok())
        .filter(|size| *size <= MOST)
        .ok_or_else(|| Stop::Needs(format!("the size of {}()", call.name)))
}

fn message_size(message: &Expr) -> Option<i64> {
    let Expr::Struct(fields) = message else { return None };
    fields.iter().find_map(|field| match field {
        Expr::Assign(target, value) => match &**target {
            Expr::Function(name, _) if name == "msg_iov" => vector_size(value),
            _ => None,
        },
        _ => None,
    })
}

/// `[{..., 1000}, {..., 200}]`
fn vector_size(vector: &Expr) -> Option<i64> {
    let Expr::Array(parts) = vector else { return None };
    parts.iter().try_fold(0i64, |sum, part| match part {
        Expr::Struct(fields) => sum.checked_add(symbols::value(fields.get(1)?)?),
        _ => None,
    })
}
