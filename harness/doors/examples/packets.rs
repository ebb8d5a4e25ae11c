//! Plays an input of the target `tcp_reference`, and writes its packets as a capture, which says more than the panic that follows.
//!
//!     cargo run -p stackproof-doors --example packets INPUT OUT.pcap

use capture::writer::PcapWriter;
use std::cell::RefCell;
use std::error::Error;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use wire::link::LinkType;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(input), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("expected an input, and the capture to write".into());
    };
    let octets = fs::read(input)?;
    let packets = RefCell::new(Vec::new());
    let played = catch_unwind(AssertUnwindSafe(|| {
        doors::host::watched(&octets, &mut |time, packet| {
            packets.borrow_mut().push((time, packet.to_vec()))
        });
    }));
    let mut writer = PcapWriter::new(File::create(out)?, LinkType::RAW)?;
    for (time, packet) in packets.into_inner() {
        writer.packet(time, packet.len() as u32, &packet)?;
    }
    writer.finish()?;
    played.map_err(|_| "it is a find".into())
}
