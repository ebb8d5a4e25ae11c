//! Every block type of pcapng is read, or stepped over.

mod common;

use common::Order::{self, Big, Little};
use common::{Seen, drain, open, read, seen};
use rstest::rstest;

const DATA: &[u8] = b"a packet of 21 bytes!";
const TSRESOL: u16 = 9;
const TSOFFSET: u16 = 14;

#[rstest]
fn enhanced_old_and_simple_packets_are_delivered(#[values(Big, Little)] order: Order) {
    let interfaces = [order.interface(101, 8, &[]), order.interface(1, 0, &[])].concat();
    let old_fixed = [&order.u16(1)[..], &order.u16(0), &order.words(&[0, 3, 21, 21])].concat();
    let old = order.block(2, &[&old_fixed, DATA].concat());
    let blocks = [
        order.section(),
        interfaces,
        order.enhanced(1, 5, 21, DATA),
        old,
        order.simple(21, &DATA[..8]),
    ];
    let (frames, error) = read(blocks.concat());
    let on_interface_1 = |frame: Seen| Seen { interface: 1, ..frame };
    let simple = Seen {
        time: None,
        link: 101,
        original_len: 21,
        snapped: true,
        ..seen(3, 0, &DATA[..8])
    };
    let expected = [
        on_interface_1(seen(1, 5_000, DATA)),
        on_interface_1(seen(2, 3_000, DATA)),
        simple,
    ];
    assert_eq!((frames.as_slice(), error), (&expected[..], None));
}

#[rstest]
#[case::name_resolution(4, false)]
#[case::interface_statistics(5, false)]
#[case::decryption_secrets(10, false)]
#[case::unknown(0x7654_3210, false)]
#[case::systemd_journal(9, true)]
#[case::custom(0x0bad, true)]
#[case::custom_not_to_be_copied(0x4000_0bad, true)]
#[case::sysdig_event(0x204, true)]
fn other_block_is_stepped_over_and_numbered_as_wireshark_does(
    #[case] kind: u32,
    #[case] numbered: bool,
    #[values(Big, Little)] order: Order,
) {
    let packet = order.enhanced(0, 5, 21, DATA);
    let blocks = [
        order.section(),
        order.interface(1, 0, &[]),
        order.block(kind, &[0xff; 40]),
        packet,
    ];
    let (frames, error) = read(blocks.concat());
    assert_eq!(
        (frames.as_slice(), error),
        (&[seen(1 + u32::from(numbered), 5_000, DATA)][..], None)
    );
}

#[test]
fn section_has_its_own_byte_order_and_interfaces() {
    let packet = |order: Order| order.enhanced(0, 5, 21, DATA);
    let blocks = [
        Big.section(),
        Big.interface(101, 0, &[]),
        packet(Big),
        Little.section(),
        Little.interface(113, 0, &Little.option(TSRESOL, &[9])),
        packet(Little),
        Big.section(),
        Big.interface(1, 0, &[]),
        packet(Big),
    ];
    let (frames, error) = read(blocks.concat());
    let facts: Vec<_> = frames
        .iter()
        .map(|frame| (frame.number, frame.link, frame.time))
        .collect();
    assert_eq!(
        (facts, error),
        (
            vec![(1, 101, Some(5_000)), (2, 113, Some(5)), (3, 1, Some(5_000))],
            None
        )
    );
}

fn resolution(value: u8) -> Vec<u8> {
    Little.option(TSRESOL, &[value])
}

fn offset(seconds: i64) -> Vec<u8> {
    Little.option(TSOFFSET, &seconds.to_le_bytes())
}

