//! What a call brought: what the script says of it, and what is known from it.

use super::plan::{EPOLL_DATA, Plan};
use super::request::{Returned, number};
use super::values::{self, number_of};
use super::{errno, message};
use crate::run::calls::{Answer, Errno, Role, Sock, port_of};
use crate::run::outcome::Step;
use crate::run::player::Player;
use crate::run::symbols;
use crate::syntax::ast::{Call, Expr};
use stacks::Socket;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The connection is being opened (connect(2)).
const EINPROGRESS: i64 = 115;

pub fn look(player: &mut Player<'_>, call: &Call, plan: &Plan, returned: &Returned) -> Step<Answer> {
    if returned.result < 0 {
        if returned.errno == EINPROGRESS {
            connected(player, call);
        }
        return Ok(Answer::Fails(Errno(errno::name(returned.errno))));
    }
    let differs = match call.name.as_str() {
        "ioctl" => int_differs("the value", call.arguments.get(2), returned, 0, 4),
        "getsockopt" => option_differs(call, returned),
        "poll" => polled_differs(call, returned),
        "epoll_wait" => events_differ(call, returned),
        "recvmsg" => received_differs(player, call, plan, returned)?,
        _ => None,
    };
    if let Some(differs) = differs {
        return Ok(differs);
    }
    learn(player, call, returned);
    Ok(Answer::Returns(named(player, call, returned)))
}

/// A new descriptor is the one that the script expects, if it expects one.
fn named(player: &mut Player<'_>, call: &Call, returned: &Returned) -> i64 {
    let makes = ["socket", "accept", "accept4", "epoll_create", "epoll_create1", "open"];
    if !makes.contains(&call.name.as_str()) {
        return returned.result;
    }
    let Some(fd) = symbols::value(&call.result).filter(|fd| *fd >= 0) else {
        return returned.result;
    };
    player.native().live.insert(fd, returned.result);
    match call.name.as_str() {
        "socket" => {
            player.sockets.add(fd, Sock::default());
            player.native().subject.get_or_insert(fd);
        }
        "accept" | "accept4" => {
            let role = Role::Connected(Socket(returned.result as u64));
            player.sockets.add(
                fd,
                Sock {
                    role,
                    ..Sock::default()
                },
            );
            player.native().subject = Some(fd);
        }
        _ => {}
    }
    fd
}

/// What follows from a call that did not fail.
fn learn(player: &mut Player<'_>, call: &Call, returned: &Returned) {
    let fd = call.arguments.first().and_then(symbols::value).unwrap_or(-1);
    let moved = returned.result as u32;
    match call.name.as_str() {
        "bind" => {
            let port = call
                .arguments
                .get(1)
                .and_then(port_of)
                .unwrap_or(player.config.bind_port);
            role(player, fd, Role::Bound(port));
        }
        "listen" => {
            let port = match player.sockets.get(fd).map(|sock| sock.role) {
                Some(Role::Bound(port) | Role::Listens(port)) => port,
                _ => player.config.bind_port,
            };
            role(player, fd, Role::Listens(port));
            player.sockets.awaits();
        }
        "connect" => connected(player, call),
        "write" | "send" | "sendto" | "sendmsg" | "writev" | "sendfile" => {
            if call.name.starts_with("send") && call.name != "sendfile" {
                connected(player, call);
            }
            player
                .sockets
                .get(fd)
                .into_iter()
                .for_each(|sock| sock.written += moved);
        }
        "close" => {
            player.native().live.remove(&fd);
            player.sockets.close(fd);
        }
        "shutdown" => player.sockets.get(fd).into_iter().for_each(|sock| {
            sock.shut |= call.arguments.get(1).and_then(symbols::value) != symbols::number("SHUT_RD");
        }),
        "pipe" | "pipe2" => {
            let Some(Expr::Array(ends)) = call.arguments.first() else {
                return;
            };
            for (at, end) in ends.iter().filter_map(symbols::value).enumerate() {
                let live = returned.number(0, at * 4, 4);
                player.native().live.insert(end, live);
            }
        }
        _ => {}
    }
}

fn role(player: &mut Player<'_>, fd: i64, role: Role) {
    player.sockets.get(fd).into_iter().for_each(|sock| sock.role = role);
}

