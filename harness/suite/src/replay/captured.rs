//! A captured connection: who said what, and what the capture lacks, filled in.

use super::stream::{Stream, place};
use std::net::IpAddr;
use wire::tcp::{Flags, Options, TcpOption};
use wire::{Duration, FrameNumber, Instant, SeqNumber};

/// One of the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It sent the first SYN.
    Client,
    Server,
}

impl Side {
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Side::Client => "client",
            Side::Server => "server",
        }
    }
}

/// A segment as it was captured.
#[derive(Debug, Clone)]
pub struct Captured {
    /// None: the capture lacks it; it is made up from what the other end acknowledged.
    pub frame: Option<FrameNumber>,
    pub time: Instant,
    pub ends: ((IpAddr, u16), (IpAddr, u16)),
    pub seq: SeqNumber,
    pub ack: SeqNumber,
    pub flags: Flags,
    pub wnd: u16,
    pub urgent_pointer: u16,
    pub options: Vec<u8>,
    /// Zeros where the snap length cut it.
    pub payload: Vec<u8>,
    /// So many octets were cut.
    pub cut: u32,
    pub ecn: u8,
    pub id: Option<u16>,
}

impl Captured {
    /// The same packet, seen again.
    pub fn is_copy(&self, other: &Captured) -> bool {
        let numbers = |one: &Captured| (one.ends, one.id, one.seq, one.ack, one.flags, one.wnd);
        numbers(self) == numbers(other) && self.options == other.options && self.payload == other.payload
    }

    /// Its first octet of data.
    pub fn data_seq(&self) -> SeqNumber {
        self.seq + u32::from(self.flags.syn())
    }

    /// Its data belong to the stream: receivers take none from a reset, nor from a segment without ACK behind the SYN
    /// (RFC 9293 section 3.10.7.4).
    pub fn has_data(&self) -> bool {
        !self.payload.is_empty() && !self.flags.rst() && (self.flags.ack() || self.flags.syn())
    }
}

/// One end of the captured connection.
#[derive(Debug, Clone, Default)]
pub struct End {
    /// Of its SYN; else one less than what its peer acknowledged first.
    pub isn: Option<SeqNumber>,
    /// Of its SYN.
    pub options: Option<Options>,
    /// It offered, or agreed to, ECN (RFC 3168 section 6.1.1).
    pub ecn: bool,
    pub stream: Stream,
    /// The place of its FIN.
    pub fin: Option<u64>,
    pub reset: bool,
}

/// A captured connection, in the order of the capture.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// As Wireshark's `tcp.stream` counts; and how many the capture has.
    pub number: u32,
    pub connections: u32,
    /// The client's and the server's address.
    pub ends: [(IpAddr, u16); 2],
    pub segments: Vec<(Side, Captured)>,
    pub client: End,
    pub server: End,
    /// What a reader should know about the capture.
    pub notes: Vec<String>,
}

impl Conversation {
    /// None without a SYN.
    pub(super) fn assemble(
        mut segments: Vec<Captured>,
        number: u32,
        connections: u32,
        mut notes: Vec<String>,
    ) -> Option<Conversation> {
        let opens = |one: &Captured| one.flags.syn() && !one.flags.ack();
        let first = segments.iter().position(opens)?;
        if first > 0 {
            notes.push(format!("{first} segments before the SYN are left out"));
        }
        segments.drain(..first);
        let (client, server) = segments.first()?.ends;
        let side = |one: &Captured| {
            if one.ends.0 == client {
                Side::Client
            } else {
                Side::Server
            }
        };
        let mut conversation = Conversation {
            number,
            connections,
            ends: [client, server],
            segments: segments.into_iter().map(|one| (side(&one), one)).collect(),
            client: End::default(),
            server: End::default(),
            notes,
        };
        for side in [Side::Client, Side::Server] {
            conversation.find_isn(side);
        }
        for side in [Side::Client, Side::Server] {
            conversation.gather(side);
            conversation.fill(side);
        }
        Some(conversation)
    }

