//! TCP segments: flags, options, checksums, how they look in their stream, and the messages in their data.

use super::{Surroundings, Survey, ports};
use crate::analysis::{Segment, Signs};
use crate::streams::Place;
use crate::{checksums, dns, http};
use wire::tcp::Tcp;

impl Survey {
    pub(super) fn tcp(&mut self, tcp: &Tcp<'_>) {
        let missing = self.place.missing;
        let sound = (missing == 0).then(|| checksums::tcp_ok(self.place.addresses, tcp));
        self.segment(tcp, (tcp.payload.len() as u32).saturating_add(missing), sound);
    }

    /// `length` is that of the data as sent, `sound` whether the checksum verifies, where that can be told.
    fn segment(&mut self, tcp: &Tcp<'_>, length: u32, sound: Option<bool>) {
        self.seen.tcp = true;
        let Surroundings {
            addresses,
            quoted,
            time,
            ..
        } = self.place;
        let length = if quoted { 0 } else { length };
        let now = Segment {
            time,
            seq: tcp.seq,
            ack: tcp.ack,
            length,
            flags: tcp.flags,
            window: tcp.window,
        };
        self.count_segment(tcp, length, sound);
        let (source, destination) = ports(addresses, tcp.source_port, tcp.destination_port);
        let place = self.streams.tcp(source, destination, &now, tcp, !quoted);
        self.count_signs(place.signs);
        self.facts.reused_ports += u64::from(place.reused_ports);
        // Wireshark reads no messages out of data that looks resent or out of order.
        if !quoted && !place.signs.retransmission && !place.signs.out_of_order {
            self.messages(place, tcp, length, sound == Some(true));
        }
    }

    fn count_segment(&mut self, tcp: &Tcp<'_>, length: u32, sound: Option<bool>) {
        let (facts, flags) = (&mut self.facts, tcp.flags);
        facts.syn += u64::from(flags.syn() && !flags.ack());
        facts.synack += u64::from(flags.syn() && flags.ack());
        facts.fin += u64::from(flags.fin());
        facts.rst += u64::from(flags.rst());
        facts.tcp_payload_bytes += u64::from(length);
        facts.bad_tcp_csum += u64::from(sound == Some(false));
        facts.tcp_csum_unverified += u64::from(sound.is_none());
        let mut rest = tcp.raw_options;
        while let Some((kind, after)) = next_option(rest, sound.is_none()) {
            if !facts.option_kinds.contains(&kind) {
                facts.option_kinds.insert(kind);
            }
            rest = after;
        }
    }

    fn count_signs(&mut self, signs: Signs) {
        if signs == Signs::default() {
            return;
        }
        let facts = &mut self.facts;
        facts.retransmission +=
            u64::from(signs.retransmission || signs.fast_retransmission || signs.spurious_retransmission);
        facts.fast_retransmission += u64::from(signs.fast_retransmission);
        facts.spurious_retransmission += u64::from(signs.spurious_retransmission);
        facts.out_of_order += u64::from(signs.out_of_order);
        facts.lost_segment += u64::from(signs.lost_segment);
        facts.ack_lost_segment += u64::from(signs.ack_lost_segment);
        facts.duplicate_ack += u64::from(signs.duplicate_ack);
        facts.keep_alive += u64::from(signs.keep_alive);
        facts.keep_alive_ack += u64::from(signs.keep_alive_ack);
        facts.zero_window += u64::from(signs.zero_window);
        facts.zero_window_probe += u64::from(signs.zero_window_probe);
        facts.zero_window_probe_ack += u64::from(signs.zero_window_probe_ack);
        facts.window_update += u64::from(signs.window_update);
        facts.window_full += u64::from(signs.window_full);
    }

    /// DNS and HTTP over TCP. Segments that are cut or damaged are read by themselves.
    fn messages(&mut self, place: Place, tcp: &Tcp<'_>, sent: u32, sound: bool) {
        let is_dns = dns::is_dns(tcp.source_port, tcp.destination_port);
        let Some(stream) = self.streams.stream(place) else {
            return;
        };
        let (messages, peer) = stream.messages(place.side);
        let to_head = peer.http.asked_for_head();
        let (mut dns, mut http) = (dns::Count::default(), http::Count::default());
        match (tcp.payload.is_empty(), sound, is_dns) {
            (true, ..) => {}
            (_, false, true) => dns = dns::alone(tcp.payload),
            (_, false, false) => http = http::datagram(tcp.payload),
            (_, true, _) => {
                // The data of a SYN begin behind it (RFC 9293 section 3.4).
                let first = tcp.seq + u32::from(tcp.flags.syn());
                let new = messages.advance(first, tcp.payload, sent);
                match is_dns {
                    true => dns = messages.dns.read(new),
                    false => http = messages.http.read(new, to_head),
                }
            }
        }
        if tcp.flags.fin() {
            let last = messages.http.end();
            http.responses += last.responses;
            http.requests += last.requests;
        }
        self.count_messages(dns, http);
    }

    /// A segment that the snap length cut behind its first 20 bytes, somewhere in the options.
    pub(super) fn cut_tcp(&mut self, bytes: &[u8]) {
        let Some(mut header) = bytes.first_chunk::<{ wire::tcp::HEADER_LEN }>().copied() else {
            return;
        };
        let whole = usize::from(header[12] >> 4) * 4;
        header[12] = header[12] & 0x0f | 5 << 4;
        if let Ok(mut tcp) = Tcp::parse(&header) {
            tcp.raw_options = bytes.get(wire::tcp::HEADER_LEN..).unwrap_or_default();
            let here = bytes.len() as u32;
            let length = here.saturating_add(self.place.missing).saturating_sub(whole as u32);
            self.segment(&tcp, length, None);
        }
    }
}

/// The next option's kind, and what follows it. The last one may lack data where the capture is `cut`.
fn next_option(options: &[u8], cut: bool) -> Option<(u8, &[u8])> {
    let (&kind, rest) = options.split_first()?;
    match kind {
        wire::tcp::kind::EOL => Some((kind, &[])),
        wire::tcp::kind::NOP => Some((kind, rest)),
        _ => {
            let length = usize::from(*rest.first()?);
            let after = options.get(length..).or(cut.then_some(&[][..]))?;
            (length >= 2).then_some((kind, after))
        }
    }
}
