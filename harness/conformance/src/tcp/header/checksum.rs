//! The checksum: computed by the sender, verified by the receiver.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Ending, Moment, TcpCheck};
use crate::tracker::{AckKind, Checksum, Vantage};
use crate::verdict::{Judge, Reason};
use wire::{Duration, FrameNumber, SeqNumber};

/// Wrong checksums, and not one right one, before the network is ruled out as their cause.
const NO_ACCIDENT: u16 = 3;

/// RFC 9293 section 3.1 (MUST-2): the sender computes the checksum.
#[derive(Default)]
pub struct ChecksumCorrect {
    right: bool,
    wrong: u16,
    first_wrong: FrameNumber,
}

impl TcpCheck for ChecksumCorrect {
    const REQUIREMENT: Requirement = requirement("tcp/checksum-correct", rfc(9293, "3.1"), Level::Must)
        .labels(&["MUST-2"])
        .also(&[rfc(1071, "1")])
        .binds(Role::Sender)
        .says("Every segment carries the right checksum over pseudo-header, header and data.")
        .judged(
            "Every checksum that can be verified. A wrong one among right ones is damage on the way, and one that the peer \
             acknowledged was right on the wire: both are inconclusive, as are fields left to the network card (zero, or the sum of \
             the pseudo-header alone). Broken when an end sends at least three, all wrong, and none of them is acknowledged.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        match at.segment.checksum {
            Checksum::Correct => {
                self.right = true;
                judge.holds();
            }
            Checksum::LeftToHardware => judge.inconclusive(Reason::ChecksumOffload),
            Checksum::Unverifiable => judge.inconclusive(Reason::Sliced),
            Checksum::Wrong => {
                if self.wrong == 0 {
                    self.first_wrong = at.frame();
                }
                self.wrong = self.wrong.saturating_add(1);
            }
        }
    }

    fn on_end(&mut self, end: &Ending<'_>, judge: &mut Judge<'_>) {
        if self.wrong == 0 {
            return;
        }
        let accepted = end.me.una.is_some() || end.shared.handshake_seen;
        if self.right || accepted || self.wrong < NO_ACCIDENT {
            return judge.inconclusive(Reason::Ambiguous);
        }
        let last = end.me.last_sent.map_or(self.first_wrong, |last| last.frame);
        judge.violated(
            &[self.first_wrong, last],
            "segments with right checksums",
            format_args!(
                "{} segments, every one with a wrong checksum, none acknowledged",
                self.wrong
            ),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("right checksums", |t| t.handshake()),
            violates("three SYNs, all wrong", |t| {
                for gap in [0, 1, 2] {
                    t.after(wire::Duration::secs(gap));
                    t.client().seq(0).syn().mss(1460).wrong_checksum(0x1234);
                }
                t.quiet(wire::Duration::secs(300));
            }),
            abstains("one was damaged on the way", |t| {
                t.client().syn().mss(1460).wrong_checksum(0x1234);
                t.after(wire::Duration::secs(1));
                t.client().seq(0).syn().mss(1460).wrong_checksum(0x1234);
                t.server().syn().mss(1460).wrong_checksum(0x100);
            }),
        ]
    }
}

/// RFC 9293 section 3.1 (MUST-3): the receiver verifies the checksum.
#[derive(Default)]
pub struct ChecksumChecked {
    /// Data that came with a wrong checksum and not yet with a right one: from where on, its end.
    suspect: Option<(SeqNumber, SeqNumber, FrameNumber)>,
    /// The peer's checksums are right as a rule, so that a wrong one means something.
    usual: u8,
}

impl ChecksumChecked {
    /// Octets with a right checksum take the place of those without, in order, and all of them by now; a FIN is one.
    fn repaired(&mut self, at: &Moment<'_>) -> bool {
        let Some((from, end, _)) = &mut self.suspect else {
            return false;
        };
        if at.segment.seq <= *from && *from < at.facts.end {
            *from = at.facts.end;
        }
        *end <= *from || at.segment.seq < *end && *end <= at.facts.end
    }
}

