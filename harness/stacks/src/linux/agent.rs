//! The agent inside the namespace: the line protocol on one side, a TUN device and sockets on the other.

use super::device::Device;
use super::link;
use super::sockets::Sockets;
use super::system::System;
use std::fmt::Write as _;
use std::io::{BufRead, Write};
use std::net::IpAddr;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// After each request the kernel gets so long to send what is due at once.
const SETTLE: Duration = Duration::from_micros(300);

/// How long a call that is not meant to wait may take on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(500);

/// What happens by itself.
pub enum Event {
    /// The kernel has sent a packet.
    Sent(Vec<u8>),
    /// A system call is over; none: it was refused.
    Returned(u64, Option<syscall::Outcome>),
}

struct Agent {
    began: Instant,
    device: Device,
    events: Receiver<Event>,
    sockets: Sockets,
    system: System,
    address: IpAddr,
    peer: IpAddr,
}

/// Serves requests from standard input until it ends.
pub fn serve() -> std::io::Result<()> {
    let input = std::io::stdin().lock();
    let mut agent: Option<Agent> = None;
    for line in input.lines() {
        let line = line?;
        let mut answer = String::new();
        match (line.split_whitespace().collect::<Vec<_>>().as_slice(), &mut agent) {
            (["hello", "1", rest @ ..], None) => match Agent::begin(rest) {
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
        let now = agent.as_ref().map_or(0, Agent::now);
        let _ = writeln!(answer, "done - {now}");
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
    fn begin(fields: &[&str]) -> std::io::Result<Agent> {
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
        let (sender, events) = channel();
        let system = System::new(sender.clone());
        let device = Device::open(address, peer, mtu, field("offload") == Some("1"))?;
        wait_for(address)?;
        device.listen(move |packet| sender.send(Event::Sent(packet)).is_ok());
        Ok(Agent {
            began: Instant::now(),
            device,
            events,
            sockets: Sockets::default(),
            system,
            address,
            peer,
        })
    }

    fn now(&self) -> u128 {
        self.began.elapsed().as_nanos()
    }

    fn request(&mut self, words: &[&str], answer: &mut String) {
        match words {
            ["packet", hex] => {
                if let Some(packet) = from_hex(hex) {
                    // What the kernel does not take, an absurd packet, is dropped as it would be on a wire.
                    let _ = self.device.send(&packet);
                }
                self.collect(SETTLE, answer);
            }
            ["advance", time] => {
                let until: u64 = time.parse().unwrap_or(0);
                let left = Duration::from_nanos(until).saturating_sub(self.began.elapsed());
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
                let result = self.sockets.call(self.address, call);
                self.collect(SETTLE, answer);
                say(result, answer);
            }
            _ => answer.push_str("error unknown\n"),
        }
    }

    /// What happens within `time`; with the first event the wait is nearly over.
    fn collect(&mut self, time: Duration, answer: &mut String) {
        let mut wait = time;
        while let Ok(event) = self.events.recv_timeout(wait) {
            if self.take(event, answer) {
                wait = Duration::from_micros(50);
            }
        }
    }

    /// What happens until it is `enough`, or for so long.
    fn collect_until(&mut self, time: Duration, answer: &mut String, enough: impl Fn(&System) -> bool) {
        let limit = Instant::now() + time;
        while !enough(&self.system) {
            match self
                .events
                .recv_timeout(limit.saturating_duration_since(Instant::now()))
            {
                Ok(event) => self.take(event, answer),
                Err(_) => return,
            };
        }
    }

    /// Whether it is something that the other side is told of.
    fn take(&mut self, event: Event, answer: &mut String) -> bool {
        match event {
            Event::Sent(packet) if is_ours(&packet) => {
                let _ = writeln!(answer, "packet {}", to_hex(&packet));
            }
            Event::Sent(_) => return false,
            Event::Returned(id, outcome) => self.system.note(id, outcome),
        }
        true
    }
}

fn say(result: Result<String, String>, answer: &mut String) {
    let _ = match result {
        Ok(text) => writeln!(answer, "result {text}"),
        Err(text) => writeln!(answer, "error {text}"),
    };
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

/// Discovery and multicast reports are the link's business, not the stack's under test.
fn is_ours(packet: &[u8]) -> bool {
    let discovery = packet.first().is_some_and(|first| first >> 4 == 6)
        && packet.get(24) == Some(&0xff)
        && packet.get(6).is_some_and(|next| matches!(next, 0 | 58));
    !discovery
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
