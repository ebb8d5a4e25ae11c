//! `multiply OUT PACKETS CAPTURE...`: repeats raw-IP captures until OUT holds at least PACKETS packets.
//!
//! Each repetition comes later and between other addresses, so that its connections are new ones; checksums follow by
//! RFC 1624. Used by `ci/bench`.

use capture::writer::PcapWriter;
use capture::{Capture, CaptureError};
use std::fs::File;
use std::io::BufWriter;
use wire::link::LinkType;
use wire::{Duration, Instant};

struct Packet {
    time: Instant,
    data: Vec<u8>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(out), Some(wanted)) = (arguments.next(), arguments.next()) else {
        return Err("usage: multiply OUT PACKETS CAPTURE...".into());
    };
    let wanted: u64 = wanted.parse()?;
    let captures = arguments.map(|path| load(&path)).collect::<Result<Vec<_>, _>>()?;
    let mut writer = PcapWriter::new(BufWriter::new(File::create(out)?), LinkType::RAW)?;
    let (mut written, mut repetition, mut now) = (0, 0u32, Instant(1_700_000_000_000_000_000));
    while written < wanted && !captures.iter().all(Vec::is_empty) {
        for packets in captures.iter().filter(|packets| !packets.is_empty()) {
            repetition += 1;
            let start = packets[0].time;
            let mut last = now;
            for packet in packets {
                let mut data = packet.data.clone();
                readdress(&mut data, repetition);
                last = now + (packet.time - start);
                writer.packet(last, data.len() as u32, &data)?;
                written += 1;
            }
            now = last + Duration::millis(1);
        }
    }
    writer.finish()?;
    println!("{written} packets");
    Ok(())
}

fn load(path: &str) -> Result<Vec<Packet>, CaptureError> {
    let mut capture = Capture::open(path)?;
    let mut packets = Vec::new();
    while let Some(frame) = capture.next_frame()? {
        if frame.link == LinkType::RAW {
            packets.push(Packet {
                time: frame.time.unwrap_or_default(),
                data: frame.data.to_vec(),
            });
        }
    }
    Ok(packets)
}

/// Puts `repetition` into both addresses, sixteen bits of it, and mends the checksums that cover them.
fn readdress(data: &mut [u8], repetition: u32) {
    let (places, protocol, transport) = match data.first().map(|octet| octet >> 4) {
        Some(4) => ([13, 17], data.get(9).copied(), usize::from(data[0] & 15) * 4),
        Some(6) => ([28, 44 - 6], data.get(6).copied(), 40),
        _ => return,
    };
    let fragment = data[0] >> 4 == 4
        && data
            .get(6..8)
            .is_some_and(|flags| flags[0] & 0x1f != 0 || flags[1] != 0);
    for place in places {
        let Some(old) = word(data, place & !1) else { return };
        let new = old ^ (repetition as u16).rotate_left(3);
        data[place & !1..][..2].copy_from_slice(&new.to_be_bytes());
        if data[0] >> 4 == 4 {
            mend(data, 10, old, new);
        }
        match protocol {
            Some(6) if !fragment => mend(data, transport + 16, old, new),
            Some(17) if !fragment => mend(data, transport + 6, old, new),
            Some(58) => mend(data, transport + 2, old, new),
            _ => {}
        }
    }
}

fn word(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

/// RFC 1624 section 3, equation 3: HC' = ~(~HC + ~m + m').
fn mend(data: &mut [u8], at: usize, old: u16, new: u16) {
    let Some(checksum) = word(data, at) else { return };
    let sum = u32::from(!checksum) + u32::from(!old) + u32::from(new);
    let sum = (sum & 0xffff) + (sum >> 16);
    let folded = (sum & 0xffff) + (sum >> 16);
    data[at..at + 2].copy_from_slice(&(!(folded as u16)).to_be_bytes());
}
