//! What an ordinary peer does: opening, data, acknowledgements, closing.

use super::segments::DATA;
use super::{DELAY, MAX_ENDS, Player};
use crate::palette::{self, Turn, pick};
use crate::record::RECORD;
use crate::stream::octets;
use suite::{Draft, Peer, Stamp, Step};
use wire::Duration;
use wire::tcp::{Flags, TcpOption};

/// RFC 793's old advice for a four-tuple used again: numbers well beyond the last.
const BEYOND: u32 = 100_000;

impl Player<'_> {
    pub(super) fn turn(&mut self, [turn, _, which, ..]: [u8; RECORD - 1]) -> Step {
        let Some(at) = self.chosen(which) else { return Ok(()) };
        let view = self.ends[at].view();
        match pick(palette::TURNS, turn) {
            Turn::Acknowledge => self.answer(at),
            Turn::Data(segments) => (0..segments).for_each(|_| self.send_data(at, view.mss)),
            Turn::Octets(count) => self.send_data(at, u32::from(count)),
            Turn::Again => self.send_again(at),
            Turn::BehindGap(segments) => {
                let gap = view.mss.min(self.ends[at].room());
                self.ends[at].peer.snd += gap;
                (0..segments).for_each(|_| self.send_data(at, view.mss));
            }
            Turn::Close => self.send_fin(at),
            Turn::Reset => {
                let draft = self.ends[at].peer.rst();
                self.send(at, draft);
            }
            Turn::Duplicates(count) => {
                for _ in 0..count {
                    let draft = self.ends[at].peer.ack();
                    self.send(at, draft.ack(view.una));
                }
            }
            Turn::Open if self.ends.len() < MAX_ENDS => {
                let at = self.facing_listener();
                self.send_syn(at);
                self.tester.wait(DELAY)?;
                self.hear();
                self.judge_clocks(at);
                self.answer(at);
            }
            Turn::Open => {}
            Turn::Reopen => {
                let peer = &mut self.ends[at].peer;
                let iss = peer.snd + BEYOND;
                (peer.iss, peer.snd, peer.acknowledged) = (iss, iss, iss);
                self.reopen(at);
            }
            Turn::Keepalive => {
                let draft = self.ends[at].peer.ack();
                self.send(at, draft.seq(view.snd - 1));
            }
            Turn::OpenWindow => {
                let peer = &self.ends[at].peer;
                let draft = peer.ack().wnd(peer.offer.wnd.max(8_000));
                let waits = self.waits_for_window(at);
                self.send(at, draft);
                if waits {
                    self.judge_update(at);
                }
            }
            Turn::CloseWindow => {
                let draft = self.ends[at].peer.ack().wnd(0);
                self.send(at, draft);
            }
            Turn::SynAgain => self.send_syn_again(at),
            Turn::Beside => return self.come_beside(at),
            Turn::OpenOddly(flags) if self.ends.len() < MAX_ENDS => return self.open_oddly(flags),
            Turn::OpenWithText if self.ends.len() < MAX_ENDS => return self.open_with_text(),
            Turn::OpenOddly(_) | Turn::OpenWithText => {}
            Turn::Living => return self.live_on(at),
            Turn::Report => self.report(at),
            Turn::SuggestTimeout(seconds) => self.suggest_timeout(at, seconds),
            Turn::Flood => return self.flood(),
        }
        Ok(())
    }

    /// One segment of at most `count` octets, as far as the stack's window reaches.
    fn send_data(&mut self, at: usize, count: u32) {
        let end = &self.ends[at];
        let count = count.min(end.room()).min(end.view().mss);
        if count > 0 {
            let peer = &end.peer;
            let draft = peer.ack().with(DATA).payload(octets(peer.snd, count));
            self.send(at, draft);
        }
    }

    /// What the stack has not acknowledged, from its beginning: one segment, and in it the SYN or the FIN that stands there
    /// (RFC 9293 section 3.8.1).
    fn send_again(&mut self, at: usize) {
        let end = &self.ends[at];
        let view = end.view();
        if view.told == view.iss && view.snd > view.iss {
            return self.send_syn_again(at);
        }
        let left = view.snd.since(view.told).max(0).cast_unsigned();
        let until_fin = end.fin.map(|fin| fin.since(view.told)).filter(|&text| text >= 0);
        let text = until_fin.map_or(left, |text| text.cast_unsigned().min(left));
        let count = text.min(view.mss);
        let mut draft = end.peer.ack().seq(view.told).payload(octets(view.told, count));
        if count > 0 {
            draft = draft.with(DATA);
        }
        if count == text && text < left {
            draft = draft.with(Flags::FIN);
        }
        if draft.len() > 0 {
            self.send(at, draft);
        }
    }

    /// The SYN, or the SYN-ACK where the stack has called.
    fn send_syn_again(&mut self, at: usize) {
        if self.ends[at].syn.as_ref().is_some_and(|syn| !syn.flags.ack()) {
            self.answer_syn(at);
        } else {
            self.send_syn(at);
        }
    }

    fn send_fin(&mut self, at: usize) {
        let draft = self.ends[at].peer.fin();
        self.send(at, draft);
    }

    pub(super) fn send_syn(&mut self, at: usize) {
        let draft = self.syn(at);
        self.send(at, draft);
    }

    pub(super) fn syn(&self, at: usize) -> Draft {
        let peer = &self.ends[at].peer;
        let mut draft = peer.syn();
        if let Stamp::Of(_, echo) = draft.stamp {
            draft.stamp = Stamp::Of(peer.tsval(self.tester.now()), echo);
        }
        draft
    }

    /// SYN-ACK in answer to the stack's SYN.
    pub(super) fn answer_syn(&mut self, at: usize) {
        let end = &self.ends[at];
        if let Some(syn) = &end.syn {
            let mut draft = end.peer.answer_to(syn);
            if let Stamp::Of(_, echo) = draft.stamp {
                draft.stamp = Stamp::Of(end.peer.tsval(self.tester.now()), echo);
            }
            self.send(at, draft);
        }
    }

    /// What stands behind the first segment in flight is reported by SACK.
    fn report(&mut self, at: usize) {
        let end = &self.ends[at];
        let view = end.view();
        let Some(flight) = end.flight else { return };
        let (left, right) = (flight.first, view.nxt);
        // As far as the first is still the first: a peer reports whole segments.
        if end.peer.sack && view.una < left && left < right {
            let draft = end.peer.ack().ack(view.una).sack(&[(left, right)]);
            let orderly = end.orderly && self.network.is_calm();
            self.send(at, draft);
            // The option is an ordinary peer's.
            (self.ends[at].orderly, self.ends[at].reported) = (orderly, Some((left, right)));
        }
    }

    /// RFC 5482 section 3.
    fn suggest_timeout(&mut self, at: usize, seconds: u16) {
        let end = &self.ends[at];
        let option = TcpOption::UserTimeout {
            minutes: false,
            timeout: seconds,
        };
        let orderly = end.orderly && self.network.is_calm();
        let draft = end.peer.ack().option(option);
        self.send(at, draft);
        let end = &mut self.ends[at];
        end.orderly = orderly;
        end.asked.at = end.spoke_at;
        end.asked.suggested = Some(Duration::secs(i64::from(seconds)));
    }

    pub(super) fn answer(&mut self, at: usize) {
        let end = &mut self.ends[at];
        end.owes = false;
        let called = end.syn.as_ref().is_some_and(|syn| !syn.flags.ack());
        if called && end.peer.snd == end.peer.iss {
            self.answer_syn(at);
        } else if end.its_iss.is_some() {
            let draft = end.peer.ack();
            self.send(at, draft);
        }
    }

    /// Acknowledges whatever is not acknowledged yet; whether there was any.
    pub(super) fn acknowledge(&mut self) -> bool {
        let mut any = false;
        for at in 0..self.ends.len() {
            if self.ends[at].owes {
                any = true;
                self.answer(at);
            }
        }
        any
    }

    /// The peer's part of an orderly end: what was lost, and then its FIN.
    pub(super) fn finish_peer(&mut self, at: usize) {
        let end = &self.ends[at];
        let open = end.its_iss.is_some() && end.peer.snd != end.peer.iss;
        if open && end.peer.acknowledged == end.peer.snd && !end.finished {
            self.ends[at].finished = true;
            self.send_fin(at);
        } else if open && end.peer.acknowledged != end.peer.snd {
            self.send_again(at);
        }
    }

    /// A listener of the stack, and an end that has not sent anything.
    pub(super) fn facing_listener(&mut self) -> usize {
        let port = 7_000 + self.ports;
        self.ports += 1;
        let open = self.open_connections();
        // A stack that cannot listen refuses everything: that too is worth a look.
        let _ = self
            .tester
            .call(format_args!("passive OPEN of port {port}"), |stack| stack.listen(port));
        self.judge_listening(&open);
        let offer = self.offer();
        let peer = self.tester.stranger(port, offer);
        let at = self.add(peer);
        self.ends[at].listening = true;
        at
    }

    /// The stack connects; none where it cannot.
    pub(super) fn called(&mut self) -> Option<usize> {
        let local = 50_000 + self.ports;
        self.ports += 1;
        let offer = self.offer();
        let peer: Peer = self.tester.stranger(local, offer);
        let remote = peer.here;
        let socket = self
            .tester
            .call(format_args!("active OPEN to port {}", remote.1), |stack| {
                stack.connect(local, remote)
            });
        let at = self.add(peer);
        let socket = socket.ok()?;
        self.ends[at].taken(socket);
        Some(at)
    }
}
