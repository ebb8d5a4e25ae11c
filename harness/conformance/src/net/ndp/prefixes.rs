//! Prefixes of Router Advertisements.

use super::NdpSeen;
use crate::example::{Example, NdpDraft, abstains, holds, violates};
use crate::net::{NetCheck, Packet};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use std::net::Ipv6Addr;
use wire::ndp::{Message, NdpOption, Prefix, option};

/// RFC 4861 section 4.6.2: no address is preferred that is not valid.
#[derive(Default)]
pub struct PrefixLifetimes;

impl NetCheck for PrefixLifetimes {
    const REQUIREMENT: Requirement = requirement("ndp/preferred-within-valid", rfc(4861, "4.6.2"), Level::Must)
        .binds(Role::Sender)
        .says("The preferred lifetime of a prefix does not exceed its valid lifetime.")
        .judged("Every prefix of a Router Advertisement.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        for prefix in prefixes(seen) {
            let (preferred, valid) = (prefix.preferred_lifetime, prefix.valid_lifetime);
            judge.require(
                preferred <= valid,
                &[at.frame],
                format_args!("at most {valid} s preferred"),
                format_args!("{preferred} s"),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let lifetimes = |valid_lifetime, preferred_lifetime| {
            NdpDraft::router().options(information(Prefix {
                valid_lifetime,
                preferred_lifetime,
                ..PREFIX
            }))
        };
        vec![
            holds("equal", move |t| t.ndp(lifetimes(600, 600))),
            violates("longer", move |t| t.ndp(lifetimes(600, 601))),
            abstains("no prefix", |t| t.ndp(NdpDraft::router())),
        ]
    }
}

/// RFC 4861 section 4.6.2: behind the prefix are zeros.
#[derive(Default)]
pub struct PrefixRestZero;

/// The flags that RFC 4861 left reserved; RFC 8425 keeps a list of those that are not any more. One of them has a whole address in
/// the prefix field.
const LATER_FLAGS: u8 = 0x3f;

impl NetCheck for PrefixRestZero {
    const REQUIREMENT: Requirement = requirement("ndp/prefix-rest-zero", rfc(4861, "4.6.2"), Level::Must)
        .binds(Role::Sender)
        .says("The bits of a prefix behind its length are zero.")
        .judged("Every prefix of a Router Advertisement. One with flags that RFC 4861 does not know is inconclusive.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        for prefix in prefixes(seen).filter(|prefix| prefix.length <= 128) {
            if prefix.flags & LATER_FLAGS != 0 {
                judge.inconclusive(Reason::Ambiguous);
                continue;
            }
            let rest = u128::MAX.checked_shr(u32::from(prefix.length)).unwrap_or(0);
            judge.require(
                u128::from(prefix.prefix) & rest == 0,
                &[at.frame],
                format_args!("zeros behind the first {} bits", prefix.length),
                format_args!("{}", prefix.prefix),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let prefix = |prefix, flags| {
            NdpDraft::router().options(information(Prefix {
                prefix,
                flags,
                ..PREFIX
            }))
        };
        let host = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7);
        vec![
            holds("zeros", move |t| t.ndp(prefix(PREFIX.prefix, PREFIX.flags))),
            violates("a whole address", move |t| t.ndp(prefix(host, PREFIX.flags))),
            abstains("a whole address, under a later flag", move |t| {
                t.ndp(prefix(host, 0xe0))
            }),
        ]
    }
}

/// RFC 4861 section 4.6.2: the link-local prefix goes without saying.
#[derive(Default)]
pub struct NoLinkLocalPrefix;

impl NetCheck for NoLinkLocalPrefix {
    const REQUIREMENT: Requirement = requirement("ndp/no-link-local-prefix", rfc(4861, "4.6.2"), Level::Should)
        .binds(Role::Sender)
        .says("A router does not advertise the link-local prefix.")
        .judged("Every prefix of a Router Advertisement.");

    fn on_ndp(&mut self, at: &Packet<'_>, seen: &NdpSeen<'_>, judge: &mut Judge<'_>) {
        for prefix in prefixes(seen) {
            judge.require(
                !prefix.prefix.is_unicast_link_local(),
                &[at.frame],
                "another prefix than that of link-local addresses",
                format_args!("{}/{}", prefix.prefix, prefix.length),
            );
        }
    }

    fn examples() -> Vec<Example> {
        let prefix = |prefix| NdpDraft::router().options(information(Prefix { prefix, ..PREFIX }));
        let link_local = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0);
        vec![
            holds("a global one", move |t| t.ndp(prefix(PREFIX.prefix))),
            violates("the link-local one", move |t| t.ndp(prefix(link_local))),
            abstains("no prefix", |t| t.ndp(NdpDraft::router())),
        ]
    }
}

/// On the link and for autoconfiguration: L and A.
const PREFIX: Prefix = Prefix {
    length: 64,
    flags: 0xc0,
    valid_lifetime: 600,
    preferred_lifetime: 300,
    prefix: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
};

fn prefixes<'a>(seen: &NdpSeen<'a>) -> impl Iterator<Item = Prefix> + 'a {
    let advertises = matches!(seen.ndp.message, Message::RouterAdvertisement { .. });
    let options = seen.ndp.options().flatten().filter(move |_| advertises);
    options.filter_map(|option: NdpOption<'_>| option.prefix())
}

/// A Prefix Information option.
fn information(prefix: Prefix) -> Vec<u8> {
    let mut out = vec![option::PREFIX_INFORMATION, 4, prefix.length, prefix.flags];
    out.extend(prefix.valid_lifetime.to_be_bytes());
    out.extend(prefix.preferred_lifetime.to_be_bytes());
    out.extend([0; 4]);
    out.extend(prefix.prefix.octets());
    out
}
