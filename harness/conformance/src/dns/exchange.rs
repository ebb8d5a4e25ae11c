//! Pairs responses with their queries, and lets the checks see both.

use super::{Asked, DnsChecks, Talk};
use crate::hosts::Hosts;
use crate::net::Packet;
use crate::verdict::Book;
use std::collections::VecDeque;
use std::net::IpAddr;
use wire::Duration;
use wire::checksum::Sum;
use wire::dns::{Message, NameBuf};
use wire::udp::Udp;

/// RFC 1035 section 4.2.1.
const PORT: u16 = 53;
/// Queries remembered; older ones give way.
const MAX_ASKED: usize = 512;
/// A response that comes later belongs to nothing.
const PATIENCE: Duration = Duration::secs(10);

/// Who asked whom, with which identifier.
type Key = (IpAddr, u16, IpAddr, u16);

/// DNS over UDP in one capture.
#[derive(Default)]
pub(crate) struct Resolver {
    asked: VecDeque<(Key, Asked)>,
    hosts: Hosts<DnsChecks>,
}

impl Resolver {
    /// Whether a datagram is between DNS ports.
    #[inline]
    pub fn concerns(udp: &Udp<'_>) -> bool {
        udp.source_port == PORT || udp.destination_port == PORT
    }

    /// Takes a datagram that [`Resolver::concerns`] DNS. Sliced and damaged ones, and what has no DNS header, are
    /// passed over.
    pub fn datagram(&mut self, at: &Packet<'_>, udp: &Udp<'_>, book: &mut Book) {
        if !at.whole || udp.missing > 0 || is_damaged(at, udp) {
            return;
        }
        let Ok(message) = Message::parse(udp.payload) else {
            return;
        };
        // A service that is no DNS on either port looks like anything; a readable question is asked for.
        let (source, destination) = (at.ip.source, at.ip.destination);
        let response = message.header.qr() && udp.source_port == PORT;
        if !response && (message.header.qr() || udp.destination_port != PORT) {
            return;
        }
        let octets = udp.payload.len() as u32;
        let key = if response {
            (destination, udp.destination_port, source, message.header.id)
        } else {
            (source, udp.source_port, destination, message.header.id)
        };
        let place = self
            .asked
            .iter()
            .rposition(|(other, asked)| *other == key && at.time - asked.time < PATIENCE);
        let asked = place
            .filter(|_| response)
            .and_then(|place| self.asked.get(place))
            .map(|(_, asked)| asked);
        let talk = Talk {
            frame: at.frame,
            message: &message,
            octets,
            asked,
        };
        self.hosts.tell((source, destination), at, book, |checks, judge| {
            checks.on_message(&talk, judge);
            if response {
                checks.on_response(&talk, judge);
            }
        });
        if !response {
            self.remember(key, at, &message);
        }
    }

    fn remember(&mut self, key: Key, at: &Packet<'_>, message: &Message<'_>) {
        if self.asked.len() >= MAX_ASKED {
            self.asked.pop_front();
        }
        let mut questions = message.questions();
        let only = questions.next().filter(|_| message.header.qdcount == 1);
        let question = only.map(|question| (NameBuf::from(question.name), question.kind, question.class));
        let edns = message.edns().map(|opt| opt.payload_size);
        let asked = Asked {
            frame: at.frame,
            time: at.time,
            header: message.header,
            question,
            edns,
        };
        self.asked.push_back((key, asked));
    }
}

/// A wrong checksum, other than one left to the network card: what the message says is not what was sent.
fn is_damaged(at: &Packet<'_>, udp: &Udp<'_>) -> bool {
    let (source, destination) = (at.ip.source, at.ip.destination);
    let left_to_hardware = || {
        let pseudo = Sum::default()
            .pseudo_header(source, destination, 17, u32::from(udp.length))
            .fold();
        udp.checksum == pseudo || udp.checksum == !pseudo
    };
    udp.checksum_ok(source, destination) == Some(false) && !left_to_hardware()
}
