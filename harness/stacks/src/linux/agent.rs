//! The agent inside the namespace: the line protocol on one side, a link to the kernel and sockets on the other.

use super::cable::Cable;
use super::device::is_far;
use super::link;
use super::sockets::Sockets;
use super::system::System;
use super::wire::{SETTLE, Sent, Wire};
use std::fmt::Write as _;
use std::io::{BufRead, Write};
use std::net::IpAddr;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long a call that is not meant to wait may take on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(500);
/// How soon the end of a system call is noticed.
const GLANCE: Duration = Duration::from_millis(1);

/// A system call is over; none: it was refused.
pub struct Returned(pub u64, pub Option<syscall::Outcome>);

struct Agent {
    wire: Wire,
    returned: Receiver<Returned>,
    sockets: Sockets,
    system: System,
    address: IpAddr,
    peer: IpAddr,
    /// When the last answer was given, and how late requests were taken up, at most.
    answered: Option<Duration>,
    acting: Duration,
}

/// Serves requests from standard input until it ends.
pub fn serve(raw: bool) -> std::io::Result<()> {
    let input = std::io::stdin().lock();
    let mut agent: Option<Agent> = None;
    for line in input.lines() {
        let line = line?;
        let mut answer = String::new();
        if let Some(agent) = &mut agent {
            agent.taken_up();
        }
        match (line.split_whitespace().collect::<Vec<_>>().as_slice(), &mut agent) {
            (["hello", "1", rest @ ..], None) => match Agent::begin(rest, raw) {
                Ok(one) => {
                    let _ = writeln!(answer, "result name=linux version={} can={ABLE}", version());
                    agent = Some(one);
                }
                Err(error) => {
                    let _ = writeln!(answer, "error unsupported {error}");
                }
            },
            (["bye"], _) => return reply("done -\n"),
            (words, Some(agent)) => agent.request(words, &mut answer),
            _ => answer.push_str("error unknown\n"),
        }
        match &mut agent {
            Some(agent) => agent.done(&mut answer),
            None => answer.push_str("done - 0\n"),
        }
        reply(&answer)?;
    }
    Ok(())
}

const ABLE: &str = "listen,connect,half-close,urgent,keepalive,nodelay,abort,status,options,system-calls";

fn reply(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn version() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release.trim().to_owned()
}

