//! Odd IP packets, and addresses of many.

use super::{MAX_ENDS, Player};
use crate::palette::{Toward, Wrapping};
use std::net::IpAddr;
use suite::{Stamp, fragments, ip_packet};
use wire::checksum::Sum;
use wire::protocol;

/// Octets of a fragment; and of the data of the request that is cut, so that its answer is one packet on any link.
const FRAGMENT: usize = 208;
const DATA: usize = 400;
/// Somebody else on the link.
const OTHERS: (&str, &str) = ("192.0.2.77", "2001:db8::77");
/// All hosts (RFC 1112 section 4), all nodes (RFC 4291 section 2.7.1).
const GROUP: (&str, &str) = ("224.0.0.1", "ff02::1");
/// An experimental option (RFC 4727 section 3).
const UNKNOWN_OPTION: [u8; 4] = [0x1e, 4, 0, 0];
/// Where an IPv4 header's checksum begins.
const CHECKSUM: usize = 10;

impl Player<'_> {
    /// An echo request that must be answered, or must not, for what carries it.
    pub(super) fn echo_wrapped(&mut self, wrapping: Wrapping) {
        let v4 = self.tester.its.is_ipv4();
        let (id, answered) = match wrapping {
            Wrapping::Damaged if v4 => ("ip/bad-header-checksum-dropped", false),
            Wrapping::Elsewhere => ("ip/foreign-destination-dropped", false),
            Wrapping::Optioned if v4 => ("ip/unknown-options-skipped", true),
            Wrapping::InFragments if v4 => ("ip/fragments-reassembled", true),
            Wrapping::InFragments => ("ipv6/fragments-reassembled", true),
            // IPv6 has no such thing.
            Wrapping::Damaged | Wrapping::Optioned => return,
        };
        let to = if wrapping == Wrapping::Elsewhere {
            self.family(OTHERS)
        } else {
            self.tester.its
        };
        if answered {
            // Who answers no request at all says nothing of how this one comes.
            let plain = self.echo_packet(to);
            self.tester.others.clear();
            self.deliver(plain);
            if self.tester.echo_replies().is_empty() {
                return self.judge_echo();
            }
        }
        let packet = self.echo_packet(to);
        self.tester.others.clear();
        match wrapping {
            Wrapping::Damaged => self.deliver(damaged(packet)),
            Wrapping::Elsewhere => self.deliver(packet),
            Wrapping::Optioned => self.deliver(with_option(&packet)),
            Wrapping::InFragments => fragments(&packet, FRAGMENT)
                .into_iter()
                .for_each(|piece| self.deliver(piece)),
        }
        if self.tester.echo_replies().is_empty() == answered {
            let (expected, seen) = if answered {
                ("an echo reply", "none")
            } else {
                ("silence", "an echo reply")
            };
            self.accuse(id, expected, seen);
        }
    }

    fn deliver(&mut self, packet: Vec<u8>) {
        self.tester.deliver(&packet);
    }

    fn family(&self, (v4, v6): (&str, &str)) -> IpAddr {
        let text = if self.tester.its.is_ipv4() { v4 } else { v6 };
        text.parse().unwrap_or(self.tester.its)
    }

    fn echo_packet(&mut self, to: IpAddr) -> Vec<u8> {
        let mut message = self.tester.echo_request(&[7; DATA]);
        let (number, sum) = if to.is_ipv4() {
            (protocol::ICMPV4, Sum::default())
        } else {
            let sum = Sum::default().pseudo_header(self.tester.ours, to, protocol::ICMPV6, message.len() as u32);
            (protocol::ICMPV6, sum)
        };
        let sum = sum.add(&message).checksum();
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        self.ip_id = self.ip_id.wrapping_add(1);
        ip_packet(self.tester.ours, to, number, 0, self.ip_id, &message)
    }

    /// RFC 9293 section 3.9.2.3 (MUST-63, MUST-57): no answer to either.
    pub(super) fn group_syn(&mut self, toward: Toward) {
        if self.ends.len() >= MAX_ENDS {
            return;
        }
        let at = self.facing_listener();
        let group = self.family(GROUP);
        let mut peer = self.ends[at].peer.clone();
        let id = match toward {
            Toward::FromGroup => {
                peer.here.0 = group;
                "tcp/syn-from-group-ignored"
            }
            Toward::ToGroup => {
                peer.there.0 = group;
                "tcp/syn-to-group-ignored"
            }
        };
        // What comes of it, if anything, is not this end's.
        self.ends[at].strangers = true;
        let heard = self.tester.inbox.len();
        self.tester.fling(&peer, peer.syn().stamp(Stamp::None));
        let port = peer.here.1;
        if self
            .tester
            .inbox
            .iter()
            .skip(heard)
            .any(|one| one.destination.1 == port)
        {
            self.accuse(id, "silence", "an answer");
        }
    }

    /// RFC 9293 section 3.9.1.1 (MUST-46): the call fails.
    pub(super) fn connect_group(&mut self) {
        let group = self.family(GROUP);
        let local = 60_000 + self.ports;
        self.ports += 1;
        let heard = self.tester.inbox.len();
        let _ = self.tester.call(format_args!("active OPEN to {group}"), |stack| {
            stack.connect(local, (group, 80))
        });
        if self
            .tester
            .inbox
            .iter()
            .skip(heard)
            .any(|one| one.destination.0 == group)
        {
            self.accuse("tcp/open-to-group-fails", "no SYN to a group", "a SYN");
        }
    }
}

fn damaged(mut packet: Vec<u8>) -> Vec<u8> {
    if let Some(octet) = packet.get_mut(CHECKSUM) {
        *octet ^= 0x55;
    }
    packet
}

/// The IPv4 packet with an option behind its header.
fn with_option(packet: &[u8]) -> Vec<u8> {
    let (header, rest) = packet.split_at(packet.len().min(20));
    let mut header = [header, &UNKNOWN_OPTION].concat();
    let total = (header.len() + rest.len()) as u16;
    header[0] = 0x46;
    header[2..4].copy_from_slice(&total.to_be_bytes());
    header[CHECKSUM..CHECKSUM + 2].fill(0);
    let sum = Sum::default().add(&header).checksum();
    header[CHECKSUM..CHECKSUM + 2].copy_from_slice(&sum.to_be_bytes());
    [&header, rest].concat()
}
