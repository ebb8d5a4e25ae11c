//! How much one acknowledgement covers.

use crate::example::{Example, Trace, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::{AckKind, Vantage};
use crate::verdict::{Judge, Reason};
use wire::Duration;

/// Stretches before an end is said to make them: fewer may be acknowledgements that the capture missed.
const OFTEN: u32 = 3;

/// RFC 9293 section 3.8.6.3 (SHLD-19): at least every second full-sized segment.
#[derive(Default)]
pub struct AckEverySecond {
    /// Segments in sequence, of one size, since the last acknowledgement.
    segments: u8,
    size: u16,
    /// Acknowledgements of two full-sized segments at most, and of more.
    kept: u32,
    stretched: u32,
}

impl TcpCheck for AckEverySecond {
    const REQUIREMENT: Requirement = requirement("tcp/ack-every-second-segment", rfc(9293, "3.8.6.3"), Level::Should)
        .labels(&["SHLD-19"])
        .also(&[rfc(5681, "4.2"), rfc(2525, "2.13")])
        .binds(Role::Receiver)
        .says("At least every second full-sized segment is acknowledged.")
        .judged(
            "Segments as large as the largest seen that one acknowledgement covers: more than two of them deviate, from the third \
             time on if that is as often as not. Acknowledgements may be lost before a distant capture point, or by the capture: \
             a few stretches are inconclusive, as are segments merged by hardware.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, _: &mut Judge<'_>) {
        let full = at.segment.payload_len >= at.peer.largest_payload && at.segment.payload_len >= 536;
        if full && at.segment.seq == at.me.rcv_nxt && at.me.beyond.is_empty() {
            self.segments = self.segments.saturating_add(1);
            self.size = at.segment.payload_len.min(u32::from(u16::MAX)) as u16;
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let AckKind::New(octets) = at.facts.ack else { return };
        let segments = std::mem::take(&mut self.segments);
        if segments < 2 {
            return;
        }
        // What had waited above a gap was answered when it came, by a duplicate.
        let covered = (octets / u32::from(self.size.max(1))).min(u32::from(segments));
        if covered <= 2 {
            self.kept = self.kept.saturating_add(1);
            return judge.holds();
        }
        self.stretched = self.stretched.saturating_add(1);
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if !near || at.shared.merged || !at.shared.is_clean() {
            return judge.inconclusive(Reason::Vantage);
        }
        if self.stretched < OFTEN || self.stretched < self.kept {
            return judge.inconclusive(Reason::TooFew);
        }
        judge.violated(
            &[at.frame()],
            "an acknowledgement of every second full-sized segment",
            format_args!("one of {covered} segments of {} octets", self.size),
        );
    }

    fn examples() -> Vec<Example> {
        let four = |t: &mut Trace, every: u32| {
            t.vantage(Vantage::Server);
            t.handshake();
            for n in 1..=12 {
                t.client().data(1460);
                if n % every == 0 {
                    t.server();
                }
            }
        };
        vec![
            holds("every second", move |t| four(t, 2)),
            holds("two, and three that had waited above a gap", |t| {
                t.vantage(Vantage::Server);
                t.plain_handshake();
                for round in 0..3 {
                    let at = |n: u32| 1 + (round * 6 + n) * 1460;
                    for n in 1..4 {
                        t.client().seq(at(n)).data(1460);
                        t.server().ack(at(0));
                    }
                    for n in [0, 4, 5] {
                        t.client().seq(at(n)).data(1460);
                    }
                    t.server();
                }
            }),
            violates("every fourth", move |t| four(t, 4)),
            abstains("small segments only", |t| {
                t.handshake();
                t.client().data(10);
                t.server();
            }),
        ]
    }
}
