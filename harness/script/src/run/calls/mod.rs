//! The socket API on top of [`stacks::Stack`].

mod options;
mod ready;
mod sockets;
mod transfer;

pub use options::lacks as option_lacks;
pub use sockets::{Errno, Role, Sock, Sockets, address_of, port_of};

use crate::run::flow::Flow;
use crate::run::native;
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::run::symbols;
use crate::syntax::ast::{Call, Expr};
use sockets::errno;
use stacks::{CallError, State, Status};

/// How long a call that waits may take beyond what the script says, in microseconds.
const OVERTIME: i64 = 2_000_000;

/// What a call came to.
pub enum Answer {
    Returns(i64),
    Fails(Errno),
    /// Nothing yet; a blocking call waits.
    Waits,
    /// What it wrote into memory differs: expected and seen.
    Differs(String, String),
}

/// A call that waits.
#[derive(Clone)]
pub struct Pending<'a> {
    call: &'a Call,
    /// When it began and when it is to be over, in the script's microseconds.
    began: i64,
    until: i64,
    /// Octets that it has moved so far.
    moved: usize,
}

/// Makes a call, at `at` in the script's microseconds; a time until which it waits counts from `base`, as the event's own does.
pub fn call<'a>(player: &mut Player<'a>, call: &'a Call, at: i64, base: i64) -> Step {
    settle(player)?;
    let mut moved = 0;
    let answer = make(player, call, &mut moved)?;
    let Some(until) = call.until else {
        let answer = match answer {
            Answer::Waits => soon(player, call, &mut moved)?,
            answer => answer,
        };
        return check(player, call, answer);
    };
    let until = at.max(base + until);
    match answer {
        Answer::Waits => {
            player.pending = Some(Pending {
                call,
                began: at,
                until,
                moved,
            });
            Ok(())
        }
        answer => {
            if player.native.is_some() {
                in_time(player, call, (at, until))?;
            }
            check(player, call, answer)
        }
    }
}

/// A call that waits is over when the script says.
fn in_time(player: &Player<'_>, call: &Call, (began, until): (i64, i64)) -> Step {
    let now = player.script_time(player.tester.now());
    let tolerance = player.config.tolerance.max((until - began).max(0) / 8);
    if !player.is_strict() || (now - until).abs() <= tolerance {
        return Ok(());
    }
    Err(Stop::failed(
        format!("{} returns at {:.6} s", call.name, until as f64 / 1e6),
        format!("it returned at {:.6} s", now as f64 / 1e6),
        format!("the time; tolerance {:.6} s", tolerance as f64 / 1e6),
    ))
}

/// On a clock that is not ours an answer may take a moment; on ours there is nothing to wait for.
fn soon(player: &mut Player<'_>, call: &Call, moved: &mut usize) -> Step<Answer> {
    // The original waits for a call of its own for ever.
    let patience = if player.native.is_some() { OVERTIME } else { 20_000 };
    let limit = player.tester.now() + wire::Duration::micros(player.config.tolerance.max(patience));
    while !player.tester.is_virtual() && player.tester.now() < limit {
        player.advance(limit, true)?;
        player.absorb();
        match make(player, call, moved)? {
            Answer::Waits => {}
            answer => return Ok(answer),
        }
    }
    Ok(Answer::Waits)
}

/// Gives the call that waits its turn.
pub fn poll(player: &mut Player<'_>) -> Step {
    let Some(mut pending) = player.pending.take() else {
        return Ok(());
    };
    match make(player, pending.call, &mut pending.moved)? {
        Answer::Waits => {
            player.pending = Some(pending);
            Ok(())
        }
        answer => {
            in_time(player, pending.call, (pending.began, pending.until))?;
            check(player, pending.call, answer)
        }
    }
}

/// Waits for the call that waits.
pub fn settle(player: &mut Player<'_>) -> Step {
    while let Some(pending) = player.pending.clone() {
        let limit = player.live(pending.until + OVERTIME);
        if player.tester.now() >= limit {
            player.pending = None;
            let text = format!("{} returns at {:.6} s", pending.call.name, pending.until as f64 / 1e6);
            return Err(Stop::failed(text, "it still waits", "the call does not return"));
        }
        player.advance(limit, true)?;
        player.absorb();
        poll(player)?;
    }
    Ok(())
}

