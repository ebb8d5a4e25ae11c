//! ICMP errors about the connection, on their way to the stack.

use crate::run::icmp;
use crate::syntax::ast::{Echoed, Icmp, Seq, SeqKind};
use std::net::IpAddr;
use wire::icmpv4::Icmpv4;
use wire::icmpv6::{Icmpv6, Message};
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::protocol;

pub struct Error {
    /// Of the stack, and of its peer.
    pub ports: (u16, u16),
    kind: u8,
    code: u8,
    mtu: u32,
    six: bool,
    /// The number of the quoted segment, and its data's length.
    seq: u32,
    len: u16,
}

/// The error in an IP packet, if it is one and quotes TCP. IPv6 extension headers are not walked.
pub fn read(packet: &[u8]) -> Option<Error> {
    let six = packet.first()? >> 4 == 6;
    let (to, kind, code, mtu, quoted) = if six {
        let ip = Ipv6::parse(packet)
            .ok()
            .filter(|ip| ip.next_header == protocol::ICMPV6)?;
        let icmp = Icmpv6::parse(ip.payload).ok()?;
        let mtu = match icmp.message() {
            Message::PacketTooBig { mtu, .. } => mtu,
            _ => 0,
        };
        (
            IpAddr::V6(ip.destination),
            icmp.icmp_type,
            icmp.code,
            mtu,
            icmp.quoted()?,
        )
    } else {
        let ip = Ipv4::parse(packet).ok().filter(|ip| ip.protocol == protocol::ICMPV4)?;
        let icmp = Icmpv4::parse(ip.payload).ok()?;
        // RFC 1191 section 4: the low 16 bits.
        let [_, _, high, low] = icmp.rest_of_header;
        let mtu = u32::from(u16::from_be_bytes([high, low]));
        (
            IpAddr::V4(ip.destination),
            icmp.icmp_type,
            icmp.code,
            mtu,
            icmp.quoted()?,
        )
    };
    // About what the stack itself has sent.
    let (_, segment, whole) = segment(quoted).filter(|(from, ..)| *from == to)?;
    let &[a, b, c, d, e, f, g, h] = segment.first_chunk()?;
    let header = segment.get(12).map_or(20, |octet| usize::from(octet >> 4) * 4);
    Some(Error {
        ports: (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])),
        kind,
        code,
        mtu,
        six,
        seq: u32::from_be_bytes([e, f, g, h]),
        len: u16::try_from(whole.saturating_sub(header)).unwrap_or(u16::MAX),
    })
}

/// Whose TCP segment is quoted, what of it, and how long all of it was.
fn segment(quoted: &[u8]) -> Option<(IpAddr, &[u8], usize)> {
    let (from, protocol, payload, missing): (IpAddr, _, _, _) = if quoted.first()? >> 4 == 4 {
        let ip = Ipv4::parse(quoted).ok()?;
        (ip.source.into(), ip.protocol, ip.payload, ip.missing)
    } else {
        let ip = Ipv6::parse(quoted).ok()?;
        (ip.source.into(), ip.next_header, ip.payload, ip.missing)
    };
    (protocol == wire::protocol::TCP).then_some((from, payload, payload.len() + missing as usize))
}

impl Error {
    pub fn is_about(&self, (from, to): (u16, u16)) -> bool {
        self.ports == (from, to) || self.ports == (to, from)
    }

    /// Whom it comes from and goes to is the script's affair; numbers count from `isn`.
    pub fn in_script(&self, isn: u32) -> Icmp {
        let (kind, code) = icmp::names(self.kind, self.code, self.six);
        Icmp {
            kind,
            code,
            mtu: (self.mtu > 0).then_some(self.mtu),
            id: None,
            echoed: Some(Echoed::Tcp(Seq {
                start: self.seq.wrapping_sub(isn),
                len: self.len,
                kind: SeqKind::Relative,
            })),
        }
    }
}
