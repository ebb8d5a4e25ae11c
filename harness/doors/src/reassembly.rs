//! Fragments: memory is bounded, what is joined is what was sent, and the order and cut of the pieces do not matter.

use arbitrary::{Result, Unstructured};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::reassembly::{Fragment, Identity, MAX_DATAGRAMS, MAX_OCTETS, Outcome, Reassembler};
use wire::{Duration, FrameNumber, Instant};

pub fn reassembly(octets: &[u8]) {
    let mut rest = Unstructured::new(octets);
    let ended = match rest.arbitrary::<u8>() {
        Ok(0..128) => any_fragments(&mut rest),
        _ => one_datagram(&mut rest),
    };
    debug_assert!(ended.is_ok(), "Unstructured goes on with zeros");
}

fn identity(v6: bool, identification: u32) -> Identity {
    let address = |last: u8| match v6 {
        true => IpAddr::V6(Ipv6Addr::from(u128::from(last))),
        false => IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)),
    };
    Identity {
        source: address(1),
        destination: address(2),
        identification,
        protocol: 17,
    }
}

/// The octets of one datagram, as they must be: of each octet, what arrived first.
#[derive(Default)]
struct Model {
    octets: Vec<Option<u8>>,
}

impl Model {
    fn take(&mut self, fragment: &Fragment<'_>) {
        let end = fragment.offset + fragment.data.len();
        if self.octets.len() < end {
            self.octets.resize(end, None);
        }
        for (place, octet) in self.octets.iter_mut().skip(fragment.offset).zip(fragment.data) {
            place.get_or_insert(*octet);
        }
    }
}

/// Fragments of a few datagrams, sensible or not.
fn any_fragments(rest: &mut Unstructured<'_>) -> Result<()> {
    let v6 = rest.arbitrary()?;
    let mut all = Reassembler::default();
    let mut models: [Model; 4] = Default::default();
    let mut time = Instant(0);
    for frame in 1.. {
        if rest.is_empty() {
            break;
        }
        let [which, gap, offset, length] = rest.arbitrary::<[u8; 4]>()?;
        time += Duration::secs(i64::from(gap / 64));
        let fragment = Fragment {
            identity: identity(v6, u32::from(which % 4)),
            // Near the start as a rule, and near the end of what offsets can say.
            offset: usize::from(offset % 32) * 8 + usize::from(offset / 224) * 65_272,
            more: which & 0x80 == 0,
            data: rest.bytes(usize::from(length).min(rest.len()))?,
            sliced: which & 0x7c == 0x7c,
        };
        let model = models.get_mut(usize::from(which % 4)).expect("four models");
        let before = all.dropped;
        let (taken, complete) = match all.push(time, FrameNumber(frame), fragment) {
            Outcome::Complete {
                payload, overlapped, ..
            } => {
                assert!(!(v6 && overlapped), "RFC 5722 section 4");
                (true, Some(payload.to_vec()))
            }
            Outcome::Pending => (!fragment.sliced, None),
            Outcome::Overlap | Outcome::Inconsistent => (false, None),
        };
        assert!(all.datagrams() <= MAX_DATAGRAMS && all.octets() <= MAX_OCTETS);
        if all.dropped > before {
            // Which of them went, perhaps this one before it began anew, cannot be seen from here.
            return Ok(());
        }
        if taken {
            model.take(&fragment);
        }
        if let Some(payload) = complete {
            assert!(!fragment.sliced, "what the capture lacks was filled by nothing");
            let expected: Option<Vec<u8>> = model.octets.iter().copied().collect();
            assert_eq!(expected, Some(payload));
            *model = Model::default();
        }
    }
    Ok(())
}

/// A datagram cut anywhere, its pieces in any order, some of them twice: joined by the last piece that was lacking.
fn one_datagram(rest: &mut Unstructured<'_>) -> Result<()> {
    let v6 = rest.arbitrary()?;
    let mut cuts = vec![0];
    for _ in 0..rest.arbitrary::<u8>()? % 12 {
        cuts.push(usize::from(rest.arbitrary::<u8>()?) * 8);
    }
    let order = rest.arbitrary::<u64>()?;
    let data = rest.bytes(rest.len())?;
    cuts.retain(|&cut| cut == 0 || cut < data.len());
    cuts.sort_unstable();
    cuts.dedup();
    if data.is_empty() {
        return Ok(());
    }
    let end = |at: usize| cuts.get(at + 1).copied().unwrap_or(data.len());
    let mut pieces: Vec<(usize, usize)> = cuts.iter().enumerate().map(|(at, &from)| (from, end(at))).collect();
    let count = pieces.len();
    pieces.rotate_left(order as usize % count);
    if order & 0x100 != 0 {
        pieces.reverse();
    }
    pieces.swap(0, (order >> 16) as usize % count);
    let mut all = Reassembler::default();
    for (nth, &(from, to)) in pieces.iter().enumerate() {
        let fragment = Fragment {
            identity: identity(v6, 7),
            offset: from,
            more: to < data.len(),
            data: data.get(from..to).unwrap_or_default(),
            sliced: false,
        };
        let outcome = all.push(Instant(0), FrameNumber(1), fragment);
        if nth + 1 == count {
            assert!(
                matches!(outcome, Outcome::Complete { payload, overlapped: false, protocol: 17, .. } if payload == data),
                "{outcome:?}"
            );
            assert_eq!((all.datagrams(), all.octets()), (0, 0));
        } else {
            assert_eq!(outcome, Outcome::Pending);
            // A repetition changes nothing.
            assert_eq!(all.push(Instant(0), FrameNumber(2), fragment), Outcome::Pending);
        }
    }
    Ok(())
}