    /// From its first packet to its last.
    pub fn lasts(&self) -> Duration {
        let times = || self.segments.iter().map(|(_, one)| one.time);
        times()
            .max()
            .zip(times().min())
            .map_or(Duration::ZERO, |(last, first)| last - first)
    }

    pub fn end(&self, side: Side) -> &End {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    pub fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn find_isn(&mut self, side: Side) {
        let of = |from: Side| self.segments.iter().filter(move |one| one.0 == from).map(|one| &one.1);
        let syn = of(side).find(|one| one.flags.syn());
        let isn = syn.map(|one| one.seq);
        // The handshake acknowledges the SYN and nothing else (RFC 9293 section 3.5).
        let acknowledged = || of(side.other()).find(|one| one.flags.ack() && !one.flags.rst());
        let isn = isn.or_else(|| acknowledged().map(|one| one.ack - 1));
        let options = syn.map(|one| Options::parse(&one.options));
        let ecn = syn.is_some_and(|one| {
            let wanted = if one.flags.ack() {
                Flags::ECE
            } else {
                Flags::ECE.with(Flags::CWR)
            };
            one.flags.contains(wanted) && !(one.flags.ack() && one.flags.cwr())
        });
        let reset = of(side).any(|one| one.flags.rst());
        let end = self.end_mut(side);
        (end.isn, end.options, end.ecn, end.reset) = (isn, options, ecn, reset);
    }

    /// Puts the data of one side together.
    fn gather(&mut self, side: Side) {
        let Some(isn) = self.end(side).isn else { return };
        let (mut end, mut cut, mut strays) = (std::mem::take(self.end_mut(side)), 0u64, 0u64);
        for (_, one) in self.segments.iter().filter(|one| one.0 == side) {
            let at = place(one.data_seq(), isn, end.stream.len());
            if one.has_data() {
                cut += u64::from(one.cut);
                let skip = usize::try_from(-at).unwrap_or(0).min(one.payload.len());
                let taken = end
                    .stream
                    .add(at.max(0) as u64, one.payload.get(skip..).unwrap_or_default());
                strays += u64::from(!taken);
            }
            let behind = at + one.payload.len() as i64;
            if let (true, None, Ok(behind)) = (one.flags.fin() && !one.flags.rst(), end.fin, u64::try_from(behind)) {
                end.fin = Some(behind);
            }
        }
        *self.end_mut(side) = end;
        let name = side.name();
        if cut > 0 {
            self.notes.push(format!(
                "the capture cut {cut} octets of the {name}'s data: zeros stand in their place"
            ));
        }
        if strays > 0 {
            self.notes.push(format!(
                "{strays} segments of the {name} lie far outside of its data and count as none of it"
            ));
        }
    }

    /// Makes up what one side must have sent, as its peer acknowledged it, and the capture lacks.
    fn fill(&mut self, side: Side) {
        let (end, peer) = (self.end(side).clone(), side.other());
        let Some(isn) = end.isn else { return };
        let name = side.name();
        if side == Side::Server && end.options.is_none() {
            self.notes
                .push("the capture lacks the SYN-ACK: one without options but MSS stands in its place".to_owned());
            self.make_up(
                side,
                |_, one| one.flags.ack(),
                isn,
                Flags::SYN.with(Flags::ACK),
                Vec::new(),
            );
        }
        let mut near = 0;
        for (_, one) in self
            .segments
            .iter()
            .filter(|one| one.0 == peer && one.1.flags.ack() && !one.1.flags.rst())
        {
            let at = place(one.ack, isn, near).max(0) as u64;
            // What nobody can have sent is the acknowledging end's own fancy.
            if at <= end.stream.len().max(near) + LONGEST_LACK {
                near = near.max(at);
            }
        }
        let all = end.stream.len();
        let lone = near == all + 1 && end.fin.is_none() && all > 0;
        let until = if lone { all } else { near.min(end.fin.unwrap_or(near)) };
        let until = until.min(all + MOST_LACKING);
        let gaps = end.stream.gaps(until);
        let lacking: u64 = gaps.iter().map(|(from, to)| to - from).sum();
        if lacking > 0 {
            self.notes.push(format!(
                "the capture lacks {lacking} octets that the {name} must have sent: zeros stand in their place"
            ));
        }
        for (from, to) in gaps {
            for at in (from..to).step_by(CHUNK) {
                let octets = vec![0; (to - at).min(CHUNK as u64) as usize];
                self.end_mut(side).stream.add(at, &octets);
                self.make_up(
                    side,
                    |own, one| reaches(own, one, isn, at, to),
                    isn + 1 + at as u32,
                    Flags::ACK,
                    octets,
                );
            }
        }
        if lone {
            self.notes
                .push(format!("the capture lacks the {name}'s FIN: it is made up"));
            self.end_mut(side).fin = Some(all);
            let fin = Flags::FIN.with(Flags::ACK);
            self.make_up(
                side,
                |own, one| reaches(own, one, isn, all, u64::MAX),
                isn + 1 + all as u32,
                fin,
                Vec::new(),
            );
        }
    }

    /// Inserts a segment of `side` before the first one that `follows` it; the flag says whether that one is of `side` too.
    fn make_up(
        &mut self,
        side: Side,
        follows: impl Fn(bool, &Captured) -> bool,
        seq: SeqNumber,
        flags: Flags,
        payload: Vec<u8>,
    ) {
        let begun = self.segments.iter().position(|one| one.1.flags.syn()).unwrap_or(0) + 1;
        let found = self
            .segments
            .iter()
            .skip(begun)
            .position(|(from, one)| follows(*from == side, one));
        let at = found.map_or(self.segments.len(), |found| found + begun);
        let before = || self.segments.iter().take(at).rev();
        let own = before()
            .find(|one| one.0 == side && !one.1.flags.syn())
            .map(|one| &one.1);
        let Some((_, neighbour)) = self.segments.get(at).or(before().next()) else {
            return;
        };
        let time = neighbour.time;
        // What the made-up segment acknowledges: as its sender did last, or the peer's SYN.
        let ack = own
            .map(|one| one.ack)
            .or_else(|| self.end(side.other()).isn.map(|isn| isn + 1));
        let mut options = Vec::new();
        if flags.syn() {
            TcpOption::MaximumSegmentSize(1460).emit(&mut options);
        } else if let Some((value, echo)) = own.and_then(|one| Options::parse(&one.options).timestamps) {
            options.extend([1, 1]);
            TcpOption::Timestamps { value, echo }.emit(&mut options);
        }
        let ends = match side {
            Side::Client => (self.ends[0], self.ends[1]),
            Side::Server => (self.ends[1], self.ends[0]),
        };
        let made_up = Captured {
            frame: None,
            time,
            ends,
            seq,
            ack: ack.unwrap_or_default(),
            flags,
            wnd: own.map_or(65_535, |one| one.wnd),
            urgent_pointer: 0,
            options,
            payload,
            cut: 0,
            ecn: 0,
            id: None,
        };
        self.segments.insert(at, (side, made_up));
    }
}

/// Whether `one` shows that the octets from `from` on were sent before: data behind `to`, or an acknowledgement.
fn reaches(own: bool, one: &Captured, isn: SeqNumber, from: u64, to: u64) -> bool {
    if own {
        let later = one.has_data() || one.flags.fin();
        to < u64::MAX && later && place(one.data_seq(), isn, to) >= to as i64
    } else {
        one.flags.ack() && !one.flags.rst() && place(one.ack, isn, from) > from as i64
    }
}

/// Octets of a made-up segment.
const CHUNK: usize = 1400;
/// Octets that the capture may lack behind what it has: at once, and in all.
const LONGEST_LACK: u64 = 1 << 20;
const MOST_LACKING: u64 = 8 << 20;
