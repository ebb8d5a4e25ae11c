//! The Tester's side of one connection: what it offers, its numbers, the segments it may send.

use crate::scenario::{Step, Stop};
use crate::segment::{Draft, Segment, Stamp};
use stacks::{Socket, State};
use std::net::IpAddr;
use wire::tcp::{Flags, TcpOption};
use wire::{Duration, Instant, SeqNumber};

/// The round trip that the Tester keeps up where a scenario says nothing else.
pub const RTT: Duration = Duration::millis(20);
/// How long an answer may take that is due at once: no stack needs that long, and a busy machine seldom.
pub const PROMPT: Duration = Duration::millis(400);
/// A stack that still retransmits after that gives up never: RFC 9293 section 3.8.3 sets R2 no upper limit, so ours is far above
/// what any stack takes.
pub const GIVEN_UP_BY: Duration = Duration::hours(24);
/// What the Tester offers on its SYN.
#[derive(Debug, Clone)]
pub struct Offer {
    pub mss: Option<u16>,
    pub window_scale: Option<u8>,
    pub sack: bool,
    pub timestamps: bool,
    pub wnd: u16,
    pub iss: SeqNumber,
    /// ECE and CWR on the SYN (RFC 3168 section 6.1.1).
    pub ecn: bool,
    /// TSval at the beginning of the run.
    pub clock: u32,
}

impl Default for Offer {
    /// MSS 1000 and nothing else.
    fn default() -> Offer {
        Offer {
            mss: Some(1000),
            window_scale: None,
            sack: false,
            timestamps: false,
            wnd: 65_535,
            iss: SeqNumber(1_000_000),
            ecn: false,
            clock: 500_000,
        }
    }
}

impl Offer {
    /// Everything that modern ends offer.
    pub fn full() -> Offer {
        Offer {
            window_scale: Some(7),
            sack: true,
            timestamps: true,
            ..Offer::default()
        }
    }
}

/// Who opens the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// The stack listens.
    Passive,
    /// The stack connects.
    Active,
}

/// The Tester's end of a connection. `snd` and `rcv` are what it sends next and expects next.
#[derive(Debug, Clone)]
pub struct Peer {
    pub here: (IpAddr, u16),
    pub there: (IpAddr, u16),
    pub offer: Offer,
    pub iss: SeqNumber,
    pub snd: SeqNumber,
    pub irs: SeqNumber,
    pub rcv: SeqNumber,
    /// The window to advertise, as it goes into the header.
    pub wnd: u16,
    pub sack: bool,
    pub timestamps: bool,
    pub ts_recent: u32,
    /// The highest acknowledgement of the stack.
    pub acknowledged: SeqNumber,
    /// The stack's window, scaled.
    pub its_wnd: u32,
    its_shift: u8,
    /// Both ends scale their windows.
    pub scaled: bool,
    /// MSS that the stack announced.
    pub its_mss: Option<u16>,
    began: Instant,
    /// The state that the stack said it was in when a scenario began.
    pub placed: Option<State>,
    /// What arrives from now on is not taken: `rcv` stays.
    pub deaf: bool,
    /// The connection, for the stack's application.
    pub socket: Option<Socket>,
    /// No call reaches that application.
    pub(crate) unmanned: bool,
}

impl Peer {
    pub(crate) fn new(here: (IpAddr, u16), there: (IpAddr, u16), offer: Offer, now: Instant) -> Peer {
        Peer {
            here,
            there,
            iss: offer.iss,
            snd: offer.iss,
            irs: SeqNumber(0),
            rcv: SeqNumber(0),
            wnd: offer.wnd,
            sack: false,
            timestamps: false,
            ts_recent: 0,
            acknowledged: offer.iss,
            its_wnd: 0,
            its_shift: 0,
            scaled: false,
            its_mss: None,
            offer,
            began: now,
            placed: None,
            deaf: false,
            socket: None,
            unmanned: false,
        }
    }

    fn draft(&self, flags: Flags) -> Draft {
        Draft::new(self.here, self.there, flags).wnd(self.wnd)
    }

