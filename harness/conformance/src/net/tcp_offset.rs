//! TCP's data offset: what cannot be read as a segment at all is judged here, where datagrams are.

use super::{NetCheck, Packet};
use crate::example::{Example, IpHeader, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::verdict::{Judge, Reason};
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::protocol;

/// RFC 9293 section 3.1: the header has at least five words, and ends within the segment.
#[derive(Default)]
pub struct DataOffsetValid;

impl NetCheck for DataOffsetValid {
    const REQUIREMENT: Requirement = requirement("tcp/data-offset-valid", rfc(9293, "3.1"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("The data offset is at least five words and no more than the segment holds.")
        .judged(
            "Every TCP segment that is a whole datagram. One whose IP header checksum is wrong as well was damaged on the way: \
             inconclusive.",
        );

    fn on_ipv4(&mut self, at: &Packet<'_>, ip: &Ipv4<'_>, judge: &mut Judge<'_>) {
        let fragment = ip.fragment_offset > 0 || ip.flags.more_fragments();
        if ip.protocol != protocol::TCP || fragment {
            return;
        }
        judge_offset(at, ip.payload, ip.checksum_ok(), judge);
    }

    fn on_ipv6(&mut self, at: &Packet<'_>, ip: &Ipv6<'_>, judge: &mut Judge<'_>) {
        if ip.next_header == protocol::TCP {
            judge_offset(at, ip.payload, true, judge);
        }
    }

    fn examples() -> Vec<Example> {
        let segment = |words: u8| {
            let mut bytes = [0u8; 20];
            bytes[..4].copy_from_slice(&[0x9c, 0x40, 0, 80]);
            bytes[12] = words << 4;
            bytes
        };
        vec![
            holds("five words", |t| t.plain_handshake()),
            violates("four words", move |t| t.ipv4(IpHeader::default(), 6, &segment(4))),
            violates("fifteen words in a segment of five", move |t| {
                t.ipv4(IpHeader::default(), 6, &segment(15));
            }),
            abstains("no TCP", |t| t.udp(1000, 2000, b"x")),
        ]
    }
}

fn judge_offset(at: &Packet<'_>, segment: &[u8], intact: bool, judge: &mut Judge<'_>) {
    let Some(words) = segment.get(12).map(|octet| usize::from(octet >> 4)) else {
        return;
    };
    if words >= 5 && (words * 4 <= segment.len() || !at.whole) {
        return judge.holds();
    }
    if !intact {
        return judge.inconclusive(Reason::Ambiguous);
    }
    judge.violated(
        &[at.frame],
        format_args!("5 to {} words", (segment.len() / 4).clamp(5, 15)),
        format_args!("{words}"),
    );
}
