//! A captured frame's layers, from the outside in, handed to a [`Sink`] one by one.
//!
//! Nothing is stored: the sink sees each header before what it carries is read, and may stop the walk there. Tunnels are
//! stepped into; fragments and the packets that ICMP errors quote are not (a consumer that wants them calls
//! [`decode_transport`] on the reassembled payload, or [`decode_ip`] on the quotation).

mod link;
#[cfg(test)]
mod tests;
mod tunnel;
mod wireless;

use crate::arp::Arp;
use crate::ethernet::Ethernet;
use crate::geneve::Geneve;
use crate::gre::Gre;
use crate::icmpv4::Icmpv4;
use crate::icmpv6::Icmpv6;
use crate::ieee80211::{Ieee80211, Subframe};
use crate::ipv4::Ipv4;
use crate::ipv6::Ipv6;
use crate::link::LinkType;
use crate::llc::{Llc, sap};
use crate::mpls::Mpls;
use crate::null_loop::Null;
use crate::ppp::{Ppp, Pppoe};
use crate::radiotap::Radiotap;
use crate::sll::{Sll, Sll2};
use crate::tcp::Tcp;
use crate::teredo::Teredo;
use crate::udp::Udp;
use crate::vlan::Vlan;
use crate::vxlan::Vxlan;
use crate::{EtherType, ParseError, protocol};

/// Headers in one frame; deeper nesting is cut off.
pub const MAX_LAYERS: u8 = 32;

