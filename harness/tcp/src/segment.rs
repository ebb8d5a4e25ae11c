//! Segments on their way in and out.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::ops::Range;
use wire::SeqNumber;
use wire::checksum::Sum;
use wire::protocol;
use wire::tcp::{Flags, Options, Tcp};

/// A segment that has arrived, checksum verified.
#[derive(Debug, Clone)]
pub(crate) struct Arrived<'a> {
    pub seq: SeqNumber,
    pub ack: SeqNumber,
    pub wnd: u16,
    pub flags: Flags,
    pub options: Options,
    pub raw_options: &'a [u8],
    pub payload: &'a [u8],
    /// The urgent pointer, where URG is set.
    pub urgent: Option<u16>,
    /// CE in the IP header (RFC 3168 section 5).
    pub congestion: bool,
}

impl<'a> Arrived<'a> {
    pub fn of(tcp: &Tcp<'a>, congestion: bool) -> Arrived<'a> {
        Arrived {
            seq: tcp.seq,
            ack: tcp.ack,
            wnd: tcp.window,
            flags: tcp.flags,
            options: tcp.options(),
            raw_options: tcp.raw_options,
            payload: tcp.payload,
            urgent: tcp.flags.urg().then_some(tcp.urgent_pointer),
            congestion,
        }
    }

    /// SEG.LEN.
    pub fn len(&self) -> u32 {
        self.payload.len() as u32 + u32::from(self.flags.syn()) + u32::from(self.flags.fin())
    }
}

/// A segment to be sent. Its vectors are used again and again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outgoing {
    pub seq: SeqNumber,
    pub ack: SeqNumber,
    pub wnd: u16,
    pub flags: Flags,
    pub options: Vec<u8>,
    /// Octets that are the segment's own: all of them where a fault may change them.
    pub payload: Vec<u8>,
    /// Octets that stand in the queue, and are copied into the packet alone.
    pub queued: Range<usize>,
    pub urgent_pointer: u16,
    /// The ECN field of the IP header (RFC 3168 section 5).
    pub ecn: u8,
}

impl Outgoing {
    pub fn clear(&mut self) {
        self.options.clear();
        self.payload.clear();
        self.queued = 0..0;
        self.flags = Flags::default();
        (self.urgent_pointer, self.ecn) = (0, 0);
    }

    /// Octets of text.
    pub fn text_len(&self) -> usize {
        self.payload.len() + self.queued.len()
    }

    /// The whole IP packet into `packet`, checksums filled in. Addresses of different families make none.
    pub fn emit(&self, from: (IpAddr, u16), to: (IpAddr, u16), id: u16, queue: &VecDeque<u8>, packet: &mut Vec<u8>) {
        let options = self.options.len().next_multiple_of(4);
        ip_header(
            from.0,
            to.0,
            protocol::TCP,
            self.ecn,
            id,
            20 + options + self.text_len(),
            packet,
        );
        let begins = packet.len();
        if begins == 0 {
            return;
        }
        Tcp {
            source_port: from.1,
            destination_port: to.1,
            seq: self.seq,
            ack: self.ack,
            data_offset: 5 + (options / 4) as u8,
            flags: self.flags,
            window: self.wnd,
            checksum: 0,
            urgent_pointer: self.urgent_pointer,
            raw_options: &self.options,
            payload: &self.payload,
        }
        .emit(packet);
        let (low, high) = pieces(queue, &self.queued);
        packet.extend_from_slice(low);
        packet.extend_from_slice(high);
        let segment = packet.get_mut(begins..).unwrap_or_default();
        let sum = Sum::default()
            .pseudo_header(from.0, to.0, protocol::TCP, segment.len() as u32)
            .add(segment);
        if let Some(field) = segment.get_mut(16..18) {
            field.copy_from_slice(&sum.checksum().to_be_bytes());
        }
    }
}

/// A range of a queue, which lies in two pieces.
pub(crate) fn pieces<'a>(queue: &'a VecDeque<u8>, range: &Range<usize>) -> (&'a [u8], &'a [u8]) {
    let (low, high) = queue.as_slices();
    let last = range.end.min(queue.len());
    let (first, split) = (range.start.min(last), low.len());
    (
        &low[first.min(split)..last.min(split)],
        &high[first.max(split) - split..last.max(split) - split],
    )
}

/// RFC 791, or RFC 8200: DF is set, as path MTU discovery asks (RFC 1191 section 3).
pub(crate) fn wrap(
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    dscp_ecn: u8,
    id: u16,
    payload: &[u8],
    packet: &mut Vec<u8>,
) {
    ip_header(source, destination, protocol, dscp_ecn, id, payload.len(), packet);
    if !packet.is_empty() {
        packet.extend(payload);
    }
}

/// The header of a packet that carries `len` octets.
fn ip_header(
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    dscp_ecn: u8,
    id: u16,
    len: usize,
    packet: &mut Vec<u8>,
) {
    packet.clear();
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let mut ip = wire::ipv4::Ipv4 {
                header_len: 20,
                dscp_ecn,
                total_length: (20 + len).min(65_535) as u16,
                id,
                flags: wire::ipv4::Flags::DONT_FRAGMENT,
                fragment_offset: 0,
                ttl: 64,
                protocol,
                checksum: 0,
                source,
                destination,
                raw_options: &[],
                header: &[],
                payload: &[],
                missing: 0,
            };
            ip.checksum = ip.correct_checksum();
            ip.emit(packet);
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => wire::ipv6::Ipv6 {
            traffic_class: dscp_ecn,
            flow_label: 0,
            payload_length: len as u16,
            next_header: protocol,
            hop_limit: 64,
            source,
            destination,
            header: &[],
            payload: &[],
            missing: 0,
        }
        .emit(packet),
        _ => {}
    }
}
