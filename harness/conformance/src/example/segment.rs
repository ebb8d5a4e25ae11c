//! A TCP segment being described, setter by setter.

use super::datagram::IpLayer;
use super::{From, START};
use std::net::IpAddr;
use wire::tcp::{Flags, TcpOption};
use wire::{Instant, SeqNumber};

/// A segment being described; it is sent when the next one begins.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) from: From,
    pub(super) port: u16,
    pub(super) time: Instant,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: Flags,
    pub(super) wnd: u16,
    pub(super) urgent: u16,
    pub(super) payload: Vec<u8>,
    pub(super) options: Vec<u8>,
    pub(super) timestamps: Option<(u32, u32)>,
    pub(super) data_offset: Option<u8>,
    pub(super) wrong_checksum: Option<u16>,
    pub(super) ttl: u8,
    pub(super) tos: u8,
    pub(super) id: u16,
    pub(super) dont_fragment: bool,
    pub(super) cut: Option<usize>,
    pub(super) unseen: bool,
    pub(super) times: u32,
}

impl Draft {
    /// `len` octets of data that depend on their place in the stream, so that a retransmission carries the same.
    pub fn data(&mut self, len: usize) -> &mut Draft {
        let first = self.seq;
        self.payload = (0..len as u32).map(|i| (first.wrapping_add(i) % 251) as u8).collect();
        self
    }
    /// These octets as data, with PSH.
    pub fn bytes(&mut self, data: &[u8]) -> &mut Draft {
        self.payload = data.to_vec();
        self.flags = self.flags.with(Flags::PSH);
        self
    }
    pub fn psh(&mut self) -> &mut Draft {
        self.set(Flags::PSH)
    }
    /// The first SYN has no ACK; the second acknowledges it.
    pub fn syn(&mut self) -> &mut Draft {
        if self.from == From::Client || self.ack == 0 {
            self.flags = Flags::SYN;
        }
        self.timestamps = None;
        self.set(Flags::SYN)
    }
    pub fn fin(&mut self) -> &mut Draft {
        self.set(Flags::FIN)
    }
    pub fn rst(&mut self) -> &mut Draft {
        self.set(Flags::RST)
    }
    /// RST without ACK.
    pub fn bare_rst(&mut self) -> &mut Draft {
        self.flags = Flags::RST;
        self
    }
    pub fn urg(&mut self, pointer: u16) -> &mut Draft {
        self.urgent = pointer;
        self.set(Flags::URG)
    }
    pub fn set(&mut self, flags: Flags) -> &mut Draft {
        self.flags = self.flags.with(flags);
        self
    }
    /// All control bits, as given.
    pub fn flags(&mut self, flags: Flags) -> &mut Draft {
        self.flags = flags;
        self
    }
    /// The reserved bits, 0..=7.
    pub fn reserved(&mut self, bits: u16) -> &mut Draft {
        self.flags = Flags(self.flags.0 | bits << 9);
        self
    }
    /// Relative to my ISN. Call before `data`, whose octets depend on it.
    pub fn seq(&mut self, seq: u32) -> &mut Draft {
        self.seq = seq;
        self
    }
    /// Relative to the peer's ISN.
    pub fn ack(&mut self, ack: u32) -> &mut Draft {
        self.ack = ack;
        self
    }
    /// What it acknowledges so far, relative to the peer's ISN.
    pub fn acknowledges(&self) -> u32 {
        self.ack
    }
    /// The window field as sent.
    pub fn wnd(&mut self, wnd: u16) -> &mut Draft {
        self.wnd = wnd;
        self
    }
    pub fn mss(&mut self, mss: u16) -> &mut Draft {
        self.option(TcpOption::MaximumSegmentSize(mss))
    }
    pub fn scale(&mut self, shift: u8) -> &mut Draft {
        self.option(TcpOption::NoOperation)
            .option(TcpOption::WindowScale(shift))
    }
    pub fn sack_permitted(&mut self) -> &mut Draft {
        self.option(TcpOption::NoOperation)
            .option(TcpOption::NoOperation)
            .option(TcpOption::SackPermitted)
    }
    /// A timestamps option on a SYN, with the end's own clock. Once both SYNs have one it goes on every segment by itself.
    pub fn timestamps(&mut self) -> &mut Draft {
        let clock = ((self.time - START).0 / 1_000_000) as u32;
        let value = clock.wrapping_add([7_000, 90_000][self.from as usize]);
        // The server's SYN-ACK echoes the client's SYN, which is the only TSval it can have seen.
        let echo = if self.flags.ack() { 7_000 } else { 0 };
        self.ts(value, echo)
    }
    /// TSval and TSecr as given.
    pub fn ts(&mut self, value: u32, echo: u32) -> &mut Draft {
        self.timestamps = Some((value, echo));
        self
    }
    pub fn no_timestamps(&mut self) -> &mut Draft {
        self.timestamps = None;
        self
    }
    /// SACK blocks, relative to the peer's ISN.
    pub fn sack(&mut self, blocks: &[(u32, u32)]) -> &mut Draft {
        // Rendered later with the peer's ISN added; until then they stand as a private marker option.
        self.options.extend([1, 1, 5, (2 + 8 * blocks.len()) as u8]);
        for (left, right) in blocks {
            self.options.extend(left.to_be_bytes());
            self.options.extend(right.to_be_bytes());
        }
        self
    }
    pub fn option(&mut self, option: TcpOption<'_>) -> &mut Draft {
        option.emit(&mut self.options);
        self
    }
    /// Option bytes as they stand; padded to a multiple of four with zeros.
    pub fn raw_options(&mut self, bytes: &[u8]) -> &mut Draft {
        self.options.extend(bytes);
        self
    }
    /// In words, whatever the options' length.
    pub fn data_offset(&mut self, words: u8) -> &mut Draft {
        self.data_offset = Some(words);
        self
    }
    /// The checksum field is the right one XOR `change`.
    pub fn wrong_checksum(&mut self, change: u16) -> &mut Draft {
        self.wrong_checksum = Some(change);
        self
    }
    pub fn ttl(&mut self, ttl: u8) -> &mut Draft {
        self.ttl = ttl;
        self
    }
    /// DSCP and ECN.
    pub fn tos(&mut self, tos: u8) -> &mut Draft {
        self.tos = tos;
        self
    }
    pub fn id(&mut self, id: u16) -> &mut Draft {
        self.id = id;
        self
    }
    /// Cut by the snap length after this many octets of the datagram.
    pub fn cut(&mut self, octets: usize) -> &mut Draft {
        self.cut = Some(octets);
        self
    }
    /// Sent, but the capture misses it.
    pub fn unseen(&mut self) -> &mut Draft {
        self.unseen = true;
        self
    }
    /// The capture point sees it twice.
    pub fn seen_twice(&mut self) -> &mut Draft {
        self.times = 2;
        self
    }

