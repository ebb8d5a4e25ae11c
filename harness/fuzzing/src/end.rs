//! The peer's end of one connection: what it has sent and heard, and what the stack's application did with it.

use crate::account::Account;
use crate::palette::View;
use crate::player::Owed;
use crate::stream::{Read, Sent, was_written};
use stacks::Socket;
use suite::{Peer, Segment};
use wire::tcp::Flags;
use wire::{Duration, Instant, SeqNumber};

/// RFC 9293 section 3.7.1 (MUST-15): what an end that announces none takes.
const DEFAULT_MSS: u16 = 536;
/// Octets of data in the largest segment that is sent.
const MAX_SEGMENT: u32 = 1_500;
/// Numbers farther apart may be in either order once a third is compared with both.
const FAR: u32 = 1 << 30;

/// One connection.
pub struct End {
    pub peer: Peer,
    pub sent: Sent,
    pub read: Read,
    /// What the peer has acknowledged.
    pub una: SeqNumber,
    /// Behind the last number that the stack used.
    pub nxt: SeqNumber,
    /// The stack's ISS, once it has sent a SYN.
    pub its_iss: Option<SeqNumber>,
    /// Its SYN had timestamps.
    pub stamped: bool,
    /// Its SYN, to be answered.
    pub syn: Option<Segment>,
    /// The stack's latest segment.
    pub last: Option<Segment>,
    /// Something came that takes up sequence space.
    pub owes: bool,
    /// The stack's application may find a new connection.
    pub may_accept: bool,
    /// Octets that the stack's application has written; whether it has closed, and has read the end.
    pub written: u32,
    pub closed: bool,
    pub aborted: bool,
    pub ended: bool,
    /// The peer has sent its FIN in order; where one stands in its numbers.
    pub finished: bool,
    pub fin: Option<SeqNumber>,
    /// The stack listens here; a SYN came from another port than the peer's.
    pub listening: bool,
    pub strangers: bool,
    /// The same, before what is being sent now.
    pub was_strangers: bool,
    /// The peer has not heard what the stack said last: it does not know the window.
    pub missed: bool,
    /// A reset has ended it: what the application must not take for an orderly end.
    pub broken_off: Option<&'static str>,
    /// The stack has sent something again.
    pub resent: bool,
    /// Its SYNs with different numbers.
    pub incarnations: u32,
    /// What the stack has acknowledged at most, and by its latest segment, heard or not.
    pub acked: SeqNumber,
    pub told: Option<SeqNumber>,
    /// Behind the last number that the peer has used.
    pub highest: SeqNumber,
    /// When its connection was seen in another state than TIME-WAIT last.
    pub elsewhere: Option<Instant>,
    /// A SYN came below that since the stack's own, or something far away: nothing tells how much of what came above it was taken.
    pub strayed: bool,
    /// Nothing that concerns it was out of the ordinary: what the peer sent, how it travelled, ICMP errors.
    pub orderly: bool,
    /// Its application has closed for good, with nothing left to read.
    pub left: bool,
    /// The same as orderly, before what is being sent now.
    pub was_orderly: bool,
    pub was_highest: SeqNumber,
    pub was_spoke_at: Instant,
    pub was_wnd: u16,
    /// The peer's latest segment stood at RCV.NXT, with all before it acknowledged.
    pub in_place: bool,
    /// Where data stands that is not to be taken, and nothing else does; and why.
    pub bare: Option<(SeqNumber, &'static str)>,
    /// An acknowledgement that is to come in time.
    pub(crate) owed: Option<Owed>,
    /// What the peer has reported by SACK last.
    pub reported: Option<(SeqNumber, SeqNumber)>,
    /// A reset that arrived while it was half-open ended it: its listener is as it was before.
    pub withdrawn: bool,
    /// The window in its narrowest reading, and in the widest, unscaled; segments without SYN that told one.
    pub windows: (u16, u16),
    pub told_windows: u32,
    /// The rightmost edge that the peer has told.
    pub promised: Option<SeqNumber>,
    /// When it closed its window while data waited.
    pub shut_at: Option<Instant>,
    /// The edge of the window that a segment has told which had a window scale, though no SYN.
    pub late_scale: Option<SeqNumber>,
    /// When it came into being, and when the stack's SND.UNA has moved, by what the peer has said.
    pub born: Instant,
    pub una_at: Instant,
    /// When the peer sent something last, when what is first in flight was sent, and in how many segments.
    pub spoke_at: Instant,
    pub flight: Option<Flight>,
    /// What its application has asked for, and when.
    pub asked: Asked,
    /// For a comparison with another stack.
    pub account: Account,
}

/// What the stack has in flight.
#[derive(Debug, Clone, Copy)]
pub struct Flight {
    pub since: Instant,
    pub segments: u32,
    /// Segments that were sent again.
    pub again: u32,
    /// Behind the first of them.
    pub first: SeqNumber,
}

/// Settings that the stack took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    pub nagle: Option<bool>,
    pub keepalive: bool,
    /// It was on at some time.
    pub kept: bool,
    /// RFC 9293 section 3.8.3; none within: as the peer suggests.
    pub user_timeout: Option<Option<Duration>>,
    /// It has not gone out yet.
    pub untold: bool,
    /// When that was settled, or suggested, last.
    pub at: Instant,
    /// What the peer suggests.
    pub suggested: Option<Duration>,
}

