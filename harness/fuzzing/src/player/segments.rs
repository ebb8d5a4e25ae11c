//! Records that send a segment, and what happens to packets on their way.

use super::Player;
use crate::account::Arrival;
use crate::end::End;
use crate::palette::{self, Fate, Odd, Soup, pick};
use crate::record::RECORD;
use crate::stream::octets;
use suite::{Draft, Peer, Stamp, fragments};
use wire::SeqNumber;
use wire::tcp::Flags;

/// Octets of a fragment.
const FRAGMENT: usize = 64;

/// What is to happen to the next packets.
#[derive(Default)]
pub(super) struct Network {
    fate: Option<(Fate, u8)>,
    /// Segments of the stack that the peer is not to hear.
    pub unheard: u8,
    late: Vec<Late>,
}

/// A packet that arrives later.
struct Late {
    /// Behind this event.
    event: usize,
    packet: Vec<u8>,
    /// What it acknowledges, on which connection.
    ack: Option<(usize, SeqNumber)>,
}

impl Network {
    pub fn expect(&mut self, [fate, count, ..]: [u8; RECORD - 1]) {
        let count = pick(palette::COUNTS, count);
        match pick(palette::FATES, fate) {
            Fate::Unheard => self.unheard = count,
            fate => self.fate = Some((fate, count)),
        }
    }

    /// What is sent now arrives at once, either way, and nothing arrives later.
    pub fn is_calm(&self) -> bool {
        self.fate.is_none() && self.late.is_empty() && self.unheard == 0
    }

    fn next(&mut self) -> Option<Fate> {
        let (fate, count) = self.fate.as_mut()?;
        let fate = *fate;
        *count -= 1;
        if *count == 0 {
            self.fate = None;
        }
        Some(fate)
    }
}

impl Player<'_> {
    /// The connection that an argument chooses.
    pub(super) fn chosen(&self, index: u8) -> Option<usize> {
        (!self.ends.is_empty()).then(|| usize::from(index) % self.ends.len())
    }

    pub(super) fn segment(&mut self, [flags, seq, ack, len, wnd, options, odd]: [u8; RECORD - 1]) {
        let Some(at) = self.chosen(odd >> 6) else { return };
        let end = &self.ends[at];
        let view = end.view();
        let flags = pick(palette::FLAGS, flags);
        let odd = pick(palette::ODD, odd & 63);
        let (_, seq) = pick(palette::SEQ, seq);
        let (_, ack) = pick(palette::ACK, ack);
        let (_, len) = pick(palette::LENGTH, len);
        let (_, wnd) = pick(palette::WINDOW, wnd);
        let mut draft = Draft::new(end.peer.here, end.peer.there, flags)
            .seq(seq(&view))
            .wnd(wnd(&view));
        if flags.ack() {
            draft = draft.ack(ack(&view));
        }
        draft = season(draft, pick(palette::OPTIONS, options), end, self.tester.now());
        let first = draft.seq + u32::from(flags.syn());
        let room = (view.mss + 1).min(1_461);
        draft.payload = octets(first, len(&view).min(room));
        self.send_odd(at, draft, odd);
    }

    fn send_odd(&mut self, at: usize, mut draft: Draft, odd: Odd) {
        let mut pieces = false;
        match odd {
            Odd::Nothing => {}
            Odd::Urgent(pointer) => draft = draft.urgent(pointer),
            Odd::Congested => draft = draft.congestion_experienced(),
            Odd::BadChecksum => draft = draft.bad_checksum(),
            Odd::DataOffset(words) => {
                draft.data_offset = Some(words);
                // Data that is read as options, or options as data, would be other octets than those of their place.
                draft.payload.clear();
            }
            Odd::Fragments => pieces = true,
            Odd::OtherPort => draft.source.1 = draft.source.1.wrapping_add(1_000),
        }
        self.dispatch(at, draft, pieces);
    }

    pub(super) fn send(&mut self, at: usize, draft: Draft) {
        self.dispatch(at, draft, false);
    }

    /// What a segment carries, by its sequence number, stands at its place; the network does with it what it was told to.
    fn dispatch(&mut self, at: usize, mut draft: Draft, in_pieces: bool) {
        let now = self.tester.now();
        let Some(end) = self.ends.get_mut(at) else { return };
        if draft.stamp == Stamp::AsAgreed {
            draft.stamp = as_agreed(&end.peer, now);
        }
        let whole = draft.checksum_error == 0 && draft.data_offset.is_none();
        let ours = draft.source == end.peer.here;
        end.was_strangers = end.strangers;
        // However it travels, a SYN may have made a connection of it.
        end.strangers |= !ours && draft.flags.syn();
        if whole && ours && draft.seq == end.peer.snd && !draft.flags.rst() {
            end.peer.snd += draft.len();
            if draft.flags.fin() {
                end.fin = Some(end.peer.snd - 1);
            }
        }
        end.was_wnd = end.peer.wnd;
        end.in_place = draft.seq == end.acked && end.highest == end.acked;
        if ours && !draft.flags.syn() && !draft.flags.rst() {
            end.peer.wnd = draft.wnd;
        }
        let fate = self.network.next();
        (end.was_orderly, end.was_highest) = (end.orderly, end.highest);
        (end.bare, end.owed, end.late_scale, end.shut_at) = (None, None, None, None);
        end.orderly &= fate.is_none() && !in_pieces && end.is_ordinary(&draft, as_agreed(&end.peer, now));
        // What lies outside the window acknowledges nothing (RFC 9293 section 3.10.7.4, first).
        let outside = draft.seq < end.acked && draft.seq + draft.len() <= end.acked;
        end.orderly &= !(outside && draft.flags.ack() && draft.ack > end.una);
        (end.was_spoke_at, end.spoke_at) = (end.spoke_at, now);
        end.withdrawn = false;
        if ours {
            end.offers(draft.flags, draft.ack, draft.wnd);
        }
        self.ip_id = self.ip_id.wrapping_add(1);
        let mut packet = draft.packet(self.ip_id);
        let arrival = match fate {
            Some(Fate::Damaged(_)) => Arrival::Damaged,
            Some(Fate::Late(_)) => Arrival::Later,
            _ if in_pieces => Arrival::InPieces,
            _ => Arrival::Now,
        };
        if self.accounts && fate != Some(Fate::Lost) {
            end.account_for(self.event, now, &draft, arrival, as_agreed(&end.peer, now));
        }
        if whole && ours && !matches!(fate, Some(Fate::Lost | Fate::Damaged(_))) {
            end.spoke(draft.flags, draft.seq, draft.payload.len() as u32);
        }
        let ack = (whole && ours && draft.flags.ack()).then_some(draft.ack);
        if let (Some(ack), Arrival::Now | Arrival::InPieces) = (ack, arrival)
            && fate != Some(Fate::Lost)
        {
            end.acknowledged(now, ack);
        }
        match fate {
            Some(Fate::Lost) => self
                .tester
                .remark_with(|| format!("lost: {}", suite::log::describe(&packet))),
            Some(Fate::Late(events)) => {
                self.tester
                    .remark_with(|| format!("late: {}", suite::log::describe(&packet)));
                self.network.late.push(Late {
                    event: self.event + usize::from(events),
                    packet,
                    ack: ack.map(|ack| (at, ack)),
                });
            }
            Some(Fate::Twice) => {
                self.tester.deliver(&packet);
                self.tester.deliver(&packet);
            }
            // What is wrong twice may be right.
            Some(Fate::Damaged(place)) if draft.checksum_error == 0 => {
                if usize::from(place) < draft.payload.len() {
                    self.note_damage(at, &draft);
                }
                let place = packet.len().saturating_sub(1 + usize::from(place));
                if let Some(octet) = packet.get_mut(place) {
                    *octet ^= 1;
                }
                self.tester.deliver(&packet);
            }
            _ if in_pieces => {
                for piece in fragments(&packet, FRAGMENT).iter().rev() {
                    self.tester.deliver(piece);
                }
            }
            _ => {
                if draft.checksum_error != 0 {
                    self.note_damage(at, &draft);
                }
                let due = self.due(at, &draft);
                let heard = self.tester.inbox.len();
                self.tester.deliver(&packet);
                if let Some(due) = due {
                    self.judge_answer(&due, at, &draft, heard);
                }
                if draft.flags == Flags::RST {
                    self.note_withdrawal(at, &draft);
                }
            }
        }
    }

    /// What was delayed until now.
    pub(super) fn arrive_late(&mut self) {
        let event = self.event;
        while let Some(next) = self.network.late.iter().position(|late| late.event < event) {
            let late = self.network.late.remove(next);
            if let Some((at, ack)) = late.ack {
                self.ends[at].acknowledged(self.tester.now(), ack);
            }
            self.tester.deliver(&late.packet);
        }
    }
}

