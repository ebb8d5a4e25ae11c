//! One end of a connection: its variables of RFC 9293 section 3.3.1, rebuilt from what was seen.

use super::ids::IdRun;
use super::ranges::Ranges;
use super::rtt::Rtt;
use super::segment::Segment;
use super::sent::SentQueue;
use super::state::State;
use super::strays::Strays;
use crate::verdict::EndpointIndex;
use std::net::IpAddr;
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// When, and in which frame, something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub time: Instant,
    pub frame: FrameNumber,
}

/// What an end's SYN (or SYN-ACK) offered. From the first SYN that was seen.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    pub first: Seen,
    pub last: Seen,
    /// How often it was sent; saturates.
    pub times: u16,
    pub mss: Option<u16>,
    pub window_scale: Option<u8>,
    pub sack_permitted: bool,
    pub timestamps: bool,
    pub fast_open: bool,
    /// SYN-ACK rather than SYN.
    pub with_ack: bool,
    /// ECE and CWR as RFC 3168 section 6.1.1 asks with them.
    pub ece: bool,
    pub cwr: bool,
    /// Octets of data on it.
    pub payload_len: u32,
}

/// The variables of one end. SND.* are about what this end sends, RCV.* about what travels to it.
#[derive(Debug, Clone)]
pub struct End {
    pub address: IpAddr,
    pub port: u16,
    pub endpoint: EndpointIndex,
    pub state: State,
    /// Some segment of this end has been seen; before that SND.NXT means nothing.
    pub started: bool,
    /// ISS; none when the capture began later.
    pub iss: Option<SeqNumber>,
    pub offer: Option<Offer>,

    /// SND.UNA: the highest acknowledgement seen from the peer. Meaningful once `una` is set.
    pub snd_una: SeqNumber,
    /// When SND.UNA last moved, or was first certainly told, and by which frame.
    pub una: Option<Seen>,
    /// SND.UNA was told by a segment that this end certainly took ([`Facts::surely_taken`](super::Facts)).
    pub una_taken: bool,
    /// SND.NXT: behind the highest octet this end was seen to send (its maximum; a retransmission does not lower it).
    pub snd_nxt: SeqNumber,
    /// Sent, not yet acknowledged.
    pub sent: SentQueue,
    /// What the peer's SACK blocks reported, above SND.UNA.
    pub sacked: Ranges,
    /// When a router last said that a packet of this end was too big.
    pub too_big: Option<Instant>,
    /// Duplicate acknowledgements (RFC 5681 section 2) seen since SND.UNA last moved.
    pub duplicate_acks: u32,
    /// The sequence number of this end's FIN.
    pub fin: Option<SeqNumber>,
    pub fin_seen: Option<Seen>,
    pub fin_acknowledged: bool,
    /// The peer has it, with everything before it.
    pub(super) fin_came: bool,
    /// Where a FIN stood that found the peer's window closed. Some take it (RFC 9293 section 3.10.7.4, first, does not ask for it).
    pub(super) fin_at_closed_window: Option<SeqNumber>,
    /// A reset came that was in the window and not exact: who does without RFC 5961 section 3.2 is gone.
    pub(super) maybe_reset: bool,
    pub rst: Option<Seen>,

    /// RCV.NXT if everything that was seen travelling to this end has arrived. An upper bound: packets may be lost behind the capture point.
    pub rcv_nxt: SeqNumber,
    /// Where RCV.NXT was before data came that overflowed the window, or that a stack might drop: until an acknowledgement tells.
    pub(super) doubtful_from: Option<SeqNumber>,
    /// Seen travelling to this end beyond a hole.
    pub beyond: Ranges,

    /// The last window this end advertised, in octets, scaled when the scale is known.
    pub window: Option<u32>,
    /// The highest SEG.SEQ of the segments that told it: SND.WL1 of its peer, at least.
    pub(super) window_seq: Option<SeqNumber>,
    /// The largest window it ever advertised, SYNs included: MAX.SND.WND of its peer (RFC 5961 section 5.2).
    pub largest_window: u32,
    /// When that was no longer zero, after it had been.
    pub reopened: Option<Instant>,
    /// The same as sent, before scaling.
    pub window_field: u16,
    /// The rightmost edge (SEG.ACK + window) it ever advertised; none while no window with a known scale was seen.
    pub edge: Option<SeqNumber>,
    /// The shift for windows this end sends; 0 unless both ends offered scaling; none when the handshake was not seen.
    pub shift: Option<u8>,

