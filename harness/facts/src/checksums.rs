//! Which checksums are wrong, and which could not be verified.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::checksum::Sum;
use wire::ipv4::Ipv4;
use wire::ipv4_options::Ipv4Option;
use wire::ipv6::Ipv6;
use wire::ipv6_extension::Ipv6Option;
use wire::tcp::Tcp;
use wire::{ParseError, protocol};

/// The addresses of a pseudo-header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    pub source: IpAddr,
    pub destination: IpAddr,
}

impl Default for Addresses {
    fn default() -> Addresses {
        let nobody = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Addresses {
            source: nobody,
            destination: nobody,
        }
    }
}

impl Addresses {
    /// With a source route, the destination is the route's end (RFC 791 section 3.1).
    pub fn of_ipv4(ip: &Ipv4<'_>) -> Addresses {
        Addresses {
            source: ip.source.into(),
            destination: ip.options().find_map(route_end).unwrap_or(ip.destination).into(),
        }
    }

    /// With a routing header, the destination is its last address (RFC 8200 section 8.1); with a home address option, that
    /// is the source (RFC 6275 section 6.3).
    pub fn of_ipv6(ip: &Ipv6<'_>) -> Addresses {
        let (mut source, mut destination) = (ip.source, ip.destination);
        for extension in ip.extensions().flatten() {
            if let Some(end) = extension.routing().and_then(|routing| routing.final_destination()) {
                destination = end;
            }
            source = extension.options().flatten().find_map(home_address).unwrap_or(source);
        }
        Addresses {
            source: source.into(),
            destination: destination.into(),
        }
    }
}

fn route_end(option: Result<Ipv4Option<'_>, ParseError>) -> Option<Ipv4Addr> {
    match option {
        // A pointer beyond the addresses means that the route has been followed to its end.
        Ok(Ipv4Option::LooseSourceRoute(route) | Ipv4Option::StrictSourceRoute(route))
            if usize::from(route.pointer) <= route.raw.len() =>
        {
            route.addresses().last()
        }
        _ => None,
    }
}

fn home_address(option: Ipv6Option<'_>) -> Option<Ipv6Addr> {
    const HOME_ADDRESS: u8 = 201;
    let octets = option
        .data
        .first_chunk::<16>()
        .filter(|_| option.kind == HOME_ADDRESS)?;
    Some(Ipv6Addr::from(*octets))
}

/// RFC 9293 section 3.1, over a segment that is whole.
pub fn tcp_ok(addresses: Addresses, segment: &Tcp<'_>) -> bool {
    let header = wire::tcp::HEADER_LEN + segment.raw_options.len();
    let length = (header + segment.payload.len()) as u32;
    let offset_and_flags = u16::from(segment.data_offset) << 12 | segment.flags.0;
    let words = [
        segment.source_port,
        segment.destination_port,
        offset_and_flags,
        segment.window,
        segment.checksum,
        segment.urgent_pointer,
    ];
    let sum = Sum::default()
        .pseudo_header(addresses.source, addresses.destination, protocol::TCP, length)
        .add(&segment.seq.0.to_be_bytes())
        .add(&segment.ack.0.to_be_bytes());
    words
        .into_iter()
        .fold(sum, Sum::add_u16)
        .add(segment.raw_options)
        .add(segment.payload)
        .fold()
        == 0xffff
}
