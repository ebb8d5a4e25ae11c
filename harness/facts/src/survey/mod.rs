//! Walks frames and counts what it meets. What TCP segments add is in [`tcp`].

mod tcp;

use crate::checksums::Addresses;
use crate::encapsulation;
use crate::facts::Facts;
use crate::streams::{Flow as StreamFlow, Streams};
use crate::{dns, http};
use capture::Frame;
use std::net::IpAddr;
use wire::frame::{self, Flow, Layer, Sink};
use wire::icmpv4::Icmpv4;
use wire::icmpv6::Icmpv6;
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::reassembly::{Fragment, Outcome, Reassembler};
use wire::udp::Udp;
use wire::{FrameNumber, Instant, ParseError};

/// SSDP, HTTP over UDP.
const SSDP: u16 = 1900;

#[derive(Debug, Default)]
pub struct Survey {
    facts: Facts,
    streams: Streams,
    reassembler: Reassembler,
    /// A datagram put together, while it is walked.
    whole: Vec<u8>,
    place: Surroundings,
    seen: Seen,
}

/// Where in the frame the walk is.
#[derive(Debug, Clone, Copy, Default)]
struct Surroundings {
    time: Instant,
    frame: FrameNumber,
    addresses: Addresses,
    /// Bytes of the IP packet that the capture lacks; those that were never on the wire are not missed.
    missing: u32,
    /// Bytes that the snap length took from the frame.
    cut: u32,
    /// Inside the packet that an ICMP error quotes.
    quoted: bool,
}

impl Surroundings {
    /// Wireshark verifies no checksum of a quoted ICMP message.
    fn is_whole(&self) -> bool {
        self.missing == 0 && !self.quoted
    }
}

/// What a frame has shown so far: each counts once per frame.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    tcp: bool,
    vlan: bool,
    arp: bool,
    icmp: bool,
    icmpv6: bool,
    ipv4_fragment: bool,
    ipv6_fragment: bool,
    bad_ip_csum: bool,
    malformed: bool,
}

impl Survey {
    pub fn frame(&mut self, frame: &Frame<'_>) {
        let number = encapsulation::wireshark_number(frame.link.0);
        if !self.facts.encapsulations.contains(&number) {
            self.facts.encapsulations.insert(number);
        }
        self.facts.packets += 1;
        self.facts.truncated_frames += u64::from(frame.data.len() != frame.original_len as usize);
        self.seen = Seen::default();
        self.place = Surroundings {
            // A frame without a time stands beside the one before it.
            time: frame.time.unwrap_or(self.place.time),
            frame: frame.number,
            cut: frame.original_len.saturating_sub(frame.data.len() as u32),
            ..Surroundings::default()
        };
        frame::decode(
            frame.link,
            frame.data,
            frame.original_len,
            &mut Walk {
                survey: self,
                bytes: frame.data,
            },
        );
        self.count_frame();
    }

    /// `numbered` counts the records that are no packets too.
    pub fn finish(mut self, numbered: u32) -> (Facts, Vec<StreamFlow>) {
        if self.facts.packets < u64::from(numbered) {
            self.facts.encapsulations.insert(None);
        }
        self.facts.packets = u64::from(numbered);
        self.facts.tcp_streams = self.streams.tcp_count();
        self.facts.udp_streams = self.streams.udp_count();
        (self.facts, self.streams.into_flows())
    }

    fn count_frame(&mut self) {
        let (facts, seen) = (&mut self.facts, &self.seen);
        facts.tcp_pkts += u64::from(seen.tcp);
        facts.vlan_frames += u64::from(seen.vlan);
        facts.arp += u64::from(seen.arp);
        facts.icmp += u64::from(seen.icmp);
        facts.icmpv6 += u64::from(seen.icmpv6);
        facts.ipv4_fragments += u64::from(seen.ipv4_fragment);
        facts.ipv6_fragments += u64::from(seen.ipv6_fragment);
        facts.bad_ip_csum += u64::from(seen.bad_ip_csum);
        facts.malformed += u64::from(seen.malformed);
    }

    fn ipv4(&mut self, ip: &Ipv4<'_>) {
        self.place.addresses = Addresses::of_ipv4(ip);
        self.place.missing = ip.missing.min(self.place.cut);
        self.seen.bad_ip_csum |= !ip.checksum_ok();
        if let Some(mut fragment) = Fragment::of_ipv4(ip) {
            fragment.sliced = self.place.missing > 0;
            self.seen.ipv4_fragment = true;
            self.fragment(fragment);
        }
    }

    fn ipv6(&mut self, ip: &Ipv6<'_>) {
        self.place.addresses = Addresses::of_ipv6(ip);
        self.place.missing = ip.missing.min(self.place.cut);
        self.seen.ipv6_fragment |= ip
            .extensions()
            .flatten()
            .any(|extension| extension.fragment().is_some());
        if let Some(mut fragment) = Fragment::of_ipv6(ip) {
            fragment.sliced = self.place.missing > 0;
            self.fragment(fragment);
        }
    }

