//! Every error says which byte is wrong, what was there, and what was expected; frames before it have been delivered.

mod common;

use std::io::{Error, Read};

use capture::Capture;
use common::Order::Little;
use common::{drain, read};
use rstest::rstest;

const MICROS: u32 = 0xa1b2_c3d4;

/// A sound pcap of one packet, 44 bytes, and then `rest`.
fn pcap_then(rest: &[u8]) -> Vec<u8> {
    [
        &Little.pcap(MICROS, 65_535, 1),
        &Little.words(&[1, 0, 4, 4]),
        &b"data"[..],
        rest,
    ]
    .concat()
}

/// A sound pcapng of one packet, 84 bytes, and then `rest`.
fn pcapng_then(rest: &[u8]) -> Vec<u8> {
    let start = [
        Little.section(),
        Little.interface(1, 0, &[]),
        Little.enhanced(0, 5, 4, b"data"),
    ]
    .concat();
    [&start, rest].concat()
}

/// A block whose lengths are what they are.
fn raw_block(kind: u32, first: u32, body: &[u8], last: u32) -> Vec<u8> {
    [Little.words(&[kind, first]), body.to_vec(), Little.words(&[last])].concat()
}

#[rstest]
#[case::empty(vec![], "byte 0: is empty, expected a pcap or pcapng capture")]
#[case::other_file(b"\x7fELF and more".to_vec(), "byte 0: starts with 7f 45 4c 46, expected the magic number of pcap, pcapng, gzip or zstd")]
#[case::shorter_than_a_magic(b"ab".to_vec(), "byte 0: starts with 61 62, expected the magic number of pcap, pcapng, gzip or zstd")]
#[case::half_a_pcap_header(Little.pcap(MICROS, 0, 1)[..13].to_vec(), "byte 0: the file ends inside the file header: expected 24 bytes, found 13")]
#[case::pcap_of_version_1(Little.pcap_version(MICROS, (1, 2), 0, 1), "byte 4: pcap version 1.2, expected 2.0 or later")]
#[case::reserved_bits_of_the_link_type(Little.pcap(MICROS, 0, 0x0224_0001), "byte 20: link-layer field is 0x02240001, expected its reserved bits (mask 0x03ff0000) to be zero")]
#[case::half_a_section_header(Little.section()[..20].to_vec(), "byte 0: the file ends inside the block: expected 28 bytes, found 20")]
#[case::section_of_unknown_byte_order(Little.block(0x0a0d_0d0a, &[9; 16]), "byte 8: byte-order magic of the section is 0x09090909, expected 0x1a2b3c4d in either byte order")]
#[case::section_without_room(Little.block(0x0a0d_0d0a, &Little.words(&[0x1a2b_3c4d])), "byte 0: length of the section header block is 16, at least 28")]
#[case::section_of_version_2(Little.block(0x0a0d_0d0a, &Little.words(&[0x1a2b_3c4d, 2, 0, 0])), "byte 12: pcapng version 2.0, expected 1.0 or 1.2")]
fn capture_that_cannot_be_opened(#[case] bytes: Vec<u8>, #[case] message: &str) {
    assert_eq!(read(bytes), (vec![], Some(format!("trace.pcap: {message}"))));
}

