//! Neighbour Discovery, RFC 4861: the five messages inside ICMPv6, and their options.

use crate::ethernet::MacAddress;
use crate::icmpv6::{Icmpv6, icmp_type};
use crate::read::{NomError, array, fixed};
use crate::{ParseError, Parsed};
use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u32, u8};
use std::net::Ipv6Addr;

/// One message, as its fields stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ndp<'a> {
    pub code: u8,
    pub message: Message,
    /// Everything behind the fixed fields; [`Ndp::options`] reads it.
    pub raw_options: &'a [u8],
}

/// The fields of each message: RFC 4861 sections 4.1 to 4.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    RouterSolicitation {
        reserved: u32,
    },
    RouterAdvertisement {
        hop_limit: u8,
        /// M, O and what later documents took of the reserved bits.
        flags: u8,
        /// In seconds.
        router_lifetime: u16,
        /// In milliseconds; 0 for unspecified.
        reachable_time: u32,
        /// In milliseconds; 0 for unspecified.
        retrans_timer: u32,
    },
    NeighborSolicitation {
        reserved: u32,
        target: Ipv6Addr,
    },
    NeighborAdvertisement {
        flags: AdvertisementFlags,
        target: Ipv6Addr,
    },
    Redirect {
        reserved: u32,
        target: Ipv6Addr,
        destination: Ipv6Addr,
    },
}

/// The first word of a Neighbor Advertisement: R, S, O and 29 reserved bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AdvertisementFlags(pub u32);

impl AdvertisementFlags {
    pub const ROUTER: AdvertisementFlags = AdvertisementFlags(1 << 31);
    pub const SOLICITED: AdvertisementFlags = AdvertisementFlags(1 << 30);
    pub const OVERRIDE: AdvertisementFlags = AdvertisementFlags(1 << 29);

    pub const fn with(self, other: AdvertisementFlags) -> AdvertisementFlags {
        AdvertisementFlags(self.0 | other.0)
    }
    pub const fn router(self) -> bool {
        self.0 & Self::ROUTER.0 != 0
    }
    pub const fn solicited(self) -> bool {
        self.0 & Self::SOLICITED.0 != 0
    }
    /// The O flag.
    pub const fn overrides(self) -> bool {
        self.0 & Self::OVERRIDE.0 != 0
    }
    pub const fn reserved(self) -> u32 {
        self.0 & 0x1fff_ffff
    }
}

impl Message {
    pub const fn icmp_type(&self) -> u8 {
        match self {
            Message::RouterSolicitation { .. } => icmp_type::ROUTER_SOLICITATION,
            Message::RouterAdvertisement { .. } => icmp_type::ROUTER_ADVERTISEMENT,
            Message::NeighborSolicitation { .. } => icmp_type::NEIGHBOR_SOLICITATION,
            Message::NeighborAdvertisement { .. } => icmp_type::NEIGHBOR_ADVERTISEMENT,
            Message::Redirect { .. } => icmp_type::REDIRECT,
        }
    }

    /// As RFC 4861 calls it.
    pub const fn name(&self) -> &'static str {
        match self {
            Message::RouterSolicitation { .. } => "Router Solicitation",
            Message::RouterAdvertisement { .. } => "Router Advertisement",
            Message::NeighborSolicitation { .. } => "Neighbor Solicitation",
            Message::NeighborAdvertisement { .. } => "Neighbor Advertisement",
            Message::Redirect { .. } => "Redirect",
        }
    }
}

/// Whether an ICMPv6 type is one of the five.
pub const fn is_ndp(icmp_type: u8) -> bool {
    matches!(icmp_type, icmp_type::ROUTER_SOLICITATION..=icmp_type::REDIRECT)
}

impl<'a> Ndp<'a> {
    /// Reads what `icmp` carries; an error for any other type, and for a message that is shorter than its fields.
    pub fn parse(icmp: &Icmpv6<'a>) -> Result<Ndp<'a>, ParseError> {
        let word = u32::from_be_bytes(icmp.rest_of_header);
        let (raw_options, message) = match icmp.icmp_type {
            icmp_type::ROUTER_SOLICITATION => (icmp.payload, Message::RouterSolicitation { reserved: word }),
            icmp_type::ROUTER_ADVERTISEMENT => router_advertisement(icmp.rest_of_header, icmp.payload)?,
            icmp_type::NEIGHBOR_SOLICITATION => {
                let (rest, target) = target(icmp.payload)?;
                (rest, Message::NeighborSolicitation { reserved: word, target })
            }
            icmp_type::NEIGHBOR_ADVERTISEMENT => {
                let (rest, target) = target(icmp.payload)?;
                let flags = AdvertisementFlags(word);
                (rest, Message::NeighborAdvertisement { flags, target })
            }
            icmp_type::REDIRECT => redirect(word, icmp.payload)?,
            _ => return Err(ParseError::new("NDP", "Type", 0, "133 to 137")),
        };
        Ok(Ndp {
            code: icmp.code,
            message,
            raw_options,
        })
    }

    /// The options in order; the last is an error where one cannot be delimited.
    pub fn options(&self) -> Options<'a> {
        Options::new(self.raw_options)
    }

