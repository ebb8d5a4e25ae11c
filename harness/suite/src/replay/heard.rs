//! What the stack has sent on the replayed connection. Nothing is lost between it and us.

use super::stream::{Stream, place};
use crate::segment::Segment;
use wire::SeqNumber;
use wire::tcp::{Flags, Options};

/// The stack's SYN, or SYN-ACK.
#[derive(Debug, Clone)]
pub struct Syn {
    pub seq: SeqNumber,
    pub options: Options,
    /// It offers, or agrees to, ECN (RFC 3168 section 6.1.1).
    pub ecn: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Heard {
    pub syn: Option<Syn>,
    pub stream: Stream,
    /// The place of its FIN.
    pub fin: Option<u64>,
    pub reset: bool,
    pub tsval: u32,
    /// The highest acknowledgement of it.
    pub acknowledged: Option<SeqNumber>,
    /// Behind the last octet of ours that it takes: its acknowledgement and its window.
    pub edge: Option<SeqNumber>,
    pub segments: u64,
    /// Segments that carried nothing but what it had sent before.
    pub again: u64,
}

impl Heard {
    /// Takes a segment. `scales`: our side offered a window scale.
    pub fn take(&mut self, segment: &Segment, scales: bool) {
        self.segments += 1;
        let flags = segment.flags;
        self.reset |= flags.rst();
        if let Some((value, _)) = segment.options.timestamps {
            self.tsval = value;
        }
        if flags.syn() && self.syn.is_none() {
            let wanted = if flags.ack() {
                Flags::ECE
            } else {
                Flags::ECE.with(Flags::CWR)
            };
            self.syn = Some(Syn {
                seq: segment.seq,
                options: segment.options.clone(),
                ecn: flags.contains(wanted) && !(flags.ack() && flags.cwr()),
            });
        } else if flags.syn() {
            self.again += 1;
        }
        if flags.ack() && !flags.rst() {
            // RFC 7323 section 2.2: the window of a SYN is not scaled.
            let shift = self.syn.as_ref().and_then(|syn| syn.options.window_scale);
            let shift = shift.filter(|_| scales && !flags.syn()).unwrap_or(0).min(14);
            self.acknowledged = Some(self.acknowledged.map_or(segment.ack, |known| known.max(segment.ack)));
            let edge = segment.ack + (u32::from(segment.wnd) << shift);
            self.edge = Some(self.edge.map_or(edge, |known| known.max(edge)));
        }
        self.data(segment);
    }

    fn data(&mut self, segment: &Segment) {
        let Some(isn) = self.syn.as_ref().map(|syn| syn.seq) else {
            return;
        };
        if segment.flags.rst() || segment.payload.is_empty() && !segment.flags.fin() {
            return;
        }
        let at = place(segment.seq + u32::from(segment.flags.syn()), isn, self.stream.len());
        let Ok(at) = u64::try_from(at) else { return };
        let behind = at + segment.payload.len() as u64;
        let known = behind <= self.stream.len() && (!segment.flags.fin() || self.fin.is_some());
        self.again += u64::from(known);
        self.stream.add(at, &segment.payload);
        if segment.flags.fin() {
            self.fin.get_or_insert(behind);
        }
    }

    /// What it sends next, as far as all before it was sent: the most that may be acknowledged.
    pub fn next(&self) -> Option<SeqNumber> {
        let isn = self.syn.as_ref()?.seq;
        let octets = self.stream.contiguous();
        Some(isn + 1 + octets as u32 + u32::from(self.fin == Some(octets)))
    }
}
