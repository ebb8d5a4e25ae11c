//! A script as text. What is printed and read again is the same script.

use crate::syntax::ast::*;
use std::fmt::{self, Display, Formatter, Write};

impl Display for Script {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.requires.is_empty() {
            writeln!(f, "// requires: {}", self.requires.join(" "))?;
        }
        for option in &self.options {
            writeln!(f, "{option}")?;
        }
        if let Some(command) = &self.before {
            writeln!(f, "`{command}`")?;
        }
        for event in &self.events {
            writeln!(f, "{event}")?;
        }
        self.after.as_ref().map_or(Ok(()), |command| writeln!(f, "`{command}`"))
    }
}

impl Display for ScriptOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "--{}", self.name)?;
        match &self.value {
            None => Ok(()),
            Some(value) if self.is_plain() => write!(f, "={value}"),
            Some(value) => write!(f, "=\"{value}\""),
        }
    }
}

impl ScriptOption {
    /// The value needs no quotes.
    fn is_plain(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_.:/".contains(c);
        self.is_definition()
            || self
                .value
                .as_ref()
                .is_none_or(|value| value.chars().all(plain) && !value.is_empty())
    }
}

impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.time)?;
        // A blank separates a time from what follows; a call that waits stands right behind it.
        match &self.action {
            Action::Call(call) if call.until.is_some() => write!(f, "{call}"),
            action => write!(f, " {action}"),
        }
    }
}

impl Display for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Time::Any => f.write_char('*'),
            Time::Absolute(at) => seconds(f, at),
            Time::Relative(after) => {
                f.write_char('+')?;
                seconds(f, after)
            }
            Time::AbsoluteRange(from, to) => {
                seconds(f, from)?;
                f.write_char('~')?;
                seconds(f, to)
            }
            Time::RelativeRange(from, to) => {
                f.write_char('+')?;
                seconds(f, from)?;
                f.write_str("~+")?;
                seconds(f, to)
            }
        }
    }
}

/// As short as it can be said.
fn seconds(f: &mut Formatter<'_>, microseconds: i64) -> fmt::Result {
    let (whole, rest) = (microseconds / 1_000_000, microseconds % 1_000_000);
    if rest == 0 {
        return write!(f, "{whole}");
    }
    let digits = format!("{rest:06}");
    write!(f, "{whole}.{}", digits.trim_end_matches('0'))
}

impl Display for Action {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Action::Packet(packet) => packet.fmt(f),
            Action::Call(call) => call.fmt(f),
            Action::Command(command) => write!(f, "`{command}`"),
            Action::Code(code) => write!(f, "%{{ {code} }}%"),
        }
    }
}

impl Display for Packet {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.inbound { "<" } else { ">" })?;
        for header in &self.outer {
            write!(f, " {header}")?;
        }
        ip_info(f, &self.ip)?;
        if let Some(spi) = self.psp {
            write!(f, " encap psp spi {spi}")?;
        }
        if let Body::Udp { .. } = self.body {
            f.write_str(" udp")?;
        }
        if let Some((from, to)) = self.ports {
            write!(f, " {from} > {to}")?;
        }
        write!(f, " {}", self.body)?;
        self.in_udp
            .map_or(Ok(()), |(from, to)| write!(f, " /udp({from} > {to})"))
    }
}

impl Display for Outer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Outer::Ip { info, from, to } => {
                f.write_str(if from.is_ipv4() { "ipv4" } else { "ipv6" })?;
                ip_info(f, info)?;
                write!(f, " {from} > {to}")?;
            }
            Outer::Gre(None) => f.write_str("gre")?,
            Outer::Gre(Some(gre)) => write!(f, "gre {gre}")?,
            Outer::Mpls(labels) => {
                f.write_str("mpls ")?;
                list(f, labels, " ")?;
            }
        }
        f.write_char(':')
    }
}

