//! What one TCP segment looks like beside those before it, in Wireshark's terms: resent, out of order, a keep-alive, ...
//!
//! These are impressions, read from the order and the times of one capture, not findings: `conformance` decides from the
//! whole exchange what was a retransmission and why.

use wire::tcp::Flags;
use wire::{Duration, Instant, SeqNumber};

/// A segment, as far as the analysis goes.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub time: Instant,
    pub seq: SeqNumber,
    pub ack: SeqNumber,
    /// Octets of data.
    pub length: u32,
    pub flags: Flags,
    /// As sent, not scaled.
    pub window: u16,
}

impl Segment {
    /// SYN and FIN take a sequence number each (RFC 9293 section 3.4); Wireshark counts both together as one.
    fn end(&self) -> SeqNumber {
        self.seq + self.length + u32::from(any(self.flags, Flags(Flags::SYN.0 | Flags::FIN.0)))
    }
}

/// What the segment looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    pub retransmission: bool,
    pub fast_retransmission: bool,
    pub spurious_retransmission: bool,
    pub out_of_order: bool,
    pub lost_segment: bool,
    pub ack_lost_segment: bool,
    pub duplicate_ack: bool,
    pub keep_alive: bool,
    pub keep_alive_ack: bool,
    pub zero_window: bool,
    pub zero_window_probe: bool,
    pub zero_window_probe_ack: bool,
    pub window_update: bool,
    pub window_full: bool,
}

/// One direction of a connection.
#[derive(Debug, Default)]
pub struct Direction {
    /// Behind the highest octet sent so far, and when that was sent.
    next: Option<SeqNumber>,
    next_time: Instant,
    /// Behind the highest octet that was seen without a gap before it.
    unbroken: Option<SeqNumber>,
    /// The acknowledgement sent last, and when.
    last_ack: Option<SeqNumber>,
    last_ack_time: Instant,
    duplicate_acks: u32,
    window: Option<u16>,
    last: Signs,
    scale: Scale,
    /// Whether the window above came with a SYN, and so unscaled (RFC 7323 section 2.2).
    window_of_syn: bool,
}

/// The window scale of RFC 7323 section 2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Scale {
    /// No SYN was seen.
    #[default]
    Unknown,
    /// The SYN had none, or the other side's.
    Off,
    Shift(u8),
}

/// A retransmission this close to a duplicate acknowledgement is a fast one.
const FAST: Duration = Duration::millis(20);
/// What comes this soon behind later octets is out of order rather than resent, while the round trip time is unknown.
const REORDERED: Duration = Duration::millis(3);

const BOUNDARY: Flags = Flags(Flags::SYN.0 | Flags::FIN.0 | Flags::RST.0);

/// A clock that stepped backwards says nothing.
fn within(gap: Duration, limit: Duration) -> bool {
    (Duration::ZERO..limit).contains(&gap)
}

fn any(flags: Flags, of: Flags) -> bool {
    flags.0 & of.0 != 0
}

impl Direction {
    /// RFC 7323 section 2.2: scaling is on when both SYNs offer it. Called for every SYN, `self` its sender.
    pub fn offer_scale(&mut self, peer: &mut Direction, shift: Option<u8>, is_synack: bool) {
        self.scale = match shift {
            Some(_) if is_synack && peer.scale == Scale::Off => Scale::Off,
            Some(shift) => Scale::Shift(shift.min(14)),
            None => Scale::Off,
        };
        if is_synack && shift.is_none() {
            peer.scale = Scale::Off;
        }
    }

    fn scaled_window(&self) -> Option<u32> {
        let window = u32::from(self.window?);
        match self.scale {
            Scale::Unknown => None,
            Scale::Off => Some(window),
            Scale::Shift(_) if self.window_of_syn => Some(window),
            Scale::Shift(shift) => Some(window << shift),
        }
    }

