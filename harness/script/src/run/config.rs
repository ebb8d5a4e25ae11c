//! What a script's `--flags` say, with the original's defaults.

use crate::run::symbols;
use crate::syntax::ast::{Action, Expr, Script};
use std::net::IpAddr;

/// How outbound packets are compared with what the script says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Field by field, as the original does.
    Strict,
    /// As far as RFCs make it so.
    Neutral,
}

#[derive(Debug, Clone)]
pub struct Config {
    pub stack: IpAddr,
    pub peer: IpAddr,
    pub mtu: u16,
    /// Of inbound segments; none: what the stack announced.
    pub mss: Option<u16>,
    /// The stack's port, where it listens; ours, where it connects to.
    pub bind_port: u16,
    pub connect_port: u16,
    /// Microseconds, and percent of the time since the last event.
    pub tolerance: i64,
    pub tolerance_percent: f64,
    pub strict_segments: bool,
    pub receive_buffer: Option<usize>,
    /// The segment size that the application wants announced.
    pub announced: Option<u16>,
    /// A failed packet does not end the script.
    pub non_fatal_packet: bool,
    pub non_fatal_call: bool,
}

impl Config {
    /// Of a script; `six` asks for IPv6 where the script does not say. An error says which option is wrong.
    pub fn of(script: &Script, six: bool) -> Result<Config, String> {
        let value = |name: &str| {
            script
                .options
                .iter()
                .rev()
                .find(|option| option.name == name)
                .map(|option| option.value.clone().unwrap_or_default())
        };
        let six = match value("ip_version").as_deref() {
            None => six || is_six(value("local_ip").as_deref()),
            Some("ipv4") => false,
            Some("ipv6") => true,
            Some(other) => return Err(format!("--ip_version={other}: expected ipv4 or ipv6")),
        };
        let address = |name: &str, v4: [u8; 4], v6: [u16; 8]| -> Result<IpAddr, String> {
            let default = if six { IpAddr::from(v6) } else { IpAddr::from(v4) };
            let Some(given) = value(name) else { return Ok(default) };
            let (address, _) = given.split_once('/').unwrap_or((&given, ""));
            match address.parse::<IpAddr>() {
                Ok(address) if address.is_ipv6() == six => Ok(address),
                // The script is run over the other version.
                Ok(_) => Ok(default),
                Err(_) => Err(format!("--{name}={given}: expected an IP address")),
            }
        };
        let number = |name: &str, default: i64, low: i64, high: i64| match value(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (low..=high).contains(number))
                .ok_or(format!("--{name}={text}: expected a number from {low} to {high}")),
        };
        let non_fatal = value("non_fatal").unwrap_or_default();
        Ok(Config {
            stack: address("local_ip", [192, 168, 0, 1], [0xfd3d, 0x0a0b, 0x17d6, 0, 0, 0, 0, 1])?,
            peer: address("remote_ip", [192, 0, 2, 1], [0xfd3d, 0xfa7b, 0xd17d, 0, 0, 0, 0, 1])?,
            mtu: number("mtu", i64::from(usual_mtu(six)), 68, 65_535)? as u16,
            mss: value("mss")
                .is_some()
                .then(|| number("mss", 0, 1, 65_535))
                .transpose()?
                .map(|mss| mss as u16),
            bind_port: number("bind_port", 8080, 1, 65_535)? as u16,
            connect_port: number("connect_port", 8080, 1, 65_535)? as u16,
            tolerance: number("tolerance_usecs", 4000, 1, 1_000_000_000)?,
            tolerance_percent: 12.5,
            strict_segments: value("strict_segments").is_some(),
            receive_buffer: asked_for(script, "SO_RCVBUF").and_then(|size| usize::try_from(size).ok()),
            announced: asked_for(script, "TCP_MAXSEG").and_then(|size| u16::try_from(size).ok()),
            non_fatal_packet: non_fatal.contains("packet"),
            non_fatal_call: non_fatal.contains("syscall"),
        })
    }
}

fn is_six(address: Option<&str>) -> bool {
    address.is_some_and(|address| address.contains(':'))
}

/// The value that the script first gives an option: stacks are told of some when they are made.
fn asked_for(script: &Script, option: &str) -> Option<i64> {
    script.events.iter().find_map(|event| match &event.action {
        Action::Call(call) if call.name == "setsockopt" => match call.arguments.get(2) {
            Some(Expr::Word(name)) if name == option => call.arguments.get(3).and_then(symbols::value),
            _ => None,
        },
        _ => None,
    })
}

/// The original's: an IPv6 packet of its size has as much data as an IPv4 one.
pub(crate) const fn usual_mtu(six: bool) -> u16 {
    if six { 1520 } else { 1500 }
}