    /// TSval of its last segment, and when that was sent.
    pub tsval: Option<(u32, Seen)>,
    /// The highest TSval (RFC 7323 section 4, modulo 2^32) it sent.
    pub tsval_max: Option<u32>,
    /// TS.Recent of RFC 7323 section 4.3, if everything that was seen travelling to this end has arrived.
    pub ts_recent: Option<u32>,
    /// Where else TS.Recent may be.
    pub(super) strays: Strays,

    pub last_sent: Option<Seen>,
    /// Its last segment with data, SYN or FIN.
    pub last_data_sent: Option<Seen>,
    pub last_received: Option<Seen>,
    /// SEG.ACK of the last segment that came before its handshake was over and acknowledged anything but its SYN: a reset with
    /// this number answers that segment, and ends nothing.
    pub(super) refusal_due: Option<SeqNumber>,
    /// Round trips of its data, from the capture point to the peer and back.
    pub rtt: Rtt,
    /// The shortest time between a segment seen on its way to this end and this end's answer: twice the delay between
    /// capture point and end, at most.
    pub response: Option<Duration>,
    /// Octets of its largest segment's data.
    pub largest_payload: u32,
    pub segments: u32,
    pub data_segments: u32,
    pub retransmissions: u32,
    pub payload_octets: u64,
    /// Identifications of its IPv4 datagrams.
    pub(super) ids: IdRun,
    /// Its application aborted, or closed in TIME-WAIT over what it had not read: its end need not be the stack's doing. Only a
    /// live test can tell.
    pub abandoned: bool,
    /// Its application has closed: from then on a reset may tell of data that nobody will read (RFC 9293 section 3.6.1). Only a
    /// live test can tell.
    pub left: bool,
    /// A segment came that it was free to take or to drop ([`Facts::unsettles`](super::Facts)), or it is still in the earlier
    /// connection: from then on nobody knows its state.
    pub unsettled: bool,
    /// Octets that were acknowledged by the peer but that the capture never showed.
    pub unseen_octets: u32,
}

impl End {
    pub fn new(address: IpAddr, port: u16, endpoint: EndpointIndex) -> End {
        End {
            address,
            port,
            endpoint,
            state: State::Closed,
            started: false,
            iss: None,
            offer: None,
            snd_una: SeqNumber(0),
            una: None,
            una_taken: false,
            snd_nxt: SeqNumber(0),
            sent: SentQueue::default(),
            sacked: Ranges::default(),
            too_big: None,
            duplicate_acks: 0,
            fin: None,
            fin_seen: None,
            fin_acknowledged: false,
            fin_came: false,
            fin_at_closed_window: None,
            maybe_reset: false,
            rst: None,
            rcv_nxt: SeqNumber(0),
            doubtful_from: None,
            beyond: Ranges::default(),
            window: None,
            window_seq: None,
            largest_window: 0,
            reopened: None,
            window_field: 0,
            edge: None,
            shift: None,
            tsval: None,
            tsval_max: None,
            ts_recent: None,
            strays: Strays::default(),
            last_sent: None,
            last_data_sent: None,
            last_received: None,
            refusal_due: None,
            rtt: Rtt::default(),
            response: None,
            largest_payload: 0,
            segments: 0,
            data_segments: 0,
            retransmissions: 0,
            payload_octets: 0,
            ids: IdRun::default(),
            abandoned: false,
            left: false,
            unsettled: false,
            unseen_octets: 0,
        }
    }

    /// A reset of this end that answers one segment, while its own opening goes on (RFC 9293 section 3.10.7.3, first).
    pub(super) fn merely_refuses(&self, reset: &Segment<'_>) -> bool {
        let opening = matches!(self.state, State::SynSent | State::SynReceived);
        opening && !reset.flags.ack() && self.refusal_due == Some(reset.seq)
    }

    /// FlightSize of RFC 5681 section 2 as the capture point sees it: sent and not cumulatively acknowledged.
    pub fn flight(&self) -> u32 {
        if self.una.is_none() {
            0
        } else {
            self.snd_nxt.since(self.snd_una).max(0) as u32
        }
    }

    /// Data of this end was lost by the capture (or never shown): facts about it are incomplete.
    pub fn has_holes(&self) -> bool {
        self.unseen_octets > 0 || self.sent.overflowed
    }

    /// The sequence number as an offset from ISS, as packet traces show it; the number itself when ISS is unknown.
    pub fn relative(&self, seq: SeqNumber) -> u32 {
        self.iss.map_or(seq.0, |iss| seq.0.wrapping_sub(iss.0))
    }
}