fn ip_info(f: &mut Formatter<'_>, info: &IpInfo) -> fmt::Result {
    let fields: Vec<String> = [
        info.tos.map(|tos| tos.to_string()),
        info.flow_label.map(|label| format!("flowlabel {label:#x}")),
        info.ttl.map(|ttl| format!("ttl {ttl}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if fields.is_empty() {
        Ok(())
    } else {
        write!(f, " [{}]", fields.join(", "))
    }
}

impl Display for Tos {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Tos::NoEcn => f.write_str("noecn"),
            Tos::Ect0 => f.write_str("ect0"),
            Tos::Ect1 => f.write_str("ect1"),
            Tos::Ce => f.write_str("ce"),
            Tos::Ect01 => f.write_str("ect01"),
            Tos::Octet(octet) => write!(f, "tos {octet:#x}"),
            Tos::Dscp(point) => write!(f, "dscp {point:#x}"),
        }
    }
}

impl Display for Gre {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Gre {
            flags,
            sum,
            offset,
            key,
            sequence,
        } = self;
        write!(
            f,
            "flags {flags:#x}, sum {sum:#x}, off {offset:#x}, key={key:#x}, seq {sequence:#x}"
        )
    }
}

impl Display for Label {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let bottom = if self.bottom { "[S], " } else { "" };
        write!(f, "(label {}, tc {}, {bottom}ttl {})", self.label, self.class, self.ttl)
    }
}

fn list(f: &mut Formatter<'_>, items: &[impl Display], separator: &str) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if index == 0 { "" } else { separator })?;
    }
    Ok(())
}

impl Display for Body {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Body::Tcp(tcp) => tcp.fmt(f),
            Body::Udp { len } => write!(f, "({len})"),
            Body::Icmp(icmp) => icmp.fmt(f),
        }
    }
}

impl Display for Tcp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.flags, self.seq)?;
        for (name, value) in [
            ("ack", self.ack),
            ("win", self.window.map(u32::from)),
            ("urg", self.urgent.map(u32::from)),
        ] {
            value.map_or(Ok(()), |value| write!(f, " {name} {value}"))?;
        }
        match &self.options {
            Options::Any => f.write_str(" <...>")?,
            Options::Raw(digits) => write!(f, " <{digits}>")?,
            Options::List(options) if options.is_empty() => {}
            Options::List(options) => {
                f.write_str(" <")?;
                list(f, options, ",")?;
                f.write_char('>')?;
            }
        }
        self.cause
            .map_or(Ok(()), |(code, number)| write!(f, " [code {code}, pen {number}]"))
    }
}

impl Display for Seq {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let end = self.start.wrapping_add(u32::from(self.len));
        match self.kind {
            SeqKind::Any => write!(f, "...({})", self.len),
            SeqKind::Relative => write!(f, "{}:{end}({})", self.start, self.len),
            SeqKind::Absolute => write!(f, "{}:{end}({})!", self.start, self.len),
        }
    }
}

impl Display for TcpOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            TcpOption::Nop => f.write_str("nop"),
            TcpOption::End => f.write_str("eol"),
            TcpOption::Mss(mss) => write!(f, "mss {mss}"),
            TcpOption::WindowScale(shift) => write!(f, "wscale {shift}"),
            TcpOption::SackPermitted => f.write_str("sackOK"),
            TcpOption::Sack(blocks) => {
                f.write_str("sack")?;
                blocks.iter().try_for_each(|(left, right)| write!(f, " {left}:{right}"))
            }
            TcpOption::Timestamps { value, echo, absolute } => {
                f.write_str("TS val ")?;
                match value {
                    Some(value) => write!(f, "{value}")?,
                    None => f.write_str("...")?,
                }
                write!(f, " ecr {echo}{}", if *absolute { "!" } else { "" })
            }
            TcpOption::Md5(digest) => write!(f, "md5 {}", digest.as_deref().unwrap_or("valid")),
            TcpOption::FastOpen { cookie, experimental } => {
                named(f, if *experimental { "FOEXP" } else { "FO" }, cookie)
            }
            TcpOption::AccEcn { kind, fields } => accecn(f, *kind, fields),
            TcpOption::Generic { kind, data } => named(f, &format!("gen-{kind}"), data),
            TcpOption::Experiment { id, data } => named(f, &format!("exp-{id}"), data),
        }
    }
}

