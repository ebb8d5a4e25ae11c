//! What is written is read back.

mod common;

use capture::writer::{Packet, PcapWriter, PcapngWriter};
use common::{Seen, read};
use proptest::prelude::*;
use wire::Instant;
use wire::link::LinkType;

fn packets() -> impl Strategy<Value = Vec<(i64, u32, Vec<u8>)>> {
    let time = 0..i64::from(u32::MAX) * 1_000_000_000;
    prop::collection::vec((time, 0..100_u32, prop::collection::vec(any::<u8>(), 0..200)), 0..20)
}

fn expected(packets: &[(i64, u32, Vec<u8>)], link: u32) -> Vec<Seen> {
    let seen = |(index, (time, cut, data)): (usize, &(i64, u32, Vec<u8>))| Seen {
        link,
        original_len: data.len() as u32 + cut,
        snapped: *cut > 0,
        ..common::seen(index as u32 + 1, *time, data)
    };
    packets.iter().enumerate().map(seen).collect()
}

proptest! {
    #[test]
    fn pcap_is_read_back_as_written(packets in packets(), link in 0..=0xffff_u32) {
        let mut writer = PcapWriter::new(Vec::new(), LinkType(link)).unwrap();
        for (time, cut, data) in &packets {
            writer.packet(Instant(*time), data.len() as u32 + cut, data).unwrap();
        }
        prop_assert_eq!(read(writer.finish().unwrap()), (expected(&packets, link), None));
    }

    #[test]
    fn pcapng_is_read_back_as_written(packets in packets(), link in 0..=0xffff_u32, comment in ".{0,50}") {
        let mut writer = PcapngWriter::new(Vec::new(), "test").unwrap();
        let interface = writer.interface("eth0", LinkType(link)).unwrap();
        for (time, cut, data) in &packets {
            let (time, original_len) = (Instant(*time), data.len() as u32 + cut);
            writer.packet(Packet { interface, time, original_len, data, comments: &[&comment, "second"] }).unwrap();
        }
        prop_assert_eq!(read(writer.finish().unwrap()), (expected(&packets, link), None));
    }
}

#[test]
fn what_the_formats_cannot_hold_is_written_as_the_nearest() {
    let mut writer = PcapngWriter::new(Vec::new(), "test").unwrap();
    writer.interface("eth0", LinkType(1)).unwrap();
    let interface = writer.interface("any", LinkType(276)).unwrap();
    let long = "é".repeat(65_535);
    let packet = Packet {
        interface,
        time: Instant(-5),
        original_len: 1,
        data: b"data",
        comments: &[&long],
    };
    writer.packet(packet).unwrap();
    let expected = Seen {
        interface: 1,
        link: 276,
        ..common::seen(1, 0, b"data")
    };
    assert_eq!(read(writer.finish().unwrap()), (vec![expected], None));
}
