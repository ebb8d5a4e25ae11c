//! What happened in one run of a scenario: packets, calls and remarks in time order, as a diagram or a capture.

use crate::segment::Segment;
use capture::writer::{Packet, PcapngWriter, WriteError};
use stacks::Socket;
use std::fmt::Write as _;
use std::io::Write;
use wire::link::LinkType;
use wire::{FrameNumber, Instant};

/// One event.
#[derive(Debug, Clone)]
pub enum Event {
    /// A packet, as it left the stack or arrived at it.
    Packet { from_stack: bool, octets: Vec<u8> },
    /// A call of the stack's application and what it returned, or what the Tester has to say.
    Remark(String),
    /// What the remark beside it says, for programs.
    Deed(Socket, Deed),
    /// Nothing more happened until now; and all that the application did is told.
    Over { told: bool },
}

/// What the stack's application did with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Was given it by a listener.
    Accepted,
    /// Handed over so many octets, or had the stack fail over them.
    Wrote {
        octets: usize,
        urgent: bool,
    },
    Read(usize),
    ShutDown,
    Closed,
    Aborted,
}

/// Everything, in order.
#[derive(Debug, Clone, Default)]
pub struct Log(pub Vec<(Instant, Event)>);

impl Log {
    pub fn packet(&mut self, time: Instant, from_stack: bool, octets: &[u8]) {
        let octets = octets.to_vec();
        self.0.push((time, Event::Packet { from_stack, octets }));
    }

    pub fn remark(&mut self, time: Instant, text: String) {
        self.0.push((time, Event::Remark(text)));
    }

    pub fn deed(&mut self, time: Instant, socket: Socket, deed: Deed) {
        self.0.push((time, Event::Deed(socket, deed)));
    }

    pub fn over(&mut self, time: Instant, told: bool) {
        self.0.push((time, Event::Over { told }));
    }

    /// The latest packet that the stack sent.
    pub fn last_from_stack(&self) -> Option<&[u8]> {
        self.0.iter().rev().find_map(|(_, event)| match event {
            Event::Packet {
                from_stack: true,
                octets,
            } => Some(octets.as_slice()),
            _ => None,
        })
    }

    /// The sequence diagram: time, frame, the stack on the left, the Tester on the right.
    pub fn diagram(&self) -> String {
        let start = self.0.first().map_or(Instant(0), |(time, _)| *time);
        let mut text = String::new();
        let mut frame = 0;
        for (time, event) in &self.0 {
            let seconds = (*time - start).as_secs_f64();
            let _ = match event {
                Event::Remark(remark) => writeln!(text, "{seconds:14.6}       | {remark}"),
                Event::Deed(..) | Event::Over { .. } => Ok(()),
                Event::Packet { from_stack, octets } => {
                    frame += 1;
                    let arrow = if *from_stack { "-->" } else { "<--" };
                    writeln!(text, "{seconds:14.6} {frame:5} {arrow} {}", describe(octets))
                }
            };
        }
        text
    }

    /// A capture at the stack; remarks become comments of the packet that follows them.
    pub fn write(&self, writer: impl Write, stack: &str) -> Result<(), WriteError> {
        let mut capture = PcapngWriter::new(writer, concat!("stackproof ", env!("CARGO_PKG_VERSION")))?;
        let interface = capture.interface(stack, LinkType::RAW)?;
        let mut remarks: Vec<&str> = Vec::new();
        for (time, event) in &self.0 {
            match event {
                Event::Remark(text) => remarks.push(text),
                Event::Deed(..) | Event::Over { .. } => {}
                Event::Packet { octets, .. } => {
                    capture.packet(Packet {
                        interface,
                        time: *time,
                        original_len: octets.len() as u32,
                        data: octets,
                        comments: &remarks,
                    })?;
                    remarks.clear();
                }
            }
        }
        capture.finish()?;
        Ok(())
    }
}

/// One line about a packet.
pub fn describe(packet: &[u8]) -> String {
    let Some(segment) = Segment::read(Instant(0), FrameNumber(0), packet) else {
        return format!("{} octets, not TCP", packet.len());
    };
    let mut text = format!("{} seq {}", segment.flags, segment.seq);
    if segment.flags.ack() {
        let _ = write!(text, " ack {}", segment.ack);
    }
    let _ = write!(text, " win {}", segment.wnd);
    if !segment.payload.is_empty() {
        let _ = write!(text, " len {}", segment.payload.len());
    }
    let options = &segment.options;
    if let Some(mss) = options.mss {
        let _ = write!(text, " mss {mss}");
    }
    if let Some(shift) = options.window_scale {
        let _ = write!(text, " wscale {shift}");
    }
    if options.sack_permitted {
        text.push_str(" sackOK");
    }
    if let Some((value, echo)) = options.timestamps {
        let _ = write!(text, " TS {value} {echo}");
    }
    for block in &options.sack {
        let _ = write!(text, " sack {}-{}", block.left, block.right);
    }
    if segment.flags.urg() {
        let _ = write!(text, " urg {}", segment.urgent_pointer);
    }
    text
}
