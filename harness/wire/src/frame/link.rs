//! From a link type to its reader, and the link headers other than those of Ethernet and IEEE 802.11.

use super::{Layer, Sink, Walk, behind};
use crate::link::LinkType;
use crate::null_loop::{Family, Null};
use crate::ppp::{self, Ppp, Pppoe};
use crate::radiotap::Flags;
use crate::sll::{self, Sll, Sll2};
use crate::{EtherType, ParseError};

impl<'a, S: Sink<'a>> Walk<'_, S> {
    /// `lacking` octets of the frame were not captured.
    #[inline]
    pub(super) fn link(&mut self, link: LinkType, bytes: &'a [u8], lacking: usize) {
        match link {
            LinkType::ETHERNET => self.ethernet(bytes),
            LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
                self.ip(bytes)
            }
            LinkType::NULL | LinkType::LOOP => self.null(bytes),
            LinkType::LINUX_SLL => self.sll(bytes),
            LinkType::LINUX_SLL2 => self.sll2(bytes),
            LinkType::IEEE802_11 => self.ieee80211(bytes, Flags::default()),
            LinkType::IEEE802_11_RADIOTAP => self.radiotap(bytes, lacking),
            LinkType::IEEE802_11_PRISM => self.ieee80211(prism_payload(bytes), Flags::default()),
            LinkType::IEEE802_11_AVS => self.ieee80211(avs_payload(bytes), Flags::default()),
            LinkType::PPP_HDLC if is_cisco_hdlc(bytes) => self.cisco_hdlc(bytes),
            LinkType::CISCO_HDLC => self.cisco_hdlc(bytes),
            LinkType::PPP | LinkType::PPP_HDLC => self.ppp(bytes),
            LinkType::PPP_WITH_DIRECTION => self.ppp(behind(bytes, 1)),
            LinkType::PPP_ETHER => self.pppoe(bytes),
            LinkType::MPLS => self.mpls(bytes),
            LinkType::FRAME_RELAY => self.frame_relay(bytes),
            LinkType::ARCNET_LINUX => self.arcnet(bytes),
            // 16 octets: direction and the compressed header.
            LinkType::SLIP => self.ip(behind(bytes, 16)),
            // Frame control and two addresses, then LLC.
            LinkType::FDDI => self.llc(behind(bytes, 13)),
            // Length octet counted in, padded to words: the IP header's place is where pf puts it.
            LinkType::PFLOG => self.ip(pflog_payload(bytes)),
            LinkType::NFLOG => self.ip(nflog_payload(bytes)),
            // Six words: version and family, hook, length, interface, group, zones.
            LinkType::IPNET => self.ip(behind(bytes, 24)),
            LinkType(number) => self.other(number as u16, bytes),
        }
    }

    /// Cisco's framing: address, control and an EtherType.
    fn cisco_hdlc(&mut self, bytes: &'a [u8]) {
        /// Its keepalives have the number of reverse ARP.
        const SLARP: u16 = 0x8035;
        match bytes {
            [_, _, 0x80, 0x35, rest @ ..] => self.other(SLARP, rest),
            [_, _, high, low, rest @ ..] => self.typed(Some(ether_type(*high, *low)), rest),
            _ => self.fault(
                bytes,
                ParseError::new("Cisco HDLC", "header", bytes.len(), "4 bytes of header"),
            ),
        }
    }

    /// An address whose last octet is the first odd one; then what RFC 2427 section 3 puts there (unnumbered information,
    /// padding perhaps, and a protocol identifier), or Cisco's EtherType.
    fn frame_relay(&mut self, bytes: &'a [u8]) {
        let last = bytes.iter().position(|octet| octet & 1 == 1);
        match behind(bytes, last.map_or(bytes.len(), |last| last + 1)) {
            [3, 0xcc, rest @ ..] => self.ipv4(rest),
            [3, 0x8e, rest @ ..] => self.ipv6(rest),
            [3, 0x80, 0, 0, 0, high, low, rest @ ..] | [3, 0, 0x80, 0, 0, 0, high, low, rest @ ..] => {
                self.typed(Some(ether_type(*high, *low)), rest);
            }
            [high, low, rest @ ..] => self.typed(Some(ether_type(*high, *low)), rest),
            _ => {
                let expected = "an address, and two bytes of protocol";
                self.fault(bytes, ParseError::new("Frame Relay", "header", bytes.len(), expected));
            }
        }
    }

    /// As Linux gives it: two addresses, two octets of offset, the system code. RFC 1051 knows nothing more; RFC 1201 goes on
    /// with a split flag, zero for a packet in one piece, and a sequence number.
    fn arcnet(&mut self, bytes: &'a [u8]) {
        match bytes {
            [_, _, _, _, 0xf0, rest @ ..] | [_, _, _, _, 0xd4, 0, _, _, rest @ ..] => self.ipv4(rest),
            [_, _, _, _, 0xf1, rest @ ..] | [_, _, _, _, 0xd5 | 0xd6, 0, _, _, rest @ ..] => self.arp(rest),
            [_, _, _, _, 0xc4, 0, _, _, rest @ ..] => self.ipv6(rest),
            [_, _, _, _, code, rest @ ..] => self.other((*code).into(), rest),
            _ => self.fault(
                bytes,
                ParseError::new("ARCNET", "header", bytes.len(), "5 bytes of header"),
            ),
        }
    }

    fn null(&mut self, bytes: &'a [u8]) {
        match Null::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(null) => {
                if self.report(bytes, Layer::Null(null)) {
                    match null.family() {
                        Family::Ipv4 | Family::Ipv6 => self.ip(null.payload),
                        Family::Other(number) => self.other(number as u16, null.payload),
                    }
                }
            }
        }
    }

    fn sll(&mut self, bytes: &'a [u8]) {
        match Sll::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(cooked) => {
                if self.report(bytes, Layer::Sll(cooked)) {
                    self.cooked(cooked.protocol, cooked.payload);
                }
            }
        }
    }

    fn sll2(&mut self, bytes: &'a [u8]) {
        match Sll2::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(cooked) => {
                if self.report(bytes, Layer::Sll2(cooked)) {
                    self.cooked(cooked.protocol, cooked.payload);
                }
            }
        }
    }

    fn cooked(&mut self, protocol: u16, payload: &'a [u8]) {
        match sll::ether_type(protocol) {
            Some(ether_type) => self.typed(Some(ether_type), payload),
            None if protocol == sll::LLC_802_2 => self.llc(payload),
            None => self.other(protocol, payload),
        }
    }

    pub(super) fn ppp(&mut self, bytes: &'a [u8]) {
        match Ppp::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(ppp) => {
                if self.report(bytes, Layer::Ppp(ppp)) {
                    match ppp.protocol {
                        ppp::protocol::IPV4 => self.ipv4(ppp.payload),
                        ppp::protocol::IPV6 => self.ipv6(ppp.payload),
                        ppp::protocol::MPLS => self.mpls(ppp.payload),
                        number => self.other(number, ppp.payload),
                    }
                }
            }
        }
    }

    pub(super) fn pppoe(&mut self, bytes: &'a [u8]) {
        match Pppoe::parse(bytes) {
            Err(error) => self.fault(bytes, error),
            Ok(pppoe) => {
                // RFC 2516 section 6: code 0 is the session stage, PPP follows.
                if self.report(bytes, Layer::Pppoe(pppoe)) && pppoe.code == 0 {
                    self.ppp(pppoe.payload);
                }
            }
        }
    }
}

