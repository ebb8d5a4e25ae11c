//! Socket options and descriptor flags.

use super::sockets::{Role, errno};
use super::{Answer, number, socket_of};
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::run::symbols;
use crate::syntax::ast::{Call, Expr};
use stacks::{CallError, Setting};

/// Options that change nothing that a peer could see, or that stacks choose as they like.
const HARMLESS: [&str; 15] = [
    // A smaller MTU does the same where a stack has no such option.
    "TCP_MAXSEG",
    "SO_REUSEADDR",
    "SO_REUSEPORT",
    "SO_SNDBUF",
    "SO_RCVBUF",
    "SO_SNDTIMEO",
    "SO_RCVTIMEO",
    "SO_PRIORITY",
    "SO_DEBUG",
    "SO_MARK",
    "TCP_CONGESTION",
    "TCP_LOG",
    "TCP_QUICKACK",
    "IP_FREEBIND",
    "IP_BIND_ADDRESS_NO_PORT",
];

/// Options that are more than every stack has, and that some take by name.
const BY_NAME: [&str; 9] = [
    "TCP_CORK",
    "TCP_NOTSENT_LOWAT",
    "TCP_USER_TIMEOUT",
    "TCP_KEEPIDLE",
    "TCP_KEEPINTVL",
    "TCP_KEEPCNT",
    "IP_TOS",
    "IP_TTL",
    "IPV6_TCLASS",
];

/// What a script's use of an option asks for beyond what every stack can do.
pub fn lacks(name: &str, can: impl Fn(stacks::Ability) -> bool) -> bool {
    match name {
        "TCP_NODELAY" => !can(stacks::Ability::Nagle),
        "SO_KEEPALIVE" => !can(stacks::Ability::Keepalive),
        "SO_LINGER" | "SO_ERROR" => false,
        name if BY_NAME.contains(&name) => !can(stacks::Ability::Options),
        name => !HARMLESS.contains(&name),
    }
}

pub fn set(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let name = option_name(call)?;
    let value = number(call, 3);
    let Some(sock) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    let connection = match sock.role {
        Role::Connected(socket) | Role::Connecting(socket) => Some(socket),
        _ => None,
    };
    match (name.as_str(), value, connection) {
        ("SO_LINGER", ..) => {
            sock.resets = lingers_not(call.arguments.get(3));
            Ok(Answer::Returns(0))
        }
        ("TCP_NODELAY", Some(on), Some(socket)) => apply(player, socket, Setting::Nagle(on == 0)),
        ("SO_KEEPALIVE", Some(on), Some(socket)) => apply(player, socket, Setting::Keepalive(on != 0)),
        (_, value, connection) => {
            let harmless = HARMLESS.contains(&name.as_str()) || value == Some(0);
            sock.settings.extend(value.map(|value| (name.clone(), value)));
            by_name(player, connection, &name, value, harmless)
        }
    }
}

/// An option that a stack may take by its name; one without harm need not be taken.
fn by_name(
    player: &mut Player<'_>,
    connection: Option<stacks::Socket>,
    name: &str,
    value: Option<i64>,
    harmless: bool,
) -> Step<Answer> {
    let Some(value) = value else {
        return if harmless {
            Ok(Answer::Returns(0))
        } else {
            Err(Stop::Needs(name.to_owned()))
        };
    };
    match player.tester.quietly(|stack| stack.option(connection, name, value)) {
        Ok(()) => Ok(Answer::Returns(0)),
        Err(_) if harmless => Ok(Answer::Returns(0)),
        Err(CallError::Unsupported) if connection.is_none() => {
            Err(Stop::Needs(format!("{name} before the connection")))
        }
        Err(CallError::Unsupported) => Err(Stop::Needs(name.to_owned())),
        Err(error) => super::sockets::told(error).map(Answer::Fails),
    }
}

fn apply(player: &mut Player<'_>, socket: stacks::Socket, setting: Setting) -> Step<Answer> {
    match player
        .tester
        .call(format_args!("{setting:?}"), |stack| stack.set(socket, setting))
    {
        Ok(()) => Ok(Answer::Returns(0)),
        Err(CallError::Unsupported) => Err(Stop::Needs(format!("{setting:?}"))),
        Err(error) => super::sockets::told(error).map(Answer::Fails),
    }
}

