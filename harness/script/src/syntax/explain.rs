//! What a script does, in words.

use crate::syntax::ast::*;
use std::fmt::Write;

/// A line per event: its line in the script, its time, and what happens.
pub fn explain(script: &Script) -> String {
    let mut text = String::new();
    for option in &script.options {
        let _ = writeln!(text, "setting  {option}");
    }
    if let Some(command) = &script.before {
        let _ = writeln!(text, "first    the shell is to run: {}", one_line(command));
    }
    for event in &script.events {
        let _ = writeln!(
            text,
            "line {:<4}{}, {}",
            event.place.line,
            when(event.time),
            what(&event.action)
        );
    }
    if let Some(command) = &script.after {
        let _ = writeln!(text, "at last  the shell is to run: {}", one_line(command));
    }
    text
}

fn when(time: Time) -> String {
    let s = |microseconds: i64| format!("{} s", microseconds as f64 / 1e6);
    match time {
        Time::Absolute(at) => format!("at {}", s(at)),
        Time::Relative(0) => "at once".to_owned(),
        Time::Relative(after) => format!("{} later", s(after)),
        Time::Any => "at any time".to_owned(),
        Time::AbsoluteRange(from, to) => format!("between {} and {}", s(from), s(to)),
        Time::RelativeRange(from, to) => format!("{} to {} later", s(from), s(to)),
    }
}

fn what(action: &Action) -> String {
    match action {
        Action::Packet(packet) => packet_in_words(packet),
        Action::Call(call) => {
            let waits = call.until.map_or(String::new(), |until| {
                format!(", which waits until {} s", until as f64 / 1e6)
            });
            let arguments: Vec<String> = call.arguments.iter().map(Expr::to_string).collect();
            let errno = call
                .errno
                .as_ref()
                .map_or(String::new(), |errno| format!(" with errno {errno}"));
            format!(
                "the application calls {}({}){waits}, which is to return {}{errno}",
                call.name,
                arguments.join(", "),
                call.result
            )
        }
        Action::Command(command) => format!("the shell is to run: {}", one_line(command)),
        Action::Code(code) => format!("this is to hold of the connection: {}", one_line(code)),
    }
}

fn packet_in_words(packet: &Packet) -> String {
    let mut text = if packet.inbound {
        "the stack receives ".to_owned()
    } else {
        "the stack is to send ".to_owned()
    };
    match &packet.body {
        Body::Tcp(tcp) => text.push_str(&segment(tcp)),
        Body::Udp { len } => {
            let _ = write!(text, "a UDP datagram of {len} octets");
        }
        Body::Icmp(icmp) => {
            let _ = write!(text, "an ICMP message: {icmp}");
        }
    }
    if let Some(tos) = packet.ip.tos {
        let _ = write!(text, ", IP header marked {tos}");
    }
    if let Some((from, to)) = packet.ports {
        let _ = write!(text, ", from port {from} to port {to}");
    }
    if !packet.outer.is_empty() {
        let outer: Vec<String> = packet.outer.iter().map(Outer::to_string).collect();
        let _ = write!(text, ", inside {}", outer.join(" "));
    }
    text
}

fn segment(tcp: &Tcp) -> String {
    use wire::tcp::Flags;
    let bits = tcp.flags.bits;
    let mut names: Vec<&str> = [
        (Flags::SYN, "SYN"),
        (Flags::FIN, "FIN"),
        (Flags::RST, "RST"),
        (Flags::URG, "URG"),
        (Flags::PSH, "PSH"),
        (Flags::ECE, "ECE"),
        (Flags::CWR, "CWR"),
        (Flags::AE, "AE"),
    ]
    .into_iter()
    .filter(|(bit, _)| bits.contains(*bit))
    .map(|(_, name)| name)
    .collect();
    if bits.ack() && tcp.seq.len == 0 && !bits.intersects(Flags(Flags::SYN.0 | Flags::FIN.0 | Flags::RST.0)) {
        names.insert(0, "ACK");
    }
    let mut text = match tcp.seq.len {
        0 => format!("a segment without data ({})", names.join(", ")),
        len if names.is_empty() => format!("{len} octets of data from {}", tcp.seq.start),
        len => format!("{len} octets of data from {} ({})", tcp.seq.start, names.join(", ")),
    };
    if let Some(ack) = tcp.ack {
        let _ = write!(text, ", acknowledging what is before {ack}");
    }
    if let Some(window) = tcp.window {
        let _ = write!(text, ", window {window}");
    }
    match &tcp.options {
        Options::Any => text.push_str(", with any options"),
        Options::Raw(_) => text.push_str(", with options given octet by octet"),
        Options::List(options) if options.is_empty() => {}
        Options::List(options) => {
            let options: Vec<String> = options.iter().map(TcpOption::to_string).collect();
            let _ = write!(text, ", with options {}", options.join(", "));
        }
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
