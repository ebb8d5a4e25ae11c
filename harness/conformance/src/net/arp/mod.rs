//! ARP (RFC 826, RFC 1122 section 2.3.2, RFC 5227): one file per concern.
//!
//! An ARP packet is no datagram: the judged host is its sender protocol address, ar$spa. A probe has none (RFC 5227 section
//! 2.1.1); it is judged once the address that it asks for is used from the same Ethernet address.

mod probe;
mod reply;
mod request;
mod sender;

pub use probe::{ProbeSenderHardware, ProbeTargetHardware};
pub use reply::{ReplySwapsFields, ReplyToAsker};
pub use request::RequestRate;
pub use sender::SenderHardwareOwn;

use super::asked::Asked;
use wire::arp::{Arp, EthernetIpv4, operation};
use wire::ethernet::MacAddress;
use wire::{Duration, FrameNumber, Instant};

/// An answer comes within this, or is not one: a link has no long delays, and a host that was asked is awake.
const ANSWER_WITHIN: Duration = Duration::secs(2);

/// An ARP packet that resolves IPv4 on 48-bit hardware addresses, at the moment when it is seen.
#[derive(Debug, Clone, Copy)]
pub struct ArpSeen<'a> {
    pub packet: ArpPacket,
    /// What was asked before it.
    pub asked: &'a Asked<ArpPacket>,
}

/// The packet by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArpPacket {
    pub frame: FrameNumber,
    pub time: Instant,
    pub operation: u16,
    pub addresses: EthernetIpv4,
    /// The Ethernet addresses around it, source and destination, where there are any.
    pub ethernet: Option<(MacAddress, MacAddress)>,
}

impl ArpPacket {
    /// None for other protocols and hardware, and for reverse and inverse ARP.
    pub fn new(
        (frame, time): (FrameNumber, Instant),
        arp: &Arp<'_>,
        ethernet: Option<(MacAddress, MacAddress)>,
    ) -> Option<ArpPacket> {
        let known = matches!(arp.operation, operation::REQUEST | operation::REPLY);
        Some(ArpPacket {
            frame,
            time,
            operation: arp.operation,
            addresses: arp.ethernet_ipv4().filter(|_| known)?,
            ethernet,
        })
    }

    pub fn is_request(&self) -> bool {
        self.operation == operation::REQUEST
    }

    /// RFC 5227 section 1.1: a request without a sender.
    pub fn is_probe(&self) -> bool {
        self.is_request() && self.addresses.sender_protocol.is_unspecified()
    }

    /// Sender and target are one: an announcement (RFC 5227 section 1.1), nobody's question and nobody's answer.
    pub fn is_announcement(&self) -> bool {
        self.addresses.sender_protocol == self.addresses.target_protocol
    }

    /// The hardware address of the sender, where Ethernet says the same.
    pub fn confirmed_sender(&self) -> Option<MacAddress> {
        let sender = self.addresses.sender_hardware;
        self.ethernet
            .is_some_and(|(source, _)| source == sender)
            .then_some(sender)
    }

    /// `self`, a question, asks for the address that sends `answer`.
    fn asks_for_sender_of(&self, answer: &ArpPacket) -> bool {
        !self.is_announcement() && self.addresses.target_protocol == answer.addresses.sender_protocol
    }

    /// `answer` names whoever asked `self`, as RFC 826 "Packet Reception" says.
    fn is_answered_by(&self, answer: &ArpPacket) -> bool {
        !answer.is_request()
            && self.asks_for_sender_of(answer)
            && self.addresses.sender_hardware == answer.addresses.target_hardware
            && self.addresses.sender_protocol == answer.addresses.target_protocol
    }

    /// `self` is a broadcast probe for the address that `later` uses, and both left the same Ethernet station.
    fn is_probe_of_sender_of(&self, later: &ArpPacket) -> bool {
        let broadcast_by = |station| self.ethernet == Some((station, MacAddress::BROADCAST));
        self.is_probe() && self.asks_for_sender_of(later) && later.confirmed_sender().is_some_and(broadcast_by)
    }
}

/// Keeps a request for what comes after it, and lets go those that `packet` settles.
pub(crate) fn remember(asked: &mut Asked<ArpPacket>, packet: ArpPacket) {
    if !packet.addresses.sender_protocol.is_unspecified() {
        asked.settle(|question| question.is_answered_by(&packet) || question.is_probe_of_sender_of(&packet));
    }
    if packet.is_request() && !packet.is_announcement() {
        asked.ask(packet.time, packet);
    }
}