impl TcpCheck for ChecksumChecked {
    const REQUIREMENT: Requirement = requirement("tcp/checksum-checked", rfc(9293, "3.1"), Level::Must)
        .labels(&["MUST-3"])
        .binds(Role::Receiver)
        .says("A segment with a wrong checksum is not accepted.")
        .judged(
            "A segment of new data with a wrong checksum, from an end whose other segments (at least eight) are right: it must not \
             be acknowledged before the same octets come again. Captures do damage their own copies, so this is broken only where \
             the capture is known (--vantage) to be taken at the receiver.",
        );

    fn on_data_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        // Further away, damage may have moved it to anywhere: no number is above or below it (RFC 9293 section 3.4).
        let continues = at.facts.new_octets == at.facts.len && !at.facts.leaves_hole && at.shared.established;
        match at.segment.checksum {
            Checksum::Correct => {
                self.usual = self.usual.saturating_add(1);
                if self.repaired(at) {
                    self.suspect = None;
                    judge.holds();
                }
            }
            Checksum::Wrong if self.usual >= 8 && continues && self.suspect.is_none() => {
                self.suspect = Some((at.segment.seq, at.facts.end, at.frame()));
            }
            Checksum::Wrong => judge.inconclusive(Reason::TooFew),
            _ => {}
        }
    }

    fn on_fin_received(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.payload_len == 0 && at.segment.checksum == Checksum::Correct && self.repaired(at) {
            self.suspect = None;
            judge.holds();
        }
    }

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        let Some((_, end, frame)) = self.suspect else { return };
        if at.segment.flags.rst() || matches!(at.facts.ack, AckKind::Absent) || at.segment.ack < end {
            return;
        }
        self.suspect = None;
        // A capture elsewhere may have damaged its own copy: only what the receiver itself was handed proves anything.
        let at_receiver = at.shared.vantage != Vantage::Auto && at.my_delay() == Some(Duration::ZERO);
        if !at_receiver || at.shared.merged || !at.shared.is_clean() {
            return judge.inconclusive(Reason::Vantage);
        }
        judge.violated(
            &[frame, at.frame()],
            "no acknowledgement of a segment with a wrong checksum",
            format_args!("acknowledged in frame {}, without another copy in between", at.frame()),
        );
    }

    fn examples() -> Vec<Example> {
        let exchange = |t: &mut crate::example::Trace| {
            t.vantage(Vantage::Server);
            t.handshake();
            for _ in 0..8 {
                t.client().data(100);
                t.server();
            }
        };
        vec![
            holds("it is acknowledged only when it comes again", move |t| {
                exchange(t);
                t.client().data(100).wrong_checksum(0x1234);
                t.after(Duration::millis(1200));
                t.client().seq(801).data(100);
                t.server();
            }),
            violates("it is acknowledged at once", move |t| {
                exchange(t);
                t.client().data(100).wrong_checksum(0x1234);
                t.server();
            }),
            abstains("its number is damaged, half of sequence space away", move |t| {
                exchange(t);
                t.vantage(Vantage::Live(t.addresses().1));
                t.client().seq(5801).data(100);
                t.client().seq(801 + (1 << 31) - 1).data(100).wrong_checksum(0x1234);
                t.server().ack(801);
            }),
            abstains("damage before there was a connection", |t| {
                t.vantage(Vantage::Live(t.addresses().0));
                t.client().syn();
                for _ in 0..9 {
                    t.server().ack(1).data(100);
                }
                t.server().ack(1).data(100).wrong_checksum(0x1234);
                t.server().ack(1).syn();
                t.client();
            }),
            abstains("too little is known of the sender's checksums", |t| {
                t.handshake();
                t.client().data(100).wrong_checksum(0x1234);
                t.server();
            }),
        ]
    }
}