#[rstest]
#[case::microseconds_by_default(vec![], 1_500_000, 1_500_000_000)]
#[case::seconds(resolution(0), 2, 2_000_000_000)]
#[case::milliseconds(resolution(3), 1_500, 1_500_000_000)]
#[case::nanoseconds(resolution(9), 1_500_000_001, 1_500_000_001)]
#[case::picoseconds(resolution(12), 1_500_000_001_999, 1_500_000_001)]
#[case::ten_to_the_minus_19(resolution(19), 10_000_000_000_000_000_000, 1_000_000_000)]
#[case::halves(resolution(0x81), 3, 1_500_000_000)]
#[case::two_to_the_minus_10(resolution(0x8a), 1_025, 1_000_976_562)]
#[case::two_to_the_minus_63(resolution(0xbf), 3 << 62, 1_500_000_000)]
#[case::offset_ahead([resolution(9), offset(3)].concat(), 7, 3_000_000_007)]
#[case::offset_back(offset(-3), 7, -2_999_993_000)]
#[case::beyond_all_times(vec![], u64::MAX, i64::MAX)]
#[case::beyond_all_offsets(offset(i64::MIN), 7, i64::MIN + 7_000)]
#[case::name_that_is_not_utf_8([Little.option(2, &[0xff, 0xfe]), resolution(9)].concat(), 7, 7)]
#[case::resolution_of_a_wrong_length(Little.option(TSRESOL, &[9, 9]), 7, 7_000)]
#[case::options_behind_the_end([Little.option(0, &[]), resolution(9)].concat(), 7, 7_000)]
fn interface_options_say_what_times_mean(#[case] options: Vec<u8>, #[case] units: u64, #[case] time: i64) {
    let interface = Little.interface(1, 0, &options);
    let (frames, error) = read([Little.section(), interface, Little.enhanced(0, units, 21, DATA)].concat());
    assert_eq!((frames.as_slice(), error), (&[seen(1, time, DATA)][..], None));
}

#[test]
fn options_of_a_packet_are_stepped_over_however_damaged() {
    let fixed = Little.words(&[0, 0, 5, 21, 21]);
    let block = Little.block(
        6,
        &[&fixed, DATA, &[0, 0, 0], &Little.option(1, b"\xff\xfe"), &[1, 0, 99, 0]].concat(),
    );
    let (frames, error) = read([Little.section(), Little.interface(1, 0, &[]), block].concat());
    assert_eq!((frames.as_slice(), error), (&[seen(1, 5_000, DATA)][..], None));
}

#[test]
fn block_length_that_is_no_multiple_of_four_is_rounded_up_with_a_warning() {
    let mut packet = Little.enhanced(0, 5, 21, DATA);
    let (len, last) = (packet.len() as u32, packet.len() - 4);
    packet[4..8].copy_from_slice(&(len - 3).to_le_bytes());
    packet[last..].copy_from_slice(&(len - 3).to_le_bytes());
    let blocks = [
        Little.section(),
        Little.interface(1, 0, &[]),
        packet.clone(),
        Little.block(77, &[]),
        packet,
    ];
    let mut capture = open(blocks.concat()).unwrap();
    let (frames, error) = drain(&mut capture);
    assert_eq!(
        (frames.as_slice(), error),
        (&[seen(1, 5_000, DATA), seen(2, 5_000, DATA)][..], None)
    );
    let first = capture.warnings().kept()[0].to_string();
    assert_eq!(first, "byte 48: block length 53 is not a multiple of 4; read as 56");
}

#[test]
fn damaged_interface_options_are_reported_and_those_before_them_hold() {
    let options = [
        Little.option(TSRESOL, &[9]),
        Little.u16(2).to_vec(),
        Little.u16(400).to_vec(),
    ]
    .concat();
    let blocks = [
        Little.section(),
        Little.interface(1, 5, &options),
        Little.enhanced(0, 5, 20, DATA),
    ];
    let mut capture = open(blocks.concat()).unwrap();
    let (frames, _) = drain(&mut capture);
    assert_eq!(frames[0].time, Some(5));
    let warnings: Vec<String> = capture
        .warnings()
        .kept()
        .iter()
        .map(|warning| warning.to_string())
        .collect();
    assert_eq!(
        warnings,
        [
            "byte 28: options of an interface description cannot be read further; those before them hold",
            "frame 1: 21 bytes captured, more than the snap length 5 of the header",
            "frame 1: 21 bytes captured of a packet of 20",
        ]
    );
}
