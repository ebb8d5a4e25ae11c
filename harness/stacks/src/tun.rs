//! Whatever sits behind a TUN device of this machine, in real time. No call reaches its applications: what it plays by itself is used.
//!
//! `tun:NAME,discard=9,echo=7`: the services that listen there; `,ipv4` or `,ipv6`: the only version that it speaks.

use crate::adapter::{Adapter, Trouble};
use crate::linux::cable::Cable;
use crate::linux::wire::{Sent, Wire};
use crate::linux::{TUN, has_tun};
use crate::stack::{Abilities, Ability, Clock, Identity, Lateness, START, Services, Setup, Stack};
use std::collections::VecDeque;
use std::net::IpAddr;
use wire::checksum::Sum;
use wire::{Duration, Instant};

pub const ADAPTER: Adapter = Adapter {
    name: "tun:NAME",
    about: "Whatever sits behind the TUN device NAME as 192.0.2.1 or 2001:db8::1; tun:NAME,discard=9,echo=7 names the services that it runs, in real time",
    needs,
    open: |argument, setup| {
        let stack = open(argument, setup)?;
        Ok(Box::new(stack))
    },
};

fn needs() -> Result<(), Trouble> {
    if has_tun() {
        Ok(())
    } else {
        Err(Trouble::Cannot(format!("needs access to {TUN}")))
    }
}

struct Tun {
    name: String,
    wire: Wire,
    services: Services,
    sent: VecDeque<(Instant, Vec<u8>)>,
    sent_at: Option<Instant>,
    arrived: Option<(Instant, usize)>,
}

/// What follows the colon.
#[derive(Debug)]
struct Wanted<'a> {
    name: &'a str,
    services: Services,
    ipv4: bool,
    ipv6: bool,
}

fn parse(argument: &str) -> Result<Wanted<'_>, Trouble> {
    let mut words = argument.split(',');
    let mut wanted = Wanted {
        name: words.next().unwrap_or_default(),
        services: Services::default(),
        ipv4: true,
        ipv6: true,
    };
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let port = value.parse::<u16>().ok().filter(|&port| port > 0);
        match (key, port) {
            ("discard", Some(_)) => wanted.services.discard = port,
            ("echo", Some(_)) => wanted.services.echo = port,
            ("ipv4", None) if value.is_empty() => wanted.ipv6 = false,
            ("ipv6", None) if value.is_empty() => wanted.ipv4 = false,
            _ => {
                return Err(Trouble::Cannot(format!(
                    "tun: '{word}': expected discard=PORT, echo=PORT, ipv4 or ipv6"
                )));
            }
        }
    }
    Ok(wanted)
}

fn open(argument: &str, setup: &Setup) -> Result<Tun, Trouble> {
    let Wanted {
        name,
        services,
        ipv4,
        ipv6,
    } = parse(argument)?;
    if !std::path::Path::new("/proc/sys/net/ipv4/conf").join(name).is_dir() || name.is_empty() {
        let example = if name.is_empty() { "tun0" } else { name };
        return Err(Trouble::Cannot(format!(
            "there is no device '{name}'; 'ip tuntap add dev {example} mode tun' makes one, 'ip address add 192.0.2.1/24 dev {example}' \
             and 'ip link set {example} up' put this machine's kernel behind it"
        )));
    }
    let speaks = if setup.address.is_ipv4() { ipv4 } else { ipv6 };
    if !speaks {
        return Err(Trouble::Declines(
            "its other IP version was named as its only one".to_owned(),
        ));
    }
    let cable = Cable::existing(name).map_err(|error| Trouble::Cannot(format!("{name}: {error}")))?;
    let mut wire = Wire::new(cable);
    wake(&mut wire, setup);
    Ok(Tun {
        name: name.to_owned(),
        wire,
        services,
        sent: VecDeque::new(),
        sent_at: None,
        arrived: None,
    })
}

/// Opening the device is plugging in its cable, and what is behind it may take a moment to notice: until it answers an echo request, or
/// for a second where it answers none.
fn wake(wire: &mut Wire, setup: &Setup) {
    let request = echo_request(setup.peer, setup.address);
    let mut sent = Sent::new();
    for _ in 0..50 {
        wire.deliver(&request, &mut sent);
        wire.collect(std::time::Duration::from_millis(20), &mut sent);
        if !sent.is_empty() {
            break;
        }
    }
    // Answers to more than one of them.
    wire.collect(std::time::Duration::from_millis(20), &mut sent);
}

