//! What a TCP check is: a monitor over one end of one connection, that says when its requirement was kept or broken.

use crate::example::Example;
use crate::requirement::Requirement;
use crate::tracker::{Connection, End, Facts, Gap, HostFacts, PreviousEnd, Seen, Segment, Shared, Side};
use crate::verdict::Judge;
use wire::{Duration, FrameNumber, Instant};

/// A segment at the moment when it is seen, from the judged end's point of view.
///
/// `me` is the judged end: the sender in `on_sent` and its kin, the receiver in `on_received` and its kin. Both ends hold the
/// state *before* the segment; what the segment changes is in `facts`.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    pub segment: &'a Segment<'a>,
    pub facts: &'a Facts,
    pub shared: &'a Shared,
    pub me: &'a End,
    pub peer: &'a End,
    pub my_side: Side,
    /// What is known of the judged host beyond this connection.
    pub host: &'a HostFacts,
}

impl<'a> Moment<'a> {
    /// The same moment, from the other end's point of view, of whose host `host` is known.
    #[inline(always)]
    pub(crate) fn seen_by_the_other(self, host: &'a HostFacts) -> Moment<'a> {
        Moment {
            me: self.peer,
            peer: self.me,
            my_side: self.my_side.other(),
            host,
            ..self
        }
    }
}

impl Moment<'_> {
    pub fn now(&self) -> Instant {
        self.segment.time
    }

    pub fn frame(&self) -> FrameNumber {
        self.segment.frame
    }

    /// The current packet, to be remembered.
    pub fn seen(&self) -> Seen {
        Seen {
            time: self.segment.time,
            frame: self.segment.frame,
        }
    }

    /// I opened this connection; false also when nobody knows.
    pub fn i_am_client(&self) -> bool {
        self.shared.client == Some(self.my_side)
    }

    /// What this end was in the connection that used the four-tuple before.
    pub fn me_before(&self) -> Option<&PreviousEnd> {
        self.shared.previous.as_deref()?.of(self.me)
    }

    /// One-way delay between the capture point and me, at most; none while nothing has measured it.
    pub fn my_delay(&self) -> Option<Duration> {
        self.shared.delay_to(self.me, self.i_am_client())
    }

    /// The gap, as I experienced it, between two of my own segments, the current one and one seen at `earlier`.
    pub fn gap_between_my_segments(&self, earlier: Instant) -> Option<Gap> {
        let seen = self.now() - earlier;
        self.my_delay().map(|delay| Gap {
            seen,
            at_least: (seen - delay).max(Duration::ZERO),
            at_most: seen + delay,
        })
    }

    /// How long I took, between the arrival of something seen at `stimulus` on its way to me and my sending the current segment.
    pub fn my_reaction(&self, stimulus: Instant) -> Option<Gap> {
        let seen = self.now() - stimulus;
        self.my_delay().map(|delay| Gap {
            seen,
            at_least: (seen - delay * 2).max(Duration::ZERO),
            at_most: seen,
        })
    }
}

/// Why no more segments will be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Closed, and 2MSL have passed.
    Closed,
    /// The four-tuple was used for a new connection.
    Replaced,
    /// The capture ended.
    CaptureEnded,
    /// Dropped to bound memory, or silent for a day.
    Evicted,
}

/// The end of a connection's record: time to judge what never happened.
pub struct Ending<'a> {
    pub why: Why,
    /// The latest time of the whole capture: nothing was seen between the connection's last segment and then.
    pub time: Instant,
    pub shared: &'a Shared,
    pub me: &'a End,
    pub peer: &'a End,
    pub my_side: Side,
    pub host: &'a HostFacts,
}

impl Ending<'_> {
    pub fn i_am_client(&self) -> bool {
        self.shared.client == Some(self.my_side)
    }
}

impl<'a> Ending<'a> {
    pub(crate) fn of(
        connection: &'a Connection,
        my_side: Side,
        why: Why,
        time: Instant,
        host: &'a HostFacts,
    ) -> Ending<'a> {
        let [a, b] = &connection.ends;
        let (me, peer) = if my_side == Side::A { (a, b) } else { (b, a) };
        Ending {
            why,
            time,
            shared: &connection.shared,
            me,
            peer,
            my_side,
            host,
        }
    }
}