    pub(super) fn render(&self, source: IpAddr, destination: IpAddr, ports: (u16, u16), iss: [u32; 2]) -> Vec<u8> {
        let mut options = self.options_on_the_wire(iss[1]);
        options.resize(options.len().next_multiple_of(4), 0);
        let words = self.data_offset.unwrap_or(5 + (options.len() / 4) as u8);
        let mut tcp = wire::tcp::Tcp {
            source_port: ports.0,
            destination_port: ports.1,
            seq: SeqNumber(iss[0]) + self.seq,
            ack: if self.flags.ack() {
                SeqNumber(iss[1]) + self.ack
            } else {
                SeqNumber(0)
            },
            data_offset: words,
            flags: self.flags,
            window: self.wnd,
            checksum: 0,
            urgent_pointer: self.urgent,
            raw_options: &options,
            payload: &self.payload,
        };
        let mut segment = Vec::new();
        tcp.emit(&mut segment);
        let sum = wire::checksum::Sum::default()
            .pseudo_header(source, destination, 6, segment.len() as u32)
            .add(&segment);
        tcp.checksum = sum.checksum() ^ self.wrong_checksum.unwrap_or(0);
        segment.clear();
        tcp.emit(&mut segment);
        let Draft {
            ttl,
            tos,
            id,
            dont_fragment,
            ..
        } = *self;
        IpLayer {
            source,
            destination,
            protocol: 6,
            ttl,
            tos,
            id,
            dont_fragment,
        }
        .wrap(&segment)
    }

    fn options_on_the_wire(&self, peer_iss: u32) -> Vec<u8> {
        let mut all = Vec::new();
        if let Some((value, echo)) = self.timestamps {
            all.extend([1, 1]);
            TcpOption::Timestamps { value, echo }.emit(&mut all);
        }
        let mut rest = self.options.as_slice();
        while let [1, 1, 5, length, after @ ..] = rest {
            // A SACK option of ours: its edges are relative until now.
            let blocks = usize::from(*length).saturating_sub(2).min(after.len());
            all.extend([1, 1, 5, *length]);
            for edge in after[..blocks].chunks_exact(4) {
                let relative = u32::from_be_bytes([edge[0], edge[1], edge[2], edge[3]]);
                all.extend(relative.wrapping_add(peer_iss).to_be_bytes());
            }
            rest = &after[blocks..];
        }
        all.extend(rest);
        all
    }
}
