//! What is ready to be read or written, as far as the packets tell: nothing is taken from the stack to find out.

use super::sockets::{Role, errno};
use super::{Answer, Sock, socket_of};
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::run::symbols;
use crate::syntax::ast::{Call, Expr};

/// Events of a descriptor, by Linux's numbers.
fn events(player: &Player<'_>, sock: &Sock) -> i64 {
    let bit = |name: &str| symbols::number(name).unwrap_or(0);
    let flow = sock.flow.and_then(|at| player.flows.get(at));
    match (sock.role, flow) {
        (Role::Listens(port), _) => {
            let waits = player
                .flows
                .iter()
                .any(|flow| !flow.active && flow.established && flow.its == port && !flow.reset);
            if waits { bit("POLLIN") | bit("POLLRDNORM") } else { 0 }
        }
        (Role::Connected(_) | Role::Connecting(_), Some(flow)) => {
            let mut events = 0;
            if flow.unread(sock.read) > 0 || flow.our_fin || flow.reset {
                events |= bit("POLLIN") | bit("POLLRDNORM");
            }
            if flow.established {
                events |= bit("POLLOUT") | bit("POLLWRNORM");
            }
            if flow.our_fin {
                events |= bit("POLLRDHUP");
            }
            if flow.reset {
                events |= bit("POLLERR") | bit("POLLHUP") | bit("POLLRDHUP") | bit("POLLOUT");
            } else if flow.our_fin && sock.shut {
                events |= bit("POLLHUP");
            }
            events
        }
        _ => bit("POLLOUT") | bit("POLLHUP"),
    }
}

/// `poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0) = 1`
pub fn poll(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    player.absorb();
    let Some(Expr::Array(descriptors)) = call.arguments.first() else {
        return Err(Stop::Error("poll: expected [{fd=..., events=...}]".to_owned()));
    };
    let always = ["POLLERR", "POLLHUP", "POLLNVAL"]
        .iter()
        .filter_map(|name| symbols::number(name))
        .sum::<i64>();
    let mut ready = 0;
    let mut differs = None;
    for descriptor in descriptors {
        let Expr::Struct(fields) = descriptor else { continue };
        let field = |wanted: &str| {
            fields.iter().find_map(|field| match field {
                Expr::Assign(name, value) if **name == Expr::Word(wanted.to_owned()) => symbols::value(value),
                _ => None,
            })
        };
        let fd = field("fd").unwrap_or(-1);
        let wanted = field("events").unwrap_or(0);
        let Some(sock) = player.sockets.get(fd).cloned() else {
            continue;
        };
        let seen = events(player, &sock) & (wanted | always);
        ready += i64::from(seen != 0);
        let expected = field("revents").unwrap_or(0);
        if seen != expected {
            differs = Some(Answer::Differs(
                format!("revents of {fd} are {expected:#x}"),
                format!("{seen:#x}"),
            ));
        }
    }
    let timeout = call.arguments.get(2).and_then(symbols::value).unwrap_or(0);
    match differs {
        _ if ready == 0 && timeout != 0 && symbols::value(&call.result) != Some(0) => Ok(Answer::Waits),
        Some(differs) => Ok(differs),
        None => Ok(Answer::Returns(ready)),
    }
}

/// `ioctl(4, SIOCINQ, [1000]) = 0`
pub fn ioctl(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    player.absorb();
    let fd = socket_of(call, 0)?;
    let Some(sock) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    let (read, flow) = (sock.read, sock.flow);
    let name = symbols::names(call.arguments.get(1).unwrap_or(&Expr::Ellipsis))
        .first()
        .copied()
        .unwrap_or_default();
    let Some(flow) = flow.and_then(|at| player.flows.get(at)) else {
        return Err(Stop::Needs(format!("ioctl {name}")));
    };
    match name {
        "SIOCINQ" | "FIONREAD" => {
            let seen = i64::from(flow.unread(read));
            let wanted = call.arguments.get(2).and_then(symbols::value).unwrap_or(seen);
            Ok(if wanted == seen {
                Answer::Returns(0)
            } else {
                Answer::Differs(format!("{wanted} octets to read"), seen.to_string())
            })
        }
        name => Err(Stop::Needs(format!("ioctl {name}"))),
    }
}