/// A check and its requirement. Its state is one end's of one connection, so keep it within a few words; what both ends
/// and the segments say is in [`Moment`]. A handler that is not written costs nothing.
///
/// For one segment, `on_sent` comes before the sender's more special handlers, those before `on_received` and the
/// receiver's. Packets that the capture point saw twice are not reported at all.
pub trait TcpCheck: Default {
    const REQUIREMENT: Requirement;

    /// Any segment of mine.
    fn on_sent(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    /// My SYN or SYN-ACK, first or repeated.
    fn on_syn_sent(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    /// A segment of mine with data.
    fn on_data_sent(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    /// A segment of mine whose octets (SYN and FIN count) were all sent before, with `facts.resent` where the earlier
    /// transmissions are known.
    fn on_retransmitted(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    fn on_fin_sent(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    fn on_rst_sent(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}

    /// Any segment on its way to me.
    fn on_received(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    fn on_syn_received(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    /// A segment with data on its way to me.
    fn on_data_received(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    /// An acknowledgement of octets of mine that were not acknowledged before.
    fn on_acked(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    /// A duplicate acknowledgement (RFC 5681 section 2) on its way to me; `facts.duplicate_acks` counts.
    fn on_duplicate_ack(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    fn on_fin_received(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}
    fn on_rst_received(&mut self, _at: &Moment<'_>, _judge: &mut Judge<'_>) {}

    /// No more segments will come.
    fn on_end(&mut self, _end: &Ending<'_>, _judge: &mut Judge<'_>) {}

    /// Traffic that keeps the requirement, that breaks it (and nothing else), and that leaves it open: at least one of each.
    /// They prove that the check can pass, fail and abstain, and `stackproof explain` shows them.
    fn examples() -> Vec<Example>;
}

/// Declares a group of checks, in the `mod.rs` of its folder: a struct with the state of each, and the fan-out of every event.
/// A handler that a check does not write is an empty inlined function, so a check is in effect subscribed to what it handles.
macro_rules! tcp_checks {
    ($($module:ident :: $check:ident),* $(,)?) => {
        #[derive(Default)]
        #[allow(non_snake_case)]
        pub(crate) struct Checks { $($check: $module::$check),* }

        #[repr(u16)]
        enum Place { $($check,)* Count }

        pub(crate) const COUNT: u16 = Place::Count as u16;
        pub(crate) static REQUIREMENTS: [crate::Requirement; COUNT as usize] =
            [$(<$module::$check as crate::tcp::TcpCheck>::REQUIREMENT),*];

        /// Each check's examples, in the order of the requirements.
        pub(crate) fn examples() -> Vec<Vec<crate::example::Example>> {
            vec![$(<$module::$check as crate::tcp::TcpCheck>::examples()),*]
        }

        impl Checks {
            crate::tcp::check::fan_out!(on_sent, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_syn_sent, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_data_sent, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_retransmitted, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_fin_sent, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_rst_sent, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_received, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_syn_received, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_data_received, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_acked, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_duplicate_ack, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_fin_received, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_rst_received, Moment, $($check)*);
            crate::tcp::check::fan_out!(on_end, Ending, $($check)*);
        }
    };
}

/// One event to every check of a group, each told to speak for its own requirement.
macro_rules! fan_out {
    ($event:ident, $what:ident, $($check:ident)*) => {
        #[inline]
        #[allow(unused_variables)]
        pub(crate) fn $event<const BASE: u16>(
            &mut self,
            what: &crate::tcp::check::$what<'_>,
            judge: &mut crate::verdict::Judge<'_>,
        ) {
            #[allow(unused_imports)]
            use crate::tcp::TcpCheck;
            $(
                judge.turn_to(BASE + Place::$check as u16);
                self.$check.$event(what, judge);
            )*
        }
    };
}

pub(crate) use {fan_out, tcp_checks};
