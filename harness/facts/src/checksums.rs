//! Which checksums are wrong, and which could not be verified.

use std::net::{IpAddr, Ipv4Addr};
use wire::checksum::Sum;
use wire::protocol;
use wire::tcp::Tcp;

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

/// RFC 9293 section 3.1. `bytes` are the whole segment.
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