    /// Judges `now`, sent in this direction, and remembers it. `first_rtt` is that of the handshake.
    pub fn take(&mut self, peer: &mut Direction, now: &Segment, first_rtt: Option<Duration>) -> Signs {
        let mut signs = self.appearance(peer, now);
        if Some(now.ack) != self.last_ack {
            self.duplicate_acks = 0;
        }
        if any(now.flags, Flags::ACK) && peer.unbroken.is_some_and(|unbroken| now.ack > unbroken) {
            if peer.next != peer.unbroken {
                signs.ack_lost_segment = true;
                peer.unbroken = peer.next;
            } else {
                // Nothing new came meanwhile: said once, until the peer acknowledges something else.
                signs.ack_lost_segment = peer.duplicate_acks == 0;
                peer.duplicate_acks = u32::MAX;
            }
        }
        if (now.length > 0 || any(now.flags, Flags(Flags::SYN.0 | Flags::FIN.0))) && !signs.keep_alive {
            self.resent(peer, now, first_rtt, &mut signs);
        }
        self.remember(now, signs);
        signs
    }

    /// Everything that shows in the numbers of this segment and those of the last one before it.
    fn appearance(&mut self, peer: &mut Direction, now: &Segment) -> Signs {
        let mut signs = Signs::default();
        let plain = !any(now.flags, BOUNDARY);
        let in_sequence = self.next == Some(now.seq);
        if now.length == 1 && in_sequence && peer.window == Some(0) {
            signs.zero_window_probe = true;
            return signs;
        }
        signs.zero_window = now.window == 0 && plain;
        signs.lost_segment = self.next.is_some_and(|next| now.seq > next) && !any(now.flags, Flags::RST);
        signs.keep_alive = now.length <= 1 && self.next.is_some_and(|next| now.seq == next - 1) && plain;
        let repeats = now.length == 0 && in_sequence && plain && self.last_ack == Some(now.ack);
        signs.window_update = repeats && now.window != 0 && Some(now.window) != self.window;
        signs.window_full = now.length > 0
            && plain
            && peer
                .scaled_window()
                .zip(peer.last_ack)
                .is_some_and(|(window, ack)| now.seq + now.length == ack + window);
        let same = repeats && Some(now.window) == self.window;
        if same && now.window != 0 && peer.last.keep_alive {
            signs.keep_alive_ack = true;
            return signs;
        }
        if now.length == 0
            && plain
            && in_sequence
            && now.window == 0
            && self.window == Some(0)
            && peer.last.zero_window_probe
        {
            if self.last_ack == Some(now.ack) {
                signs.zero_window_probe_ack = true;
                return signs;
            }
            if self.last_ack == Some(now.ack - 1) {
                signs.zero_window_probe_ack = true;
                // The octet of the probe was taken after all.
                (peer.next, peer.unbroken) = (Some(now.ack), Some(now.ack));
                return signs;
            }
        }
        if same && now.window != 0 {
            self.duplicate_acks = self.duplicate_acks.wrapping_add(1);
            signs.duplicate_ack = true;
        }
        signs
    }

    /// Tells the kinds of data that does not advance the sequence.
    fn resent(&self, peer: &Direction, now: &Segment, first_rtt: Option<Duration>, signs: &mut Signs) {
        let end = now.seq + now.length;
        let acknowledged = peer.last_ack.filter(|ack| *ack != SeqNumber(0));
        if now.length > 0 && acknowledged.is_some_and(|ack| end <= ack) {
            signs.spurious_retransmission = true;
            return;
        }
        // One octet back and more than one long: it adds to what may have been a zero window probe.
        let behind = self
            .next
            .is_some_and(|next| now.seq < next && !(now.length > 1 && now.seq == next - 1));
        if !behind {
            return;
        }
        let asked_for = peer.duplicate_acks >= 2 && peer.last_ack == Some(now.seq);
        if asked_for && within(now.time - peer.last_ack_time, FAST) {
            signs.fast_retransmission = true;
        } else if within(now.time - self.next_time, first_rtt.unwrap_or(REORDERED)) && self.next != Some(now.end()) {
            signs.out_of_order = true;
        } else {
            signs.retransmission = true;
        }
    }

