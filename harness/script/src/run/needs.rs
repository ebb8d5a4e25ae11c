//! What a script asks for that a stack may lack, found before it is run: such a script is skipped, whatever else is in it.

use crate::run::command::{self, Wish};
use crate::run::{calls, code, native, symbols};
use crate::syntax::Place;
use crate::syntax::ast::*;
use stacks::{Abilities, Ability};
use std::collections::HashSet;

/// The first place that asks for something that is not there, and what that is.
pub fn first(script: &Script, can: Abilities) -> Option<(Place, String)> {
    let mut known = HashSet::new();
    let events = script.events.iter().enumerate();
    let mut lacks = events.filter_map(|(index, event)| {
        let lacks = match &event.action {
            Action::Call(call) => call_lacks(call, can),
            Action::Packet(packet) => packet_lacks(packet, can.has(Ability::SystemCalls)),
            Action::Code(code) => code_lacks(code, &mut known, can.has(Ability::SystemCalls)),
            // What cleans up behind the last event is of no interest.
            Action::Command(_) if script.events[index + 1..].iter().all(cleans_up) => None,
            Action::Command(snippet) => snippet_lacks(snippet, can),
        };
        lacks.map(|lacks| (event.place, lacks))
    });
    lacks.next().or_else(|| {
        let place = script.events.first()?.place;
        let before = Place {
            line: place.line.saturating_sub(1).max(1),
            column: 1,
        };
        snippet_lacks(script.before.as_ref()?, can).map(|what| (before, what))
    })
}

fn cleans_up(event: &Event) -> bool {
    match &event.action {
        Action::Command(_) => true,
        Action::Call(call) => call.name == "close",
        _ => false,
    }
}

fn snippet_lacks(snippet: &str, can: Abilities) -> Option<String> {
    command::wishes(snippet)
        .into_iter()
        .find_map(|wish| wish_lacks(wish, can))
}

fn wish_lacks(wish: Wish, can: Abilities) -> Option<String> {
    match wish {
        Wish::Lacks(what) => Some(what),
        Wish::FirstOf(wishes) => {
            let lacks: Option<Vec<String>> = wishes.into_iter().map(|wish| wish_lacks(wish, can)).collect();
            lacks?.into_iter().next()
        }
        Wish::Settings(settings) if !can.has(Ability::Options) => settings
            .into_iter()
            .find(|(name, value)| !command::is_harmless(name, value))
            .map(|(name, value)| format!("{name}={value}")),
        _ => None,
    }
}

fn call_lacks(call: &Call, can: Abilities) -> Option<String> {
    if can.has(Ability::SystemCalls) {
        return (!native::is_known(&call.name)).then(|| format!("{}()", call.name));
    }
    const FLAGS: [&str; 5] = ["MSG_FASTOPEN", "MSG_ZEROCOPY", "MSG_ERRQUEUE", "MSG_MORE", "MSG_EOR"];
    let unlike = |name: &str| {
        !can.has(
            Ability::ALL
                .iter()
                .copied()
                .find(|ability| ability.name() == name)
                .unwrap_or(Ability::Listen),
        )
    };
    match call.name.as_str() {
        "socket" => {
            let names: Vec<&str> = call.arguments.iter().flat_map(symbols::names).collect();
            (!names.contains(&"SOCK_STREAM")).then(|| "sockets other than TCP's".to_owned())
        }
        "listen" if unlike("listen") => Some("listen()".to_owned()),
        "connect" if unlike("connect") => Some("connect()".to_owned()),
        "shutdown" if unlike("half-close") => Some("shutdown()".to_owned()),
        "bind" | "listen" | "accept" | "accept4" | "connect" | "close" | "fcntl" | "poll" | "ioctl" | "shutdown" => {
            None
        }
        "write" | "send" | "sendto" | "sendmsg" | "writev" | "read" | "recv" | "recvfrom" | "recvmsg" | "readv" => {
            let flags: Vec<&str> = call.arguments.iter().skip(2).flat_map(symbols::names).collect();
            let urgent = flags.contains(&"MSG_OOB") && (unlike("urgent") || call.name.starts_with('r'));
            let control = call.arguments.get(1).is_some_and(has_control);
            let null = call.arguments.get(1) == Some(&Expr::Word("NULL".to_owned()));
            flags
                .into_iter()
                .find(|flag| FLAGS.contains(flag))
                .map(str::to_owned)
                .or_else(|| urgent.then(|| "urgent data".to_owned()))
                .or_else(|| control.then(|| "control messages".to_owned()))
                .or_else(|| null.then(|| "memory that is not there".to_owned()))
        }
        "setsockopt" | "getsockopt" => match call.arguments.get(2) {
            Some(Expr::Word(name)) => calls::option_lacks(name, |ability| can.has(ability)).then(|| name.clone()),
            _ => Some("an option by its number".to_owned()),
        },
        other => Some(format!("{other}()")),
    }
}

/// A message with control data.
fn has_control(message: &Expr) -> bool {
    matches!(message, Expr::Struct(fields) if fields.iter().any(|field| {
        matches!(field, Expr::Assign(name, value) if **name == Expr::Word("msg_control".to_owned()) && **value != Expr::Array(Vec::new()))
    }))
}

/// `native`: the stack's application can ask for whatever its system has.
fn packet_lacks(packet: &Packet, native: bool) -> Option<String> {
    if !packet.outer.is_empty() || packet.psp.is_some() || packet.in_udp.is_some() {
        return Some("packets inside packets".to_owned());
    }
    let Body::Tcp(tcp) = &packet.body else { return None };
    if native {
        let to_sign = |option: &TcpOption| packet.inbound && *option == TcpOption::Md5(None);
        let signed = matches!(&tcp.options, Options::List(options) if options.iter().any(to_sign));
        return signed.then(|| "the key of an MD5 signature (RFC 2385)".to_owned());
    }
    if tcp.flags.ace.is_some() || tcp.flags.bits.contains(wire::tcp::Flags::AE) {
        return Some("AccECN (RFC 9768)".to_owned());
    }
    let Options::List(options) = &tcp.options else {
        return None;
    };
    options.iter().find_map(|option| match option {
        TcpOption::FastOpen { .. } => Some("TCP Fast Open (RFC 7413)".to_owned()),
        TcpOption::Md5(_) => Some("MD5 signatures (RFC 2385)".to_owned()),
        TcpOption::AccEcn { .. } => Some("AccECN (RFC 9768)".to_owned()),
        // Those that a stack does not know it is to ignore: sent, but not expected.
        TcpOption::Generic { .. } | TcpOption::Experiment { .. } if !packet.inbound => {
            Some(format!("the option {option}"))
        }
        _ => None,
    })
}

fn code_lacks(code: &str, known: &mut HashSet<String>, native: bool) -> Option<String> {
    const TOLD: [&str; 4] = ["tcpi_state", "tcpi_options", "tcpi_snd_wscale", "tcpi_rcv_wscale"];
    // A name that code before has set is known.
    for line in code.split(['\n', ';']) {
        if let Some((name, _)) = line.split_once('=') {
            known.insert(name.trim().trim_end_matches(['+', '-']).trim().to_owned());
        }
    }
    code::reads(code)
        .into_iter()
        .filter(|name| !(native && native::is_tcp_info(name)))
        .find(|name| !TOLD.contains(&name.as_str()) && (name.starts_with("tcpi_") || !known.contains(name)))
        .map(|name| format!("{name}, which only the kernel tells"))
}
