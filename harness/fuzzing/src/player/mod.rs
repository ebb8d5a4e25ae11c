//! Plays the events of an input: the peer of every connection, the stack's application, the network between them.
//!
//! - here: the order of things; what both ends do without being told;
//! - `segments`: the records that send one, and what the network does with it; `turns`: those of an ordinary peer;
//! - `answers`: what must be answered at once; `arrivals`: the same on an open connection; `calls`: the stack's application; `messages`: ICMP and UDP; `packets`: odd ones of IP;
//! - `listeners`: who comes to a listener, and what it must do; `writes`: what a SEND must bring; `windows`: what a closed window must keep
//!   back; `patience`: what time must bring; `giving_up`: when a timer goes off, and for how long.

mod answers;
mod arrivals;
mod calls;
mod giving_up;
mod listeners;
mod messages;
mod packets;
mod patience;
mod segments;
mod turns;
mod windows;
mod writes;

use crate::account::Account;
use crate::end::End;
use crate::find::Find;
use crate::listing;
use crate::novelty::feature;
use crate::palette::{self, Ending, Opening, Pause, pick};
use crate::play::Settings;
use crate::record::{Header, Input, Kind, Record};
pub(crate) use arrivals::Owed;
use conformance::Level;
use segments::Network;
use stacks::{Ability, State, Status};
use suite::{Offer, Peer, Segment, Step, Tester};
use wire::{Duration, Instant, SeqNumber};

/// One way of the ordinary round trip.
const DELAY: Duration = Duration::millis(10);
/// What passes between two events.
const MOMENT: Duration = Duration::millis(1);
/// The longest that is waited for a stack to wake.
const LONGEST: Duration = Duration::hours(2);
/// No retransmission timeout is so short.
const PROBE: Duration = Duration::millis(100);
/// Longer than any keepalive timer waits, as far as is known.
const DAY: Duration = Duration::hours(25);
/// Packets of the stack after which a pause ends: one that says so much to nobody goes on with it. Two hours of probes of a closed
/// window, one a minute, are fewer; a day is not.
const MOST_SAID: usize = 130;
/// Connections of one conversation.
const MAX_ENDS: usize = 4;
/// How often the peer answers what its own answer brought, within one event.
const ROUNDS: usize = 3;
/// Rounds of an ordinary end of a conversation.
const FAREWELLS: usize = 10;

pub(crate) struct Player<'i> {
    pub tester: Tester,
    input: &'i Input,
    pub finds: Vec<Find>,
    /// The weakest requirement whose breach is one.
    level: Level,
    pub features: Vec<u16>,
    /// Whether accounts are kept, for a comparison.
    accounts: bool,
    began: Instant,
    /// Events played so far.
    pub event: usize,
    pub ends: Vec<End>,
    network: Network,
    ports: u16,
    ip_id: u16,
    /// Of what the stack said during this event.
    said: u64,
    /// A datagram has come; SYNs that nobody completes have.
    had_datagram: bool,
    flooded: bool,
}

impl<'i> Player<'i> {
    pub fn new(tester: Tester, input: &'i Input, settings: Settings) -> Player<'i> {
        Player {
            began: tester.now(),
            accounts: settings.accounts,
            tester,
            input,
            finds: Vec::new(),
            level: settings.level,
            features: Vec::new(),
            event: 0,
            ends: Vec::new(),
            network: Network::default(),
            ports: 0,
            ip_id: 0,
            said: 0,
            had_datagram: false,
            flooded: false,
        }
    }

    pub fn play(&mut self) -> Step {
        self.begin(pick(palette::OPENINGS, self.header().opening))?;
        self.account();
        let input = self.input;
        for record in &input.records {
            self.event += 1;
            self.said = 0;
            let before = self.state();
            self.play_one(record)?;
            self.settle()?;
            self.account();
            let [argument, ..] = record.arguments();
            let did = u64::from(argument % 32) << 8 | record.kind() as u64;
            self.features.push(feature([before, did, self.said]));
        }
        self.finish()?;
        self.account();
        Ok(())
    }

    /// How every connection stands now.
    fn account(&mut self) {
        if self.accounts {
            let (frame, age) = (self.tester.frames(), self.tester.now() - self.began);
            let half_close = self.tester.can(Ability::HalfClose);
            for end in &mut self.ends {
                end.stands(self.event, frame, age, half_close);
            }
        }
    }

    fn header(&self) -> &'i Header {
        &self.input.header
    }