/// The call's descriptor has become a connection, which assertions are about from now on.
fn connected(player: &mut Player<'_>, call: &Call) {
    let fd = call.arguments.first().and_then(symbols::value).unwrap_or(-1);
    let live = player.native().live(fd);
    let Some(mut sock) = player.sockets.get(fd).cloned() else {
        return;
    };
    if matches!(sock.role, Role::Fresh | Role::Bound(_)) {
        sock.role = Role::Connected(Socket(live as u64));
        player.sockets.add(fd, sock);
        player.native().subject = Some(fd);
    }
}

/// A number in memory is not the one that the script gives.
fn int_differs(what: &str, wanted: Option<&Expr>, returned: &Returned, block: usize, size: usize) -> Option<Answer> {
    let wanted = match wanted? {
        Expr::Array(items) if items.len() == 1 => values::number(&items[0])?,
        expr => values::number(expr)?,
    };
    let seen = returned.number(block, 0, size);
    let mask = if size >= 4 { 0xffff_ffff } else { 0xff };
    (wanted & mask != seen & mask).then(|| Answer::Differs(format!("{what} {wanted}"), seen.to_string()))
}

/// `getsockopt(4, SOL_TCP, TCP_MAXSEG, [1100], [4])`
fn option_differs(call: &Call, returned: &Returned) -> Option<Answer> {
    let size = returned.number(1, 0, 4) as usize;
    if let Some(wanted) = call.arguments.get(4).and_then(symbols::value)
        && wanted != size as i64
    {
        return Some(Answer::Differs(
            format!("an option of {wanted} octets"),
            size.to_string(),
        ));
    }
    match call.arguments.get(3)? {
        Expr::Struct(fields) => {
            let linger = [("onoff", 0), ("linger", 4)];
            linger.iter().find_map(|(name, at)| {
                let (wanted, seen) = (number_of(fields, name)?, returned.number(0, *at, 4));
                (wanted != seen).then(|| Answer::Differs(format!("{name}={wanted}"), seen.to_string()))
            })
        }
        Expr::Str(parts) => {
            let seen = returned.octets(0).get(..size).unwrap_or_default();
            let seen = String::from_utf8_lossy(seen).trim_end_matches('\0').to_owned();
            (parts.concat() != seen).then(|| Answer::Differs(parts.concat(), seen))
        }
        wanted => int_differs("the option's value", Some(wanted), returned, 0, size.min(4)),
    }
}

fn polled_differs(call: &Call, returned: &Returned) -> Option<Answer> {
    let Some(Expr::Array(entries)) = call.arguments.first() else {
        return None;
    };
    entries.iter().enumerate().find_map(|(at, entry)| {
        let Expr::Struct(fields) = entry else { return None };
        let wanted = number_of(fields, "revents")?;
        let seen = returned.number(0, at * 8 + 6, 2);
        let fd = number_of(fields, "fd").unwrap_or(-1);
        (wanted != seen).then(|| Answer::Differs(format!("revents of {fd} are {wanted:#x}"), format!("{seen:#x}")))
    })
}

fn events_differ(call: &Call, returned: &Returned) -> Option<Answer> {
    let wanted: Vec<&Expr> = match call.arguments.get(1)? {
        Expr::Array(entries) => entries.iter().collect(),
        entry => vec![entry],
    };
    let size = EPOLL_DATA + 8;
    let events = returned.octets(0).chunks_exact(size).take(returned.result as usize);
    wanted.into_iter().zip(events).find_map(|(wanted, event)| {
        let Expr::Struct(fields) = wanted else { return None };
        let bits = number_of(fields, "events")? & 0xffff_ffff;
        let seen = number(event, 0, 4);
        if bits != seen {
            return Some(Answer::Differs(format!("events {bits:#x}"), format!("{seen:#x}")));
        }
        let data = ["fd", "u32", "u64", "ptr"]
            .iter()
            .find_map(|name| number_of(fields, name))?;
        let seen = number(event, EPOLL_DATA, 8);
        (data != seen).then(|| Answer::Differs(format!("events of {data}"), seen.to_string()))
    })
}

fn received_differs(player: &Player<'_>, call: &Call, plan: &Plan, returned: &Returned) -> Step<Option<Answer>> {
    let (Some(Expr::Struct(fields)), Some(parts)) = (call.arguments.get(1), plan.parts) else {
        return Ok(None);
    };
    // The script's time of a stamp: so long before now, by the clock that the kernel stamps with.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let script_now = player.script_time(player.tester.now());
    let tolerance = player.config.tolerance;
    let since = |seconds: i64, nanos: i64| {
        let stamped = seconds * 1_000_000 + nanos / 1000;
        (script_now - (now.as_micros() as i64 - stamped), tolerance)
    };
    message::compare(fields, parts, returned, &since)
}
