//! The agent inside the namespace: the line protocol on one side, a TUN device and sockets on the other.

use super::sockets::Sockets;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fmt::Write as _;
use std::io::{BufRead, Write};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use tun_rs::{DeviceBuilder, SyncDevice};

/// After each request the kernel gets so long to send what is due at once.
const SETTLE: Duration = Duration::from_micros(300);
/// Waiting is cut into pieces: a packet is noticed within one, or the machine was late, and that is told.
const SLICE: Duration = Duration::from_millis(8);
/// Waking up this late is ordinary.
const PUNCTUAL: Duration = Duration::from_millis(1);

struct Agent {
    began: Instant,
    device: SyncDevice,
    sockets: Sockets,
    address: IpAddr,
    /// When the last answer was given, and when the last packet was noted, since `began`.
    answered: Option<Duration>,
    noted: Duration,
    /// How late packets were noted, and requests taken up, at most.
    noting: Duration,
    acting: Duration,
}

/// Serves requests from standard input until it ends.
pub fn serve() -> std::io::Result<()> {
    let input = std::io::stdin().lock();
    let mut agent: Option<Agent> = None;
    for line in input.lines() {
        let line = line?;
        let mut answer = String::new();
        if let Some(agent) = &mut agent {
            agent.taken_up();
        }
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
        match &mut agent {
            Some(agent) => agent.done(&mut answer),
            None => answer.push_str("done - 0\n"),
        }
        reply(&answer)?;
    }
    Ok(())
}

const ABLE: &str = "listen,connect,half-close,urgent,keepalive,nodelay,abort,status,options";

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
        let builder = DeviceBuilder::new().name("stackproof").mtu(mtu);
        let device = match address {
            IpAddr::V4(address) => builder.ipv4(address, shared(address.into(), peer).min(24), None),
            IpAddr::V6(address) => builder.ipv6(address, shared(address.into(), peer).min(64)),
        }
        .build_sync()?;
        wait_for(address)?;
        device.set_nonblocking(true)?;
        Ok(Agent {
            began: Instant::now(),
            device,
            sockets: Sockets::default(),
            address,
            answered: None,
            noted: Duration::ZERO,
            noting: Duration::ZERO,
            acting: Duration::ZERO,
        })
    }

    /// A request has come: whatever passed since the last answer was not ours to spend.
    fn taken_up(&mut self) {
        if let Some(answered) = self.answered {
            self.acting = self.acting.max(self.began.elapsed() - answered);
        }
    }

    fn done(&mut self, answer: &mut String) {
        let now = self.began.elapsed();
        let (noting, acting) = (self.noting.as_nanos(), self.acting.as_nanos());
        let _ = writeln!(answer, "done - {} {noting} {acting}", now.as_nanos());
        self.answered = Some(now);
    }

    fn request(&mut self, words: &[&str], answer: &mut String) {
        match words {
            ["packet", hex] => {
                self.read(answer);
                let before = self.began.elapsed().max(self.noted);
                let _ = writeln!(answer, "arrived {}", before.as_nanos());
                if let Some(packet) = from_hex(hex) {
                    // What the kernel does not take, an absurd packet, is dropped as it would be on a wire.
                    let _ = self.device.send(&packet);
                }
                self.noted = before;
                self.overdue(before);
                // The kernel answers within the call.
                if !self.read(answer) {
                    self.collect(SETTLE, answer);
                }
            }
            ["advance", time] => {
                let until: u64 = time.parse().unwrap_or(0);
                let left = Duration::from_nanos(until).saturating_sub(self.began.elapsed());
                self.collect(left, answer);
            }
            ["call", call @ ..] => {
                let before = self.began.elapsed();
                let result = self.sockets.call(self.address, call);
                self.overdue(before);
                self.collect(SETTLE, answer);
                let _ = match result {
                    Ok(text) => writeln!(answer, "result {text}"),
                    Err(text) => writeln!(answer, "error {text}"),
                };
            }
            _ => answer.push_str("error unknown\n"),
        }
    }

    /// What the kernel sends within `time`: with the first packets the wait is over.
    fn collect(&mut self, time: Duration, answer: &mut String) {
        let until = self.began.elapsed() + time;
        loop {
            if self.read(answer) {
                return;
            }
            let now = self.began.elapsed();
            let Some(left) = until.checked_sub(now).filter(|left| !left.is_zero()) else {
                return;
            };
            let slice = left.min(SLICE);
            let timeout = Timespec {
                tv_sec: 0,
                tv_nsec: slice.as_nanos() as i64,
            };
            let mut waiting = [PollFd::new(&self.device, PollFlags::IN)];
            // An interrupted wait is a short one.
            let _ = poll(&mut waiting, Some(&timeout));
            self.overdue(now + slice);
        }
    }

    /// Something was to happen at `due`.
    fn overdue(&mut self, due: Duration) {
        let late = self.began.elapsed().saturating_sub(due);
        if late > PUNCTUAL {
            self.noting = self.noting.max(late);
        }
    }

    /// The packets that the kernel has sent; whether there were any.
    fn read(&mut self, answer: &mut String) -> bool {
        let mut packet = [0; 65_536];
        let mut any = false;
        let began = self.began.elapsed();
        while let Ok(count) = self.device.recv(&mut packet) {
            if is_ours(&packet[..count]) {
                self.noted = self.noted.max(began);
                let _ = writeln!(answer, "packet {} {}", to_hex(&packet[..count]), self.noted.as_nanos());
                any = true;
            }
        }
        if any {
            self.overdue(began);
        }
        any
    }
}

/// The bits that both addresses begin with: the link is wide enough to reach the peer.
fn shared(one: IpAddr, other: IpAddr) -> u8 {
    let bits = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (u32::from(one) ^ u32::from(other)).leading_zeros(),
        (IpAddr::V6(one), IpAddr::V6(other)) => (u128::from(one) ^ u128::from(other)).leading_zeros(),
        _ => 0,
    };
    bits as u8
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