    /// The link-layer address that the first option of `kind` carries, where it is of Ethernet's size.
    pub fn link_layer(&self, kind: u8) -> Option<MacAddress> {
        self.option(kind)?.link_layer()
    }

    /// The first option of `kind`.
    pub fn option(&self, kind: u8) -> Option<NdpOption<'a>> {
        self.options().flatten().find(|option| option.kind == kind)
    }

    /// Appends what stands behind the checksum of ICMPv6: its bytes 4..8, fields and options.
    pub fn emit(&self, out: &mut Vec<u8>) {
        match self.message {
            Message::RouterSolicitation { reserved } => out.extend(reserved.to_be_bytes()),
            Message::RouterAdvertisement {
                hop_limit,
                flags,
                router_lifetime,
                reachable_time,
                retrans_timer,
            } => {
                out.extend([hop_limit, flags]);
                out.extend(router_lifetime.to_be_bytes());
                out.extend(reachable_time.to_be_bytes());
                out.extend(retrans_timer.to_be_bytes());
            }
            Message::NeighborSolicitation { reserved, target } => {
                out.extend(reserved.to_be_bytes());
                out.extend(target.octets());
            }
            Message::NeighborAdvertisement { flags, target } => {
                out.extend(flags.0.to_be_bytes());
                out.extend(target.octets());
            }
            Message::Redirect {
                reserved,
                target,
                destination,
            } => {
                out.extend(reserved.to_be_bytes());
                out.extend(target.octets());
                out.extend(destination.octets());
            }
        }
        out.extend(self.raw_options);
    }
}

/// RFC 4861 section 4.2.
fn router_advertisement(first: [u8; 4], payload: &[u8]) -> Parsed<'_, Message> {
    let [hop_limit, flags, high, low] = first;
    let (rest, (reachable_time, retrans_timer)) = fixed("NDP", "8 bytes of timers", payload, (be_u32, be_u32))?;
    let message = Message::RouterAdvertisement {
        hop_limit,
        flags,
        router_lifetime: u16::from_be_bytes([high, low]),
        reachable_time,
        retrans_timer,
    };
    Ok((rest, message))
}

/// RFC 4861 sections 4.3 and 4.4.
fn target(payload: &[u8]) -> Parsed<'_, Ipv6Addr> {
    let (rest, octets) = fixed("NDP", "16 bytes of target address", payload, array::<16>)?;
    Ok((rest, Ipv6Addr::from(octets)))
}

/// RFC 4861 section 4.5.
fn redirect(reserved: u32, payload: &[u8]) -> Parsed<'_, Message> {
    let (rest, (target, destination)) = fixed("NDP", "two addresses", payload, (array::<16>, array::<16>))?;
    let message = Message::Redirect {
        reserved,
        target: Ipv6Addr::from(target),
        destination: Ipv6Addr::from(destination),
    };
    Ok((rest, message))
}

/// Option types, RFC 4861 section 4.6; the nonce of RFC 3971, and the registration of RFC 6775.
pub mod option {
    pub const SOURCE_LINK_LAYER: u8 = 1;
    pub const TARGET_LINK_LAYER: u8 = 2;
    pub const PREFIX_INFORMATION: u8 = 3;
    pub const REDIRECTED_HEADER: u8 = 4;
    pub const MTU: u8 = 5;
    pub const NONCE: u8 = 14;
    pub const ADDRESS_REGISTRATION: u8 = 33;
}

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NdpOption<'a> {
    pub kind: u8,
    /// What follows type and length.
    pub data: &'a [u8],
}

impl NdpOption<'_> {
    /// The address of a link-layer address option on Ethernet, as RFC 2464 has it.
    pub fn link_layer(&self) -> Option<MacAddress> {
        let carries = matches!(self.kind, option::SOURCE_LINK_LAYER | option::TARGET_LINK_LAYER);
        Some(MacAddress(self.data.try_into().ok().filter(|_| carries)?))
    }

    /// RFC 4861 section 4.6.2.
    pub fn prefix(&self) -> Option<Prefix> {
        let fields = (u8::<_, NomError<'_>>, u8, be_u32, be_u32, be_u32, array::<16>)
            .parse(self.data)
            .ok()
            .filter(|_| self.kind == option::PREFIX_INFORMATION)?;
        let (_, (length, flags, valid_lifetime, preferred_lifetime, _, prefix)) = fields;
        Some(Prefix {
            length,
            flags,
            valid_lifetime,
            preferred_lifetime,
            prefix: Ipv6Addr::from(prefix),
        })
    }

    /// RFC 4861 section 4.6.4.
    pub fn mtu(&self) -> Option<u32> {
        let fields = (be_u16::<_, NomError<'_>>, be_u32).parse(self.data).ok();
        fields.filter(|_| self.kind == option::MTU).map(|(_, (_, mtu))| mtu)
    }

    /// Appends the option, padded with zeros to a multiple of eight octets.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let whole = (2 + self.data.len()).next_multiple_of(8);
        out.extend([self.kind, (whole / 8).min(255) as u8]);
        out.extend(self.data);
        out.resize(out.len() + whole - 2 - self.data.len(), 0);
    }
}

