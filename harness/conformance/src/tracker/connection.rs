//! A connection: two ends, and what they share.

use super::end::{End, Seen};
use super::previous::Previous;
use super::segment::Segment;
use super::vantage::Vantage;
use wire::{Duration, FrameNumber, Instant};

/// Which end: the index into `ends`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    A = 0,
    B = 1,
}

impl Side {
    pub fn other(self) -> Side {
        match self {
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }
}

/// What both ends share.
#[derive(Debug, Clone)]
pub struct Shared {
    pub first: Seen,
    /// The capture's latest time within this connection.
    pub latest: Instant,
    /// The end that sent the first SYN without ACK; none when the handshake was not seen.
    pub client: Option<Side>,
    /// Both SYNs were seen: options and scales in force are known.
    pub handshake_seen: bool,
    /// The third segment of the handshake was seen.
    pub established: bool,
    /// Both ends sent a SYN before seeing the other's.
    pub simultaneous_open: bool,
    /// Both SYNs carried the timestamps option (RFC 7323 section 3.2).
    pub timestamps: bool,
    /// Both SYNs carried SACK-permitted (RFC 2018 section 2).
    pub sack: bool,
    /// Octets were acknowledged that the capture never saw, or it comes from the air, where that is to be expected.
    pub capture_incomplete: bool,
    /// As in [`Segment::overheard`], of any segment.
    pub(super) overheard: bool,
    /// Packets that the capture point saw twice.
    pub seen_twice: u32,
    /// How far the capture's clock stepped back, at most.
    pub stepped_back: Duration,
    /// Some segment was merged or not yet split by hardware.
    pub merged: bool,
    pub first_to_close: Option<Side>,
    pub closed: Option<Instant>,
    pub reset: bool,
    pub vantage: Vantage,
    /// A live test on a clock that is not ours: the times seen may be off by so much.
    pub lateness: Duration,
    pub previous: Option<Box<Previous>>,
}

impl Shared {
    pub(super) fn new(first: Seen, vantage: Vantage, previous: Option<Box<Previous>>) -> Shared {
        Shared {
            first,
            latest: first.time,
            client: None,
            handshake_seen: false,
            established: false,
            simultaneous_open: false,
            timestamps: false,
            sack: false,
            capture_incomplete: false,
            overheard: false,
            seen_twice: 0,
            stepped_back: Duration::ZERO,
            merged: false,
            first_to_close: None,
            closed: None,
            reset: false,
            vantage,
            lateness: Duration::ZERO,
            previous,
        }
    }

    /// Nothing about this connection was lost to the capture as far as it can tell.
    pub fn is_clean(&self) -> bool {
        self.handshake_seen && !self.capture_incomplete && self.stepped_back == Duration::ZERO
    }

    pub fn is_client(&self, side: Side) -> bool {
        self.client == Some(side)
    }

    /// A hole was filled sooner than its sender can have learnt of it: the network swapped packets before the capture point.
    pub(super) fn reordered_on_the_way(&self, segment: &Segment<'_>, from: &End) -> bool {
        let patience = if from.rtt.samples > 0 {
            from.rtt.smallest
        } else {
            Duration::millis(3)
        };
        from.last_data_sent
            .is_some_and(|last| segment.time - last.time < patience.max(Duration::micros(500)))
    }

    /// The delay, one way at most, between the capture point and `end`; none while nothing has measured it.
    pub fn delay_to(&self, end: &End, side_is_client: bool) -> Option<Duration> {
        match (self.vantage, side_is_client) {
            (Vantage::Client, true) | (Vantage::Server, false) => Some(Duration::ZERO),
            (Vantage::Live(_), _) => Some(self.lateness),
            // What is in the air may have to be sent again before it is received.
            _ if self.overheard => None,
            // A response in no time at all says that the capture's clock is too coarse to measure one.
            _ => end.response.filter(|&response| response > Duration::ZERO),
        }
    }
}

/// Two ends and what they share.
#[derive(Debug)]
pub struct Connection {
    pub shared: Shared,
    pub ends: [End; 2],
}

impl Connection {
    /// The capture lacks packets of this connection, or its clock was set back, as far as what it has can tell.
    pub(super) fn is_spoilt(&self) -> bool {
        // Nothing is unseen at the stack itself, whatever its identifiers skip.
        !self.shared.vantage.is_live()
            && (self.shared.capture_incomplete
                || self.shared.stepped_back > Duration::ZERO
                || self.ends.iter().any(|end| end.ids.tells_of_unseen_packets()))
    }

    /// Any frame of it, for messages.
    pub fn first_frame(&self) -> FrameNumber {
        self.shared.first.frame
    }
}