fn named(f: &mut Formatter<'_>, name: &str, data: &str) -> fmt::Result {
    let blank = if data.is_empty() { "" } else { " " };
    write!(f, "{name}{blank}{data}")
}

fn accecn(f: &mut Formatter<'_>, kind: AccEcnKind, fields: &[(AccEcnField, u32)]) -> fmt::Result {
    f.write_str(match kind {
        AccEcnKind::ByFields => "ECN",
        AccEcnKind::Zero => "AccECN0",
        AccEcnKind::One => "AccECN1",
        AccEcnKind::ExperimentZero => "exp-AccECN0",
        AccEcnKind::ExperimentOne => "exp-AccECN1",
    })?;
    fields.iter().try_for_each(|(field, count)| {
        let name = match field {
            AccEcnField::E0b => "e0b",
            AccEcnField::E1b => "e1b",
            AccEcnField::Ceb => "ceb",
        };
        write!(f, " {name} {count}")
    })
}

impl Display for Icmp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "icmp {}", self.kind)?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, " {code}"))?;
        self.mtu.map_or(Ok(()), |mtu| write!(f, " mtu {mtu}"))?;
        self.id.map_or(Ok(()), |id| write!(f, " id {id}"))?;
        match &self.echoed {
            None => Ok(()),
            Some(Echoed::Tcp(seq)) => write!(f, " [{seq}]"),
            Some(Echoed::Udp(len)) => write!(f, " [udp ({len})]"),
            Some(Echoed::Raw(len)) => write!(f, " [raw ({len})]"),
        }
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(until) = self.until {
            f.write_str("...")?;
            seconds(f, until)?;
            f.write_char(' ')?;
        }
        write!(f, "{}(", self.name)?;
        list(f, &self.arguments, ", ")?;
        write!(f, ") = {}", self.result)?;
        self.errno.as_ref().map_or(Ok(()), |errno| write!(f, " {errno}"))?;
        self.note.as_ref().map_or(Ok(()), |note| write!(f, " ({note})"))
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Ellipsis => f.write_str("..."),
            Expr::Int(value) => write!(f, "{value}"),
            Expr::Hex(value) => write!(f, "{value:#x}"),
            Expr::Word(word) => f.write_str(word),
            Expr::Str(parts) => {
                let quoted: Vec<String> = parts.iter().map(|part| format!("\"{part}\"")).collect();
                f.write_str(&quoted.join(" "))
            }
            Expr::StrAndMore(text) => write!(f, "\"{text}\"..."),
            Expr::Or(left, right) => write!(f, "{left}|{right}"),
            Expr::Array(items) => bracketed(f, '[', items, ']'),
            Expr::Struct(fields) => bracketed(f, '{', fields, '}'),
            Expr::Assign(target, value) => write!(f, "{target}={value}"),
            Expr::Function(name, arguments) => {
                f.write_str(name)?;
                bracketed(f, '(', arguments, ')')
            }
            Expr::Gre(gre) => write!(f, "{{{gre}}}"),
            Expr::Mpls(labels) => {
                f.write_char('{')?;
                list(f, labels, " ")?;
                f.write_char('}')
            }
            Expr::Address(address) => address.fmt(f),
        }
    }
}

fn bracketed(f: &mut Formatter<'_>, open: char, items: &[Expr], close: char) -> fmt::Result {
    f.write_char(open)?;
    list(f, items, ", ")?;
    f.write_char(close)
}
