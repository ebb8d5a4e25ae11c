//! Every variant of pcap gives the same frames.

mod common;

use common::Order::{self, Big, Little};
use common::{open, read, seen};
use rstest::rstest;

const ONE: &[u8] = b"first packet";
const TWO: &[u8] = b"2nd";
const MICROS: u32 = 0xa1b2_c3d4;
const NANOS: u32 = 0xa1b2_3c4d;
const PATCHED: u32 = 0xa1b2_cd34;
const IXIA_HARDWARE: u32 = 0x1c00_01ac;
const IXIA_SOFTWARE: u32 = 0x1c00_01ab;

/// Two records, each with `extra` between its header and its data.
fn records(order: Order, extra: &[u8], swapped: bool) -> Vec<u8> {
    [(10, 500, ONE), (9, 0, TWO)]
        .into_iter()
        .flat_map(|(seconds, fraction, data)| {
            let (captured, original) = (data.len() as u32, data.len() as u32 + 100);
            let lengths = if swapped {
                [original, captured]
            } else {
                [captured, original]
            };
            [
                order.words(&[seconds, fraction]),
                order.words(&lengths),
                extra.to_vec(),
                data.to_vec(),
            ]
            .concat()
        })
        .collect()
}

#[rstest]
#[case::microseconds(MICROS, (2, 4), &[], &[], false, 500_000)]
#[case::nanoseconds(NANOS, (2, 4), &[], &[], false, 500)]
#[case::ixia_hardware(IXIA_HARDWARE, (2, 4), &[0xee; 4], &[], false, 500)]
#[case::ixia_software(IXIA_SOFTWARE, (2, 4), &[0xee; 4], &[], false, 500_000)]
#[case::patched_with_24_byte_headers(PATCHED, (2, 4), &[], &[0, 0, 0, 0, 0, 0, 1, 0], false, 500_000)]
#[case::patched_with_28_byte_headers(PATCHED, (2, 4), &[], &[0, 0, 0, 0, 0, 0, 1, 7, 7, 9, 9, 9], false, 500_000)]
#[case::patched_under_the_standard_magic(MICROS, (2, 4), &[], &[0, 0, 0, 0, 0, 0, 4, 0], false, 500_000)]
#[case::nokia(MICROS, (2, 4), &[], &[0x9f, 0xbf, 0xb6, 0x01], false, 500_000)]
#[case::lengths_swapped_before_version_2_3(MICROS, (2, 2), &[], &[], true, 500_000)]
#[case::lengths_swapped_in_version_2_3(MICROS, (2, 3), &[], &[], true, 500_000)]
#[case::lengths_in_order_in_version_2_3(MICROS, (2, 3), &[], &[], false, 500_000)]
#[case::lengths_swapped_by_dg_ux(MICROS, (543, 0), &[], &[], true, 500_000)]
#[case::later_version(MICROS, (2, 5), &[], &[], false, 500_000)]
fn variant_is_read(
    #[case] magic: u32,
    #[case] version: (u16, u16),
    #[case] after_file_header: &[u8],
    #[case] extra: &[u8],
    #[case] swapped: bool,
    #[case] fraction_ns: i64,
    #[values(Big, Little)] order: Order,
) {
    let header = order.pcap_version(magic, version, 65_535, 1);
    let (frames, error) = read([header, after_file_header.to_vec(), records(order, extra, swapped)].concat());
    let snapped = |mut frame: common::Seen| {
        (frame.original_len, frame.snapped) = (frame.original_len + 100, true);
        frame
    };
    let expected = [seen(1, 10_000_000_000 + fraction_ns, ONE), seen(2, 9_000_000_000, TWO)].map(snapped);
    assert_eq!((frames.as_slice(), error), (&expected[..], None));
}

#[rstest]
#[case::no_upper_bits(147, 147)]
#[case::fcs_of_32_bits(0x2400_0001, 1)]
#[case::fcs_bits_without_flag(0x3000_0065, 101)]
fn upper_bits_of_the_link_type_are_masked(#[case] network: u32, #[case] link: u32) {
    let (frames, error) = read([Little.pcap(MICROS, 65_535, network), records(Little, &[], false)].concat());
    assert_eq!((frames[0].link, frames.len(), error), (link, 2, None));
}

#[rstest]
#[case::ethernet(6, 1, ONE)]
#[case::token_ring(9, 6, ONE)]
#[case::fddi_without_its_padding(15, 10, &ONE[3..])]
#[case::loopback(24, 0, ONE)]
fn aix_interface_types_become_link_types_and_times_are_nanoseconds(
    #[case] network: u32,
    #[case] link: u32,
    #[case] data: &[u8],
) {
    let header = Big.pcap_version(MICROS, (2, 2), 65_535, network);
    let (frames, error) = read([header, records(Big, &[], true)].concat());
    let first = &frames[0];
    assert_eq!(
        (first.time, first.link, first.data.as_slice(), error),
        (Some(10_000_000_500), link, data, None)
    );
    assert_eq!(first.original_len as usize, data.len() + 100);
}

#[test]
fn packet_longer_than_the_snap_length_is_delivered_whole_and_reported_once() {
    let mut capture = open([Little.pcap(MICROS, 2, 1), records(Little, &[], false)].concat()).unwrap();
    let (frames, error) = common::drain(&mut capture);
    assert_eq!((frames[0].data.as_slice(), frames.len(), error), (ONE, 2, None));
    let warnings: Vec<String> = capture
        .warnings()
        .kept()
        .iter()
        .map(|warning| warning.to_string())
        .collect();
    assert_eq!(
        warnings,
        ["frame 1: 12 bytes captured, more than the snap length 2 of the header"]
    );
}

#[test]
fn oddities_are_reported_and_read_past() {
    let odd = [Little.words(&[1, 1_000_000, 4, 3]), b"abcd".to_vec()].concat();
    let bytes = [Little.pcap(MICROS, 0, 1), records(Little, &[], false), odd].concat();
    let mut capture = open(bytes).unwrap();
    let (frames, error) = common::drain(&mut capture);
    assert_eq!(
        (frames[2].time, frames[2].snapped, error),
        (Some(2_000_000_000), false, None)
    );
    let warnings: Vec<String> = capture
        .warnings()
        .kept()
        .iter()
        .map(|warning| warning.to_string())
        .collect();
    assert_eq!(
        warnings,
        [
            "frame 3: 4 bytes captured of a packet of 3",
            "frame 3: fraction of a second is 1000000, at most 999999"
        ]
    );
}

#[test]
fn kept_warnings_are_bounded_and_all_are_counted() {
    let odd = [Little.words(&[1, 0, 4, 3]), b"abcd".to_vec()].concat().repeat(1_000);
    let mut capture = open([Little.pcap(NANOS, 0, 1), odd].concat()).unwrap();
    common::drain(&mut capture);
    assert_eq!(
        (capture.warnings().kept().len(), capture.warnings().total()),
        (100, 1_000)
    );
}

#[test]
fn packet_longer_than_the_buffer_is_read() {
    let data = vec![7; 1 << 20];
    let record = [
        Little.words(&[1, 0, data.len() as u32, data.len() as u32]),
        data.clone(),
    ]
    .concat();
    // USBPcap may have packets of up to 128 MiB.
    let (frames, error) = read([Little.pcap(NANOS, 0, 249), record.clone(), record].concat());
    assert_eq!((frames.len(), frames[1].data == data, error), (2, true, None));
}
