//! ICMP and UDP, as the Tester sends and hears them.

use crate::peer::Peer;
use crate::scenario::{Step, Stop};
use crate::segment::{Draft, Segment, Stamp};
use crate::tester::Tester;
use std::net::IpAddr;
use wire::checksum::Sum;
use wire::{Duration, protocol};

/// Octets of the offending packet that an error quotes.
const QUOTED: usize = 64;
/// Identifier and sequence number of echo requests.
const ECHO: [u8; 4] = [0x12, 0x34, 0, 1];

impl Tester {
    /// Sends an ICMP message (of the version of the run), its checksum filled in.
    pub fn throw_icmp(&mut self, message: &[u8]) {
        let mut message = message.to_vec();
        message[2..4].fill(0);
        let number = self.icmp();
        let sum = match self.its {
            IpAddr::V4(_) => Sum::default().add(&message),
            IpAddr::V6(_) => Sum::default()
                .pseudo_header(self.ours, self.its, number, message.len() as u32)
                .add(&message),
        };
        message[2..4].copy_from_slice(&sum.checksum().to_be_bytes());
        self.throw_ip(number, &message);
    }

    fn icmp(&self) -> u8 {
        if self.its.is_ipv4() {
            protocol::ICMPV4
        } else {
            protocol::ICMPV6
        }
    }

    pub fn echo_request(&self, data: &[u8]) -> Vec<u8> {
        let kind = if self.its.is_ipv4() { 8 } else { 128 };
        [&[kind, 0, 0, 0], &ECHO[..], data].concat()
    }

    /// The data of the echo replies that have come.
    pub fn echo_replies(&mut self) -> Vec<Vec<u8>> {
        let kind = if self.its.is_ipv4() { 0 } else { 129 };
        let messages = self.others.drain(..).map(|(_, packet)| message_of(packet));
        messages
            .filter(|message| message.first() == Some(&kind) && message.get(4..8) == Some(&ECHO[..]))
            .map(|message| message.get(8..).unwrap_or_default().to_vec())
            .collect()
    }

    /// The stack's latest IPv4 packet has Don't Fragment set (RFC 1191 section 3).
    pub fn forbids_fragments(&self) -> bool {
        self.log
            .last_from_stack()
            .is_some_and(|packet| packet.get(6).is_some_and(|flags| flags & 0x40 != 0))
    }

    /// An error about a segment that the stack has sent (or has not). `mtu` is the next hop's, where the kind has one.
    pub fn throw_error(&mut self, kind: u8, code: u8, mtu: u16, about: &Segment) {
        let mut quoted = Draft::new(about.source, about.destination, about.flags).stamp(Stamp::None);
        (quoted.seq, quoted.ack, quoted.wnd) = (about.seq, about.ack, about.wnd);
        quoted.payload = about.payload.clone();
        let mut packet = quoted.packet(1);
        packet.truncate(QUOTED);
        let [high, low] = mtu.to_be_bytes();
        let message = [&[kind, code, 0, 0, 0, 0, high, low], &packet[..]].concat();
        self.throw_icmp(&message);
    }

    /// Sends a UDP datagram.
    pub fn throw_udp(&mut self, from: u16, to: u16, data: &[u8]) {
        let length = (8 + data.len()) as u16;
        let mut datagram = [
            &from.to_be_bytes()[..],
            &to.to_be_bytes(),
            &length.to_be_bytes(),
            &[0, 0],
            data,
        ]
        .concat();
        let sum = Sum::default()
            .pseudo_header(self.ours, self.its, protocol::UDP, u32::from(length))
            .add(&datagram)
            .checksum();
        // RFC 768: a sum of zero is sent as all ones.
        let sum = if sum == 0 { 0xffff } else { sum };
        datagram[6..8].copy_from_slice(&sum.to_be_bytes());
        self.throw_ip(protocol::UDP, &datagram);
    }

    /// Takes data as an ordinary receiver does behind a path that carries packets of `mtu` octets at most: what is larger never
    /// arrives, unless routers may cut it.
    pub fn take_through(&mut self, peer: &mut Peer, octets: u32, mtu: usize) -> Step {
        let begin = peer.rcv;
        while (peer.rcv.since(begin) as u32) < octets {
            let before = peer.clone();
            let Some(segment) = self.next(peer, Duration::secs(30))? else {
                return Err(Stop::Stuck(format!(
                    "data stopped after {} octets",
                    peer.rcv.since(begin)
                )));
            };
            if segment.needs_mtu > mtu {
                *peer = before;
                continue;
            }
            self.wait(Duration::millis(5))?;
            self.send(peer, Peer::ack);
        }
        Ok(())
    }
}

/// What an IP packet carries: behind options, which a reply may repeat, and behind a fragment header that calls the packet whole (RFC 8200
/// section 4.5).
fn message_of(mut packet: Vec<u8>) -> Vec<u8> {
    const WHOLE: [u8; 4] = [protocol::ICMPV6, 0, 0, 0];
    let begin = match packet.first().map(|first| (first >> 4, first & 15)) {
        Some((4, words)) => 4 * usize::from(words),
        _ if packet.get(6) == Some(&protocol::FRAGMENT) && packet.get(40..44) == Some(&WHOLE) => 48,
        _ => 40,
    };
    packet.drain(..begin.min(packet.len()));
    packet
}

#[cfg(test)]
mod tests {
    use super::message_of;
    use rstest::rstest;

    #[rstest]
    #[case::as_ever(&[0x45], 20, true)]
    #[case::behind_options(&[0x46], 24, true)]
    #[case::of_ipv6(&[0x60, 0, 0, 0, 0, 0, 58], 40, true)]
    #[case::in_a_fragment_that_is_the_whole(&[0x60, 0, 0, 0, 0, 0, 44], 48, true)]
    #[case::in_a_fragment_that_is_not(&[0x60, 0, 0, 0, 0, 1, 44], 48, false)]
    fn a_message_is_found_behind_headers(#[case] first: &[u8], #[case] header: usize, #[case] found: bool) {
        let mut packet = first.to_vec();
        packet.resize(header, 0);
        if header == 48 {
            packet[40] = 58;
            packet[43] = packet[5];
        }
        packet.extend([129, 0, 0, 0]);
        assert_eq!(message_of(packet) == [129, 0, 0, 0], found);
    }

    #[test]
    fn what_is_cut_short_carries_nothing() {
        assert_eq!(message_of(vec![0x4f, 0]), Vec::<u8>::new());
    }
}
