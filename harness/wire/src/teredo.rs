//! Teredo, RFC 4380 section 5.1.1: IPv6 in UDP, behind two indications that may be absent.

use crate::ParseError;
use crate::ipv6::{HEADER_LEN, Ipv6};
use crate::read::{NomError, array, fixed, part};
use nom::number::complete::{be_u16, u8};
use std::net::{Ipv4Addr, Ipv6Addr};

/// RFC 4380 section 2.7: the port of Teredo servers. Clients and relays choose theirs.
pub const PORT: u16 = 3544;

/// RFC 4380 section 2.6: 2001:0000::/32.
const PREFIX: [u8; 4] = [0x20, 0x01, 0, 0];

/// RFC 4380 section 5.1.1: an IPv6 packet cannot begin like either of them.
const AUTHENTICATION: &[u8] = &[0, 1];
const ORIGIN: &[u8] = &[0, 0];

/// The indications of one datagram, in the order in which they must come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Teredo<'a> {
    pub authentication: Option<Authentication<'a>>,
    pub origin: Option<Origin>,
    /// The IPv6 packet, perhaps with trailers (RFC 6081) behind it.
    pub payload: &'a [u8],
}

/// Of the secure qualification procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authentication<'a> {
    /// Client identification and authentication value, at most 255 octets each.
    pub client: &'a [u8],
    pub value: &'a [u8],
    pub nonce: [u8; 8],
    /// 0, or 1 when the client has to get a new key.
    pub confirmation: u8,
}

/// Where the server saw the packet come from. Each bit is inverted, against NATs that would change what looks like an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    pub inverted_port: u16,
    pub inverted_address: [u8; 4],
}

impl Origin {
    pub const fn port(&self) -> u16 {
        !self.inverted_port
    }

    pub fn address(&self) -> Ipv4Addr {
        Ipv4Addr::from(self.inverted_address.map(|octet| !octet))
    }
}