fn ether_type(high: u8, low: u8) -> EtherType {
    EtherType(u16::from_be_bytes([high, low]))
}

/// Cisco's addresses, of one host and of all; PPP's is ff (RFC 1662 section 3.1).
const fn is_cisco_hdlc(bytes: &[u8]) -> bool {
    matches!(bytes, [0x0f | 0x8f, 0, ..])
}

/// Prism's header has always the same length; some drivers put that of AVS in its place.
fn prism_payload(bytes: &[u8]) -> &[u8] {
    match bytes {
        [0x80, 0x21, 0x10, ..] => avs_payload(bytes),
        _ => behind(bytes, 144),
    }
}

/// Version and length, of four octets each.
fn avs_payload(bytes: &[u8]) -> &[u8] {
    match *bytes {
        [_, _, _, _, 0, 0, high, low, ..] => behind(bytes, u16::from_be_bytes([high, low]).into()),
        _ => behind(bytes, bytes.len()),
    }
}

/// OpenBSD's packet filter log: a length octet that leaves out the padding to a multiple of four.
fn pflog_payload(bytes: &[u8]) -> &[u8] {
    let header = bytes
        .first()
        .map_or(0, |&length| usize::from(length).next_multiple_of(4));
    behind(bytes, header)
}

/// Linux netfilter log: four bytes, then attributes in host byte order; the packet is the one of type 9.
fn nflog_payload(bytes: &[u8]) -> &[u8] {
    const PACKET: u16 = 9;
    let mut rest = behind(bytes, 4);
    while let [a, b, c, d, ..] = *rest {
        let (length, kind) = (usize::from(u16::from_le_bytes([a, b])), u16::from_le_bytes([c, d]));
        if length < 4 {
            break;
        }
        if kind == PACKET {
            return rest
                .get(4..length.min(rest.len()))
                .unwrap_or(behind(bytes, bytes.len()));
        }
        rest = behind(rest, length.next_multiple_of(4));
    }
    behind(bytes, bytes.len())
}
