//! Settings of the namespace: files of /proc; and routes, queues and remembered peers by the programs that change them.

use super::device::NAME;
use std::net::IpAddr;
use std::process::{Command, Stdio};

type Answer = Result<String, String>;

/// Changes a setting by its name.
pub fn change(name: &str, value: &str, peer: IpAddr) -> Answer {
    by_program(name, value, peer).unwrap_or_else(|| knob(name, value))
}

/// Changes `tcp_metrics`, `qdisc` or `route`; none: it is another setting.
fn by_program(name: &str, value: &str, peer: IpAddr) -> Option<Answer> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let plain = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !word.is_empty();
    if !words.iter().all(plain) {
        return None;
    }
    let peer = peer.to_string();
    Some(match (name, words.as_slice()) {
        ("tcp_metrics", ["flush"]) => run("ip", &["tcp_metrics", "flush", "all"]),
        ("qdisc", [verb, queue @ ..]) => run("tc", &[&["qdisc", verb, "dev", NAME, "root"], queue].concat()),
        ("route", metrics) => run("ip", &[&["route", "replace", &peer, "dev", NAME], metrics].concat()),
        _ => return None,
    })
}

/// The device leads to this peer, however far its address is.
pub fn reach(peer: IpAddr) {
    // Without the program the peer stays out of reach, which the first packet tells.
    let _ = run("ip", &["route", "replace", &peer.to_string(), "dev", NAME]);
}

fn run(program: &str, arguments: &[&str]) -> Answer {
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => Ok("ok".to_owned()),
        _ => Err("unsupported".to_owned()),
    }
}

/// `net.ipv4.tcp_sack`, of this namespace.
fn knob(name: &str, value: &str) -> Answer {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let parts: Vec<&str> = name.split('.').collect();
    // Of the network alone: everything else is not the namespace's own.
    if parts.first() != Some(&"net") || !parts.iter().all(|part| !part.is_empty() && part.chars().all(plain)) {
        return Err("unsupported".to_owned());
    }
    std::fs::write(format!("/proc/sys/{}", parts.join("/")), value)
        .map(|()| "ok".to_owned())
        .map_err(|_| "unsupported".to_owned())
}
