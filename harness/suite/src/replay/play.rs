//! The events of the capture in their order and at their pace: our side's segments are sent, the stack's application does what
//! the captured peer's did.

use super::application::{Application, Ending};
use super::captured::{Captured, Conversation, End, Side};
use super::heard::Heard;
use super::stream::place;
use super::translate::Translation;
use crate::scenario::{Step, Stop};
use crate::segment::Draft;
use crate::tester::Tester;
use stacks::{Ability, Setting};
use std::net::IpAddr;
use wire::tcp::Flags;
use wire::{Duration, Instant, SeqNumber};

/// How long an event waits for what it answers, beyond its time in the capture.
const PATIENCE: Duration = Duration::secs(1);
/// An ordinary receiver acknowledges what has come after this time at the latest (RFC 9293 section 3.8.6.3: less than half a second).
pub(super) const DELAYED: Duration = Duration::millis(200);
/// Gaps of the capture beyond this are shortened: clocks that jump.
const LONGEST_GAP: Duration = Duration::hours(24);
/// The stack's application looks after its connection so often where time is not ours.
const TICK: Duration = Duration::millis(10);

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
    pub(super) here: (IpAddr, u16),
    pub(super) there: (IpAddr, u16),
    pub(super) translation: Option<Translation>,
    /// The latest acknowledgement of ours, and the highest that the capture has given by now.
    pub(super) acknowledged: Option<SeqNumber>,
    pub(super) owed: Option<SeqNumber>,
    /// Behind the last octet of ours.
    pub(super) next: SeqNumber,
    pub(super) wnd: u16,
    pub(super) tsval: u32,
    /// Our SYN, while it has data that the capture does not send again.
    pub(super) syn_data: Option<&'c Captured>,
    /// The captured peer's reset has been reached.
    pub(super) peer_reset: bool,
    /// Behind the last octet that the captured peer took.
    pub(super) captured_edge: Option<SeqNumber>,
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
            syn_data: syn_data(conversation, plays),
            peer_reset: false,
            captured_edge: None,
        }
    }

    pub(super) fn ours(&self) -> &'c End {
        self.conversation.end(self.plays)
    }

    pub(super) fn theirs(&self) -> &'c End {
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
    pub(super) fn until(&mut self, t: &mut Tester, time: Instant, enough: impl Fn(&Self, &Tester) -> bool) -> Step {
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

    pub(super) fn attend(&mut self, t: &mut Tester) {
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

    pub(super) fn acknowledge(&mut self, t: &mut Tester, ack: SeqNumber) {
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
    pub(super) fn theirs_turn(&mut self, t: &mut Tester, one: &Captured) {
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

/// The SYN of `side`, if it has data that come no second time.
fn syn_data(conversation: &Conversation, side: Side) -> Option<&Captured> {
    let own = || {
        conversation
            .segments
            .iter()
            .filter(|one| one.0 == side)
            .map(|one| &one.1)
    };
    let syn = own().find(|one| one.flags.syn() && !one.payload.is_empty())?;
    let again = own().any(|one| one.has_data() && !one.flags.syn() && one.seq == syn.data_seq());
    (!again).then_some(syn)
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

pub(super) fn name(one: &Captured) -> String {
    match one.frame {
        Some(frame) => format!("frame {frame} of the capture"),
        None => "a segment that the capture lacks".to_owned(),
    }
}