/// Compares what came with what the script says.
fn check(player: &mut Player<'_>, call: &Call, answer: Answer) -> Step {
    let expected = format!("{call}");
    let seen = match answer {
        Answer::Differs(want, have) => return Err(Stop::failed(want, have, format!("what {} tells", call.name))),
        Answer::Waits => "it waits".to_owned(),
        Answer::Returns(value) => match symbols::value(&call.result) {
            Some(wanted) if wanted == value && call.errno.is_none() => return Ok(()),
            None if call.result == Expr::Ellipsis => return Ok(()),
            _ => format!("{value}"),
        },
        Answer::Fails(errno) => {
            let fails = symbols::value(&call.result) == Some(-1);
            match &call.errno {
                None if fails => return Ok(()),
                Some(wanted) if fails && wanted == errno.0 => return Ok(()),
                Some(wanted) if fails && !player.is_strict() && errno::are_alike(wanted, errno.0) => {
                    player.relax(format!("{wanted} is told as {}", errno.0));
                    return Ok(());
                }
                _ => format!("-1 {}", errno.0),
            }
        }
    };
    Err(Stop::failed(expected, seen, format!("the result of {}", call.name)))
}

fn make(player: &mut Player<'_>, call: &Call, moved: &mut usize) -> Step<Answer> {
    if player.native.is_some() {
        return native::make(player, call);
    }
    match call.name.as_str() {
        "socket" => sockets::socket(player, call),
        "bind" => sockets::bind(player, call),
        "listen" => sockets::listen(player, call),
        "accept" | "accept4" => sockets::accept(player, call),
        "connect" => sockets::connect(player, call),
        "close" => sockets::close(player, call),
        "shutdown" => sockets::shutdown(player, call),
        "write" | "send" | "sendto" | "sendmsg" | "writev" => transfer::send(player, call, moved),
        "read" | "recv" | "recvfrom" | "recvmsg" | "readv" => transfer::receive(player, call, moved),
        "setsockopt" => options::set(player, call),
        "getsockopt" => options::get(player, call),
        "fcntl" => options::fcntl(player, call),
        "ioctl" => ready::ioctl(player, call),
        "poll" => ready::poll(player, call),
        other => Err(Stop::Needs(format!("{other}()"))),
    }
}

/// An argument's number.
fn number(call: &Call, at: usize) -> Option<i64> {
    call.arguments.get(at).and_then(symbols::value)
}

/// The socket that an argument names.
fn socket_of(call: &Call, at: usize) -> Step<i64> {
    number(call, at).ok_or_else(|| {
        Stop::Error(format!(
            "{}: expected a file descriptor as argument {}",
            call.name,
            at + 1
        ))
    })
}

/// The state of the connection that the script is about, where the stack tells.
pub fn state(player: &mut Player<'_>) -> Option<State> {
    let socket = player.sockets.latest()?;
    match player.tester.quietly(|stack| stack.status(socket)) {
        Ok(Status::In(state)) => Some(state),
        _ => None,
    }
}

/// How many connections are in a state.
pub fn count(player: &mut Player<'_>, name: &str) -> Step<u32> {
    player.absorb();
    if player.native.is_some() {
        return native::count(player, name);
    }
    if name == "SYN-RCVD" {
        let half_open = |flow: &&Flow| !flow.active && flow.has_isn && !flow.established && !flow.reset;
        return Ok(player.flows.iter().filter(half_open).count() as u32);
    }
    let mut count = 0;
    for socket in player.sockets.everything() {
        match player.tester.quietly(|stack| stack.status(socket)) {
            Ok(Status::In(state)) => count += u32::from(state.name().eq_ignore_ascii_case(name)),
            Err(CallError::Unsupported) | Ok(Status::Unknown) => {
                return Err(Stop::Needs("the states of connections".to_owned()));
            }
            Err(_) => count += u32::from(name == "CLOSED"),
        }
    }
    Ok(count)
}

/// The fields of Linux's tcp_info that any stack shows.
pub fn tcp_info(name: &str, flow: &Flow, state: Option<State>) -> Option<i64> {
    Some(match name {
        "tcpi_state" => match state? {
            State::Established => 1,
            State::SynSent => 2,
            State::SynReceived => 3,
            State::FinWait1 => 4,
            State::FinWait2 => 5,
            State::TimeWait => 6,
            State::Closed => 7,
            State::CloseWait => 8,
            State::LastAck => 9,
            State::Listen => 10,
            State::Closing => 11,
        },
        "tcpi_options" => {
            i64::from(flow.timestamps())
                | i64::from(flow.sack()) << 1
                | i64::from(flow.scaling()) << 2
                | i64::from(flow.ecn()) << 3
        }
        "tcpi_snd_wscale" if flow.scaling() => i64::from(flow.ours_offered.shift?),
        "tcpi_rcv_wscale" if flow.scaling() => i64::from(flow.its_offered.shift?),
        _ => return None,
    })
}

fn role<'s>(player: &'s mut Player<'_>, fd: i64) -> Option<&'s mut Role> {
    player.sockets.get(fd).map(|sock| &mut sock.role)
}
