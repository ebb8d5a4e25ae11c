//! Faults of what goes out: a segment, or a packet, spoilt on its way.

use crate::connection::Connection;
use crate::fault::{Fault, Faults};
use crate::segment::Outgoing;
use wire::tcp::{Flags, TcpOption, kind};
use wire::{Instant, SeqNumber};

impl Connection {
    pub(crate) fn faulty(&self, fault: Fault) -> bool {
        self.config.faults.has(fault)
    }

    /// Spoils a segment. `before` is the highest number in use before it was made.
    pub(crate) fn spoil(&mut self, now: Instant, before: SeqNumber, out: &mut Outgoing) {
        if self.config.faults.none() {
            return;
        }
        if out.flags.syn() {
            self.spoil_syn(now, out);
        } else if !out.payload.is_empty() {
            self.spoil_data(out);
        } else if out.flags.rst() {
            self.spoil_reset(out);
        } else {
            self.spoil_ack(out);
        }
        self.spoil_sack(out);
        let again = out.seq < before && (!out.payload.is_empty() || out.flags.fin());
        if again && self.faulty(Fault::FinMoves) && out.flags.fin() {
            out.seq += 1;
        }
        if again && self.ecn.agreed {
            if self.faulty(Fault::EctOnResend) {
                out.ecn = 2;
            }
            if self.faulty(Fault::CwrOnResend) {
                out.flags = out.flags.with(Flags::CWR);
            }
        }
        if self.faulty(Fault::NeverReduces) && !out.flags.syn() {
            out.flags.0 &= !Flags::CWR.0;
        }
        if self.faulty(Fault::SwallowsCongestion) && !out.flags.syn() {
            out.flags.0 &= !Flags::ECE.0;
        }
        if self.faulty(Fault::UrgentPointerZero) {
            out.urgent_pointer = 0;
        }
    }

    fn spoil_syn(&mut self, now: Instant, out: &mut Outgoing) {
        let answer = out.flags.ack();
        if self.faulty(Fault::AnnouncesNoMss) {
            out.options.drain(..4);
        }
        if self.faulty(Fault::AnnouncesHugeMss) {
            out.options[2..4].fill(0xff);
        }
        if answer && !self.receiver.scales && self.faulty(Fault::UnaskedScale) {
            out.options.push(1);
            TcpOption::WindowScale(0).emit(&mut out.options);
        }
        if answer && !self.timestamps && self.faulty(Fault::UnaskedTimestamps) {
            out.options.extend([1, 1]);
            let value = self.tsval(now);
            TcpOption::Timestamps { value, echo: 0 }.emit(&mut out.options);
        }
        if let (false, true, Some(at)) = (
            answer,
            self.faulty(Fault::EchoesOnSyn),
            place(&out.options, kind::TIMESTAMPS),
        ) {
            out.options[at + 6..at + 10].fill(7);
        }
        if answer && self.faulty(Fault::AcknowledgesSynTwice) {
            out.ack += 1;
        }
        if answer && self.faulty(Fault::AcceptsEcnUnasked) {
            out.flags = out.flags.with(Flags::ECE);
        }
        if self.faulty(Fault::EctOnSyn) {
            out.ecn = 2;
        }
    }

    fn spoil_data(&mut self, out: &mut Outgoing) {
        let more: &[u8] = match () {
            () if self.faulty(Fault::ScaleOnData) => &[1, 3, 3, 2],
            () if self.faulty(Fault::PermitsSackOnData) => &[1, 1, 4, 2],
            () if self.faulty(Fault::BrokenOption) => &[5, 9, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1],
            () if self.faulty(Fault::DirtyPadding) => &[0, 0xff, 0xff, 0xff],
            () => &[],
        };
        if out.options.len() + more.len() <= 40 {
            out.options.extend(more);
        }
        if self.faulty(Fault::LeavesAckOut) {
            out.flags.0 &= !Flags::ACK.0;
        }
        if self.faulty(Fault::AcknowledgesBack) && out.ack.since(self.receiver.begins) > 60 {
            out.ack = out.ack - 60;
        }
        if self.faulty(Fault::EctUnagreed) {
            out.ecn = 2;
        }
    }

    fn spoil_reset(&mut self, out: &mut Outgoing) {
        if self.faulty(Fault::ResetsFarAway) {
            out.seq += 0x100_0000;
        }
        if self.faulty(Fault::ResetWithoutTimestamps) {
            out.options.clear();
        }
    }

    fn spoil_ack(&mut self, out: &mut Outgoing) {
        if self.faulty(Fault::SkipsANumber) && !self.passive && self.max == self.iss + 1 {
            out.seq += 1;
        }
        if self.faulty(Fault::AcknowledgesAhead) {
            out.ack += 400;
        }
        if self.faulty(Fault::EctOnAck) && self.ecn.agreed {
            out.ecn = 2;
        }
        if self.faulty(Fault::KeepaliveWithData) && out.seq + 1 == self.max && self.una == self.max {
            out.payload.push(0);
        }
        if self.faulty(Fault::DataBehindFin) && self.closing && self.max > self.queue_end() {
            out.payload.extend([7; 3]);
        }
        if self.faulty(Fault::AcknowledgesOften) {
            self.due.again = if self.due.again < 4 { self.due.again + 1 } else { 0 };
            self.due.ack = self.due.again > 0;
        }
    }

    fn spoil_sack(&mut self, out: &mut Outgoing) {
        let Some(at) = place(&out.options, kind::SACK) else {
            return;
        };
        let end = at + usize::from(out.options[at + 1]);
        if self.faulty(Fault::SackBackwards) {
            let (left, right) = out.options[at + 2..at + 10].split_at_mut(4);
            left.swap_with_slice(right);
        }
        if self.faulty(Fault::SackInvents) {
            let right = self.receiver.nxt + 20_000;
            out.options[at + 6..at + 10].copy_from_slice(&right.0.to_be_bytes());
        }
        if self.faulty(Fault::SackBelowAck) && end >= at + 18 {
            out.options[end - 8..end - 4].copy_from_slice(&(out.ack - 30).0.to_be_bytes());
            out.options[end - 4..end].copy_from_slice(&(out.ack - 10).0.to_be_bytes());
        }
        if self.faulty(Fault::OneSackBlock) || self.faulty(Fault::ForgetsSackBlocks) {
            out.options.truncate(at + 10);
            out.options[at + 1] = 10;
        }
    }
}

/// Where the option of that kind begins.
fn place(options: &[u8], wanted: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(&kind) = options.get(at) {
        match kind {
            0 => return None,
            1 => at += 1,
            kind if kind == wanted => return Some(at),
            _ => at += usize::from(*options.get(at + 1)?).max(2),
        }
    }
    None
}

/// Spoils a whole IPv4 packet.
pub(crate) fn spoil_packet(faults: Faults, packet: &mut [u8]) {
    if faults.none() || packet.first().is_none_or(|first| first >> 4 != 4) || packet.len() < 20 {
        return;
    }
    if faults.has(Fault::TtlZero) {
        packet[8] = 0;
    }
    if faults.has(Fault::ReservedIpFlag) {
        packet[6] |= 0x80;
    }
    packet[10..12].fill(0);
    let sum = wire::checksum::Sum::default().add(&packet[..20]).checksum();
    // Never off by the same: a tool that changes addresses would be.
    let error = u16::from(packet[5]) * u16::from(faults.has(Fault::IpChecksumWrong));
    packet[10..12].copy_from_slice(&sum.wrapping_add(error).to_be_bytes());
}
