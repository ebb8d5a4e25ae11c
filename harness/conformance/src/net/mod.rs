//! IP, UDP, ICMP, ARP and Neighbour Discovery: one file per concern; each requirement sits beside its check.
//!
//! To add one, write it in a file here and list it below.

mod addresses;
pub mod arp;
mod asked;
mod check;
mod fragments;
mod icmp_errors;
mod icmp_messages;
mod ip_header;
pub mod ndp;
mod tcp_offset;
mod udp;
mod wrong_sums;

pub use asked::Asked;
pub use check::{NetCheck, Packet};

use crate::example::Example;
use crate::requirement::Requirement;
use crate::verdict::Judge;
use arp::ArpSeen;
use check::{net_checks, net_event};
use ndp::NdpSeen;
use wire::icmpv4::Icmpv4;
use wire::icmpv6::Icmpv6;
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::udp::Udp;

net_checks! {
    ip_header::HeaderChecksumCorrect,
    ip_header::TtlNotZero,
    ip_header::ReservedFlagZero,
    addresses::LoopbackNotOnWire,
    addresses::SourceIsUnicast,
    addresses::SourceNotMulticastV6,
    fragments::FragmentLengthV4,
    fragments::FragmentLengthV6,
    tcp_offset::DataOffsetValid,
    udp::UdpLength,
    udp::UdpChecksumCorrect,
    udp::UdpChecksumOverIpv6,
    icmp_messages::IcmpChecksumCorrect,
    icmp_messages::NoSourceQuench,
    icmp_messages::EchoReplyCarriesData,
    icmp_errors::ErrorQuotesEnough,
    icmp_errors::NoErrorAboutError,
    icmp_errors::NoErrorAboutMulticast,
    icmp_errors::NoErrorAboutFragment,
    icmp_errors::ErrorFitsMinimumMtu,
    arp::SenderHardwareOwn,
    arp::ReplySwapsFields,
    arp::ReplyToAsker,
    arp::RequestRate,
    arp::ProbeSenderHardware,
    arp::ProbeTargetHardware,
    ndp::HopLimit255,
    ndp::CodeZero,
    ndp::ReservedZero,
    ndp::OptionsDelimited,
    ndp::NotFragmented,
    ndp::TargetNotMulticast,
    ndp::SolicitationDestination,
    ndp::NoLinkLayerFromUnspecified,
    ndp::SolicitationCarriesLinkLayer,
    ndp::MulticastUnsolicited,
    ndp::AnswerIsSolicited,
    ndp::AnswerCarriesLinkLayer,
    ndp::SourceLinkLocal,
    ndp::ReachableTime,
    ndp::RedirectTarget,
    ndp::RedirectFits,
    ndp::PrefixLifetimes,
    ndp::PrefixRestZero,
    ndp::NoLinkLocalPrefix,
}

/// Requirements of this family; those of DNS follow in the registry.
pub(crate) const TOTAL: u16 = Place::Count as u16;

pub(crate) fn requirements() -> impl Iterator<Item = &'static Requirement> {
    REQUIREMENTS.iter()
}
