//! The events of the capture in their order and at their pace: our side's segments are sent, the stack's application does what
//! the captured peer's did.

use super::application::{Application, Ending};
use super::captured::{Captured, Conversation, End, Side};
use super::heard::Heard;
use super::stream::place;
use super::translate::{Translation, syn_options};
use crate::scenario::{Step, Stop};
use crate::segment::{Draft, Stamp};
use crate::tester::Tester;
use stacks::{Ability, Setting};
use std::net::IpAddr;
use wire::tcp::{Flags, Options};
use wire::{Duration, Instant, SeqNumber};

/// How long an event waits for what it answers, beyond its time in the capture.
const PATIENCE: Duration = Duration::secs(1);
/// An ordinary receiver acknowledges what has come after this time at the latest (RFC 9293 section 3.8.6.3: less than half a second).
const DELAYED: Duration = Duration::millis(200);
/// Gaps of the capture beyond this are shortened: clocks that jump.
const LONGEST_GAP: Duration = Duration::hours(24);
/// The stack's application looks after its connection so often where time is not ours.
const TICK: Duration = Duration::millis(10);
/// Waits that are told of one by one.
const TOLD: usize = 5;

pub struct Player<'c> {
    pub(super) conversation: &'c Conversation,
    pub(super) plays: Side,
    pub(super) heard: Heard,
    pub(super) application: Application,
    /// Segments of ours that were sent, of those in the capture.
    pub(super) sent: [usize; 2],
    /// What is worth telling about the replay itself.
    pub(super) remarks: Vec<String>,
    pub(super) unmet: usize,
    here: (IpAddr, u16),
    there: (IpAddr, u16),
    translation: Option<Translation>,
    /// The latest acknowledgement of ours, and the highest that the capture has given by now.
    acknowledged: Option<SeqNumber>,
    owed: Option<SeqNumber>,
    /// Behind the last octet of ours.
    next: SeqNumber,
    wnd: u16,
    tsval: u32,
    /// The data of our SYN went out a second time.
    repeated: bool,
    /// The captured peer's reset has been reached.
    peer_reset: bool,
    /// Behind the last octet that the captured peer took.
    captured_edge: Option<SeqNumber>,
}

impl<'c> Player<'c> {
    pub fn new(conversation: &'c Conversation, plays: Side) -> Player<'c> {
        let [client, server] = conversation.ends;
        let (here, there) = match plays {
            Side::Client => (client, server),
            Side::Server => (server, client),
        };
        let ours = conversation.segments.iter().filter(|one| one.0 == plays).count();
        Player {
            conversation,
            plays,
            heard: Heard::default(),
            application: Application::default(),
            sent: [0, ours],
            remarks: Vec::new(),
            unmet: 0,
            here,
            there,
            translation: None,
            acknowledged: None,
            owed: None,
            next: conversation.end(plays).isn.unwrap_or_default(),
            wnd: 0,
            tsval: 0,
            repeated: false,
            peer_reset: false,
            captured_edge: None,
        }
    }

    fn ours(&self) -> &'c End {
        self.conversation.end(self.plays)
    }