/// An ICMP echo request without data (RFC 792, RFC 4443 section 4.1).
fn echo_request(from: IpAddr, to: IpAddr) -> Vec<u8> {
    let (kind, protocol) = if from.is_ipv4() { (8, 1) } else { (128, 58) };
    let mut icmp = [kind, 0, 0, 0, 0x73, 0x70, 0, 1];
    let pseudo = if from.is_ipv4() {
        Sum::default()
    } else {
        Sum::default().pseudo_header(from, to, protocol, icmp.len() as u32)
    };
    let checksum = pseudo.add(&icmp).checksum();
    icmp[2..4].copy_from_slice(&checksum.to_be_bytes());
    let mut header = match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let mut header = vec![0x45, 0, 0, 28, 0, 0, 0, 0, 64, protocol, 0, 0];
            header.extend(from.octets());
            header.extend(to.octets());
            let checksum = Sum::default().add(&header).checksum();
            header[10..12].copy_from_slice(&checksum.to_be_bytes());
            header
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let mut header = vec![0x60, 0, 0, 0, 0, 8, protocol, 64];
            header.extend(from.octets());
            header.extend(to.octets());
            header
        }
        _ => return Vec::new(),
    };
    header.extend(icmp);
    header
}

impl Tun {
    fn take(&mut self, sent: Sent) {
        let dated = sent.into_iter().map(|(time, packet)| (at(time), packet));
        self.sent.extend(dated);
    }
}

/// On the stack's clock.
fn at(time: std::time::Duration) -> Instant {
    START + span(time)
}

fn span(time: std::time::Duration) -> Duration {
    Duration::nanos(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))
}

impl Stack for Tun {
    fn identity(&self) -> Identity {
        Identity {
            name: self.name.clone(),
            version: String::new(),
            clock: Clock::Real,
        }
    }
    fn abilities(&self) -> Abilities {
        Abilities::of(if self.services.discard.is_some() {
            &[Ability::Listen]
        } else {
            &[]
        })
    }
    fn services(&self) -> Option<Services> {
        Some(self.services)
    }
    fn now(&self) -> Instant {
        at(self.wire.now())
    }
    fn deliver(&mut self, packet: &[u8]) {
        let mut sent = Sent::new();
        let (arrived, before) = self.wire.deliver(packet, &mut sent);
        self.arrived = Some((at(arrived), self.sent.len() + before));
        self.take(sent);
    }
    fn transmit(&mut self, packet: &mut Vec<u8>) -> bool {
        packet.clear();
        let Some((time, sent)) = self.sent.pop_front() else {
            return false;
        };
        self.sent_at = Some(time);
        packet.extend(sent);
        true
    }
    fn sent_at(&self) -> Option<Instant> {
        self.sent_at
    }
    fn arrived(&self) -> Option<(Instant, usize)> {
        self.arrived
    }
    fn lateness(&self) -> Lateness {
        Lateness {
            noting: span(self.wire.noting),
            acting: Duration::ZERO,
        }
    }
    fn wake_at(&mut self) -> Option<Instant> {
        None
    }
    fn advance_to(&mut self, time: Instant) {
        let left = u64::try_from((time - self.now()).0).unwrap_or(0);
        let mut sent = Sent::new();
        self.wire.collect(std::time::Duration::from_nanos(left), &mut sent);
        self.take(sent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_the_only_version_are_named_behind_the_device() {
        let wanted = parse("tun0,echo=7,discard=9,ipv4").expect("well formed");
        assert_eq!(
            (wanted.name, wanted.services.echo, wanted.services.discard),
            ("tun0", Some(7), Some(9))
        );
        assert!(wanted.ipv4 && !wanted.ipv6);
    }

    #[rstest::rstest]
    #[case("tun0,echo")]
    #[case("tun0,echo=70000")]
    #[case("tun0,chat=9")]
    #[case("tun0,ipv4=9")]
    fn anything_else_is_refused_by_name(#[case] argument: &str) {
        let refused = parse(argument).err().map(|trouble| trouble.to_string());
        assert!(refused.is_some_and(|text| text.contains("expected discard=PORT")));
    }
}