/// One header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer<'a> {
    Ethernet(Ethernet<'a>),
    Vlan(Vlan<'a>),
    Llc(Llc<'a>),
    Sll(Sll<'a>),
    Sll2(Sll2<'a>),
    Null(Null<'a>),
    Ppp(Ppp<'a>),
    Pppoe(Pppoe<'a>),
    Mpls(Mpls<'a>),
    Arp(Arp<'a>),
    Ipv4(Ipv4<'a>),
    Ipv6(Ipv6<'a>),
    Icmpv4(Icmpv4<'a>),
    Icmpv6(Icmpv6<'a>),
    Udp(Udp<'a>),
    Tcp(Tcp<'a>),
    Gre(Gre<'a>),
    Vxlan(Vxlan<'a>),
    Geneve(Geneve<'a>),
    /// Only where IPv6 follows.
    Teredo(Teredo<'a>),
    Radiotap(Radiotap<'a>),
    Ieee80211(Ieee80211<'a>),
    /// One MSDU of several in an IEEE 802.11 frame.
    AMsdu(Subframe<'a>),
    /// Something without a reader here: an EtherType, PPP protocol or IP protocol number, and its bytes.
    Other {
        number: u16,
        payload: &'a [u8],
    },
    /// A header that cannot be read although the capture has all of it.
    Malformed(ParseError),
    /// A header cut by the snap length.
    Truncated(ParseError),
}

/// Whether to step into what a layer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Into,
    Stop,
}

/// Takes layers, outermost first. `offset` is the header's first byte in the frame (or in what decoding began with).
pub trait Sink<'a> {
    fn layer(&mut self, offset: usize, layer: &Layer<'a>) -> Flow;
}

/// Walks a frame of link type `link`. `wire_len` is its length before the snap length cut it.
#[inline]
pub fn decode<'a, S: Sink<'a>>(link: LinkType, bytes: &'a [u8], wire_len: u32, sink: &mut S) {
    let lacking = (wire_len as usize).saturating_sub(bytes.len());
    Walk {
        start: bytes.as_ptr() as usize,
        sliced: lacking > 0,
        left: MAX_LAYERS,
        sink,
    }
    .link(link, bytes, lacking);
}

/// Walks on from an IP header, version 4 or 6.
pub fn decode_ip<'a, S: Sink<'a>>(bytes: &'a [u8], sink: &mut S) {
    Walk {
        start: bytes.as_ptr() as usize,
        sliced: false,
        left: MAX_LAYERS,
        sink,
    }
    .ip(bytes);
}

/// Walks on from what an IP header carries: a reassembled datagram's payload.
pub fn decode_transport<'a, S: Sink<'a>>(protocol: u8, payload: &'a [u8], sink: &mut S) {
    Walk {
        start: payload.as_ptr() as usize,
        sliced: false,
        left: MAX_LAYERS,
        sink,
    }
    .transport(protocol, payload);
}

struct Walk<'s, S> {
    /// Address of the frame's first byte, for offsets alone.
    start: usize,
    sliced: bool,
    left: u8,
    sink: &'s mut S,
}

impl<'a, S: Sink<'a>> Walk<'_, S> {
    /// Reports a layer that starts where `bytes` does; false when the walk ends here.
    #[inline]
    fn report(&mut self, bytes: &'a [u8], layer: Layer<'a>) -> bool {
        let Some(left) = self.left.checked_sub(1) else {
            return false;
        };
        self.left = left;
        let offset = (bytes.as_ptr() as usize).wrapping_sub(self.start);
        self.sink.layer(offset, &layer) == Flow::Into
    }

    #[cold]
    fn fault(&mut self, bytes: &'a [u8], error: ParseError) {
        // The capture's end, not the sender's mistake, when the header stops where the capture does.
        let cut = self.sliced && error.offset >= bytes.len();
        self.report(
            bytes,
            if cut {
                Layer::Truncated(error)
            } else {
                Layer::Malformed(error)
            },
        );
    }

    fn other(&mut self, number: u16, payload: &'a [u8]) {
        self.report(payload, Layer::Other { number, payload });
    }

    #[inline]
    fn ethernet(&mut self, bytes: &'a [u8]) {
        match Ethernet::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(frame) => {
                if self.report(bytes, Layer::Ethernet(frame)) {
                    self.typed(frame.ether_type(), frame.payload);
                }
            }
        }
    }

    /// What an EtherType announces; LLC where there is a length instead.
    #[inline]
    fn typed(&mut self, ether_type: Option<EtherType>, payload: &'a [u8]) {
        match ether_type {
            Some(EtherType::IPV4) => self.ipv4(payload),
            Some(EtherType::IPV6) => self.ipv6(payload),
            Some(EtherType::ARP | EtherType::RARP) => self.arp(payload),
            Some(tag) if tag.is_vlan() => self.vlan(payload),
            Some(EtherType::MPLS | EtherType::MPLS_UPSTREAM) => self.mpls(payload),
            Some(EtherType::PPPOE_SESSION | EtherType::PPPOE_DISCOVERY) => self.pppoe(payload),
            Some(EtherType::PPP) => self.ppp(payload),
            Some(EtherType::TRANSPARENT_ETHERNET) => self.ethernet(payload),
            Some(EtherType(number)) => self.other(number, payload),
            None => self.llc(payload),
        }
    }

    fn vlan(&mut self, bytes: &'a [u8]) {
        match Vlan::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(tag) => {
                if self.report(bytes, Layer::Vlan(tag)) {
                    self.typed(tag.ether_type(), tag.payload);
                }
            }
        }
    }

    fn llc(&mut self, bytes: &'a [u8]) {
        match Llc::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(llc) => {
                if !self.report(bytes, Layer::Llc(llc)) {
                } else if let Some(ether_type) = llc.ether_type() {
                    self.typed(Some(ether_type), llc.payload);
                } else if llc.dsap == sap::IPV4 {
                    self.ip(llc.payload);
                } else {
                    self.other(u16::from(llc.dsap), llc.payload);
                }
            }
        }
    }

    fn arp(&mut self, bytes: &'a [u8]) {
        match Arp::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(arp) => {
                self.report(bytes, Layer::Arp(arp));
            }
        }
    }

    #[inline]
    fn ip(&mut self, bytes: &'a [u8]) {
        match bytes.first().map(|octet| octet >> 4) {
            Some(6) => self.ipv6(bytes),
            _ => self.ipv4(bytes),
        }
    }

    #[inline]
    fn ipv4(&mut self, bytes: &'a [u8]) {
        match Ipv4::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(ip) => {
                self.sliced |= ip.missing > 0;
                if self.report(bytes, Layer::Ipv4(ip)) && !ip.is_fragment() {
                    self.transport(ip.protocol, ip.payload);
                }
            }
        }
    }

    #[inline]
    fn ipv6(&mut self, bytes: &'a [u8]) {
        let ip = match Ipv6::parse(bytes) {
            Err(error) => return self.fault(bytes, error),
            Ok(ip) => ip,
        };
        self.sliced |= ip.missing > 0;
        if !self.report(bytes, Layer::Ipv6(ip)) {
            return;
        }
        match ip.upper_layer() {
            Err(error) => self.fault(ip.payload, error),
            Ok(upper) if upper.is_fragment() => {}
            Ok(upper) => self.transport(upper.protocol, upper.payload),
        }
    }

    #[inline]
    fn transport(&mut self, number: u8, payload: &'a [u8]) {
        match number {
            protocol::TCP => match Tcp::parse(payload) {
                Ok(tcp) => {
                    self.report(payload, Layer::Tcp(tcp));
                }
                Err(error) => self.fault(payload, error),
            },
            protocol::UDP => self.udp(payload),
            protocol::ICMPV4 => match Icmpv4::parse(payload) {
                Ok(icmp) => {
                    self.report(payload, Layer::Icmpv4(icmp));
                }
                Err(error) => self.fault(payload, error),
            },
            protocol::ICMPV6 => match Icmpv6::parse(payload) {
                Ok(icmp) => {
                    self.report(payload, Layer::Icmpv6(icmp));
                }
                Err(error) => self.fault(payload, error),
            },
            protocol::IPV4 => self.ipv4(payload),
            protocol::IPV6 => self.ipv6(payload),
            protocol::GRE => self.gre(payload),
            protocol::MPLS => self.mpls(payload),
            number => self.other(u16::from(number), payload),
        }
    }

    fn udp(&mut self, bytes: &'a [u8]) {
        match Udp::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(udp) => {
                if self.report(bytes, Layer::Udp(udp)) {
                    self.inside_udp(&udp);
                }
            }
        }
    }
}

/// What follows the first `count` bytes: nothing, at the end, when there are fewer.
fn behind(bytes: &[u8], count: usize) -> &[u8] {
    bytes.get(count..).unwrap_or(&bytes[bytes.len()..])
}