    fn habit(&self, bit: u8) -> bool {
        self.header().habits >> bit & 1 == 0
    }

    fn play_one(&mut self, record: &Record) -> Step {
        self.tester.remark_with(|| listing::event(record));
        self.arrive_late();
        let arguments = record.arguments();
        match record.kind() {
            Kind::Segment => {
                self.segment(arguments);
                self.tester.wait(MOMENT)
            }
            Kind::Turn => {
                self.turn(arguments)?;
                self.tester.wait(MOMENT)
            }
            Kind::Call => {
                self.app_call(arguments);
                Ok(())
            }
            Kind::Time => self.pass(pick(palette::PAUSES, arguments[0])),
            Kind::Network => {
                self.network.expect(arguments);
                Ok(())
            }
            Kind::Message => {
                self.message(arguments);
                let (event, message) = (self.event as u64, u64::from_be_bytes(record.0));
                self.ends.iter_mut().for_each(|end| end.account.mark([event, message]));
                Ok(())
            }
        }
    }

    fn pass(&mut self, pause: Pause) -> Step {
        let now = self.tester.now();
        let until = match pause {
            Pause::For(time) => now + time.min(LONGEST),
            Pause::Wake(more) => (self.tester.wake_at().unwrap_or(now + DELAY) + more).clamp(now, now + LONGEST),
            Pause::Day => now + DAY,
        };
        let waiting = self.in_time_wait(now);
        let (silent, calling) = (self.before_silence(until - now), self.calling(until - now));
        let (shut, heard) = (self.shut(), self.tester.inbox.len());
        self.tester.run(until, |tester| tester.inbox.len() >= MOST_SAID)?;
        for before in silent {
            self.judge_silence(&before);
        }
        for one in calling {
            self.judge_call(one, now);
        }
        for at in shut {
            self.judge_shut(at, heard);
        }
        self.judge_owed();
        for (at, before) in waiting {
            self.judge_time_wait(at, before);
        }
        Ok(())
    }

    /// The connections in TIME-WAIT, and when each was in another state last.
    fn in_time_wait(&mut self, now: Instant) -> Vec<(usize, Instant)> {
        let mut waiting = Vec::new();
        for (at, end) in self.ends.iter_mut().enumerate() {
            let status = end
                .peer
                .socket
                .map(|socket| self.tester.quietly(|stack| stack.status(socket)));
            match (status, end.elsewhere) {
                (Some(Ok(Status::In(State::TimeWait))), Some(before)) => waiting.push((at, before)),
                (Some(Ok(Status::In(State::TimeWait))), None) => {}
                _ => end.elsewhere = Some(now),
            }
        }
        waiting
    }

    /// Up to where the events begin.
    fn begin(&mut self, opening: Opening) -> Step {
        match opening {
            Opening::Listening => {
                self.facing_listener();
            }
            Opening::Greeted => {
                let at = self.facing_listener();
                self.send_syn(at);
                self.hear();
                self.ends.iter_mut().for_each(|end| end.owes = false);
            }
            Opening::Passive => {
                let at = self.facing_listener();
                self.send_syn(at);
                self.tester.wait(DELAY)?;
            }
            Opening::Called | Opening::Active => {
                let at = self.called();
                self.hear();
                self.ends.iter_mut().for_each(|end| end.owes = false);
                if let (Some(at), Opening::Active) = (at, opening) {
                    self.tester.wait(DELAY)?;
                    self.answer_syn(at);
                }
            }
        }
        if opening == Opening::Passive {
            self.hear();
            self.acknowledge();
        }
        self.settle()
    }

    /// What the peer offers.
    fn offer(&self) -> Offer {
        let header = self.header();
        Offer {
            mss: pick(palette::MSS, header.mss),
            window_scale: pick(palette::SHIFTS, header.shift),
            sack: header.options & 1 != 0,
            timestamps: header.options & 2 != 0,
            ecn: header.options & 4 != 0,
            wnd: pick(palette::OFFERED_WINDOWS, header.wnd),
            iss: SeqNumber(pick(palette::ISS, header.iss)),
            clock: pick(palette::CLOCKS, header.clock),
        }
    }

