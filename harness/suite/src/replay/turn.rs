//! Our side's turns: a captured segment waits for what it answers, is translated, and goes out.

use super::captured::{Captured, Side};
use super::play::{DELAYED, Player, name};
use super::translate::syn_options;
use crate::scenario::{Step, Stop};
use crate::segment::{Draft, Stamp};
use crate::tester::Tester;
use wire::tcp::{Flags, Options};
use wire::{Instant, SeqNumber};

/// Waits that are told of one by one.
const TOLD: usize = 5;

impl Player<'_> {
    /// A segment of ours: it waits for what it answers, is translated, and goes out.
    pub(super) fn our_turn(&mut self, t: &mut Tester, one: &Captured, patience: Instant) -> Step {
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
        let Some(syn) = self.syn_data else { return };
        if next.flags.rst() || self.heard.acknowledged != Some(syn.data_seq()) {
            return;
        }
        self.syn_data = None;
        self.remarks
            .push("the stack did not take the data of our SYN: they were sent again behind it".to_owned());
        let mut draft = Draft::new(self.here, self.there, Flags::ACK)
            .seq(syn.data_seq())
            .wnd(self.wnd);
        draft = draft
            .ack(self.heard.next().unwrap_or_default())
            .payload(syn.payload.clone());
        draft.stamp = self.stamp();
        self.throw(t, syn, draft);
    }

    pub(super) fn stamp(&self) -> Stamp {
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
            if let (Some(next), Some(acknowledged), false) = (self.heard.next(), self.acknowledged, answered(self))
                && acknowledged < next.min(wanted)
            {
                self.acknowledge(t, next.min(wanted));
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
            let until = one.payload.len().min(from + room);
            draft.payload = one.payload.get(from..until).unwrap_or_default().to_vec();
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
}
