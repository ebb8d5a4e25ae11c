//! One TCP segment as the tracker and the checks see it: header, options, and what the layers below say about it.

use super::connection::Shared;
use std::net::IpAddr;
use wire::tcp::{Flags, Options};
use wire::{FrameNumber, Instant, SeqNumber};

/// What the IP header says that TCP requirements ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpFacts {
    pub source: IpAddr,
    pub destination: IpAddr,
    /// TTL or Hop Limit.
    pub ttl: u8,
    /// DSCP and ECN, as in the IPv4 TOS octet or the IPv6 traffic class.
    pub dscp_ecn: u8,
    /// IPv4 Identification; none over IPv6 without a fragment header.
    pub id: Option<u16>,
    pub dont_fragment: bool,
    /// Octets of the whole datagram, IP header included, as its header says.
    pub total_len: u32,
}

/// ECN codepoints of RFC 3168 section 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ecn {
    NotEct,
    Ect1,
    Ect0,
    Ce,
}

impl IpFacts {
    pub fn ecn(&self) -> Ecn {
        match self.dscp_ecn & 3 {
            0 => Ecn::NotEct,
            1 => Ecn::Ect1,
            2 => Ecn::Ect0,
            _ => Ecn::Ce,
        }
    }
}

/// The verdict of the Internet checksum over pseudo-header and segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    Correct,
    Wrong,
    /// The field holds the sum of the pseudo-header alone, or nothing: the card fills it in after the capture point.
    LeftToHardware,
    /// The capture lacks bytes that the sum covers.
    Unverifiable,
}

/// A segment. `seq`, `ack` and the rest are RFC 9293's SEG.SEQ, SEG.ACK ...
#[derive(Debug, Clone)]
pub struct Segment<'a> {
    pub frame: FrameNumber,
    pub time: Instant,
    pub ip: IpFacts,
    pub source_port: u16,
    pub destination_port: u16,
    pub seq: SeqNumber,
    pub ack: SeqNumber,
    pub flags: Flags,
    /// SEG.WND as sent, before scaling.
    pub wnd: u16,
    pub urgent_pointer: u16,
    /// In 32-bit words.
    pub data_offset: u8,
    pub options: Options,
    pub raw_options: &'a [u8],
    /// Octets of data as the IP length says, whether captured or not.
    pub payload_len: u32,
    /// The captured part of the data.
    pub payload: &'a [u8],
    /// One's-complement sum over the data alone; none when there is none or not all of it was captured.
    pub payload_sum: Option<u16>,
    pub checksum: Checksum,
    /// The checksum field as sent.
    pub checksum_field: u16,
    /// Taken from the air by a card that listens along. It misses frames that others receive and receives some that others miss,
    /// and sees them in the order of sending, which the receiver mends where frames were sent again.
    pub overheard: bool,
}

impl Segment<'_> {
    /// SEG.LEN of RFC 9293 section 3.3.1: octets occupied in sequence space, SYN and FIN counting.
    #[inline]
    pub fn len(&self) -> u32 {
        self.payload_len + u32::from(self.flags.syn()) + u32::from(self.flags.fin())
    }

    /// A SYN that opens or accepts: together with RST it is a reset (section 3.10.7.4: second comes before fourth).
    pub fn is_syn(&self) -> bool {
        self.flags.syn() && !self.flags.rst()
    }

    /// It lacks the timestamps that both ends agreed on: whoever receives it should drop it without a word (RFC 7323 section 3.2).
    pub fn lacks_timestamps(&self, shared: &Shared) -> bool {
        shared.timestamps && self.options.timestamps.is_none() && !self.flags.rst()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sequence number behind the segment's last octet.
    #[inline]
    pub fn end(&self) -> SeqNumber {
        self.seq + self.len()
    }

    /// The first octet of data: behind the SYN, which comes before any data.
    pub fn data_start(&self) -> SeqNumber {
        self.seq + u32::from(self.flags.syn())
    }

    /// Some data was sent but not captured.
    pub fn sliced(&self) -> bool {
        (self.payload.len() as u32) < self.payload_len
    }

    /// Neither data nor SYN, FIN or RST: nothing but an acknowledgement.
    #[inline]
    pub fn is_pure_ack(&self) -> bool {
        self.payload_len == 0
            && self.flags.ack()
            && !self.flags.intersects(Flags::SYN.with(Flags::FIN).with(Flags::RST))
    }

    /// Header and facts alone, to be kept beyond the frame.
    pub fn without_bytes(&self) -> Segment<'static> {
        Segment {
            raw_options: &[],
            payload: &[],
            options: self.options.clone(),
            ..*self
        }
    }
}
