//! Telling the sender of congestion.

use super::agreed;
use super::marking::with_ecn;
use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Ecn;
use crate::verdict::{Judge, Reason};
use wire::tcp::Flags;
use wire::{Duration, FrameNumber, SeqNumber};

/// RFC 3168 section 6.1.3: CE on data is echoed by ECE on the acknowledgement.
#[derive(Default)]
pub struct CongestionEchoed {
    /// The first marked data not yet acknowledged: its end.
    marked: Option<(SeqNumber, FrameNumber)>,
}

impl TcpCheck for CongestionEchoed {
    const REQUIREMENT: Requirement = requirement("tcp/congestion-echoed", rfc(3168, "6.1.3"), Level::Must)
        .prose()
        .binds(Role::Receiver)
        .says("Data that arrives with CE is acknowledged with ECE, until CWR is received.")
        .judged(
            "New data with CE, in sequence, on connections that agreed on ECN: the first acknowledgement of it has ECE. A CWR, or a \
             retransmission, on its way to the receiver in between is inconclusive, as is a capture far from it.",
        );

    fn on_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        // RFC 3168 section 6.1.2 has CWR on data; a receiver need not look at more than the flag.
        if at.segment.flags.cwr() && self.marked.take().is_some() {
            judge.inconclusive(Reason::Ambiguous);
        }
    }

    fn on_data_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.facts.dropped || agreed(at.shared, at.me.offer, at.peer.offer) != Some(true) {
            return;
        }
        let in_sequence = at.segment.seq == at.me.rcv_nxt && at.facts.new_octets == at.facts.len;
        if self.marked.is_some() && !in_sequence {
            self.marked = None;
            judge.inconclusive(Reason::Ambiguous);
        } else if at.segment.ip.ecn() == Ecn::Ce && in_sequence && self.marked.is_none() && !at.segment.flags.cwr() {
            self.marked = Some((at.facts.end, at.frame()));
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((end, frame)) = self.marked else { return };
        if !at.segment.flags.ack() || at.segment.ack < end || at.segment.flags.rst() {
            return;
        }
        self.marked = None;
        // Something between a distant capture point and the receiver may have cleared the mark.
        let near = at.my_delay().is_some_and(|delay| delay <= Duration::millis(1));
        if !at.segment.flags.ece() && (!near || !at.shared.is_clean()) {
            return judge.inconclusive(Reason::CaptureIncomplete);
        }
        let echoed = at.segment.flags.contains(Flags::ECE);
        judge.require(
            echoed,
            &[frame, at.frame()],
            "ECE on the acknowledgement of data with CE",
            "an acknowledgement without ECE",
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("echoed", |t| {
                with_ecn(t);
                t.client().data(10).tos(3);
                t.server().set(Flags::ECE);
            }),
            violates("not echoed", |t| {
                t.vantage(crate::tracker::Vantage::Server);
                with_ecn(t);
                t.client().data(10).tos(3);
                t.server();
            }),
            abstains("CWR comes before the acknowledgement, on a segment without data", |t| {
                t.vantage(crate::tracker::Vantage::Server);
                with_ecn(t);
                t.client().data(10).tos(3);
                t.client().set(Flags::CWR);
                t.server();
            }),
            abstains("no congestion", with_ecn),
        ]
    }
}
