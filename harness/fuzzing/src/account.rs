//! What one connection came to at one stack, event by event: what its application saw, and what of the peer's segments was out of
//! the ordinary. Two accounts of one conversation are compared in `differ`.

use crate::end::End;
use stacks::CallError;
use suite::{Draft, Stamp};
use wire::tcp::Flags;
use wire::{Duration, Instant, SeqNumber};

/// RFC 9293 section 3.8.3: data may go unacknowledged for at least 100 s.
const PATIENCE: Duration = Duration::secs(100);
/// Offers that leave hardly room for data are not what an ordinary peer makes.
const LEAST_MSS: u16 = 64;
const ORDINARY: Flags = Flags(Flags::ACK.0 | Flags::PSH.0 | Flags::FIN.0);

/// One connection.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Both do so without being told.
    pub(crate) reads: bool,
    pub(crate) accepts: bool,
    /// After each event, from the one on that made this connection.
    pub(crate) moments: Vec<Moment>,
    now: Moment,
}

/// How things stand after an event. Octets are counted from behind the peer's SYN; its FIN is one more.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moment {
    pub event: usize,
    pub frame: u32,
    /// Everything that was out of the ordinary so far, hashed; zero when nothing was.
    pub odd: u64,
    /// One SYN of either end and one FIN behind all data, so that there is one stream.
    pub single: bool,
    /// Less than a stack's patience has passed.
    pub young: bool,
    /// What the peer has sent in order, what of it the stack has acknowledged, and what its application was given.
    pub sent: u32,
    pub acked: u32,
    pub delivered: u32,
    /// The end of the stream was told; octets were given that had not been sent; how the connection failed.
    pub end: bool,
    pub other: bool,
    pub error: Option<CallError>,
    /// The application has the connection; the handshake went by the book; the application has closed its direction; it does
    /// not read any more.
    pub accepted: bool,
    pub completed: bool,
    pub closed: bool,
    pub gone: bool,
    /// At how many times what the application is to be given next arrived by the book; behind how many octets, and when last.
    pub refused: u8,
    pub tried: Option<(u32, Instant)>,
    /// A reset arrived exactly where the stack expected it.
    pub reset: bool,
    /// Timestamps were not the peer's own; some of what the stack said was not heard.
    pub bent: bool,
    pub blind: bool,
}

impl Account {
    pub fn new(reads: bool, accepts: bool) -> Account {
        Account {
            reads,
            accepts,
            ..Account::default()
        }
    }

    /// Something that both stacks must have met to be compared any further.
    pub fn mark(&mut self, what: impl IntoIterator<Item = u64>) {
        let seed = self.now.odd ^ 0xcbf2_9ce4_8422_2325;
        let hash = what.into_iter().fold(seed, |hash, part| {
            (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        });
        self.now.odd = hash | 1;
    }

    pub fn unheard(&mut self) {
        self.now.blind = true;
    }

    pub fn given_other_octets(&mut self) {
        self.now.other = true;
    }

    pub fn told_end(&mut self) {
        self.now.end = true;
    }

    /// How the connection failed; a call that cannot be made says nothing of it.
    pub fn failed(&mut self, error: CallError) {
        use CallError::{Aborted, Refused, Reset, TimedOut, Unreachable};
        if matches!(error, Aborted | Refused | Reset | TimedOut | Unreachable) {
            self.now.error.get_or_insert(error);
        }
    }

    /// The application will not read any more.
    pub fn gone(&mut self) {
        self.now.gone = true;
    }
}

/// How a segment of the peer reaches the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    Now,
    Later,
    Damaged,
    InPieces,
}

impl End {
    /// A segment that arrives, before it does. `stamp`: that of an ordinary peer.
    pub fn account_for(&mut self, event: usize, now: Instant, draft: &Draft, arrival: Arrival, stamp: Stamp) {
        let sound = matches!(arrival, Arrival::Now | Arrival::Later);
        if sound && self.is_ordinary(draft, stamp) {
            if arrival == Arrival::Now {
                self.account_for_ordinary(now, draft);
            }
            return;
        }
        let own = draft.source == self.peer.here;
        self.account.now.bent |= own && draft.stamp != stamp;
        let exact = draft.seq == self.acked && self.told == Some(draft.seq) && self.highest == self.acked;
        let whole = draft.checksum_error == 0 && draft.data_offset.is_none() && draft.options.is_empty();
        let bare = draft.flags == Flags::RST && draft.payload.is_empty() && draft.stamp == stamp;
        self.account.now.reset |= arrival == Arrival::Now && own && whole && bare && exact && self.is_open();
        let shape = u64::from(draft.flags.0) << 32 | u64::from(draft.seq.0);
        let size =
            (draft.payload.len() as u64) << 32 | u64::from(draft.source.1) << 16 | u64::from(draft.checksum_error);
        let more = u64::from(draft.urgent_pointer) << 32 | (draft.options.len() as u64) << 16 | arrival as u64;
        let known = u64::from(draft.flags.ack()) << 1 | u64::from(self.may_acknowledge(draft));
        self.account.mark([event as u64, shape, size, more, known]);
    }