/// `{onoff=1, linger=0}`: a close is an abort.
fn lingers_not(value: Option<&Expr>) -> bool {
    let Some(Expr::Struct(fields)) = value else {
        return false;
    };
    let field = |wanted: &str| {
        fields.iter().find_map(|field| match field {
            Expr::Assign(name, value) if **name == Expr::Word(wanted.to_owned()) => symbols::value(value),
            _ => None,
        })
    };
    field("onoff").is_some_and(|on| on != 0) && field("linger") == Some(0)
}

fn option_name(call: &Call) -> Step<String> {
    match call.arguments.get(2) {
        Some(Expr::Word(name)) => Ok(name.clone()),
        _ => Err(Stop::Needs("an option by its number".to_owned())),
    }
}

pub fn get(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let name = option_name(call)?;
    let Some(sock) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    match name.as_str() {
        "SO_ERROR" => {
            let role = sock.role;
            let flow = sock.flow;
            pending_error(player, role, flow, call)
        }
        // What a stack makes of a wish for a size is its own affair.
        "SO_SNDBUF" | "SO_RCVBUF" | "TCP_MAXSEG" => {
            player.relax("sizes of buffers and segments are told as the stack's own");
            Ok(Answer::Returns(0))
        }
        name if HARMLESS.contains(&name) || sock.settings.contains_key(name) => {
            let seen = sock.settings.get(name).copied().unwrap_or(0);
            let wanted = number(call, 3);
            Ok(if wanted.is_none_or(|wanted| wanted == seen) {
                Answer::Returns(0)
            } else {
                Answer::Differs(format!("{name} is {}", wanted.unwrap_or(0)), seen.to_string())
            })
        }
        _ => Err(Stop::Needs(format!("getsockopt of {name}"))),
    }
}

/// `getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0`
fn pending_error(player: &mut Player<'_>, role: Role, flow: Option<usize>, call: &Call) -> Step<Answer> {
    let established = flow
        .and_then(|at| player.flows.get(at))
        .is_some_and(|flow| flow.established && !flow.reset);
    let error = match role {
        // Asking by a read would take data.
        Role::Connecting(socket) | Role::Connected(socket) if !established => {
            match player.tester.quietly(|stack| stack.receive(socket, 1)) {
                Err(CallError::Unsupported) | Ok(_) => None,
                Err(error) => Some(super::sockets::told(error)?),
            }
        }
        _ => None,
    };
    let wanted = match call.arguments.get(3) {
        Some(Expr::Array(items)) => items.first().cloned(),
        other => other.cloned(),
    };
    let same = match (&wanted, error) {
        (Some(Expr::Int(0) | Expr::Ellipsis), None) => true,
        (Some(Expr::Word(name)), Some(error)) => {
            name == error.0 || !player.is_strict() && super::errno::are_alike(name, error.0)
        }
        _ => false,
    };
    Ok(if same {
        Answer::Returns(0)
    } else {
        Answer::Differs(
            format!(
                "SO_ERROR is {}",
                wanted.map_or("0".to_owned(), |wanted| wanted.to_string())
            ),
            error.map_or("0", |error| error.0).to_owned(),
        )
    })
}

pub fn fcntl(player: &mut Player<'_>, call: &Call) -> Step<Answer> {
    let fd = socket_of(call, 0)?;
    let Some(sock) = player.sockets.get(fd) else {
        return Ok(Answer::Fails(errno::EBADF));
    };
    let nonblocking = symbols::number("O_NONBLOCK").unwrap_or(0);
    let read_write = symbols::number("O_RDWR").unwrap_or(0);
    match call.arguments.get(1) {
        Some(Expr::Word(name)) if name == "F_GETFL" => {
            // Systems number O_NONBLOCK differently.
            let seen = read_write | if sock.nonblocking { nonblocking } else { 0 };
            let wanted = symbols::value(&call.result).unwrap_or(seen);
            Ok(Answer::Returns(if sock.nonblocking && wanted & read_write != 0 {
                wanted
            } else {
                seen
            }))
        }
        Some(Expr::Word(name)) if name == "F_SETFL" => {
            sock.nonblocking = number(call, 2).is_some_and(|flags| flags & nonblocking != 0);
            Ok(Answer::Returns(0))
        }
        Some(Expr::Word(name)) if name == "F_GETFD" || name == "F_SETFD" => Ok(Answer::Returns(0)),
        _ => Err(Stop::Needs("this use of fcntl()".to_owned())),
    }
}