impl Agent {
    fn begin(fields: &[&str], raw: bool) -> std::io::Result<Agent> {
        let field = |name: &str| {
            fields
                .iter()
                .filter_map(|field| field.split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
        };
        let bad = || std::io::Error::from(std::io::ErrorKind::InvalidInput);
        let address: IpAddr = field("address").and_then(|text| text.parse().ok()).ok_or_else(bad)?;
        let peer: IpAddr = field("peer").and_then(|text| text.parse().ok()).unwrap_or(address);
        let mtu: u16 = field("mtu").and_then(|text| text.parse().ok()).unwrap_or(1500);
        quieten();
        let (sender, returned) = channel();
        let cable = if raw {
            Cable::veth(address, peer, mtu)?
        } else {
            Cable::tun(address, peer, mtu, field("offload") == Some("1"))?
        };
        if is_far(address, peer) {
            link::reach(peer);
        }
        wait_for(address)?;
        let cable = if raw { cable.up(address, peer)? } else { cable };
        Ok(Agent {
            wire: Wire::new(cable),
            returned,
            sockets: Sockets::default(),
            system: System::new(sender),
            address,
            peer,
            answered: None,
            acting: Duration::ZERO,
        })
    }

    /// A request has come: whatever passed since the last answer was not ours to spend.
    fn taken_up(&mut self) {
        if let Some(answered) = self.answered {
            self.acting = self.acting.max(self.wire.now().saturating_sub(answered));
        }
    }

    fn done(&mut self, answer: &mut String) {
        let now = self.wire.now();
        let (noting, acting) = (self.wire.noting.as_nanos(), self.acting.as_nanos());
        let _ = writeln!(answer, "done - {} {noting} {acting}", now.as_nanos());
        self.answered = Some(now);
    }

    fn request(&mut self, words: &[&str], answer: &mut String) {
        let mut sent = Sent::new();
        match words {
            ["packet", hex] => {
                let packet = from_hex(hex).unwrap_or_default();
                let (arrived, before) = self.wire.deliver(&packet, &mut sent);
                let after = sent.split_off(before);
                tell(&sent, answer);
                let _ = writeln!(answer, "arrived {}", arrived.as_nanos());
                tell(&after, answer);
            }
            ["advance", time] => {
                let until: u64 = time.parse().unwrap_or(0);
                let left = Duration::from_nanos(until).saturating_sub(self.wire.now());
                self.collect(left, answer);
            }
            ["call", word @ ("sys" | "sys-begin"), call @ ..] => {
                let began = self.system.begin(call);
                if let Ok(id) = began {
                    let patience = if *word == "sys" { AT_ONCE } else { SETTLE };
                    self.collect_until(patience, answer, |system| system.is_over(id));
                    self.collect(SETTLE, answer);
                }
                say(began.and_then(|id| self.system.answer(id)), answer);
            }
            ["call", "sys-done", id] => {
                self.collect(Duration::ZERO, answer);
                say(self.system.answer(id.parse().unwrap_or(0)), answer);
            }
            ["call", "knob", name, value @ ..] => {
                let value = value.join(" ");
                let changed = link::change(name, &value, self.peer);
                self.collect(SETTLE, answer);
                say(changed, answer);
            }
            ["call", call @ ..] => {
                let before = self.wire.now();
                let result = self.sockets.call(self.address, call);
                self.wire.due(before);
                self.collect(SETTLE, answer);
                say(result, answer);
            }
            _ => answer.push_str("error unknown\n"),
        }
    }

    /// What happens within `time`: with the first of it the wait is over.
    fn collect(&mut self, time: Duration, answer: &mut String) {
        let until = self.wire.now() + time;
        let mut sent = Sent::new();
        loop {
            let left = until.saturating_sub(self.wire.now());
            let glance = if self.system.waits() { left.min(GLANCE) } else { left };
            self.wire.collect(glance, &mut sent);
            let over = self.note();
            if over || !sent.is_empty() || self.wire.now() >= until {
                return tell(&sent, answer);
            }
        }
    }

    /// What happens until it is `enough`, or for so long.
    fn collect_until(&mut self, time: Duration, answer: &mut String, enough: impl Fn(&System) -> bool) {
        let until = self.wire.now() + time;
        let mut sent = Sent::new();
        while !enough(&self.system) && self.wire.now() < until {
            self.wire.collect(GLANCE.min(time) / 4, &mut sent);
            self.note();
        }
        tell(&sent, answer);
    }

    /// Whether system calls are over that were not before.
    fn note(&mut self) -> bool {
        let mut any = false;
        while let Ok(Returned(id, outcome)) = self.returned.try_recv() {
            self.system.note(id, outcome);
            any = true;
        }
        any
    }
}

fn say(result: Result<String, String>, answer: &mut String) {
    let _ = match result {
        Ok(text) => writeln!(answer, "result {text}"),
        Err(text) => writeln!(answer, "error {text}"),
    };
}

fn tell(sent: &Sent, answer: &mut String) {
    for (time, packet) in sent {
        let _ = writeln!(answer, "packet {} {}", to_hex(packet), time.as_nanos());
    }
}

/// An IPv6 address is tentative for a moment (RFC 4862 section 5.4).
fn wait_for(address: IpAddr) -> std::io::Result<()> {
    let began = Instant::now();
    loop {
        match std::net::UdpSocket::bind((address, 0)) {
            Err(error) if began.elapsed() > Duration::from_secs(3) => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
            Ok(_) => return Ok(()),
        }
    }
}

/// Settings of the namespace: Reno, since a machine's default may be anything; no router discovery, no ICMP limits.
fn quieten() {
    for (name, value) in [
        ("net/ipv4/tcp_congestion_control", "reno"),
        ("net/ipv4/icmp_ratelimit", "0"),
        ("net/ipv6/icmp/ratelimit", "0"),
        ("net/ipv6/conf/default/router_solicitations", "0"),
        ("net/ipv6/conf/default/accept_dad", "0"),
        ("net/ipv6/conf/default/addr_gen_mode", "1"),
    ] {
        // A kernel without one of these behaves as it does by default.
        let _ = std::fs::write(format!("/proc/sys/{name}"), value);
    }
}

pub(super) fn to_hex(octets: &[u8]) -> String {
    if octets.is_empty() {
        return "-".to_owned();
    }
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    crate::process::from_hex(text)
}
