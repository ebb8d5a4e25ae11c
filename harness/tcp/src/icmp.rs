//! ICMP: echo, errors about what we sent, and errors about what we received (RFC 1122 section 3.2.2, RFC 4443).

use crate::connection::{Connection, Ended};
use crate::fault::Fault;
use crate::host::{Host, is_no_host};
use crate::state::State;
use std::net::IpAddr;
use wire::checksum::Sum;
use wire::{Instant, SeqNumber, protocol};

/// Octets of an IPv4 datagram that an error quotes: RFC 1812 section 4.3.2.3 asks for no more than fits 576.
const QUOTED: usize = 576 - 28;
/// RFC 4443 section 2.4 (c): within the minimum MTU.
const QUOTED_V6: usize = 1280 - 48;
/// RFC 1122 section 3.3.3 and RFC 8200 section 5: no path carries less.
const LEAST_MTU: [u16; 2] = [68, 1280];

/// What an error says of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Error {
    /// It may pass (RFC 9293 section 3.9.2.2, MUST-56).
    Soft,
    /// It will not (SHLD-26).
    Hard,
    /// The next hop carries so many octets.
    TooBig(u16),
    /// Source Quench, and what nobody knows (MUST-55).
    Nothing,
    /// [`Fault::QuenchKills`]
    Deadly,
}

impl Host {
    pub(crate) fn icmp_arrives(&mut self, now: Instant, source: IpAddr, message: &[u8]) {
        let [kind, code, _, _, _, _, high, low, rest @ ..] = message else {
            return;
        };
        let mut sum = Sum::default();
        if source.is_ipv6() {
            sum = sum.pseudo_header(source, self.config.address, protocol::ICMPV6, message.len() as u32);
        }
        if sum.add(message).fold() != 0xffff {
            return;
        }
        let mtu = u16::from_be_bytes([*high, *low]);
        let error = match (source.is_ipv4(), *kind, *code) {
            (true, 8, 0) => return self.echo(source, 0, message),
            (false, 128, 0) => return self.echo(source, 129, message),
            (true, 13.., _) if self.config.faults.has(Fault::AnswersUnknownIcmp) => {
                return self.echo(source, 0, message);
            }
            (true, 4, _) if self.config.faults.has(Fault::QuenchKills) => Error::Deadly,
            (true, 3, 0 | 1 | 5..) | (true, 11 | 12, _) => Error::Soft,
            (true, 3, 2 | 3) => Error::Hard,
            (true, 3, 4) => Error::TooBig(mtu),
            (false, 2, _) => Error::TooBig(mtu),
            (false, 1, 1 | 4) => Error::Hard,
            (false, 1 | 3 | 4, _) => Error::Soft,
            _ => Error::Nothing,
        };
        if error != Error::Nothing {
            self.error_arrives(now, error, rest);
        }
    }

    /// RFC 1122 section 3.2.2.6, RFC 4443 section 4.2: all of the data comes back.
    fn echo(&mut self, source: IpAddr, reply: u8, request: &[u8]) {
        let faults = self.config.faults;
        let silent = faults.has(if source.is_ipv4() {
            Fault::EchoSilent
        } else {
            Fault::EchoSilentV6
        });
        if is_no_host(source) || silent {
            return;
        }
        let mut message = request.to_vec();
        message[0] = reply;
        if faults.has(Fault::EchoesHalf) {
            message.truncate(8 + (message.len() - 8) / 2);
        }
        if faults.has(Fault::QuenchesSources) && source.is_ipv4() {
            message[0] = 4;
        }
        self.send_icmp(source, message);
    }

    fn send_icmp(&mut self, to: IpAddr, mut message: Vec<u8>) {
        message[2..4].fill(0);
        let number = if to.is_ipv4() {
            protocol::ICMPV4
        } else {
            protocol::ICMPV6
        };
        let mut sum = Sum::default();
        if to.is_ipv6() {
            sum = sum.pseudo_header(self.config.address, to, number, message.len() as u32);
        }
        let error = (self.ip_id | 1) * u16::from(self.config.faults.has(Fault::IcmpChecksumWrong));
        let sum = sum.add(&message).checksum().wrapping_add(error);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        self.send_packet(to, number, &message);
    }

    /// An error about a datagram; none where RFC 1122 section 3.2.2 forbids one.
    fn complain(&mut self, to: IpAddr, v4: (u8, u8), v6: (u8, u8), parameter: u32, packet: &[u8]) {
        if is_no_host(to) || packet.is_empty() {
            return;
        }
        let ((kind, code), most) = if to.is_ipv4() { (v4, QUOTED) } else { (v6, QUOTED_V6) };
        let most = match self.config.faults.has(Fault::QuotesLittle) {
            true => 20,
            false => most,
        };
        let quoted = &packet[..packet.len().min(most)];
        let message = [&[kind, code, 0, 0], &parameter.to_be_bytes()[..], quoted].concat();
        self.send_icmp(to, message);
    }

