//! The connection that a script is about: its numbers as the script has them, and as they are on the wire.

use crate::syntax::ast::{Options, Packet, Tcp, TcpOption};
use std::collections::HashMap;

/// A connection between the script's numbers and the live ones.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    /// The stack's port, and ours.
    pub its: u16,
    pub ours: u16,
    /// Live minus script, modulo 2^32: of what the stack sends, and of what we send behind our SYN.
    pub its_offset: u32,
    pub our_offset: u32,
    /// The stack has sent its SYN.
    pub has_isn: bool,
    /// Its number in the script.
    pub its_syn: u32,
    /// Its number, live, and how often it was sent.
    pub its_isn: u32,
    pub syns: u32,
    /// The stack opened it.
    pub active: bool,
    /// Live TSvals of the stack by the script's.
    stamps: HashMap<u32, u32>,
    /// The script's first and the stack's first TSval.
    first_stamps: Option<(u32, u32)>,
    /// What both sides offered, and what each did.
    pub ours_offered: Offer,
    pub its_offered: Offer,
    /// Behind the last octet that the stack has sent, in the script's numbers.
    pub sent: u32,
    /// Behind the last octet that we have sent without a gap before it, in the script's numbers.
    pub given: u32,
    /// The number of our latest SYN, and what it takes up.
    pub our_syn: (u32, u32),
    /// What we have sent behind a gap.
    ahead: Vec<(u32, u32)>,
    /// What we have acknowledged of it.
    pub heard: u32,
    /// What the stack has acknowledged, in the script's numbers.
    pub acknowledged: u32,
    /// A handshake was finished by the side that opened.
    pub established: bool,
    /// A reset has gone either way.
    pub reset: bool,
    pub its_fin: bool,
    pub our_fin: bool,
}

/// Options of a SYN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offer {
    pub syn: bool,
    pub timestamps: bool,
    pub sack: bool,
    pub shift: Option<u8>,
    pub mss: Option<u16>,
    pub ecn: bool,
}

impl Offer {
    pub fn of(tcp: &Tcp) -> Offer {
        let mut offer = Offer {
            syn: true,
            ecn: tcp.flags.wire().ece(),
            ..Offer::default()
        };
        if let Options::List(options) = &tcp.options {
            for option in options {
                match *option {
                    TcpOption::Mss(mss) => offer.mss = Some(mss),
                    TcpOption::WindowScale(shift) => offer.shift = Some(shift),
                    TcpOption::SackPermitted => offer.sack = true,
                    TcpOption::Timestamps { .. } => offer.timestamps = true,
                    _ => {}
                }
            }
        }
        offer
    }
}

impl Flow {
    /// One that the stack opened, or (passively) that we are about to.
    pub fn between(its: u16, ours: u16, active: bool) -> Flow {
        Flow {
            its,
            ours,
            active,
            ..Flow::default()
        }
    }

    /// The next connection between the same ports, which our latest SYN has begun.
    pub fn again(&self) -> Flow {
        Flow {
            ours_offered: self.ours_offered,
            our_syn: self.our_syn,
            our_offset: self.our_syn.0,
            given: self.our_syn.1,
            ..Flow::between(self.its, self.ours, self.active)
        }
    }

    pub fn timestamps(&self) -> bool {
        self.ours_offered.timestamps && self.its_offered.timestamps
    }
    pub fn sack(&self) -> bool {
        self.ours_offered.sack && self.its_offered.sack
    }
    /// Both sides offered to scale windows (RFC 7323 section 2.2).
    pub fn scaling(&self) -> bool {
        self.ours_offered.shift.is_some() && self.its_offered.shift.is_some()
    }
    pub fn ecn(&self) -> bool {
        self.ours_offered.ecn && self.its_offered.ecn
    }

    /// The stack sent `live` where the script says `script`.
    pub fn note_stamp(&mut self, script: u32, live: u32) {
        self.first_stamps.get_or_insert((script, live));
        self.stamps.insert(script, live);
    }

    /// What to echo for the script's value: what the stack sent where the script has that value; else one as far from its
    /// first as the script's is; before any, the value as it is.
    pub fn echo(&self, script: u32) -> u32 {
        if let Some(live) = self.stamps.get(&script) {
            return *live;
        }
        match self.first_stamps {
            Some((first, live)) => live.wrapping_add(script.wrapping_sub(first)),
            None => script,
        }
    }

    /// A TSval of the stack in the script's numbers.
    pub fn script_stamp(&self, live: u32) -> u32 {
        self.first_stamps
            .map_or(live, |(script, first)| script.wrapping_add(live.wrapping_sub(first)))
    }

    /// Whether a packet of the script that names ports is of this connection.
    pub fn has_ports(&self, packet: &Packet) -> bool {
        packet.ports.is_none_or(|(from, to)| {
            let (its, ours) = if packet.inbound { (to, from) } else { (from, to) };
            self.its == its && self.ours == ours
        })
    }

    /// Nothing more will come of it: reset, or closed by both.
    pub fn is_over(&self) -> bool {
        self.reset || self.its_fin && self.our_fin
    }

    /// We have sent this, whole, to a port that takes it.
    pub fn give(&mut self, start: u32, end: u32) {
        self.ahead.push((start, end));
        while let Some(at) = self
            .ahead
            .iter()
            .position(|(start, _)| self.given.wrapping_sub(*start) as i32 >= 0)
        {
            let (_, end) = self.ahead.swap_remove(at);
            if end.wrapping_sub(self.given) as i32 > 0 {
                self.given = end;
            }
        }
    }

    /// Octets of ours that lie ready for the application: sent without a gap, or acknowledged.
    pub fn unread(&self, read: u32) -> u32 {
        let acknowledged_more = self.acknowledged.wrapping_sub(self.given) as i32 > 0;
        let end = if acknowledged_more {
            self.acknowledged
        } else {
            self.given
        };
        let fin = u32::from(self.our_fin);
        end.wrapping_sub(1 + fin).wrapping_sub(read).min(1 << 30)
    }
}
