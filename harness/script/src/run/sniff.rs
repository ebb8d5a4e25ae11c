//! What the stack sent, in the script's numbers.

use crate::run::flow::Flow;
use crate::syntax::ast::*;
use crate::wire_options;
use std::net::IpAddr;
use wire::Instant;
use wire::frame::{self, Layer, Sink, decode_ip};

/// A packet of the stack.
#[derive(Debug, Clone)]
pub struct Sniffed {
    pub time: Instant,
    /// Nothing of it was new on its connection when it was sent.
    pub is_repeated: bool,
    pub tos: u8,
    pub message: Message,
    pub octets: Vec<u8>,
}

#[derive(Debug, Clone)]
pub enum Message {
    Tcp {
        from: u16,
        to: u16,
        seq: u32,
        ack: u32,
        flags: wire::tcp::Flags,
        window: u16,
        urgent: u16,
        raw_options: Vec<u8>,
        payload: Vec<u8>,
    },
    Udp {
        from: u16,
        to: u16,
        len: u16,
    },
    Icmp {
        kind: u8,
        code: u8,
    },
    Other,
}

impl Sniffed {
    pub fn read(time: Instant, octets: Vec<u8>) -> Sniffed {
        let mut reader = Reader::default();
        decode_ip(&octets, &mut reader);
        let tos = reader.tos.unwrap_or_default();
        let message = reader.message.unwrap_or(Message::Other);
        Sniffed {
            is_repeated: false,
            time,
            tos,
            message,
            octets,
        }
    }

    /// Of this connection.
    pub fn is_of(&self, flow: &Flow) -> bool {
        match self.message {
            Message::Tcp { from, to, .. } => (from, to) == (flow.its, flow.ours),
            _ => false,
        }
    }

    /// As a script would have it. Timestamps that the flow does not know yet stay as they are.
    pub fn in_script(&self, flow: &Flow) -> Packet {
        let body = match &self.message {
            Message::Tcp {
                seq,
                ack,
                flags,
                window,
                urgent,
                raw_options,
                payload,
                ..
            } => Body::Tcp(Tcp {
                flags: TcpFlags {
                    bits: *flags,
                    ace: None,
                },
                seq: Seq {
                    start: seq
                        .wrapping_sub(flow.its_offset)
                        .wrapping_add(if flags.syn() { flow.its_syn } else { 0 }),
                    len: payload.len() as u16,
                    kind: SeqKind::Relative,
                },
                // What answers our SYN counts as that does.
                ack: flags.ack().then(|| {
                    if flags.syn() {
                        *ack
                    } else {
                        ack.wrapping_sub(flow.our_offset)
                    }
                }),
                window: Some(*window),
                urgent: flags.urg().then_some(*urgent),
                options: Options::List(options_in_script(raw_options, flow)),
                cause: None,
            }),
            Message::Udp { len, .. } => Body::Udp { len: *len },
            Message::Icmp { kind, code } => Body::Icmp(Icmp {
                kind: format!("type_{kind}"),
                code: Some(format!("code_{code}")),
                mtu: None,
                id: None,
                echoed: None,
            }),
            Message::Other => Body::Icmp(Icmp {
                kind: "unknown".to_owned(),
                code: None,
                mtu: None,
                id: None,
                echoed: None,
            }),
        };
        Packet {
            inbound: false,
            outer: Vec::new(),
            ip: IpInfo {
                tos: (self.tos != 0).then_some(tos(self.tos)),
                flow_label: None,
                ttl: None,
            },
            psp: None,
            ports: None,
            body,
            in_udp: None,
        }
    }
}

fn tos(octet: u8) -> Tos {
    match octet {
        1 => Tos::Ect1,
        2 => Tos::Ect0,
        3 => Tos::Ce,
        octet => Tos::Octet(octet),
    }
}

fn options_in_script(raw: &[u8], flow: &Flow) -> Vec<TcpOption> {
    let mut options = wire_options::read(raw);
    for option in &mut options {
        match option {
            TcpOption::Sack(blocks) => blocks.iter_mut().for_each(|(left, right)| {
                *left = left.wrapping_sub(flow.our_offset);
                *right = right.wrapping_sub(flow.our_offset);
            }),
            TcpOption::Timestamps { value: Some(value), .. } => *value = flow.script_stamp(*value),
            _ => {}
        }
    }
    options
}

#[derive(Default)]
struct Reader {
    tos: Option<u8>,
    message: Option<Message>,
}

impl<'a> Sink<'a> for Reader {
    fn layer(&mut self, _: usize, layer: &Layer<'a>) -> frame::Flow {
        match layer {
            Layer::Ipv4(ip) => self.tos = Some(ip.dscp_ecn),
            Layer::Ipv6(ip) => self.tos = Some(ip.traffic_class),
            Layer::Tcp(tcp) => {
                self.message = Some(Message::Tcp {
                    from: tcp.source_port,
                    to: tcp.destination_port,
                    seq: tcp.seq.0,
                    ack: tcp.ack.0,
                    flags: tcp.flags,
                    window: tcp.window,
                    urgent: tcp.urgent_pointer,
                    raw_options: tcp.raw_options.to_vec(),
                    payload: tcp.payload.to_vec(),
                });
                return frame::Flow::Stop;
            }
            Layer::Udp(udp) => {
                self.message = Some(Message::Udp {
                    from: udp.source_port,
                    to: udp.destination_port,
                    len: udp.payload.len() as u16,
                });
                return frame::Flow::Stop;
            }
            Layer::Icmpv4(icmp) => {
                self.message = Some(Message::Icmp {
                    kind: icmp.icmp_type,
                    code: icmp.code,
                });
                return frame::Flow::Stop;
            }
            Layer::Icmpv6(icmp) => {
                self.message = Some(Message::Icmp {
                    kind: icmp.icmp_type,
                    code: icmp.code,
                });
                return frame::Flow::Stop;
            }
            _ => {}
        }
        frame::Flow::Into
    }
}

/// The addresses of a packet.
pub fn addresses(packet: &[u8]) -> Option<(IpAddr, IpAddr)> {
    match packet.first()? >> 4 {
        4 => {
            let four = |at: usize| {
                packet
                    .get(at..at + 4)
                    .and_then(|octets| <[u8; 4]>::try_from(octets).ok())
                    .map(IpAddr::from)
            };
            Some((four(12)?, four(16)?))
        }
        6 => {
            let six = |at: usize| {
                packet
                    .get(at..at + 16)
                    .and_then(|octets| <[u8; 16]>::try_from(octets).ok())
                    .map(IpAddr::from)
            };
            Some((six(8)?, six(24)?))
        }
        _ => None,
    }
}