/// A Prefix Information option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// In bits.
    pub length: u8,
    /// L, A and what later documents took of the reserved bits.
    pub flags: u8,
    /// In seconds; all ones for ever.
    pub valid_lifetime: u32,
    /// In seconds; all ones for ever.
    pub preferred_lifetime: u32,
    pub prefix: Ipv6Addr,
}

/// Walks options; ends after the first that cannot be delimited.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Options<'a> {
    pub fn new(raw: &'a [u8]) -> Options<'a> {
        Options { rest: raw, at: 0 }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<NdpOption<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let before = std::mem::take(&mut self.rest);
        let at = self.at + 1;
        let wrong = |expected| Some(Err(ParseError::new("NDP option", "Length", at, expected)));
        let &[kind, length, ..] = before else {
            return wrong("an octet of length");
        };
        // RFC 4861 section 4.6: in units of eight octets, type and length counted in.
        if length == 0 {
            return wrong("at least 1");
        }
        let Ok((rest, whole)) = take::<_, _, NomError<'_>>(usize::from(length) * 8)(before) else {
            return wrong("no more than the message has");
        };
        self.at += whole.len();
        self.rest = rest;
        let data = whole.get(2..).unwrap_or_default();
        Some(Ok(NdpOption { kind, data }))
    }
}

/// RFC 4291 section 2.7.1: ff02::1:ff00:0/104 and the low 24 bits of `address`.
pub const fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = address.octets();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | a as u16, (b as u16) << 8 | c as u16)
}

/// RFC 2464: 33:33 and the low 32 bits of a multicast address.
pub const fn ethernet_multicast(group: Ipv6Addr) -> MacAddress {
    let [.., a, b, c, d] = group.octets();
    MacAddress([0x33, 0x33, a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solicitation(payload: &[u8]) -> Icmpv6<'_> {
        Icmpv6 {
            icmp_type: icmp_type::NEIGHBOR_SOLICITATION,
            code: 0,
            checksum: 0,
            rest_of_header: [0; 4],
            payload,
        }
    }

    #[test]
    fn solicitation_tells_target_and_link_layer_address() {
        let mut payload = [0u8; 24];
        payload[0] = 0xfe;
        payload[1] = 0x80;
        payload[16..].copy_from_slice(&[1, 1, 2, 0, 0, 0, 0, 9]);
        let icmp = solicitation(&payload);
        let ndp = Ndp::parse(&icmp).unwrap();
        let target = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0);
        assert_eq!(ndp.message, Message::NeighborSolicitation { reserved: 0, target });
        let address = MacAddress([2, 0, 0, 0, 0, 9]);
        assert_eq!(ndp.link_layer(option::SOURCE_LINK_LAYER), Some(address));
        assert_eq!(ndp.link_layer(option::TARGET_LINK_LAYER), None);
    }

    #[test]
    fn message_shorter_than_its_fields_is_an_error() {
        assert!(Ndp::parse(&solicitation(&[0; 15])).is_err());
    }

    #[test]
    fn length_of_zero_ends_the_options_with_an_error() {
        let found: Vec<_> = Options::new(&[1, 1, 0, 0, 0, 0, 0, 0, 5, 0, 1, 1]).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], Err(ParseError::new("NDP option", "Length", 9, "at least 1")));
    }

    #[test]
    fn option_behind_the_end_is_an_error() {
        let found: Vec<_> = Options::new(&[1, 2, 0, 0, 0, 0, 0, 0]).collect();
        assert!(matches!(found[..], [Err(_)]));
        let lone: Vec<_> = Options::new(&[1]).collect();
        assert!(matches!(lone[..], [Err(_)]));
    }

    #[test]
    fn prefix_is_read() {
        let mut data = [0u8; 30];
        data[..6].copy_from_slice(&[64, 0xc0, 0, 0, 0, 9]);
        data[9] = 8;
        data[14] = 0x20;
        let option = NdpOption {
            kind: option::PREFIX_INFORMATION,
            data: &data,
        };
        let prefix = option.prefix().unwrap();
        assert_eq!((prefix.length, prefix.flags), (64, 0xc0));
        assert_eq!((prefix.valid_lifetime, prefix.preferred_lifetime), (9, 8));
        assert_eq!(prefix.prefix, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0));
    }

    #[test]
    fn solicited_node_address_has_the_low_24_bits() {
        let address = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0x12ab, 0xcdef);
        let group = solicited_node(address);
        assert_eq!(group, Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xffab, 0xcdef));
        assert_eq!(
            ethernet_multicast(group),
            MacAddress([0x33, 0x33, 0xff, 0xab, 0xcd, 0xef])
        );
    }
}
