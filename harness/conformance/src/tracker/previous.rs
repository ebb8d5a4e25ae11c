//! What is remembered of a connection once its four-tuple is used again.

use super::connection::Connection;
use super::end::{End, Seen};
use std::net::IpAddr;
use wire::{Instant, SeqNumber};

/// What the four-tuple was used for before this connection.
#[derive(Debug, Clone, Copy)]
pub struct Previous {
    /// The last segment of the earlier connection.
    pub last: Seen,
    /// When its second FIN, or its RST, was seen; none when it was never closed.
    pub closed: Option<Instant>,
    pub by_reset: bool,
    /// The address of the end that sent the first FIN: the one that holds TIME-WAIT.
    pub first_to_close: Option<(IpAddr, u16)>,
    /// SND.NXT and highest TSval of each end, by address and port of side A and B of the earlier connection.
    pub ends: [PreviousEnd; 2],
}

#[derive(Debug, Clone, Copy)]
pub struct PreviousEnd {
    pub address: IpAddr,
    pub port: u16,
    pub iss: Option<SeqNumber>,
    pub snd_nxt: SeqNumber,
    pub tsval: Option<u32>,
    pub abandoned: bool,
    pub(super) unsettled: bool,
}

impl Previous {
    /// What is remembered of this end.
    pub fn of(&self, end: &End) -> Option<&PreviousEnd> {
        let place = (end.address, end.port);
        self.ends.iter().find(|one| (one.address, one.port) == place)
    }
}

impl PreviousEnd {
    fn of(end: &End, before: Option<&PreviousEnd>) -> PreviousEnd {
        // What is still in an earlier connection, or has said nothing since, may greet with the number of that.
        let before = before.filter(|_| end.unsettled || end.segments == 0);
        PreviousEnd {
            address: end.address,
            port: end.port,
            iss: end.iss.or(before.and_then(|before| before.iss)),
            snd_nxt: end.snd_nxt,
            tsval: end.tsval_max,
            abandoned: end.abandoned,
            unsettled: end.unsettled || end.maybe_reset || before.is_some_and(|before| before.unsettled),
        }
    }
}

impl Connection {
    /// What is remembered once the four-tuple is used again.
    pub(super) fn epitaph(&self) -> Previous {
        let [a, b] = &self.ends;
        let last = [a.last_sent, b.last_sent]
            .into_iter()
            .flatten()
            .max_by_key(|seen| seen.time)
            .unwrap_or(self.shared.first);
        Previous {
            last,
            closed: self.shared.closed,
            by_reset: self.shared.reset,
            first_to_close: self.shared.first_to_close.map(|side| {
                let end = &self.ends[side as usize];
                (end.address, end.port)
            }),
            ends: [a, b]
                .map(|end| PreviousEnd::of(end, self.shared.previous.as_deref().and_then(|before| before.of(end)))),
        }
    }
}
