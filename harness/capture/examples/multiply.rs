//! `multiply OUT PACKETS CAPTURE...`: repeats captures of raw IP, or of Ethernet, until OUT holds at least PACKETS packets.
//! What has another link type than the first packet, or cannot be read, is left out.
//!
//! Each repetition comes later and between other addresses, so that its connections are new ones; checksums follow by
//! RFC 1624. Used by `ci/bench`.

use capture::Capture;
use capture::writer::PcapWriter;
use std::fs::File;
use std::io::BufWriter;
use wire::link::LinkType;
use wire::{Duration, Instant};

struct Packet {
    time: Instant,
    original_len: u32,
    data: Vec<u8>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(out), Some(wanted)) = (arguments.next(), arguments.next()) else {
        return Err("usage: multiply OUT PACKETS CAPTURE...".into());
    };
    let wanted: u64 = wanted.parse()?;
    let mut link = None;
    let captures: Vec<_> = arguments.map(|path| load(&path, &mut link)).collect();
    let link = link.ok_or("no packets of raw IP or Ethernet in these captures")?;
    let header = if link == LinkType::ETHERNET { 14 } else { 0 };
    let mut writer = PcapWriter::new(BufWriter::new(File::create(out)?), link)?;
    let (mut written, mut repetition, mut now) = (0, 0u32, Instant(1_700_000_000_000_000_000));
    while written < wanted && !captures.iter().all(Vec::is_empty) {
        for packets in captures.iter().filter(|packets| !packets.is_empty()) {
            repetition += 1;
            let start = packets[0].time;
            let mut last = now;
            for packet in packets {
                let mut data = packet.data.clone();
                if let Some(packet) = data.get_mut(header..) {
                    readdress(packet, repetition);
                }
                let at = now + (packet.time - start).clamp(Duration::ZERO, Duration::minutes(10));
                last = last.max(at);
                writer.packet(at, packet.original_len, &data)?;
                written += 1;
            }
            now = last + Duration::millis(1);
        }
    }
    writer.finish()?;
    println!("{written} packets");
    Ok(())
}

fn load(path: &str, link: &mut Option<LinkType>) -> Vec<Packet> {
    let mut packets = Vec::new();
    let Ok(mut capture) = Capture::open(path) else {
        return packets;
    };
    while let Ok(Some(frame)) = capture.next_frame() {
        let usable = matches!(frame.link, LinkType::RAW | LinkType::ETHERNET);
        if usable && *link.get_or_insert(frame.link) == frame.link {
            packets.push(Packet {
                time: frame.time.unwrap_or_default(),
                original_len: frame.original_len,
                data: frame.data.to_vec(),
            });
        }
    }
    packets
}

/// Puts `repetition` into the lower half of both addresses, and mends the checksums that cover them. Groups and unspecified
/// addresses stay what they are.
fn readdress(data: &mut [u8], repetition: u32) {
    let (places, protocol, transport) = match data {
        [0x45..0x50, ..] if data.len() >= 20 => {
            let special = |first: u8| first == 0 || first >= 224;
            if special(data[12]) || special(data[16]) {
                return;
            }
            ([14, 18], data[9], usize::from(data[0] & 15) * 4)
        }
        [0x60..0x70, ..] if data.len() >= 40 && data[24] != 0xff => ([22, 38], data[6], 40),
        _ => return,
    };
    let fragment = data[0] >> 4 == 4 && (data[6] & 0x1f != 0 || data[7] != 0);
    for place in places {
        let Some(old) = word(data, place) else { return };
        let new = old ^ (repetition as u16).rotate_left(3);
        data[place..][..2].copy_from_slice(&new.to_be_bytes());
        if data[0] >> 4 == 4 {
            mend(data, 10, old, new);
        }
        match protocol {
            6 if !fragment => mend(data, transport + 16, old, new),
            17 if !fragment && word(data, transport + 6) != Some(0) => mend(data, transport + 6, old, new),
            58 => mend(data, transport + 2, old, new),
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
