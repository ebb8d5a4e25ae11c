//! Pairs responses with their queries, and lets the checks see both.

use super::{Asked, DnsChecks, Over, Talk};
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
pub(super) const PORT: u16 = 53;
/// Queries remembered; older ones give way.
const MAX_ASKED: usize = 512;
/// A response that comes later belongs to nothing.
const PATIENCE: Duration = Duration::secs(10);

/// Who asked whom, with which identifier.
type Key = (IpAddr, u16, IpAddr, u16);

/// DNS in one capture.
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
        let octets = udp.payload.len() as u32;
        self.message(
            at,
            (udp.source_port, udp.destination_port),
            Over::Udp,
            &message,
            octets,
            book,
        );
    }

    /// Takes a message from and to these ports.
    pub fn message(
        &mut self,
        at: &Packet<'_>,
        (source_port, destination_port): (u16, u16),
        over: Over,
        message: &Message<'_>,
        octets: u32,
        book: &mut Book,
    ) {
        // A service that is no DNS on either port looks like anything; a readable question is asked for.
        let (source, destination) = (at.ip.source, at.ip.destination);
        let response = message.header.qr() && source_port == PORT;
        if !response && (message.header.qr() || destination_port != PORT) {
            return;
        }
        let key = if response {
            (destination, destination_port, source, message.header.id)
        } else {
            (source, source_port, destination, message.header.id)
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
            over,
            message,
            octets,
            asked,
        };
        self.hosts
            .tell((&source, &destination), at.when(), book, |checks, judge| {
                checks.on_message(&talk, judge);
                if response {
                    checks.on_response(&talk, judge);
                }
            });
        if !response {
            self.remember(key, at, message);
        }
    }

    /// Whether these first octets of a server's TCP stream are a response without its length before it; the checks are told.
    pub fn unframed(&mut self, at: &Packet<'_>, (_, client_port): (u16, u16), bytes: &[u8], book: &mut Book) -> bool {
        let Ok(message) = Message::parse(bytes) else {
            return false;
        };
        let (source, destination) = (at.ip.source, at.ip.destination);
        let key = (destination, client_port, source, message.header.id);
        let Some((_, asked)) = self.asked.iter().rev().find(|(other, _)| *other == key) else {
            return false;
        };
        // Read as a length, the identifier does not fit what came: a message of just that length is one.
        let length = usize::from(message.header.id) + 2;
        if !message.header.qr() || length <= bytes.len() {
            return false;
        }
        let talk = Talk {
            frame: at.frame,
            over: Over::Tcp,
            message: &message,
            octets: bytes.len() as u32,
            asked: Some(asked),
        };
        self.hosts
            .tell((&source, &destination), at.when(), book, |checks, judge| {
                checks.on_unframed(&talk, judge)
            });
        true
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
