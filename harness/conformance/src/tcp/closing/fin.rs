//! The FIN's place in sequence space.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::tracker::Record;
use crate::verdict::{Judge, Reason};
use wire::Duration;

/// RFC 9293 section 3.6: a FIN ends the stream, at one place.
#[derive(Default)]
pub struct FinOnce;

impl TcpCheck for FinOnce {
    const REQUIREMENT: Requirement = requirement("tcp/fin-at-one-place", rfc(9293, "3.6"), Level::Must)
        .by_itself()
        .prose()
        .binds(Role::Sender)
        .says("A FIN occupies one place in sequence space: a repeated FIN has the same sequence number.")
        .judged("Every FIN after the first, against the place of the first.");

    fn on_fin_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let place = at.segment.data_start() + at.segment.payload_len;
        match at.me.fin {
            None => judge.holds(),
            Some(fin) if fin == place => judge.holds(),
            Some(_) if at.segment.sliced() || at.shared.stepped_back > Duration::ZERO => {
                judge.inconclusive(Reason::Ambiguous)
            }
            Some(fin) => judge.violated(
                &[at.me.fin_seen.map_or(at.frame(), |seen| seen.frame), at.frame()],
                format_args!("FIN at {} again", at.me.relative(fin)),
                format_args!("FIN at {}", at.me.relative(place)),
            ),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("closed once", |t| {
                t.handshake();
                t.close();
            }),
            holds("the four-tuple and its client's ISN are used again", |t| {
                t.isns(5000, 1000);
                t.handshake();
                t.server().fin();
                t.after(Duration::minutes(10));
                t.reopen();
                t.isns(5000, 900_000);
                t.handshake();
                t.server().fin();
                t.client();
            }),
            violates("another FIN ten octets further", |t| {
                t.handshake();
                t.client().fin();
                t.server().ack(1);
                t.client().seq(11).fin();
            }),
            abstains("not closed", |t| t.handshake()),
        ]
    }
}

/// RFC 9293 section 3.6: no data follows a FIN.
#[derive(Default)]
pub struct NothingBehindFin;

impl TcpCheck for NothingBehindFin {
    const REQUIREMENT: Requirement = requirement("tcp/no-data-behind-fin", rfc(9293, "3.6"), Level::Must)
        .prose()
        .binds(Role::Sender)
        .says("An end that has sent FIN sends no more data.")
        .judged("Data segments after the end's FIN: none reaches behind it. Retransmissions of what came before are in order.");

    fn on_data_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some(fin) = at.me.fin else { return };
        let end = at.segment.data_start() + at.segment.payload_len;
        // One octet at SND.NXT - 1 is a keepalive's garbage (RFC 9293 section 3.8.4).
        if end <= fin || at.segment.payload_len == 1 {
            return judge.holds();
        }
        if at.me.has_holes() || at.shared.stepped_back > Duration::ZERO {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[at.me.fin_seen.map_or(at.frame(), |seen| seen.frame), at.frame()],
            format_args!("no data behind the FIN at {}", at.me.relative(fin)),
            format_args!("data up to {}", at.me.relative(end)),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("data before the FIN is sent again", |t| {
                t.handshake();
                t.client().data(100);
                t.client().fin();
                t.after(Duration::millis(1200));
                t.client().seq(1).data(100);
                t.server();
            }),
            violates("more data behind the FIN", |t| {
                t.handshake();
                t.client().fin();
                t.server();
                t.client().data(100);
            }),
            abstains("not closed", |t| t.handshake()),
        ]
    }
}

/// RFC 9293 section 3.8.1: a FIN is retransmitted like data.
#[derive(Default)]
pub struct FinRetransmitted;

impl TcpCheck for FinRetransmitted {
    const REQUIREMENT: Requirement = requirement("tcp/fin-retransmitted", rfc(9293, "3.8.1"), Level::Must)
        .prose()
        .also(&[rfc(9293, "3.6")])
        .binds(Role::Sender)
        .says("A FIN that is not acknowledged is retransmitted.")
        .judged(
            "Each repeated FIN counts as kept. Broken when a FIN stood unacknowledged for two minutes and was not repeated although \
             its sender still sent segments.",
        );

    fn on_fin_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.me.fin.is_some() {
            judge.holds();
        }
    }

    fn on_end(&mut self, end: &Ending<'_>, judge: &mut Judge<'_>) {
        let Some(seen) = end
            .me
            .fin_seen
            .filter(|_| !end.me.fin_acknowledged && !end.shared.reset)
        else {
            return;
        };
        let repeated = end.me.sent.back().is_none_or(|last| last.times > 1);
        let Some(alive) = end
            .me
            .last_sent
            .filter(|last| last.time - seen.time > Duration::minutes(2))
        else {
            return;
        };
        // RFC 6298 section 5.4: the timer sends the earliest segment again. While older data is not acknowledged the FIN has to wait.
        // Into a closed window it sends probes alone.
        let again = |first: &Record| first.times > 1 || end.peer.window == Some(0);
        let waits = |first: &Record| again(first) && end.me.fin.is_some_and(|fin| first.start < fin);
        if repeated || end.me.sent.front().is_some_and(waits) {
            return;
        }
        if !end.shared.is_clean() || end.me.has_holes() {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        judge.violated(
            &[seen.frame, alive.frame],
            "the FIN sent again, as no acknowledgement came",
            format_args!("not in {}, though its sender went on", alive.time - seen.time),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("sent again after a second", |t| {
                t.handshake();
                t.client().fin();
                t.after(Duration::millis(1200));
                t.client().seq(1).fin();
                t.server();
            }),
            violates("never again", |t| {
                t.handshake();
                t.client().fin();
                for _ in 0..2 {
                    t.after(Duration::secs(80));
                    t.server().ack(1).data(10);
                    t.client();
                }
            }),
            abstains("data before it is sent again and again", |t| {
                t.handshake();
                t.client().data(10);
                t.client().fin();
                for gap in [80, 80] {
                    t.after(Duration::secs(gap));
                    t.client().seq(1).data(10);
                }
            }),
            abstains("data before it probes a closed window", |t| {
                t.handshake();
                t.client().data(1);
                t.client().data(1);
                t.client().fin();
                t.server().ack(2).wnd(0);
                t.after(Duration::secs(125));
                t.client().seq(2).data(1);
                t.server().ack(2).wnd(0);
            }),
            abstains("acknowledged at once", |t| {
                t.handshake();
                t.close();
            }),
        ]
    }
}