    fn remember(&mut self, now: &Segment, signs: Signs) {
        let end = now.end();
        if !signs.zero_window_probe {
            if self.next.is_none_or(|next| end > next) {
                // Wireshark takes a number of 0 for none.
                (self.next, self.next_time) = (Some(end).filter(|end| end.0 != 0), now.time);
            }
            if self.unbroken.is_none_or(|unbroken| unbroken == now.seq) {
                self.unbroken = self.next;
            }
        }
        (self.window, self.window_of_syn) = (Some(now.window), any(now.flags, Flags::SYN));
        (self.last_ack, self.last_ack_time) = (Some(now.ack), now.time);
        self.last = signs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// `(from A, milliseconds, seq, ack, length, window)`, and the signs of the last one.
    fn last(segments: &[(bool, i64, u32, u32, u32, u16)]) -> Signs {
        let (mut a, mut b) = (Direction::default(), Direction::default());
        let mut signs = Signs::default();
        for &(from_a, milliseconds, seq, ack, length, window) in segments {
            let now = Segment {
                time: Instant(milliseconds * 1_000_000),
                seq: SeqNumber(seq),
                ack: SeqNumber(ack),
                length,
                flags: Flags::ACK,
                window,
            };
            signs = match from_a {
                true => a.take(&mut b, &now, None),
                false => b.take(&mut a, &now, None),
            };
        }
        signs
    }

    const DATA: (bool, i64, u32, u32, u32, u16) = (true, 0, 100, 500, 10, 1000);

    #[rstest]
    #[case::sent_again_late(&[DATA, (true, 50, 100, 500, 10, 1000)], Signs { retransmission: true, ..Signs::default() })]
    #[case::a_hole(&[DATA, (true, 1, 120, 500, 10, 1000)], Signs { lost_segment: true, ..Signs::default() })]
    #[case::the_hole_filled_soon(
        &[DATA, (true, 1, 120, 500, 10, 1000), (true, 2, 110, 500, 10, 1000)],
        Signs { out_of_order: true, ..Signs::default() }
    )]
    #[case::the_hole_filled_late(
        &[DATA, (true, 1, 120, 500, 10, 1000), (true, 9, 110, 500, 10, 1000)],
        Signs { retransmission: true, ..Signs::default() }
    )]
    #[case::sent_again_though_acknowledged(
        &[DATA, (false, 1, 500, 110, 0, 1000), (true, 2, 100, 500, 10, 1000)],
        Signs { spurious_retransmission: true, ..Signs::default() }
    )]
    #[case::asked_for_thrice(
        &[
            DATA,
            (false, 1, 500, 100, 0, 1000),
            (false, 2, 500, 100, 0, 1000),
            (false, 3, 500, 100, 0, 1000),
            (true, 4, 100, 500, 10, 1000),
        ],
        Signs { fast_retransmission: true, ..Signs::default() }
    )]
    #[case::acknowledged_unseen(
        &[DATA, (false, 1, 500, 200, 0, 1000)],
        Signs { ack_lost_segment: true, ..Signs::default() }
    )]
    #[case::the_same_again(
        &[DATA, (false, 1, 500, 110, 0, 1000), (false, 2, 500, 110, 0, 1000)],
        Signs { duplicate_ack: true, ..Signs::default() }
    )]
    #[case::another_window(
        &[DATA, (false, 1, 500, 110, 0, 1000), (false, 2, 500, 110, 0, 2000)],
        Signs { window_update: true, ..Signs::default() }
    )]
    #[case::a_keep_alive(&[DATA, (true, 9, 109, 500, 0, 1000)], Signs { keep_alive: true, ..Signs::default() })]
    #[case::its_answer(
        &[DATA, (false, 1, 500, 110, 0, 1000), (true, 9, 109, 500, 0, 1000), (false, 10, 500, 110, 0, 1000)],
        Signs { keep_alive_ack: true, ..Signs::default() }
    )]
    #[case::a_closed_window(&[DATA, (false, 1, 500, 110, 0, 0)], Signs { zero_window: true, ..Signs::default() })]
    #[case::a_probe_of_it(
        &[DATA, (false, 1, 500, 110, 0, 0), (true, 9, 110, 500, 1, 1000)],
        Signs { zero_window_probe: true, ..Signs::default() }
    )]
    #[case::a_clock_that_stepped_back(
        &[DATA, (true, 9, 120, 500, 10, 1000), (true, 1, 110, 500, 10, 1000)],
        Signs { retransmission: true, ..Signs::default() }
    )]
    fn segments_look_like_what_they_are(#[case] segments: &[(bool, i64, u32, u32, u32, u16)], #[case] expected: Signs) {
        assert_eq!(last(segments), expected);
    }
}