    /// Walks on into the datagram that a fragment completes, or that only ever shows its start.
    fn fragment(&mut self, fragment: Fragment<'_>) {
        if self.place.quoted {
            return;
        }
        if fragment.sliced {
            if fragment.offset == 0 {
                self.transport(fragment.identity.protocol, fragment.data);
            }
            return;
        }
        let mut whole = std::mem::take(&mut self.whole);
        if let Outcome::Complete { protocol, payload, .. } =
            self.reassembler.push(self.place.time, self.place.frame, fragment)
        {
            whole.clear();
            whole.extend_from_slice(payload);
            self.transport(protocol, &whole);
        }
        self.whole = whole;
    }

    fn transport(&mut self, protocol: u8, bytes: &[u8]) {
        frame::decode_transport(protocol, bytes, &mut Walk { survey: self, bytes });
    }

    fn count_messages(&mut self, dns: dns::Count, http: http::Count) {
        self.facts.dns_queries += dns.queries;
        self.facts.dns_responses += dns.responses;
        self.facts.http_requests += http.requests;
        self.facts.http_responses += http.responses;
    }

    fn udp(&mut self, udp: &Udp<'_>) {
        let addresses = self.place.addresses;
        let (source, destination) = ports(addresses, udp.source_port, udp.destination_port);
        self.streams.udp(source, destination);
        let sound = udp.checksum_ok(addresses.source, addresses.destination);
        self.facts.bad_udp_csum += u64::from(sound == Some(false));
        // Wireshark reads a quoted DNS message too.
        if dns::is_dns(udp.source_port, udp.destination_port) {
            self.count_messages(dns::datagram(udp.payload), http::Count::default());
        } else if !self.place.quoted && (udp.destination_port == SSDP || udp.source_port == SSDP) {
            self.count_messages(dns::Count::default(), http::datagram(udp.payload));
        }
    }

    fn icmpv4(&mut self, icmp: &Icmpv4<'_>) {
        self.seen.icmp = true;
        self.facts.bad_icmp_csum += u64::from(self.place.is_whole() && !icmp.checksum_ok());
        if let Some(quoted) = icmp.quoted() {
            self.quoted(quoted);
        }
    }

    fn icmpv6(&mut self, icmp: &Icmpv6<'_>) {
        self.seen.icmpv6 = true;
        if let (IpAddr::V6(source), IpAddr::V6(destination)) =
            (self.place.addresses.source, self.place.addresses.destination)
        {
            self.facts.bad_icmpv6_csum += u64::from(self.place.is_whole() && !icmp.checksum_ok(source, destination));
        }
        if let Some(quoted) = icmp.quoted() {
            self.quoted(quoted);
        }
    }

    /// The packet that an error is about, which says nothing about what was sent when.
    fn quoted(&mut self, packet: &[u8]) {
        let outer = self.place;
        self.place.quoted = true;
        frame::decode_ip(
            packet,
            &mut Walk {
                survey: self,
                bytes: packet,
            },
        );
        self.place = outer;
    }

    /// A header that is not whole counts where enough of it is here for Wireshark to show it.
    fn unread(&mut self, error: &ParseError) {
        match error.layer {
            "ARP" => self.seen.arp |= error.offset >= 8,
            "ICMP" => self.seen.icmp |= error.offset > 4,
            "ICMPv6" => self.seen.icmpv6 |= error.offset >= 4,
            _ => {}
        }
    }
}

/// The walk over one frame, or over a datagram put together from several.
struct Walk<'s, 'a> {
    survey: &'s mut Survey,
    bytes: &'a [u8],
}

impl<'a> Sink<'a> for Walk<'_, 'a> {
    fn layer(&mut self, offset: usize, layer: &Layer<'a>) -> Flow {
        let survey = &mut *self.survey;
        match layer {
            Layer::Vlan(_) => survey.seen.vlan = true,
            Layer::Arp(_) => survey.seen.arp = true,
            Layer::Ipv4(ip) => survey.ipv4(ip),
            Layer::Ipv6(ip) => survey.ipv6(ip),
            Layer::Icmpv4(icmp) => survey.icmpv4(icmp),
            Layer::Icmpv6(icmp) => survey.icmpv6(icmp),
            Layer::Udp(udp) => survey.udp(udp),
            Layer::Tcp(tcp) => survey.tcp(tcp),
            Layer::Malformed(error) => {
                survey.seen.malformed = true;
                survey.unread(error);
            }
            Layer::Truncated(error) => match error.layer {
                "TCP" => survey.cut_tcp(self.bytes.get(offset..).unwrap_or_default()),
                _ => survey.unread(error),
            },
            _ => {}
        }
        Flow::Into
    }
}

fn ports(addresses: Addresses, source: u16, destination: u16) -> ((IpAddr, u16), (IpAddr, u16)) {
    ((addresses.source, source), (addresses.destination, destination))
}