impl End {
    pub fn new(peer: Peer) -> End {
        let zero = SeqNumber(0);
        End {
            peer,
            sent: Sent::default(),
            read: Read::default(),
            una: zero,
            nxt: zero,
            its_iss: None,
            stamped: false,
            syn: None,
            last: None,
            owes: false,
            may_accept: false,
            written: 0,
            closed: false,
            aborted: false,
            ended: false,
            finished: false,
            fin: None,
            listening: false,
            strangers: false,
            was_strangers: false,
            missed: false,
            broken_off: None,
            resent: false,
            incarnations: 0,
            acked: zero,
            told: None,
            highest: zero,
            elsewhere: None,
            strayed: false,
            orderly: true,
            left: false,
            was_orderly: true,
            was_highest: zero,
            was_spoke_at: Instant(0),
            was_wnd: 0,
            in_place: false,
            promised: None,
            late_scale: None,
            shut_at: None,
            bare: None,
            owed: None,
            reported: None,
            withdrawn: false,
            windows: (u16::MAX, 0),
            told_windows: 0,
            born: Instant(0),
            una_at: Instant(0),
            spoke_at: Instant(0),
            flight: None,
            asked: Asked::default(),
            account: Account::default(),
        }
    }

    /// The stack's application has a new connection here.
    pub fn taken(&mut self, socket: Socket) {
        self.peer.socket = Some(socket);
        self.read = Read::default();
        (self.written, self.closed, self.aborted, self.ended) = (0, false, false, false);
        self.broken_off = None;
        self.asked = Asked::default();
    }

    pub fn view(&self) -> View {
        let peer = &self.peer;
        let own = peer.offer.mss.unwrap_or(DEFAULT_MSS);
        View {
            iss: peer.iss,
            snd: peer.snd,
            told: peer.acknowledged,
            edge: peer.acknowledged + peer.its_wnd,
            irs: self.its_iss.unwrap_or_default(),
            rcv: peer.rcv,
            una: self.una,
            nxt: self.nxt,
            mss: u32::from(peer.its_mss.unwrap_or(DEFAULT_MSS)).clamp(1, MAX_SEGMENT),
            its_mss: u32::from(own).clamp(1, MAX_SEGMENT),
            its_wnd: peer.its_wnd,
            wnd: peer.wnd,
        }
    }

    /// Nothing was out of the ordinary, one connection, the peer has heard what was said last, and whatever the peer has sent is acknowledged: so the stack has taken what it
    /// acknowledged.
    pub fn is_plain(&self) -> bool {
        let known = self.told == Some(self.acked) && self.highest == self.acked;
        self.orderly && self.incarnations == 1 && known && !self.missed
    }

    /// Whether the stack has not sent yet all that its application wrote.
    pub fn has_unsent(&self) -> bool {
        self.its_iss.is_some_and(|iss| self.nxt < iss + 1 + self.written)
    }