    fn theirs(&self) -> &'c End {
        self.conversation.end(self.plays.other())
    }

    pub fn play(&mut self, t: &mut Tester) -> Step {
        (self.here.0, self.there.0) = (t.ours, t.its);
        self.open(t)?;
        let mut captured = None;
        for (from, one) in &self.conversation.segments {
            let gap = captured.map_or(Duration::ZERO, |before| one.time - before);
            captured = Some(one.time);
            if gap > LONGEST_GAP {
                self.remarks
                    .push(format!("the gap of {gap} before {} was shortened to 24 h", name(one)));
            }
            let due = t.now() + gap.clamp(Duration::ZERO, LONGEST_GAP);
            self.until(t, due, |_, _| false)?;
            if *from != self.plays {
                self.theirs_turn(t, one);
            } else if self.heard.reset && !self.peer_reset {
                self.remarks.push(format!(
                    "the stack reset the connection before {}; the replay ends there",
                    name(one)
                ));
                break;
            } else {
                self.our_turn(t, one, due + PATIENCE)?;
            }
        }
        let end = t.now() + PATIENCE;
        self.until(t, end, |_, _| false)?;
        self.judge(t);
        Ok(())
    }

    fn open(&mut self, t: &mut Tester) -> Step {
        let port = self.there.1;
        match self.plays {
            Side::Server => {
                t.needs(Ability::Connect)?;
                let remote = self.here;
                let socket = t
                    .call(
                        format_args!("active OPEN from port {port} to port {}", remote.1),
                        |stack| stack.connect(port, remote),
                    )
                    .map_err(|error| Stop::Stuck(format!("active OPEN from port {port} failed: {error}")))?;
                self.application.socket = Some(socket);
                self.tune(t);
            }
            // A captured server that only refuses is one where nobody listens.
            Side::Client if self.theirs().options.is_none() && self.theirs().reset => {}
            Side::Client => {
                t.needs(Ability::Listen)?;
                t.call(format_args!("passive OPEN of port {port}"), |stack| stack.listen(port))
                    .map_err(|error| Stop::Stuck(format!("passive OPEN of port {port} failed: {error}")))?;
                self.application.listens = Some(port);
            }
        }
        Ok(())
    }

    /// Nagle's algorithm is off where the captured peer had none: it sent small segments while data was outstanding.
    fn tune(&mut self, t: &mut Tester) {
        let Some(socket) = self.application.socket else { return };
        if t.can(Ability::Nagle) && sends_small(self.conversation, self.plays.other()) {
            let _ = t.call(format_args!("Nagle off"), |stack| {
                stack.set(socket, Setting::Nagle(false))
            });
        }
    }

    /// Lets time pass until `time`, or until `enough` holds. What the stack sends is heard, its application has its turns, and what
    /// the capture acknowledges is acknowledged once it has come.
    fn until(&mut self, t: &mut Tester, time: Instant, enough: impl Fn(&Self, &Tester) -> bool) -> Step {
        loop {
            self.attend(t);
            self.pay(t);
            let now = t.now();
            if enough(self, t) || now >= time {
                return Ok(());
            }
            let next = if t.is_virtual() { time } else { time.min(now + TICK) };
            t.run(next, |t| !t.inbox.is_empty())?;
        }
    }

    fn attend(&mut self, t: &mut Tester) {
        loop {
            let had = self.application.socket.is_some();
            self.application.act(t, self.theirs().stream.octets());
            if !had && self.application.socket.is_some() {
                self.tune(t);
            }
            if t.inbox.is_empty() {
                return;
            }
            while let Some(segment) = t.inbox.pop_front() {
                if segment.destination != self.here {
                    continue;
                }
                if self.heard.syn.is_none() && segment.flags.syn() {
                    // The stack may choose its port after all.
                    self.there = segment.source;
                }
                if segment.source != self.there {
                    continue;
                }
                let scales = self
                    .ours()
                    .options
                    .as_ref()
                    .is_some_and(|one| one.window_scale.is_some());
                self.heard.take(&segment, scales);
                if let (None, Some(syn)) = (&self.translation, &self.heard.syn) {
                    let stack = (syn.seq, &syn.options, syn.ecn);
                    self.translation = Some(Translation::new(self.ours(), self.theirs(), stack));
                }
            }
        }
    }

    /// Acknowledges what the capture acknowledged earlier than it came.
    fn pay(&mut self, t: &mut Tester) {
        let (Some(owed), Some(next), Some(acknowledged)) = (self.owed, self.heard.next(), self.acknowledged) else {
            return;
        };
        if acknowledged < owed.min(next) && !self.heard.reset {
            self.acknowledge(t, owed.min(next));
        }
    }

    fn acknowledge(&mut self, t: &mut Tester, ack: SeqNumber) {
        let mut draft = Draft::new(self.here, self.there, Flags::ACK)
            .seq(self.next)
            .ack(ack)
            .wnd(self.wnd);
        draft.stamp = self.stamp();
        self.acknowledged = Some(ack);
        t.remark("an acknowledgement that the capture gave earlier");
        t.throw(&draft);
        self.attend(t);
    }

    /// The captured peer's segment: its data and its closes are the application's.
    fn theirs_turn(&mut self, t: &mut Tester, one: &Captured) {
        let (ours, theirs) = (self.ours(), self.theirs());
        let (Some(own_isn), Some(isn)) = (ours.isn, theirs.isn) else {
            return;
        };
        if one.flags.ack() && !one.flags.rst() {
            let agreed = self.captured_shift();
            let shift = if one.flags.syn() { 0 } else { agreed };
            let edge = one.ack + (u32::from(one.wnd) << shift);
            self.captured_edge = Some(self.captured_edge.map_or(edge, |known| known.max(edge)));
        }
        let heard = place(one.ack, own_isn, self.application.received.len() as u64);
        let heard = if one.flags.ack() { heard.max(0) as u64 } else { 0 };
        let heard = heard.min(ours.stream.len());
        let at = place(one.data_seq(), isn, self.application.sent);
        let behind = (at + one.payload.len() as i64).max(0) as u64;
        if one.flags.rst() {
            self.peer_reset = true;
            self.application.say(heard, 0, Some(Ending::Abort));
        } else if one.flags.fin() {
            self.application
                .say(heard, theirs.fin.unwrap_or(behind), Some(Ending::Close));
        } else if one.has_data() && behind <= theirs.stream.len() {
            self.application.say(heard, behind, None);
        }
        self.attend(t);
    }

    fn captured_shift(&self) -> u8 {
        let shift = |end: &End| end.options.as_ref().and_then(|options| options.window_scale);
        match (shift(self.ours()), shift(self.theirs())) {
            (Some(_), Some(shift)) => shift.min(14),
            _ => 0,
        }
    }

    /// A segment of ours: it waits for what it answers, is translated, and goes out.
    fn our_turn(&mut self, t: &mut Tester, one: &Captured, patience: Instant) -> Step {
        let needs_number = one.flags.ack() && !(one.flags.rst() && self.theirs().isn.is_none());
        if needs_number {
            self.until(t, patience, |me, _| me.translation.is_some() || me.heard.reset)?;
        }
        let Some(translation) = self.translation.clone().filter(|_| !one.flags.syn() && needs_number) else {
            if needs_number && self.translation.is_none() {
                let what = if self.plays == Side::Client { "SYN-ACK" } else { "SYN" };
                let seen = if self.heard.reset { "a reset" } else { "none" };
                return Err(Stop::Stuck(format!("{} answers a {what}, and {seen} came", name(one))));
            }
            self.send_syn(t, one);
            return Ok(());
        };
        let wanted = translation.theirs(one.ack);
        self.await_answer(t, one, wanted, patience)?;
        self.repeat_syn_data(t, one);
        let next = self.heard.next().unwrap_or(wanted);
        self.owed = Some(self.owed.map_or(wanted, |owed| owed.max(wanted)));
        let ack = wanted.min(next);
        let mut draft = Draft::new(self.here, self.there, translation.flags(one.flags)).stamp(Stamp::None);
        (draft.seq, draft.ack, draft.wnd) = (one.seq, ack, translation.window(one.wnd));
        draft.urgent_pointer = one.urgent_pointer;
        draft.options = translation.options(&one.options, self.heard.tsval, next);
        draft.ecn = if translation.live.ecn { one.ecn } else { 0 };
        if !one.flags.rst() {
            self.acknowledged = Some(self.acknowledged.map_or(ack, |known| known.max(ack)));
            self.wnd = draft.wnd;
        }
        if let Some((value, _)) = Options::parse(&one.options).timestamps {
            self.tsval = value;
        }
        self.send_in_pieces(t, one, draft);
        Ok(())
    }

    /// A SYN, a SYN-ACK, or a reset that acknowledges nothing.
    fn send_syn(&mut self, t: &mut Tester, one: &Captured) {
        let mut draft = Draft::new(self.here, self.there, one.flags).stamp(Stamp::None);
        (draft.seq, draft.ack, draft.wnd) = (one.seq, one.ack, one.wnd);
        let stack = self.heard.syn.as_ref();
        let answers = one.flags.ack();
        let other = if answers {
            stack.map(|syn| &syn.options)
        } else {
            self.theirs().options.as_ref()
        };
        draft.options = syn_options(&one.options, if answers { self.heard.tsval } else { 0 }, other, answers);
        if let (true, Some(translation)) = (answers, &self.translation) {
            draft.ack = translation.theirs(one.ack).min(self.heard.next().unwrap_or(one.ack));
            draft.flags = if one.flags.syn() {
                translation.flags(one.flags)
            } else {
                one.flags
            };
            self.acknowledged = Some(draft.ack);
        }
        if let Some((value, _)) = Options::parse(&one.options).timestamps {
            self.tsval = value;
        }
        (draft.payload, self.wnd) = (one.payload.clone(), one.wnd);
        self.throw(t, one, draft);
        self.sent[0] += 1;
    }

    /// Data of our SYN that the stack did not take are sent again, as RFC 7413 section 4.2.2 has it, if the capture does not.
    fn repeat_syn_data(&mut self, t: &mut Tester, next: &Captured) {
        let ours = || {
            self.conversation
                .segments
                .iter()
                .filter(|one| one.0 == self.plays)
                .map(|one| &one.1)
        };
        let Some(syn) = ours().find(|one| one.flags.syn() && !one.payload.is_empty()) else {
            return;
        };
        let first = syn.data_seq();
        let again = ours().any(|one| one.has_data() && !one.flags.syn() && one.seq == first);
        if again || self.repeated || next.flags.rst() || self.heard.acknowledged != Some(first) {
            return;
        }
        self.repeated = true;
        self.remarks
            .push("the stack did not take the data of our SYN: they were sent again behind it".to_owned());
        let mut draft = Draft::new(self.here, self.there, Flags::ACK).seq(first).wnd(self.wnd);
        draft = draft
            .ack(self.heard.next().unwrap_or_default())
            .payload(syn.payload.clone());
        draft.stamp = self.stamp();
        self.throw(t, syn, draft);
    }

    fn stamp(&self) -> Stamp {
        match &self.translation {
            Some(translation) if translation.live.timestamps => Stamp::Of(self.tsval, self.heard.tsval),
            _ => Stamp::None,
        }
    }

    /// Waits until the stack has sent what the segment acknowledges, and takes what it carries, as the captured peer did.
    fn await_answer(&mut self, t: &mut Tester, one: &Captured, wanted: SeqNumber, patience: Instant) -> Step {
        let end = one.seq + one.payload.len() as u32;
        let fitted = !one.payload.is_empty() && self.captured_edge.is_some_and(|edge| end <= edge);
        let answered = move |me: &Self| {
            let sent = me.heard.next().is_some_and(|next| next >= wanted) || one.flags.rst();
            let fits = !fitted || me.heard.edge.is_none_or(|edge| end <= edge);
            sent && fits || me.heard.reset
        };
        while !answered(self) && t.now() < patience {
            let pause = patience.min(t.now() + DELAYED);
            self.until(t, pause, |me, _| answered(me))?;
            // As an ordinary receiver does, while more is to come.
            if let (Some(next), Some(acknowledged), false) = (self.heard.next(), self.acknowledged, answered(self)) {
                if acknowledged < next.min(wanted) {
                    self.acknowledge(t, next.min(wanted));
                }
            }
        }
        if !answered(self) {
            self.unmet += 1;
            let lacking = self.heard.next().map_or(0, |next| wanted.since(next)).max(0);
            let what = if lacking > 0 {
                format!("it acknowledges {lacking} octets more than the stack has sent by then")
            } else {
                "the stack's window has no room for its data".to_owned()
            };
            if self.unmet <= TOLD {
                self.remarks.push(format!("{} waited in vain: {what}", name(one)));
            }
        }
        Ok(())
    }

    /// Segments that the capture shows merged, or that are larger than the stack takes, go out in pieces (RFC 9293 section 3.7.1).
    fn send_in_pieces(&mut self, t: &mut Tester, one: &Captured, whole: Draft) {
        let default = if self.here.0.is_ipv4() { 536 } else { 1220 };
        let mss = self
            .heard
            .syn
            .as_ref()
            .and_then(|syn| syn.options.mss)
            .unwrap_or(default);
        let room = usize::from(mss)
            .saturating_sub(whole.options.len().next_multiple_of(4))
            .max(1);
        let last = one.payload.len().div_ceil(room).max(1) - 1;
        for piece in 0..=last {
            let from = piece * room;
            let mut draft = whole.clone();
            draft.seq = whole.seq + from as u32;
            draft.payload = one.payload.iter().skip(from).take(room).copied().collect();
            if piece < last {
                draft = draft.without(Flags::FIN.with(Flags::PSH));
            }
            // The pointer counts from the segment's own number (RFC 9293 section 3.1).
            draft.urgent_pointer = whole.urgent_pointer.saturating_sub(from.min(65_535) as u16);
            if from > 0 && draft.urgent_pointer == 0 {
                draft = draft.without(Flags::URG);
            }
            self.throw(t, one, draft);
        }
        self.sent[0] += 1;
    }

    fn throw(&mut self, t: &mut Tester, one: &Captured, draft: Draft) {
        if !draft.flags.rst() {
            self.next = self.next.max(draft.seq + draft.len());
        }
        t.remark(name(one));
        t.throw(&draft);
        self.attend(t);
    }

    /// The one thing that packets do not show: whether the application got what was sent.
    fn judge(&self, t: &mut Tester) {
        let (sent, got) = (&self.ours().stream, &self.application.received);
        let urgent = self
            .conversation
            .segments
            .iter()
            .any(|(from, one)| *from == self.plays && one.flags.urg());
        let right = sent.octets().get(..got.len()) == Some(got);
        // Less than all of it may be what the capture's own course came to; octets that came in two versions, or out of band, prove
        // nothing.
        if sent.ambiguous || urgent || got.is_empty() || right && got.len() < sent.octets().len() {
            return;
        }
        t.delivered(got, sent.octets());
    }
}

/// Whether `side` sent a segment that was not full while data of its own was outstanding.
fn sends_small(conversation: &Conversation, side: Side) -> bool {
    let Some(isn) = conversation.end(side).isn else {
        return false;
    };
    let largest = conversation
        .segments
        .iter()
        .filter(|one| one.0 == side)
        .map(|one| one.1.payload.len())
        .max();
    let (mut sent, mut acknowledged, mut small) = (isn + 1, isn + 1, false);
    for (from, one) in &conversation.segments {
        if *from != side && one.flags.ack() && !one.flags.rst() {
            acknowledged = acknowledged.max(one.ack);
        } else if *from == side && one.has_data() {
            let end = one.data_seq() + one.payload.len() as u32;
            let fresh = one.data_seq() >= sent;
            small |= fresh && acknowledged < sent && Some(one.payload.len()) < largest && !one.flags.fin();
            sent = sent.max(end);
        }
    }
    small
}

fn name(one: &Captured) -> String {
    match one.frame {
        Some(frame) => format!("frame {frame} of the capture"),
        None => "a segment that the capture lacks".to_owned(),
    }
}