    /// What a peer sends that keeps the rules.
    pub(crate) fn is_ordinary(&self, draft: &Draft, stamp: Stamp) -> bool {
        let peer = &self.peer;
        let whole = draft.checksum_error == 0 && draft.data_offset.is_none() && draft.ecn != 3;
        if !whole
            || draft.source != peer.here
            || draft.urgent_pointer != 0
            || peer.offer.mss.is_some_and(|mss| mss < LEAST_MSS)
        {
            return false;
        }
        if draft.flags.syn() {
            let offered = match (&self.syn, draft.flags.ack()) {
                (Some(syn), true) => peer.answer_to(syn),
                (_, true) => return false,
                (_, false) => peer.syn(),
            };
            let same = draft.flags == offered.flags && draft.options == offered.options;
            return same
                && draft.seq == peer.iss
                && draft.payload.is_empty()
                && (!draft.flags.ack() || draft.ack == offered.ack);
        }
        let end = draft.seq + draft.len();
        let usual = draft.flags.ack() && draft.flags.0 & !ORDINARY.0 == 0;
        let known = draft.seq > peer.iss && end <= peer.snd;
        let agreed = draft.options.is_empty() && draft.stamp == stamp;
        usual && known && agreed && self.may_acknowledge(draft)
    }

    fn may_acknowledge(&self, draft: &Draft) -> bool {
        let said = |iss| draft.ack > iss && draft.ack >= self.una && draft.ack <= self.nxt;
        !draft.flags.ack() || self.its_iss.is_some_and(said)
    }

    /// Synchronized, by segments that keep the rules alone.
    fn is_open(&self) -> bool {
        let opened = if self.listening {
            self.account.now.completed
        } else {
            self.acked > self.peer.iss
        };
        opened && self.peer.socket.is_some()
    }

    fn account_for_ordinary(&mut self, time: Instant, draft: &Draft) {
        let delivered = self.delivered();
        let next = self.first() + delivered;
        let edge = self.peer.acknowledged + self.peer.its_wnd;
        let end = draft.seq + draft.len();
        let pushed = draft.flags.psh() || draft.flags.fin();
        let open = self.is_open();
        let now = &mut self.account.now;
        if draft.flags.syn() {
            return;
        }
        now.completed |= self.listening && draft.seq == self.peer.iss + 1;
        // RFC 9293 section 3.4, third test: all of it lies within the window.
        let due = open && pushed && draft.seq <= next && end > next && end <= edge;
        if due && now.tried != Some((delivered, time)) {
            now.refused = if now.tried.is_some_and(|(behind, _)| behind == delivered) {
                now.refused.saturating_add(1)
            } else {
                1
            };
            now.tried = Some((delivered, time));
        }
    }

    /// The number behind the peer's SYN.
    fn first(&self) -> SeqNumber {
        self.peer.iss + 1
    }

    fn delivered(&self) -> u32 {
        self.read.count() + u32::from(self.account.now.end)
    }

    /// An event is over. `half_close`: the stack can close one direction alone.
    pub fn stands(&mut self, event: usize, frame: u32, age: Duration, half_close: bool) {
        let first = self.first();
        let far = |end: SeqNumber| end.since(first).max(0).cast_unsigned();
        let sent = far(self.sent.in_order_with_end(first));
        let as_offered = self.sent.first().is_none_or(|first| first == self.peer.iss + 1);
        let now = Moment {
            event,
            frame,
            single: self.incarnations <= 1 && self.sent.is_one_stream() && as_offered,
            young: age < PATIENCE,
            sent,
            acked: far(self.acked).min(sent),
            delivered: self.delivered(),
            accepted: self.peer.socket.is_some(),
            closed: self.closed || self.aborted,
            gone: self.account.now.gone || self.aborted || self.closed && !half_close,
            ..self.account.now
        };
        let refused = if now.tried.is_some_and(|(behind, _)| behind == now.delivered) {
            now.refused
        } else {
            0
        };
        self.account.moments.push(Moment { refused, ..now });
    }
}
