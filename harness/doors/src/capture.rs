//! Capture files: any octets as one, through the reader and through the whole of `check`; and what is written is read back.

use arbitrary::Unstructured;
use capture::Capture;
use capture::writer::{Packet, PcapWriter, PcapngWriter};
use conformance::{FrameInfo, Inspector, Settings};
use std::io::Cursor;
use wire::Instant;
use wire::link::LinkType;

/// Frame numbers grow, and the end is met.
pub fn read(octets: &[u8]) {
    let Ok(mut capture) = Capture::from_reader("fuzz", Cursor::new(octets.to_vec())) else {
        return;
    };
    let mut last = 0;
    while let Ok(Some(frame)) = capture.next_frame() {
        assert!(frame.number.0 > last);
        last = frame.number.0;
    }
}

/// Whatever the packets say, the checks say something.
pub fn check(octets: &[u8]) {
    let Ok(mut capture) = Capture::from_reader("fuzz", Cursor::new(octets.to_vec())) else {
        return;
    };
    let mut inspector = Inspector::new(Settings::default());
    let mut time = Instant(0);
    while let Ok(Some(frame)) = capture.next_frame() {
        time = frame.time.unwrap_or(time);
        let info = FrameInfo {
            number: frame.number,
            time,
            link: frame.link,
            original_len: frame.original_len,
        };
        inspector.frame(info, frame.data);
    }
    inspector.finish();
}

/// Packets out of the octets, written as pcap and as pcapng.
pub fn written(octets: &[u8]) {
    let mut rest = Unstructured::new(octets);
    let link = LinkType(u32::from(rest.arbitrary::<u16>().unwrap_or_default()));
    let comment = String::from_utf8_lossy(octets.get(..octets.len().min(60)).unwrap_or_default()).into_owned();
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let (time, cut, length): ([u32; 2], u8, u8) = rest.arbitrary().unwrap_or_default();
        // Within what both formats can hold: 1970 to 2106, in nanoseconds.
        let time = Instant(i64::from(time[0]) * 1_000_000_000 + i64::from(time[1] % 1_000_000_000));
        let data = rest.bytes(usize::from(length).min(rest.len())).unwrap_or_default();
        packets.push((time, data.len() as u32 + u32::from(cut), data));
    }
    let file = pcap(link, &packets).expect("memory can be written");
    is_read_back(file, link, &packets);
    let file = pcapng(link, &packets, &comment).expect("memory can be written");
    is_read_back(file, link, &packets);
}

type Written<'a> = (Instant, u32, &'a [u8]);

fn pcap(link: LinkType, packets: &[Written<'_>]) -> Result<Vec<u8>, capture::writer::WriteError> {
    let mut writer = PcapWriter::new(Vec::new(), link)?;
    for (time, original_len, data) in packets {
        writer.packet(*time, *original_len, data)?;
    }
    writer.finish()
}

fn pcapng(link: LinkType, packets: &[Written<'_>], comment: &str) -> Result<Vec<u8>, capture::writer::WriteError> {
    let mut writer = PcapngWriter::new(Vec::new(), comment)?;
    let interface = writer.interface(comment, link)?;
    for &(time, original_len, data) in packets {
        writer.packet(Packet {
            interface,
            time,
            original_len,
            data,
            comments: &[comment],
        })?;
    }
    writer.finish()
}

fn is_read_back(file: Vec<u8>, link: LinkType, packets: &[Written<'_>]) {
    let mut capture = Capture::from_reader("fuzz", Cursor::new(file)).expect("a capture");
    for &(time, original_len, data) in packets {
        let frame = capture
            .next_frame()
            .expect("a sound record")
            .expect("as many packets as were written");
        assert_eq!(
            (frame.link, frame.time, frame.original_len, frame.data),
            (link, Some(time), original_len, data)
        );
    }
    assert!(matches!(capture.next_frame(), Ok(None)));
}