    /// What new data in a closed window breaks: where that was open further before, it was taken back.
    pub fn closed_window(&self) -> &'static str {
        let at_first = self.its_iss.map(|iss| iss + 1 + u32::from(self.peer.offer.wnd));
        if [self.promised, at_first]
            .into_iter()
            .flatten()
            .any(|edge| edge > self.una)
        {
            "tcp/no-new-data-beyond-shrunken-window"
        } else {
            "tcp/closed-window-respected-live"
        }
    }

    /// Whether the stack has said how much it takes.
    pub fn room(&self) -> u32 {
        (self.peer.acknowledged + self.peer.its_wnd)
            .since(self.peer.snd)
            .max(0)
            .cast_unsigned()
    }

    /// A segment of the stack left it: what is wrong with its data, if anything. Nothing is taken into account that the peer
    /// is to hear.
    pub fn left(&mut self, segment: &Segment) -> Option<(&'static str, String)> {
        if segment.flags.syn() {
            self.resent |= self.its_iss == Some(segment.seq);
            if self.its_iss != Some(segment.seq) {
                self.its_iss = Some(segment.seq);
                self.incarnations += 1;
                self.strayed = false;
                // A SYN alone acknowledges nothing.
                self.acked = if segment.flags.ack() {
                    segment.ack
                } else {
                    self.peer.iss
                };
                (self.una, self.nxt) = (segment.seq, segment.end());
            }
            if segment.flags.ack() {
                // Of whichever SYN came.
                self.acked = segment.ack;
            }
            self.stamped |= segment.options.timestamps.is_some();
            self.may_accept = true;
        }
        self.asked.untold &= segment.user_timeout.is_none();
        if segment.flags.ack() && !segment.flags.rst() {
            self.acked = self.acked.max(segment.ack);
            self.told = Some(segment.ack);
        }
        let verdict = self.judge(segment);
        if !segment.flags.rst() {
            self.resent |= segment.len() > 0 && segment.seq < self.nxt && !segment.flags.syn();
            self.flies(segment);
            self.nxt = self.nxt.max(segment.end());
        }
        verdict
    }

    /// What is in flight since when; nothing before the handshake is over.
    fn flies(&mut self, segment: &Segment) {
        if segment.flags.syn() {
            return self.flight = None;
        }
        if segment.len() == 0 || segment.end() <= self.una {
            return;
        }
        let flight = self.flight.get_or_insert(Flight {
            since: segment.time,
            segments: 0,
            again: 0,
            first: segment.end(),
        });
        if segment.seq < self.nxt {
            flight.again += 1;
        } else {
            flight.segments += 1;
        }
    }

    fn judge(&self, segment: &Segment) -> Option<(&'static str, String)> {
        let iss = self.its_iss.filter(|_| !segment.flags.rst())?;
        let first = segment.seq + u32::from(segment.flags.syn());
        let at = first.since(iss + 1);
        let len = segment.payload.len() as u32;
        let end = at + len as i32;
        // Below what was acknowledged a keepalive may have any octet (RFC 9293 section 3.8.4).
        let known = self.una.since(first).clamp(0, len as i32) as usize;
        let new = segment.payload.get(known..).unwrap_or_default();
        if !new.is_empty() {
            if end > self.written as i32 {
                let wrote = self.written;
                return Some((
                    "octets that nobody wrote",
                    format!("it sent octet {end} of the stream, and its application wrote {wrote}"),
                ));
            }
            let from = at + known as i32;
            if !was_written(from.cast_unsigned(), new) {
                return Some((
                    "other octets than were written",
                    format!("octets {from} to {end} of the stream differ from what its application wrote"),
                ));
            }
        }
        if segment.flags.fin() && !self.closed {
            return Some((
                "a FIN that nobody asked for",
                "it sent a FIN, and its application has not closed".to_owned(),
            ));
        }
        if segment.flags.fin() && end < self.written as i32 {
            let wrote = self.written;
            return Some((
                "a FIN before the last octet",
                format!("the FIN stands behind octet {end}, and its application wrote {wrote}"),
            ));
        }
        None
    }

    /// The peer hears a segment of the stack.
    pub fn hear(&mut self, segment: Segment) {
        if segment.flags.syn() {
            // Answers one of the peer's SYNs, or is the stack's own.
            if !segment.flags.ack() || segment.ack == self.peer.iss + 1 {
                self.peer.heard_syn(&segment);
                self.syn = Some(segment.clone());
                self.owes = true;
            }
        } else {
            self.owes |= segment.len() > 0;
            self.peer.hear(&segment);
        }
        self.missed = false;
        self.last = Some(segment);
    }

    /// The peer has sent a segment that arrives whole, now or later.
    pub fn spoke(&mut self, flags: Flags, seq: SeqNumber, len: u32) {
        let first = seq + u32::from(flags.syn());
        if flags.syn() {
            self.sent.syn(seq);
            self.strayed |= self.its_iss.is_some() && seq + 1 < self.highest;
            self.highest = seq + 1;
        }
        self.sent.data(first, len);
        // Of numbers that far apart none is the highest.
        self.strayed |= self.its_iss.is_some() && first.since(self.acked).unsigned_abs() > FAR;
        self.highest = self.highest.max(first + len + u32::from(flags.fin()));
        if flags.fin() {
            self.sent.fin(first + len);
        }
    }

    /// An acknowledgement of the peer's arrives.
    pub fn acknowledged(&mut self, now: Instant, ack: SeqNumber) {
        if ack > self.una && ack <= self.nxt {
            (self.una, self.una_at) = (ack, now);
            self.flight = self.flight.filter(|_| ack < self.nxt);
        }
    }

    /// What the peer's segments so far say of its window.
    pub fn offers(&mut self, flags: Flags, ack: SeqNumber, wnd: u16) {
        if flags.ack() && !flags.syn() {
            let shift = self.peer.offer.window_scale.filter(|_| self.peer.scaled).unwrap_or(0);
            let edge = ack + (u32::from(wnd) << shift.min(14));
            self.promised = Some(self.promised.map_or(edge, |before| before.max(edge)));
        }
        let (narrowest, widest) = self.windows;
        self.windows = (narrowest.min(wnd), widest.max(wnd));
        self.told_windows += u32::from(!flags.syn());
    }
}
