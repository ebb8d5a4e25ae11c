//! Faults of what comes in: segments misread, dropped, or obeyed where they should not be.

use crate::connection::{Connection, Ended};
use crate::fault::Fault;
use crate::segment::Arrived;
use crate::state::State;
use wire::tcp::Options;

impl Connection {
    /// What the connection makes of a segment; none where it drops it, or has dealt with it.
    pub(crate) fn mishear<'a>(&mut self, segment: &Arrived<'a>) -> Option<Arrived<'a>> {
        let mut heard = segment.clone();
        misread_options(self.config.faults, &mut heard);
        if self.drops(&heard) || self.obeys(&heard) {
            return None;
        }
        if self.faulty(Fault::LateScaleTaken) && !heard.flags.syn() {
            self.shift = heard.options.window_scale.unwrap_or(self.shift);
        }
        if self.faulty(Fault::SignedWindows) && heard.wnd > 32_767 {
            heard.wnd = 0;
        }
        if self.faulty(Fault::DropsUrgent) && heard.flags.urg() {
            heard.payload = &[];
        }
        if self.faulty(Fault::NoHalfClose) && matches!(self.state, State::FinWait1 | State::FinWait2) {
            heard.payload = &[];
        }
        Some(heard)
    }

    fn drops(&self, heard: &Arrived<'_>) -> bool {
        let rst = heard.flags.rst();
        let stamp = heard.options.timestamps.map(|(value, _)| value);
        let old = stamp.is_none_or(|value| (value.wrapping_sub(self.ts_recent) as i32) < 0);
        let synchronized = self.state.is_synchronized();
        (self.faulty(Fault::IgnoresResets) && rst && synchronized)
            || (self.faulty(Fault::IgnoresDataResets) && rst && !heard.payload.is_empty())
            || (self.faulty(Fault::IgnoresResetsWhenFull) && rst && self.receiver.window() == 0 && synchronized)
            || (self.faulty(Fault::PawsOnResets) && rst && self.timestamps && old)
            || (self.faulty(Fault::DropsUnagreedStamps) && stamp.is_some() && !self.timestamps && synchronized)
            || (self.faulty(Fault::StampsDoNotWrap)
                && stamp.is_some_and(|value| value < self.ts_recent)
                && self.timestamps)
            || (self.faulty(Fault::NumbersDoNotWrap) && synchronized && heard.seq.0 < self.receiver.begins.0)
            || (self.faulty(Fault::ResetsUnknownOptions) && has_unknown_option(heard.raw_options) && synchronized)
            || (self.faulty(Fault::NoSimultaneousOpen) && self.state == State::SynSent && !heard.flags.ack())
    }

    /// Ends the connection where it should not, or by more than it should.
    fn obeys(&mut self, heard: &Arrived<'_>) -> bool {
        let rst = heard.flags.rst() && self.state.is_synchronized();
        let inside = self.receiver.is_acceptable(heard.seq, heard.len());
        let obeyed = if inside {
            Fault::ObeysAnyReset
        } else {
            Fault::ObeysOutsideResets
        };
        let reset = (rst && self.faulty(obeyed))
            || (self.faulty(Fault::TimeWaitAssassinated) && rst && self.state == State::TimeWait)
            || (self.faulty(Fault::AnyResetRefuses) && heard.flags.rst() && self.state == State::SynSent);
        let broken = self.faulty(Fault::DiesOfBrokenOptions) && heard.options.malformed.is_some();
        let unstamped = self.faulty(Fault::DiesUnstamped) && self.timestamps && heard.options.timestamps.is_none();
        let old = self.faulty(Fault::OldAckKills) && heard.flags.ack() && heard.ack < self.una;
        if reset {
            self.end(Ended::Reset);
        } else if (broken || unstamped || old) && self.state.is_synchronized() {
            self.end(Ended::Aborted);
        } else if self.faulty(Fault::SynKills) && self.state.is_synchronized() && heard.flags.syn() && inside {
            self.state = State::Established;
            self.abort();
        } else {
            return false;
        }
        true
    }
}

/// Options read wrongly, at a listener as well.
pub(crate) fn misread_options(faults: crate::fault::Faults, heard: &mut Arrived<'_>) {
    let shifted = faults.has(Fault::MisreadsShiftedOptions) && heard.raw_options.first() == Some(&1);
    let ended = faults.has(Fault::MisreadsEndOfList) && heard.options.end_of_list;
    if shifted || ended {
        heard.options = Options::default();
    }
    if faults.has(Fault::NeverScales) {
        heard.options.window_scale = heard.options.window_scale.map(|_| 0);
    }
    if faults.has(Fault::ShiftsBy15) && heard.options.window_scale.is_some_and(|shift| shift > 14) {
        heard.options.window_scale = Some(0);
    }
}

fn has_unknown_option(raw: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&kind) = raw.get(at) {
        match kind {
            0 => return false,
            1 => at += 1,
            2..=5 | 8 => at += usize::from(raw.get(at + 1).copied().unwrap_or(2)).max(2),
            _ => return true,
        }
    }
    false
}
