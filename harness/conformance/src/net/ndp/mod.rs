//! Neighbour Discovery (RFC 4861, RFC 4862, RFC 6980): one file per concern.
//!
//! Messages are judged that were captured whole and have the right checksum: a damaged one proves nothing.

mod answers;
mod fields;
mod fragments;
mod link_layer;
mod options;
mod prefixes;
mod redirects;
mod reserved;
mod routers;
mod solicitations;

pub use answers::{AnswerCarriesLinkLayer, AnswerIsSolicited, MulticastUnsolicited};
pub use fields::{CodeZero, HopLimit255, TargetNotMulticast};
pub use fragments::NotFragmented;
pub use link_layer::{NoLinkLayerFromUnspecified, SolicitationCarriesLinkLayer};
pub use options::OptionsDelimited;
pub use prefixes::{NoLinkLocalPrefix, PrefixLifetimes, PrefixRestZero};
pub use redirects::{RedirectFits, RedirectTarget};
pub use reserved::ReservedZero;
pub use routers::{ReachableTime, SourceLinkLocal};
pub use solicitations::SolicitationDestination;

use super::asked::Asked;
use super::check::Packet;
use std::net::{IpAddr, Ipv6Addr};
use wire::icmpv6::Icmpv6;
use wire::ndp::{Message, Ndp, ethernet_multicast};
use wire::{FrameNumber, Instant};

/// A message of Neighbour Discovery, at the moment when it is seen.
#[derive(Debug, Clone, Copy)]
pub struct NdpSeen<'a> {
    pub ndp: Ndp<'a>,
    pub source: Ipv6Addr,
    pub destination: Ipv6Addr,
    /// It lies in the Ethernet frame itself, not in a tunnel: a multicast packet, to the Ethernet address of its group
    /// (RFC 2464).
    pub on_ethernet: bool,
    /// Who was solicited before it.
    pub asked: &'a Asked<Solicitation>,
}

/// A Neighbor Solicitation that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solicitation {
    pub frame: FrameNumber,
    pub source: Ipv6Addr,
    pub target: Ipv6Addr,
    pub on_ethernet: bool,
}

impl Solicitation {
    /// `seen` tells its source about its target.
    fn is_answered_by(&self, seen: &NdpSeen<'_>) -> bool {
        let about = matches!(seen.ndp.message, Message::NeighborAdvertisement { target, .. } if target == self.target);
        about && self.source == seen.destination
    }
}

impl<'a> NdpSeen<'a> {
    /// None for other messages, and for damaged, cut or malformed ones.
    pub(crate) fn read(at: &Packet<'_>, icmp: &Icmpv6<'a>, asked: &'a Asked<Solicitation>) -> Option<NdpSeen<'a>> {
        let (IpAddr::V6(source), IpAddr::V6(destination)) = (at.ip.source, at.ip.destination) else {
            return None;
        };
        if !at.whole || !icmp.checksum_ok(source, destination) {
            return None;
        }
        let group = destination.is_multicast().then(|| ethernet_multicast(destination));
        let on_ethernet = at.ethernet.is_some_and(|&(_, to)| Some(to) == group);
        Some(NdpSeen {
            ndp: Ndp::parse(icmp).ok()?,
            source,
            destination,
            on_ethernet,
            asked,
        })
    }

    /// What those who judge later messages have to know of this one.
    pub(crate) fn news(&self, frame: FrameNumber) -> Option<News> {
        match self.ndp.message {
            Message::NeighborSolicitation { target, .. } => Some(News::Asked(Solicitation {
                frame,
                source: self.source,
                target,
                on_ethernet: self.on_ethernet,
            })),
            Message::NeighborAdvertisement { target, .. } => Some(News::Answered {
                target,
                asker: self.destination,
            }),
            _ => None,
        }
    }
}

/// A question, or an answer.
pub(crate) enum News {
    Asked(Solicitation),
    Answered { target: Ipv6Addr, asker: Ipv6Addr },
}

/// Keeps a question for what comes after it, and lets go those that an answer settles.
pub(crate) fn remember(asked: &mut Asked<Solicitation>, time: Instant, news: Option<News>) {
    match news {
        Some(News::Asked(question)) => asked.ask(time, question),
        Some(News::Answered { target, asker }) => {
            asked.settle(|question| question.target == target && question.source == asker);
        }
        None => {}
    }
}