#[rstest]
#[case::half_a_packet_header(pcap_then(&[0; 7]), "byte 44: the file ends inside the packet header: expected 16 bytes, found 7 (frame 2)")]
#[case::half_a_packet(pcap_then(&Little.words(&[0, 0, 9, 9, 0])), "byte 44: the file ends inside the packet: expected 9 bytes, found 4 (frame 2)")]
#[case::packet_of_4_gb(pcap_then(&Little.words(&[0, 0, u32::MAX, 9])), "byte 44: captured length in the packet header is 4294967295, at most 262144 (frame 2)")]
#[case::long_packet_that_is_there(pcap_then(&[Little.words(&[0, 0, 262_145, 9]), vec![0; 262_145]].concat()), "byte 44: captured length in the packet header is 262145, at most 262144 (frame 2)")]
#[case::half_a_block_header(pcapng_then(&[0; 11]), "byte 84: the file ends inside the block header: expected 12 bytes, found 11 (frame 2)")]
#[case::half_a_block(pcapng_then(&raw_block(6, 400, &[], 400)), "byte 84: the file ends inside the block: expected 400 bytes, found 12 (frame 2)")]
#[case::block_of_4_gb(pcapng_then(&raw_block(6, u32::MAX, &[], 12)), "byte 88: block length is 4294967295, at most 134348832 (frame 2)")]
#[case::block_without_room_for_itself(pcapng_then(&raw_block(6, 8, &[], 8)), "byte 84: block length is 8, at least 12 (frame 2)")]
#[case::block_of_length_0(pcapng_then(&raw_block(6, 0, &[], 0)), "byte 84: block length is 0, at least 12 (frame 2)")]
#[case::block_whose_lengths_differ(pcapng_then(&raw_block(6, 12, &[], 16)), "byte 84: block starts with length 12 and ends with length 16, expected the same (frame 2)")]
#[case::unknown_interface(pcapng_then(&Little.enhanced(1, 5, 4, b"data")), "byte 92: packet of interface 1, but the section has described 1 so far (frame 2)")]
#[case::packet_before_its_interface(pcapng_then(&[Little.section(), Little.simple(4, b"data")].concat()), "byte 120: packet of interface 0, but the section has described 0 so far (frame 2)")]
#[case::enhanced_packet_without_room(pcapng_then(&Little.block(6, &[0; 16])), "byte 84: length of the enhanced packet block is 28, at least 32 (frame 2)")]
#[case::enhanced_packet_with_too_little_data(pcapng_then(&Little.block(6, &Little.words(&[0, 0, 0, 9, 9]))), "byte 84: length of the enhanced packet block is 32, at least 44 (frame 2)")]
#[case::enhanced_packet_of_4_gb(pcapng_then(&Little.block(6, &Little.words(&[0, 0, 0, u32::MAX, 9]))), "byte 84: captured length in the packet block is 4294967295, at most 262144 (frame 2)")]
#[case::old_packet_without_room(pcapng_then(&Little.block(2, &[0; 16])), "byte 84: length of the packet block is 28, at least 32 (frame 2)")]
#[case::simple_packet_without_room(pcapng_then(&Little.block(3, &[])), "byte 84: length of the simple packet block is 12, at least 16 (frame 2)")]
#[case::simple_packet_with_too_little_data(pcapng_then(&Little.simple(9, b"data")), "byte 84: length of the simple packet block is 20, at least 28 (frame 2)")]
#[case::interface_without_room(pcapng_then(&Little.block(1, &[0; 4])), "byte 84: length of the interface description block is 16, at least 20 (frame 2)")]
#[case::resolution_of_10_to_the_minus_20(pcapng_then(&Little.interface(1, 0, &Little.option(9, &[20]))), "byte 84: power of 10 in if_tsresol is 20, at most 19 (frame 2)")]
#[case::resolution_of_2_to_the_minus_64(pcapng_then(&Little.interface(1, 0, &Little.option(9, &[0xc0]))), "byte 84: power of 2 in if_tsresol is 64, at most 63 (frame 2)")]
#[case::section_of_unknown_byte_order(pcapng_then(&Little.block(0x0a0d_0d0a, &[9; 16])), "byte 92: byte-order magic of the section is 0x09090909, expected 0x1a2b3c4d in either byte order (frame 2)")]
fn frames_before_the_error_are_delivered(#[case] bytes: Vec<u8>, #[case] message: &str) {
    let (frames, error) = read(bytes);
    assert_eq!((frames.len(), error), (1, Some(format!("trace.pcap: {message}"))));
}

#[test]
fn too_many_interfaces_end_the_section() {
    let interfaces = Little.interface(1, 0, &[]).repeat((1 << 20) + 1);
    let (_, error) = read([Little.section(), interfaces].concat());
    let message =
        "trace.pcap: byte 20971548: number of interfaces in the section is 1048577, at most 1048576 (frame 1)";
    assert_eq!(error.as_deref(), Some(message));
}

#[test]
fn missing_file_is_named() {
    let error = Capture::open("no/such/file.pcap").err().unwrap();
    assert!(
        error.to_string().starts_with("no/such/file.pcap: cannot read: "),
        "{error}"
    );
}

/// Gives its bytes one by one, interrupted each time, and then fails.
struct Failing(Vec<u8>, bool);

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        if self.0.is_empty() {
            return Err(Error::other("the disk is gone"));
        }
        into[0] = self.0.remove(0);
        Ok(1)
    }
}

#[test]
fn reader_that_fails_does_so_after_the_frames_it_gave() {
    // The variant of a pcap is known from its third packet on; nanosecond files have one variant only.
    let bytes = [
        Little.pcap(0xa1b2_3c4d, 0, 1),
        Little.words(&[1, 0, 4, 4]),
        b"data".to_vec(),
    ]
    .concat();
    let mut capture = Capture::from_reader("pipe", Failing(bytes, false)).unwrap();
    let (frames, error) = drain(&mut capture);
    assert_eq!(
        (frames.len(), error.as_deref()),
        (1, Some("pipe: byte 44: cannot read: the disk is gone (frame 2)"))
    );
}
