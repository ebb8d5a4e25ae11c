//! How fast the congestion window may grow.

use super::{largest_initial_window, segment_size};
use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::verdict::{Judge, Reason};

/// Beyond this many acknowledged octets the bound says nothing any more.
const WATCHED: i32 = 1 << 20;

/// RFC 5681 section 3.1: in slow start the window grows by at most the octets newly acknowledged (RFC 3465 counts them).
#[derive(Default)]
pub struct SlowStartBound {
    /// Data was sent after some was acknowledged, within the bound.
    grew: bool,
    done: bool,
}

impl TcpCheck for SlowStartBound {
    const REQUIREMENT: Requirement = requirement("tcp/slow-start-bound", rfc(5681, "3.1"), Level::Must)
        .labels(&["MUST-19"])
        .also(&[rfc(3465, "2.2"), rfc(9293, "3.8.2")])
        .binds(Role::Sender)
        .says("The congestion window grows by no more than what is acknowledged: the flight at most doubles in a round trip.")
        .judged(
            "Over the first mebioctet: what is outstanding never exceeds the largest initial window (RFC 6928) plus everything \
             acknowledged so far plus twelve segments (duplicate acknowledgements inflate the window in recovery, and the capture may \
             have missed some). An upper bound for \
             every algorithm that RFC 5681 allows; an initial window that is already too large is not counted again.",
        );

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if self.done {
            return;
        }
        let me = at.me;
        let (Some(iss), Some(_)) = (me.iss, me.una) else {
            return self.done = true;
        };
        let acknowledged = me.snd_una.since(iss + 1);
        if acknowledged <= 0 {
            return;
        }
        if acknowledged > WATCHED || !at.shared.is_clean() {
            return self.done = true;
        }
        let (Some(window), Some(size)) = (largest_initial_window(at), segment_size(at)) else {
            return self.done = true;
        };
        let flight = at.facts.end.since(me.snd_una);
        let bound = window as i32 + acknowledged + 12 * size as i32;
        if flight <= bound {
            self.grew = true;
            return;
        }
        self.done = true;
        if me.duplicate_acks > 0 || !me.sacked.is_empty() || at.facts.leaves_hole {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.violated(
            &[me.una.map_or(at.frame(), |una| una.frame), at.frame()],
            format_args!("at most {bound} octets outstanding after {acknowledged} were acknowledged"),
            format_args!("{flight} octets"),
        );
    }

    fn on_acked(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        // Whoever began too fast is accused of that alone.
        let me = at.me;
        if let (false, Some(iss), Some(window)) = (self.grew || self.done, me.iss, largest_initial_window(at)) {
            self.done = me.snd_nxt.since(iss + 1) > window as i32;
        }
    }

    fn on_end(&mut self, _: &Ending<'_>, judge: &mut Judge<'_>) {
        if self.grew && !self.done {
            judge.holds();
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("ten segments, then twenty", |t| {
                flights(t, &[10, 20]);
            }),
            violates("ten segments, then sixty", |t| {
                flights(t, &[10, 60]);
            }),
            abstains("a single segment", |t| {
                flights(t, &[1]);
            }),
        ]
    }
}

/// Flights of so many segments, each acknowledged as a whole.
fn flights(t: &mut Trace, sizes: &[u32]) {
    t.step(wire::Duration::millis(1));
    t.client().syn().mss(1460).scale(7);
    t.server().syn().mss(1460).scale(7);
    t.client();
    for &size in sizes {
        for _ in 0..size {
            t.client().data(1000);
        }
        for half in 0..size / 2 {
            let behind = (size / 2 - 1 - half) * 2000;
            let ack = t.server();
            let all = ack.acknowledges();
            ack.ack(all - behind).wnd(8000);
        }
    }
}