    /// An acknowledgement of everything received in order.
    pub fn ack(&self) -> Draft {
        self.draft(Flags::ACK).seq(self.snd).ack(self.rcv)
    }
    pub fn data(&self, octets: impl Into<Vec<u8>>) -> Draft {
        self.ack().with(Flags::PSH).payload(octets)
    }
    pub fn fin(&self) -> Draft {
        self.ack().with(Flags::FIN)
    }
    /// A reset exactly where the stack expects one.
    pub fn rst(&self) -> Draft {
        self.draft(Flags::RST).seq(self.snd)
    }
    /// A SYN with what is offered.
    pub fn syn(&self) -> Draft {
        let offer = &self.offer;
        let mut draft = self.draft(Flags::SYN).seq(self.iss);
        draft.wnd = offer.wnd;
        if offer.ecn {
            draft = draft.with(Flags(Flags::ECE.0 | Flags::CWR.0));
        }
        if let Some(mss) = offer.mss {
            draft = draft.option(TcpOption::MaximumSegmentSize(mss));
        }
        if offer.sack {
            draft = draft.option(TcpOption::SackPermitted);
        }
        if let Some(shift) = offer.window_scale {
            draft = draft
                .option(TcpOption::NoOperation)
                .option(TcpOption::WindowScale(shift));
        }
        draft.stamp(if offer.timestamps {
            Stamp::Of(offer.clock, 0)
        } else {
            Stamp::None
        })
    }

    /// The SYN-ACK that answers the stack's SYN: of its offers those that the Tester makes too.
    pub fn answer_to(&self, syn: &Segment) -> Draft {
        let mut draft = self.syn().ack(syn.end());
        draft.options.clear();
        if let Some(mss) = self.offer.mss {
            draft = draft.option(TcpOption::MaximumSegmentSize(mss));
        }
        if self.offer.sack && syn.options.sack_permitted {
            draft = draft.option(TcpOption::SackPermitted);
        }
        if let (Some(shift), Some(_)) = (self.offer.window_scale, syn.options.window_scale) {
            draft = draft
                .option(TcpOption::NoOperation)
                .option(TcpOption::WindowScale(shift));
        }
        if self.offer.ecn {
            draft = draft.without(Flags::CWR);
        }
        match syn.options.timestamps {
            Some((value, _)) if self.offer.timestamps => draft.stamp(Stamp::Of(self.offer.clock, value)),
            _ => draft.stamp(Stamp::None),
        }
    }

    /// TSval at `now`: milliseconds.
    pub fn tsval(&self, now: Instant) -> u32 {
        self.offer.clock.wrapping_add(((now - self.began).0 / 1_000_000) as u32)
    }

    /// The stack's SYN or SYN-ACK.
    pub fn heard_syn(&mut self, syn: &Segment) {
        (self.irs, self.rcv) = (syn.seq, syn.end());
        let options = &syn.options;
        self.sack = self.offer.sack && options.sack_permitted;
        self.timestamps = self.offer.timestamps && options.timestamps.is_some();
        self.its_mss = options.mss;
        self.its_wnd = u32::from(syn.wnd);
        self.acknowledged = self.iss + 1;
        if let Some((value, _)) = options.timestamps {
            self.ts_recent = value;
        }
        if let (Some(_), Some(shift)) = (self.offer.window_scale, options.window_scale) {
            self.its_shift = shift.min(14);
            self.scaled = true;
        }
    }

    /// Takes a segment of the stack into account, as an ordinary receiver does.
    pub fn hear(&mut self, segment: &Segment) {
        if segment.flags.rst() || segment.flags.syn() {
            return;
        }
        self.its_wnd = u32::from(segment.wnd) << self.its_shift;
        self.acknowledged = self.acknowledged.max(segment.ack);
        if segment.seq <= self.rcv && segment.end() > self.rcv && !self.deaf {
            self.rcv = segment.end();
        }
        if let (true, Some((value, _))) = (segment.seq <= self.rcv, segment.options.timestamps) {
            self.ts_recent = value;
        }
    }

    pub fn is_from(&self, segment: &Segment) -> bool {
        segment.source == self.there && segment.destination == self.here
    }

    /// The stack's application has this connection.
    pub fn app(&self) -> Step<Socket> {
        if self.unmanned {
            return Err(Stop::Needs("calls to the stack's application"));
        }
        self.socket
            .ok_or_else(|| Stop::Stuck("the stack's application never got the connection".to_owned()))
    }
}
