//! gzip and zstd are read as if they were not there.

mod common;

use std::io::Write;

use common::Order::Little;
use common::{Seen, read, seen};
use rstest::rstest;

const MICROS: u32 = 0xa1b2_c3d4;

fn plain() -> Vec<u8> {
    let record = [Little.words(&[1, 0, 4, 4]), b"data".to_vec()].concat();
    [Little.pcap(MICROS, 65_535, 1), record.repeat(2)].concat()
}

fn frames() -> [Seen; 2] {
    [1, 2].map(|number| seen(number, 1_000_000_000, b"data"))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

#[rstest]
#[case::gzip(gzip)]
#[case::zstd(zstandard)]
fn compressed_capture_is_read(#[case] compress: fn(&[u8]) -> Vec<u8>) {
    assert_eq!(read(compress(&plain())), (frames().into(), None));
}

#[rstest]
#[case::gzip(gzip)]
#[case::zstd(zstandard)]
fn concatenated_members_are_one_capture(#[case] compress: fn(&[u8]) -> Vec<u8>) {
    let members: Vec<u8> = plain().chunks(7).flat_map(compress).collect();
    assert_eq!(read(members), (frames().into(), None));
}

#[test]
fn zstd_may_start_with_a_skippable_frame() {
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    assert_eq!(read([skippable, zstandard(&plain())].concat()), (frames().into(), None));
}

#[rstest]
#[case::gzip(gzip)]
#[case::zstd(zstandard)]
fn place_of_an_error_is_that_of_the_decompressed_byte(#[case] compress: fn(&[u8]) -> Vec<u8>) {
    let bytes = plain();
    let (found, error) = read(compress(&bytes[..bytes.len() - 1]));
    let message =
        "byte 44 of the decompressed data: the file ends inside the packet: expected 4 bytes, found 3 (frame 2)";
    assert_eq!((found.len(), error), (1, Some(format!("trace.pcap: {message}"))));
}

#[rstest]
#[case::gzip(gzip)]
#[case::zstd(zstandard)]
fn compressed_capture_that_breaks_off_is_an_error(#[case] compress: fn(&[u8]) -> Vec<u8>) {
    let bytes = compress(&plain());
    let (_, error) = read(&bytes[..bytes.len() - 3]);
    assert!(error.is_some());
}