    pub(crate) fn port_unreachable(&mut self, source: IpAddr, packet: &[u8]) {
        if self.config.faults.has(Fault::UdpSilent) {
            return;
        }
        self.complain(source, (3, 3), (1, 4), 0, packet);
    }

    /// RFC 1122 section 3.2.2.1; RFC 8200 section 4: a next header that nobody knows, by its place.
    pub(crate) fn protocol_unreachable(&mut self, source: IpAddr, number: u8, packet: &[u8]) {
        // An IPv6 packet that ends with no next header says all it has to say.
        if number != protocol::NO_NEXT_HEADER || source.is_ipv4() {
            self.complain(source, (3, 2), (4, 1), 6, packet);
        }
    }

    /// Finds whose segment an error quotes: its addresses, ports and sequence number.
    fn error_arrives(&mut self, now: Instant, error: Error, quoted: &[u8]) {
        let header = match quoted.first().map(|first| (first >> 4, usize::from(first & 15) * 4)) {
            Some((4, header)) if quoted.get(9) == Some(&protocol::TCP) => header,
            Some((6, _)) if quoted.get(6) == Some(&protocol::TCP) => 40,
            _ => return,
        };
        let Some(&[a, b, c, d, e, f, g, h]) = quoted.get(header..).and_then(|tcp| tcp.first_chunk::<8>()) else {
            return;
        };
        let remote = match quoted[0] >> 4 {
            4 => quoted
                .get(16..20)
                .and_then(|to| <[u8; 4]>::try_from(to).ok())
                .map(IpAddr::from),
            _ => quoted
                .get(24..40)
                .and_then(|to| <[u8; 16]>::try_from(to).ok())
                .map(IpAddr::from),
        };
        let Some(remote) = remote else { return };
        let key = (u16::from_be_bytes([a, b]), (remote, u16::from_be_bytes([c, d])));
        let id = self.by_addresses.get(&key).copied();
        if let Some(connection) = id.and_then(|id| self.connections.get_mut(&id)) {
            connection.icmp_error(now, error, SeqNumber(u32::from_be_bytes([e, f, g, h])));
            if connection.ended.is_some() {
                self.forget_ended();
            }
        }
    }
}

impl Connection {
    /// RFC 9293 section 3.9.2.2 with RFC 5927 section 4.1: only what quotes something outstanding counts.
    fn icmp_error(&mut self, now: Instant, error: Error, seq: SeqNumber) {
        let foreign = seq < self.una || seq >= self.max;
        if foreign && self.faulty(Fault::ForeignErrorKills) || self.faulty(Fault::SoftErrorKills) {
            return self.end(Ended::Aborted);
        }
        if foreign {
            return;
        }
        match error {
            Error::Nothing => {}
            Error::Deadly => self.end(Ended::Aborted),
            Error::Hard if self.faulty(Fault::HardErrorIgnored) => {}
            Error::Soft => self.soft_error = true,
            // RFC 5461 section 4.1: hard only while the connection is being opened.
            Error::Hard if self.state == State::SynSent => self.end(Ended::Refused),
            Error::Hard => self.soft_error = true,
            Error::TooBig(mtu) => self.path_carries(now, mtu),
        }
    }

    /// RFC 1191 section 3, RFC 8201 section 4: segments shrink, and what was too large goes again.
    fn path_carries(&mut self, now: Instant, mtu: u16) {
        let (v6, headers) = match self.local.0 {
            IpAddr::V4(_) => (0, 40),
            IpAddr::V6(_) => (1, 60),
        };
        // A router that predates RFC 1191 says nothing: its table's next lower plateau is too bold a guess, 576 is safe.
        let mtu = if mtu == 0 && v6 == 0 {
            576
        } else {
            mtu.max(LEAST_MTU[v6])
        };
        let mss = u32::from(mtu).saturating_sub(headers).max(1);
        // RFC 5927 section 7.2: a message about something larger than all that was sent is none. Every path carries a SYN.
        let only_syn = !self.state.is_synchronized();
        if only_syn || mss >= self.mss || self.faulty(Fault::IgnoresTooBig) {
            return;
        }
        self.mss = mss;
        self.recovery.segments_shrink(self.effective_mss());
        // It was not lost to congestion: no back-off, and sent again at once.
        self.go_back();
        self.timed = None;
        self.restart_retransmission(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_smaller_path_lowers_what_is_sent_and_not_the_step_by_which_the_window_opens() {
        let [here, there] = [1, 2].map(|host| (IpAddr::from([192, 0, 2, host]), 80));
        let numbers = (SeqNumber(1), SeqNumber(2));
        let mut one = Connection::of_cookie(&Config::new(here.0), Instant(0), here, there, numbers, 1460);
        one.state = State::Established;
        one.path_carries(Instant(0), 600);
        assert_eq!((one.effective_mss(), one.window_step()), (560, 1460));
    }
}
