//! Segments out of the stack's packets, also of those that come in fragments: a source may cut what a path does not carry
//! (RFC 791 section 3.2, RFC 8200 section 4.5).

use crate::segment::Segment;
use std::collections::VecDeque;
use wire::frame::{Flow, Layer, Sink, decode_ip};
use wire::reassembly::{Fragment, Identity, Outcome, Reassembler};
use wire::{FrameNumber, Instant};

/// Fragments whose sizes are remembered.
const REMEMBERED: usize = 256;

#[derive(Default)]
pub(crate) struct Hearing {
    reassembler: Reassembler,
    /// The size of each fragment that no router may cut; zero where one may.
    sizes: VecDeque<(FrameNumber, usize)>,
}

impl Hearing {
    /// The segment of a packet, or the one that this packet's fragment completes.
    pub fn segment(&mut self, time: Instant, frame: FrameNumber, packet: &[u8]) -> Option<Segment> {
        let mut found = Found::default();
        decode_ip(packet, &mut found);
        let Some((fragment, identity)) = found.0 else {
            return Segment::read(time, frame, packet);
        };
        if self.sizes.len() == REMEMBERED {
            self.sizes.pop_front();
        }
        self.sizes.push_back((frame, uncuttable(packet)));
        let Outcome::Complete {
            protocol,
            payload,
            frames,
            ..
        } = self.reassembler.push(time, frame, fragment)
        else {
            return None;
        };
        let sizes = self.sizes.iter().filter(|(frame, _)| frames.contains(frame));
        let needs = sizes.map(|(_, size)| *size).max().unwrap_or(0);
        let addresses = (identity.source, identity.destination);
        let segment = Segment::reassembled(time, frame, addresses, protocol, payload)?;
        Some(Segment {
            needs_mtu: needs,
            ..segment
        })
    }
}

/// The size of a packet that must not be fragmented on its way; zero for one that may be: IPv4 without Don't Fragment (RFC 791
/// section 3.1; over IPv6 routers never cut, RFC 8200 section 5).
pub(crate) fn uncuttable(packet: &[u8]) -> usize {
    let v4 = packet.first().is_some_and(|octet| octet >> 4 == 4);
    let forbidden = packet.get(6).is_some_and(|flags| flags & 0x40 != 0);
    if v4 && !forbidden { 0 } else { packet.len() }
}

/// The outermost header's fragment.
#[derive(Default)]
struct Found<'a>(Option<(Fragment<'a>, Identity)>);

impl<'a> Sink<'a> for Found<'a> {
    fn layer(&mut self, _: usize, layer: &Layer<'a>) -> Flow {
        let fragment = match layer {
            Layer::Ipv4(ip) => Fragment::of_ipv4(ip),
            Layer::Ipv6(ip) => Fragment::of_ipv6(ip),
            _ => return Flow::Into,
        };
        self.0 = fragment.map(|fragment| (fragment, fragment.identity));
        // What an error quotes lies deeper.
        Flow::Stop
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::{Draft, fragments};
    use std::net::IpAddr;
    use wire::tcp::Flags;

    fn packet(addresses: [&str; 2], octets: usize) -> Vec<u8> {
        let [source, destination] = addresses.map(|one| one.parse::<IpAddr>().expect("an address"));
        let draft = Draft::new((source, 1), (destination, 2), Flags::ACK).payload(vec![7; octets]);
        draft.stamp(crate::segment::Stamp::None).packet(9)
    }

    #[test]
    fn a_segment_in_two_fragments_needs_no_more_than_the_larger() {
        let whole = packet(["2001:db8::1", "2001:db8::2"], 1440);
        let mut hearing = Hearing::default();
        let heard: Vec<Option<Segment>> = fragments(&whole, 1232)
            .iter()
            .zip(1..)
            .map(|(one, number)| hearing.segment(Instant(0), FrameNumber(number), one))
            .collect();
        let [None, Some(segment)] = &heard[..] else {
            panic!("one segment behind two fragments, not {heard:?}");
        };
        assert_eq!((segment.payload.len(), segment.needs_mtu), (1440, 1280));
    }

    #[test]
    fn what_routers_may_cut_needs_nothing() {
        let mut whole = packet(["192.0.2.1", "192.0.2.2"], 1440);
        let mut hearing = Hearing::default();
        let forbidden = hearing.segment(Instant(0), FrameNumber(1), &whole);
        assert_eq!(forbidden.map(|one| one.needs_mtu), Some(1480));
        whole[6] &= !0x40;
        let allowed = hearing.segment(Instant(0), FrameNumber(2), &whole);
        assert_eq!(allowed.map(|one| one.needs_mtu), Some(0));
    }
}