impl<'a> Teredo<'a> {
    /// Reads the indications; what follows them may be anything, see [`Teredo::carries_ipv6`].
    pub fn parse(input: &'a [u8]) -> Result<Teredo<'a>, ParseError> {
        let (rest, authentication) = Authentication::parse(input)?;
        let (payload, origin) = Origin::parse(input, rest)?;
        Ok(Teredo {
            authentication,
            origin,
            payload,
        })
    }

    /// Whether an IPv6 packet follows that Teredo may carry; anything may come to this port. `missing` octets of the datagram
    /// were not captured.
    ///
    /// Every packet to or from a server has a Teredo address at one end, or comes from a link-local one: qualification and
    /// bubbles (RFC 4380 sections 5.2 and 5.3; the prefix is in section 2.6).
    pub fn carries_ipv6(&self, missing: u32) -> bool {
        let Ok(ip) = Ipv6::parse(self.payload) else {
            return false;
        };
        let there = self.payload.len().saturating_sub(HEADER_LEN) as u64 + u64::from(missing);
        let is_teredo = |address: Ipv6Addr| address.octets().starts_with(&PREFIX);
        let addressed = is_teredo(ip.source) || is_teredo(ip.destination) || ip.source.is_unicast_link_local();
        addressed && u64::from(ip.payload_length) <= there
    }

    pub fn emit(&self, out: &mut Vec<u8>) {
        if let Some(authentication) = self.authentication {
            let (client, value) = (authentication.client, authentication.value);
            out.extend(AUTHENTICATION);
            out.extend([client.len() as u8, value.len() as u8]);
            out.extend(client);
            out.extend(value);
            out.extend(authentication.nonce);
            out.push(authentication.confirmation);
        }
        if let Some(origin) = self.origin {
            out.extend(ORIGIN);
            out.extend(origin.inverted_port.to_be_bytes());
            out.extend(origin.inverted_address);
        }
        out.extend(self.payload);
    }
}

impl<'a> Authentication<'a> {
    fn parse(input: &'a [u8]) -> Result<(&'a [u8], Option<Authentication<'a>>), ParseError> {
        let Some(rest) = input.strip_prefix(AUTHENTICATION) else {
            return Ok((input, None));
        };
        let short = |_| ParseError::new("Teredo", "authentication", input.len(), "lengths, identity, nonce");
        let (rest, (client, value)) = fixed("Teredo", "two lengths", rest, (u8, u8)).map_err(short)?;
        let expected = "as many bytes as the length says";
        let (rest, client) = part("Teredo", "client identification", expected, input, rest, client.into())?;
        let (rest, value) = part("Teredo", "authentication value", expected, input, rest, value.into())?;
        let (rest, (nonce, confirmation)) =
            fixed("Teredo", "nonce and confirmation", rest, (array::<8>, u8)).map_err(short)?;
        let authentication = Authentication {
            client,
            value,
            nonce,
            confirmation,
        };
        Ok((rest, Some(authentication)))
    }
}

impl Origin {
    fn parse<'a>(input: &[u8], rest: &'a [u8]) -> Result<(&'a [u8], Option<Origin>), ParseError> {
        let Some(after) = rest.strip_prefix(ORIGIN) else {
            return Ok((rest, None));
        };
        let (rest, (inverted_port, inverted_address)) =
            fixed("Teredo", "port and address", after, (be_u16::<_, NomError<'_>>, array))
                .map_err(|_| ParseError::new("Teredo", "origin", input.len(), "8 bytes of origin indication"))?;
        let origin = Origin {
            inverted_port,
            inverted_address,
        };
        Ok((rest, Some(origin)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bubble: an IPv6 header and nothing else.
    fn bubble(source: &str, length: u8) -> Vec<u8> {
        let mut out = Vec::new();
        Ipv6 {
            traffic_class: 0,
            flow_label: 0,
            payload_length: length.into(),
            next_header: crate::protocol::NO_NEXT_HEADER,
            hop_limit: 21,
            source: source.parse().unwrap(),
            destination: "2001:db8::1".parse().unwrap(),
            header: &[],
            payload: &[],
            missing: 0,
        }
        .emit(&mut out);
        out
    }

    #[test]
    fn both_indications_are_read_and_written() {
        let packet = bubble("fe80::1", 0);
        let before = Teredo {
            authentication: Some(Authentication {
                client: b"me",
                value: b"key",
                nonce: *b"12345678",
                confirmation: 1,
            }),
            origin: Some(Origin {
                inverted_port: !40_000,
                inverted_address: [!192, !0, !2, !1],
            }),
            payload: &packet,
        };
        let mut written = Vec::new();
        before.emit(&mut written);
        let read = Teredo::parse(&written).unwrap();
        assert_eq!(read, before);
        let origin = read.origin.unwrap();
        assert_eq!((origin.port(), origin.address()), (40_000, Ipv4Addr::new(192, 0, 2, 1)));
        assert!(read.carries_ipv6(0));
    }

    #[test]
    fn indications_that_are_cut_are_told_where() {
        for (bytes, field) in [
            (&[0, 1, 1][..], "authentication"),
            (&[0, 1, 1, 0], "client identification"),
            (&[0, 1, 0, 2, 7], "authentication value"),
            (&[0, 1, 0, 0, 1, 2, 3], "authentication"),
            (&[0, 0, 1, 2, 3], "origin"),
        ] {
            let error = Teredo::parse(bytes).unwrap_err();
            assert_eq!((error.field, error.offset), (field, bytes.len()));
        }
    }

    #[test]
    fn only_what_teredo_carries_is_taken_for_it() {
        let carried = |bytes: &[u8], missing| Teredo::parse(bytes).unwrap().carries_ipv6(missing);
        assert!(carried(&bubble("2001:0:4137:9e50::1", 0), 0));
        assert!(!carried(&bubble("2001:db8::2", 0), 0));
        assert!(!carried(&bubble("fe80::1", 9), 0));
        assert!(carried(&bubble("fe80::1", 9), 9));
        assert!(!carried(b"no packet at all", 0));
    }
}