fn as_agreed(peer: &Peer, now: wire::Instant) -> Stamp {
    if peer.timestamps {
        Stamp::Of(peer.tsval(now), peer.ts_recent)
    } else {
        Stamp::None
    }
}

/// Puts the options in. A SYN as agreed carries what is offered.
fn season(draft: Draft, soup: Soup, end: &End, now: wire::Instant) -> Draft {
    let peer = &end.peer;
    let (value, echo) = (peer.tsval(now), peer.ts_recent);
    let stamped = |draft: Draft, value, echo| {
        if peer.timestamps {
            draft.stamp(Stamp::Of(value, echo))
        } else {
            draft
        }
    };
    match soup {
        Soup::AsAgreed if draft.flags.syn() => offered(draft, peer, now),
        Soup::AsAgreed => draft,
        Soup::NoTimestamps => draft.stamp(Stamp::None),
        Soup::Value(more) => stamped(draft, value.wrapping_add(more), echo),
        Soup::Echo(more) => stamped(draft, value, echo.wrapping_add(more)),
        Soup::Unagreed => draft.stamp(Stamp::Of(value, echo)),
        Soup::Sack(blocks) => {
            let edges: Vec<(SeqNumber, SeqNumber)> = blocks.iter().map(|&block| edges(block, end)).collect();
            draft.sack(&edges)
        }
        Soup::Offer => offered(draft, peer, now),
        Soup::Raw(octets) => draft.raw_options(octets),
    }
}

fn offered(mut draft: Draft, peer: &Peer, now: wire::Instant) -> Draft {
    let syn = peer.syn();
    draft.options.extend(syn.options);
    if let (true, Stamp::Of(_, echo)) = (draft.flags.syn(), syn.stamp) {
        draft.stamp = Stamp::Of(peer.tsval(now), echo);
    }
    draft
}

fn edges((from, len): (i8, i8), end: &End) -> (SeqNumber, SeqNumber) {
    let view = end.view();
    let far = |segments: i8| (i32::from(segments).wrapping_mul(view.its_mss as i32)).cast_unsigned();
    let left = view.una + far(from);
    (left, left + far(len))
}

/// An ordinary segment's control bits.
pub(super) const DATA: Flags = Flags(Flags::ACK.0 | Flags::PSH.0);
