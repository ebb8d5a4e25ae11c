//! No bytes cause a panic, an endless loop, or more frames than there is room for.

mod common;

use common::Order::{Big, Little};
use common::{drain, open};
use proptest::prelude::*;

/// Sound captures of several kinds, to be damaged.
fn sound() -> Vec<Vec<u8>> {
    let record = [Little.words(&[1, 0, 4, 4]), b"data".to_vec()].concat();
    let patched = [Big.words(&[1, 0, 4, 4]), vec![0; 8], b"data".to_vec()].concat();
    let ng = |order: common::Order| {
        let options = [
            order.option(2, b"eth0"),
            order.option(9, &[0x8a]),
            order.option(14, &[1; 8]),
        ]
        .concat();
        let packets = [
            order.enhanced(0, 1 << 40, 9, b"some data"),
            order.simple(9, b"some data"),
        ]
        .concat();
        [
            order.section(),
            order.interface(1, 0, &options),
            packets.clone(),
            order.block(4, &[0; 20]),
            packets,
        ]
        .concat()
    };
    vec![
        [Little.pcap(0xa1b2_c3d4, 65_535, 1), record.repeat(4)].concat(),
        [Big.pcap(0xa1b2_cd34, 65_535, 1), patched.repeat(4)].concat(),
        ng(Little),
        ng(Big),
        [ng(Big), ng(Little)].concat(),
    ]
}

fn reads_to_an_end(bytes: &[u8]) {
    if let Ok(mut capture) = open(bytes) {
        let (frames, _) = drain(&mut capture);
        assert!(frames.len() * 16 <= bytes.len());
        assert!(frames.iter().map(|frame| frame.data.len()).sum::<usize>() <= bytes.len());
        assert!(capture.offset() <= bytes.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn arbitrary_bytes_are_read_to_an_end(
        magic in prop::sample::select(vec![&b""[..], b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", b"\x0a\x0d\x0d\x0a", b"\xa1\xb2\xcd\x34"]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        reads_to_an_end(&[magic, &bytes].concat());
    }

    #[test]
    fn damaged_capture_is_read_to_an_end(
        whole in prop::sample::select(sound()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = whole.clone();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= value;
        }
        reads_to_an_end(&bytes);
        reads_to_an_end(&bytes[..cut.index(bytes.len())]);
    }

    #[test]
    fn truncation_loses_only_what_was_cut_off(whole in prop::sample::select(sound()), cut in any::<prop::sample::Index>()) {
        // The two record headers under this magic number can only be told apart by what follows.
        prop_assume!(!whole.starts_with(&[0xa1, 0xb2, 0xcd, 0x34]));
        let (all, _) = drain(&mut open(whole.clone()).unwrap());
        if let Ok(mut capture) = open(&whole[..cut.index(whole.len())]) {
            let (some, _) = drain(&mut capture);
            prop_assert_eq!(&some[..], &all[..some.len()]);
        }
    }
}
