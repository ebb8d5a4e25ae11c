//! Settings that are no files of /proc: the ones of routes, queues and remembered peers, by the programs that change them.

use super::device::NAME;
use std::net::IpAddr;
use std::process::{Command, Stdio};

/// Changes `tcp_metrics`, `qdisc` or `route`; none: it is another setting.
pub fn change(name: &str, value: &str, peer: IpAddr) -> Option<Result<String, String>> {
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

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
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