    /// A connection to be, and its place among the others.
    fn add(&mut self, peer: Peer) -> usize {
        let end = self.end(peer);
        self.ends.push(end);
        self.ends.len() - 1
    }

    fn end(&self, peer: Peer) -> End {
        let mut end = End::new(peer);
        end.account = Account::new(self.habit(0), self.habit(2));
        end.born = self.tester.now();
        end
    }

    /// What both ends do without being told.
    fn settle(&mut self) -> Step {
        for _ in 0..ROUNDS {
            self.hear();
            self.application();
            if !self.habit(1) || !self.acknowledge() {
                break;
            }
        }
        self.hear();
        Ok(())
    }

    /// Takes in what the stack has sent.
    fn hear(&mut self) {
        while let Some(segment) = self.tester.inbox.pop_front() {
            let Some(end) = self.ends.iter_mut().find(|end| end.peer.is_from(&segment)) else {
                continue;
            };
            self.said = said(self.said, &segment);
            if let Some((kind, seen)) = end.left(&segment) {
                let find = Find::of_stream(kind, seen, self.event, segment.frame.0);
                self.finds.push(find);
            }
            let taken = |&mut (bare, _): &mut (SeqNumber, _)| segment.acknowledges() && segment.ack > bare;
            if let Some((_, id)) = end.bare.take_if(taken) {
                self.accuse(id, "an acknowledgement of what came before", "of it too");
                continue;
            }
            // RFC 9293 section 3.8.6.1 (SHLD-29): it is probed when it has been closed for a retransmission timeout.
            let soon = |at: &mut Instant| !segment.payload.is_empty() && segment.time - *at < PROBE;
            if end.shut_at.take_if(soon).is_some() {
                let (id, seen) = match segment.payload.len() {
                    1 => ("tcp/first-probe-after-rto", "one octet at once"),
                    _ => (end.closed_window(), "more than an octet"),
                };
                self.accuse(id, "a probe after the retransmission timeout", seen);
                continue;
            }
            if self.network.unheard > 0 {
                self.network.unheard -= 1;
                end.account.unheard();
                end.missed = true;
                continue;
            }
            end.hear(segment);
        }
        self.tester.others.clear();
    }

    /// The state of the first connection, where the stack tells it, and whether something is waiting.
    fn state(&mut self) -> u64 {
        let Some(end) = self.ends.first() else { return 0 };
        let view = end.view();
        let waiting = u64::from(view.una != view.nxt) << 1 | u64::from(view.its_wnd == 0);
        let told = end
            .peer
            .socket
            .map(|socket| self.tester.quietly(|stack| stack.status(socket)));
        let number = match told {
            Some(Ok(Status::In(state))) => state as u64 + 1,
            _ => 0,
        };
        number << 2 | waiting
    }

    /// The events are over.
    fn finish(&mut self) -> Step {
        self.network = Network::default();
        match pick(palette::ENDINGS, self.header().ending) {
            Ending::Nothing => Ok(()),
            Ending::Silence(time) => self.tester.wait(time),
            Ending::Farewell => self.farewell(),
        }
    }

    /// Both ends finish what they have begun, in order.
    fn farewell(&mut self) -> Step {
        self.tester.remark_with(|| "both ends finish in order".to_owned());
        for _ in 0..FAREWELLS {
            for at in 0..self.ends.len() {
                self.app_close(at);
                self.finish_peer(at);
            }
            self.tester.wait(DELAY * 2)?;
            self.hear();
            self.application();
            if !self.acknowledge() {
                self.pass(Pause::Wake(Duration::ZERO))?;
            }
        }
        Ok(())
    }
}

/// How the first segment looks that the stack says upon one event, in a few bits, and whether it is the only one.
fn said(before: u64, segment: &Segment) -> u64 {
    if before > 0 {
        return before | 2;
    }
    let shape = u64::from(segment.wnd == 0) << 1 | u64::from(!segment.payload.is_empty());
    u64::from(segment.flags.0 & 0x1f) << 4 | shape << 2 | 1
}
