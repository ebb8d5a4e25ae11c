//! One connection: the transmission control block of RFC 9293 section 3.3.1, and the user's calls on it (section 3.9.1).

use crate::config::Config;
use crate::ecn::Ecn;
use crate::fault::Fault;
use crate::isn::isn;
use crate::keepalive::Keepalive;
use crate::rack::Rack;
use crate::receive::Receiver;
use crate::recovery::Recovery;
use crate::rto::Rto;
use crate::state::State;
use crate::timers::Timers;
use crate::tlp::Tlp;
use crate::user_timeout::UserTimeout;
use std::collections::VecDeque;
use std::net::IpAddr;
use wire::tcp::{Options, SackBlock};
use wire::{Duration, Instant, SeqNumber};

/// RFC 9293 section 3.7.1: what is sent to a peer that announced no MSS (MUST-15).
const DEFAULT_MSS: [u16; 2] = [536, 1220];

/// Why a connection is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Both sides closed, and TIME-WAIT is over where it was due.
    Closed,
    /// The peer reset it (MUST-12: told apart from a close).
    Reset,
    /// The peer refused it.
    Refused,
    /// The user aborted it.
    Aborted,
    /// R2 passed without an acknowledgement (section 3.8.3).
    TimedOut,
}

/// A connection. Its variables are the RFC's.
#[derive(Debug)]
pub struct Connection {
    pub(crate) config: Config,
    pub(crate) local: (IpAddr, u16),
    pub(crate) remote: (IpAddr, u16),
    pub(crate) state: State,
    pub(crate) ended: Option<Ended>,
    /// SYN-RECEIVED was reached from LISTEN (MUST-11).
    pub(crate) passive: bool,
    /// ESTABLISHED was reached.
    pub(crate) was_established: bool,

    pub(crate) iss: SeqNumber,
    pub(crate) una: SeqNumber,
    /// SND.NXT: what is sent next; a timeout takes it back to SND.UNA.
    pub(crate) nxt: SeqNumber,
    /// Behind the highest octet ever sent.
    pub(crate) max: SeqNumber,
    pub(crate) wnd: u32,
    pub(crate) wl1: SeqNumber,
    pub(crate) wl2: SeqNumber,
    /// Max(SND.WND), section 3.8.6.2.1.
    pub(crate) max_wnd: u32,
    /// The window of the last acknowledgement that came, whether or not it counted.
    pub(crate) last_wnd: u32,
    pub(crate) shift: u8,
    /// Octets of the user, the first at `queue_start`.
    pub(crate) queue: VecDeque<u8>,
    pub(crate) queue_start: SeqNumber,
    /// The user has closed: FIN follows the queue.
    pub(crate) closing: bool,
    /// Data octets of a full segment without options.
    pub(crate) mss: u32,
    /// The same before any Packet Too Big: what the peer may send us is not smaller for one.
    pub(crate) announced_mss: u32,

    pub(crate) receiver: Receiver,
    /// Text and FIN of the peer's SYN, until ESTABLISHED (sections 3.10.7.2, third, and 3.10.7.3, fourth). One segment, cut to the
    /// window.
    pub(crate) waiting: Option<(Vec<u8>, bool)>,
    pub(crate) timestamps: bool,
    pub(crate) sack: bool,
    /// TS.Recent and Last.ACK.sent, RFC 7323 section 4.3.
    pub(crate) ts_recent: u32,
    pub(crate) last_ack_sent: SeqNumber,
    pub(crate) ts_offset: u32,

    pub(crate) rto: Rto,
    pub(crate) recovery: Recovery,
    pub(crate) rack: Rack,
    pub(crate) tlp: Tlp,
    /// The segment being timed, without timestamps: its end, and when it was sent.
    pub(crate) timed: Option<(SeqNumber, Instant)>,
    pub(crate) timers: Timers,
    pub(crate) keepalive: Option<Keepalive>,
    pub(crate) unanswered_keepalives: u8,
    /// When something last arrived.
    pub(crate) heard: Instant,
    pub(crate) nagle: bool,
    /// The application has closed for good: nobody is left to read.
    pub(crate) gone: bool,
    /// SND.UP: behind the last urgent octet, while there is one (section 3.8.5).
    pub(crate) urgent: Option<SeqNumber>,
    /// RCV.UP: the peer's.
    pub(crate) peer_urgent: Option<SeqNumber>,
    /// R1 was reached, and nothing acknowledged since (section 3.8.3).
    pub(crate) r1_reached: bool,
    pub(crate) user_timeout: UserTimeout,
    /// An ICMP error that may pass (section 3.9.2.2, SHLD-25).
    pub(crate) soft_error: bool,
    pub(crate) ecn: Ecn,
    /// What is to go out at the next opportunity.
    pub(crate) due: Due,
}

/// Segments that are due.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// SYN or SYN-ACK.
    pub syn: bool,
    pub ack: bool,
    pub reset: bool,
    /// A reset in answer to an acknowledgement of nothing we sent: its number (section 3.10.7.3, first).
    pub refusal: Option<SeqNumber>,
    /// Data that came twice, to be reported first (RFC 2883 section 4).
    pub duplicate: Option<SackBlock>,
    /// One segment at SND.UNA (fast retransmit, RFC 5681 section 3.2).
    pub resend: bool,
    /// A window probe, section 3.8.6.1.
    pub probe: bool,
    pub keepalive: bool,
    /// A tail loss probe, RFC 8985 section 7.3.
    pub tail_probe: bool,
    /// [`Fault::AcknowledgesOften`]: how often this acknowledgement was sent.
    pub again: u8,
    /// Full segments received and not yet acknowledged.
    pub unacknowledged: u8,
}

/// Faults about keepalives that nobody asked for.
fn keepalive_unasked(config: &Config) -> Option<Keepalive> {
    let idle = match config.faults {
        faults if faults.has(Fault::KeepaliveUnasked) => Duration::hours(2),
        faults if faults.has(Fault::SilenceKills) => Duration::minutes(10),
        _ => return None,
    };
    Some(Keepalive {
        idle,
        ..Keepalive::default()
    })
}

impl Connection {
    fn new(config: &Config, local: (IpAddr, u16), remote: (IpAddr, u16), iss: SeqNumber) -> Connection {
        Connection {
            local,
            remote,
            state: State::Closed,
            ended: None,
            passive: false,
            was_established: false,
            iss,
            una: iss,
            nxt: iss,
            max: iss,
            wnd: 0,
            wl1: SeqNumber(0),
            wl2: SeqNumber(0),
            max_wnd: 0,
            last_wnd: 0,
            shift: 0,
            queue: VecDeque::new(),
            queue_start: iss + 1,
            closing: false,
            mss: u32::from(DEFAULT_MSS[usize::from(!remote.0.is_ipv4())]),
            announced_mss: u32::MAX,
            receiver: Receiver::new(config.receive_buffer),
            waiting: None,
            timestamps: false,
            sack: false,
            ts_recent: 0,
            last_ack_sent: SeqNumber(0),
            ts_offset: if config.faults.has(Fault::SameClockForAll) {
                7
            } else {
                (config.seed as u32) ^ iss.0.rotate_left(16)
            },
            rto: Rto::of(config),
            recovery: Recovery::new(536),
            rack: Rack::default(),
            tlp: Tlp::default(),
            timed: None,
            timers: Timers::default(),
            keepalive: keepalive_unasked(config),
            unanswered_keepalives: 0,
            heard: Instant(0),
            nagle: config.nagle,
            gone: false,
            urgent: None,
            peer_urgent: None,
            r1_reached: false,
            user_timeout: UserTimeout::default(),
            soft_error: false,
            ecn: Ecn::default(),
            due: Due::default(),
            config: config.clone(),
        }
    }

    /// Active OPEN (section 3.10.1): SYN-SENT, a SYN due.
    pub(crate) fn open(config: &Config, now: Instant, local: (IpAddr, u16), remote: (IpAddr, u16)) -> Connection {
        let mut connection = Connection::new(config, local, remote, isn(now, config, local, remote));
        connection.state = State::SynSent;
        connection.due.syn = true;
        (connection.timers.progress, connection.heard) = (now, now);
        connection
    }

    /// A SYN came to a listener (section 3.10.7.2, third): SYN-RECEIVED, a SYN-ACK due. `above` are numbers that the ISN
    /// must exceed, where TIME-WAIT ends early (section 3.6, MAY-2).
    pub(crate) fn accept(
        config: &Config,
        now: Instant,
        local: (IpAddr, u16),
        remote: (IpAddr, u16),
        syn: (SeqNumber, u16, &Options),
        above: Option<SeqNumber>,
    ) -> Connection {
        let iss = isn(now, config, local, remote);
        let iss = match above {
            Some(above) if config.faults.has(Fault::ReopensBelow) => above - 0x1_0000,
            Some(above) if iss <= above => above + 0x1_0000,
            _ => iss,
        };
        let mut connection = Connection::new(config, local, remote, iss);
        connection.state = State::SynReceived;
        connection.passive = true;
        connection.due.syn = true;
        (connection.timers.progress, connection.heard) = (now, now);
        connection.heard_syn(syn.0, syn.1, syn.2);
        connection
    }

    /// The acknowledgement of a SYN cookie came to a listener (RFC 4987 section 3.6): SYN-RECEIVED, as it would be had the SYN been
    /// kept, but for options that the cookie has no room for.
    pub(crate) fn of_cookie(
        config: &Config,
        now: Instant,
        local: (IpAddr, u16),
        remote: (IpAddr, u16),
        (iss, irs): (SeqNumber, SeqNumber),
        mss: u16,
    ) -> Connection {
        let mut connection = Connection::new(config, local, remote, iss);
        (connection.state, connection.passive) = (State::SynReceived, true);
        (connection.nxt, connection.max) = (iss + 1, iss + 1);
        (connection.timers.progress, connection.heard) = (now, now);
        let options = Options {
            mss: Some(mss),
            ..Options::default()
        };
        connection.heard_syn(irs, 0, &options);
        connection
    }

    /// The peer's SYN: its number, its window (never scaled, RFC 7323 section 2.2), its offers.
    pub(crate) fn heard_syn(&mut self, irs: SeqNumber, wnd: u16, options: &Options) {
        let Config {
            timestamps,
            window_scale,
            sack,
            ..
        } = self.config;
        self.receiver.begin(irs);
        (self.wnd, self.max_wnd) = (u32::from(wnd), u32::from(wnd));
        (self.wl1, self.wl2) = (irs, self.iss);
        if let Some(mss) = options.mss {
            self.mss = u32::from(mss).max(1);
        }
        if self.config.faults.has(Fault::IgnoresMss) {
            self.mss = u32::from(self.config.mss());
        }
        self.mss = self.mss.min(u32::from(self.config.mss()));
        self.announced_mss = self.mss;
        self.sack = sack && options.sack_permitted;
        if let (true, Some((value, _))) = (timestamps, options.timestamps) {
            (self.timestamps, self.ts_recent) = (true, value);
        }
        if let (true, Some(shift)) = (window_scale, options.window_scale) {
            // RFC 7323 section 2.3: more than 14 counts as 14.
            (self.shift, self.receiver.shift) = (shift.min(14), self.receiver.wanted_shift());
            self.receiver.scales = true;
        }
        self.last_ack_sent = self.receiver.nxt;
        self.recovery = Recovery::new(self.effective_mss());
        if self.config.faults.has(Fault::HugeInitialWindow) {
            self.recovery.cwnd = 60 * self.effective_mss();
        }
        if self.faulty(Fault::SmallSegments) {
            self.mss = (self.mss / 2).max(1);
        }
        self.recovery.faults = self.config.faults;
        self.rack.on = self.sack && self.config.rack;
        (self.recovery.by_pipe, self.rack.faults) = (self.rack.on, self.config.faults);
    }

    /// Eff.snd.MSS without SACK blocks (section 3.7.1, MUST-16).
    pub(crate) fn effective_mss(&self) -> u32 {
        self.mss.saturating_sub(if self.timestamps { 12 } else { 0 }).max(1)
    }

    /// Fr * RCV.BUFF of section 3.8.6.2.2 has this for its other bound. Packet Too Big is about what we send, and does not lower it.
    pub(crate) fn window_step(&self) -> u32 {
        let options = if self.timestamps { 12 } else { 0 };
        self.announced_mss.saturating_sub(options).max(1)
    }

    /// TSval: milliseconds, from an offset of the connection's own (RFC 7323 sections 5.4 and 7.1).
    pub(crate) fn tsval(&self, now: Instant) -> u32 {
        let tick = if self.faulty(Fault::TimestampsRace) {
            1_000
        } else {
            1_000_000
        };
        let clock = ((now.0 / tick) as u32).wrapping_add(self.ts_offset);
        if self.config.faults.has(Fault::ClockRunsBack) {
            clock.wrapping_neg()
        } else {
            clock
        }
    }

    /// Behind the user's last octet; FIN's place.
    pub(crate) fn queue_end(&self) -> SeqNumber {
        self.queue_start + self.queue.len() as u32
    }

    /// FIN was sent, and is acknowledged.
    pub(crate) fn fin_is_acknowledged(&self) -> bool {
        self.closing && self.una > self.queue_end() && !self.faulty(Fault::NeverCloses)
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// Why it ended; none while it lives.
    pub fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// SEND (section 3.10.2): how many octets were queued; none once the user has closed, or the connection is over.
    pub fn send(&mut self, data: &[u8]) -> Option<usize> {
        let open = matches!(
            self.state,
            State::SynSent | State::SynReceived | State::Established | State::CloseWait
        );
        if !open || self.closing {
            return None;
        }
        let room = self.config.send_buffer.saturating_sub(self.queue.len());
        let count = data.len().min(room);
        self.queue.extend(&data[..count]);
        Some(count)
    }

    /// SEND with the URGENT flag: the last of these octets is the last urgent one (section 3.8.5, MUST-30).
    pub fn send_urgent(&mut self, data: &[u8]) -> Option<usize> {
        let count = self.send(data)?;
        if count > 0 {
            self.urgent = Some(self.queue_end());
        }
        Some(count)
    }

    /// How many octets up to the end of urgent data the user has not received yet (MUST-32, MUST-33).
    pub fn urgent_ahead(&self) -> Option<u32> {
        let read = self.receiver.nxt - self.receiver.readable() as u32;
        let ahead = self.peer_urgent?.since(read);
        (ahead > 0).then_some(ahead as u32)
    }

    /// Nagle's algorithm on or off (section 3.7.4, MUST-17).
    pub fn set_nagle(&mut self, on: bool) {
        self.nagle = on || self.faulty(Fault::AlwaysNagle);
    }

    /// Section 3.8.3 (SHLD-9): retransmissions have reached R1 without an acknowledgement. It is the negative advice to the IP layer,
    /// too, which has no other gateway to try here.
    pub fn r1_reached(&self) -> bool {
        self.r1_reached && !self.faulty(Fault::R1Untold)
    }

    /// Whether an ICMP error told of trouble that may pass (section 3.9.2.2, MUST-47).
    pub fn soft_error(&self) -> bool {
        self.soft_error
    }

    /// CLOSE by a user who will not receive any more: what is unread, or still arrives, is lost, and the peer is told so by a
    /// reset (section 3.6.1, SHLD-3).
    pub fn close_for_good(&mut self) {
        if self.receiver.readable() > 0 && !self.config.faults.has(Fault::ClosesOverUnreadData) {
            return self.abort();
        }
        self.gone = true;
        self.close();
    }

    /// RECEIVE (section 3.10.3): octets moved to `out`; none at the end of the stream.
    pub fn receive(&mut self, out: &mut [u8]) -> Option<usize> {
        if self.receiver.readable() == 0 {
            let over = self.ended.is_some()
                || matches!(
                    self.state,
                    State::CloseWait | State::Closing | State::LastAck | State::TimeWait
                );
            return (!over || self.faulty(Fault::FinUntold) && self.ended.is_none()).then_some(0);
        }
        let count = self.receiver.read(out);
        if let (true, Some(octet)) = (self.faulty(Fault::CorruptsData) && count > 2, out.get_mut(2)) {
            *octet ^= 0x55;
        }
        // Section 3.8.6.2.2: a window worth telling of is told of at once.
        let worth = if self.config.faults.has(Fault::SillyWindow) {
            1
        } else {
            self.window_step()
        };
        if self.state.receives() && self.receiver.open(worth) && !self.faulty(Fault::ReopensSilently) {
            self.due.ack = true;
        }
        Some(count)
    }

    /// CLOSE (section 3.10.4).
    pub fn close(&mut self) {
        match self.state {
            State::SynSent => self.end(Ended::Closed),
            State::SynReceived | State::Established | State::CloseWait => self.closing = true,
            _ => {}
        }
    }

    /// ABORT (section 3.10.5): a reset, unless nobody would know what it is about.
    pub fn abort(&mut self) {
        self.due.reset = matches!(
            self.state,
            State::SynReceived | State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait
        );
        if self.due.reset && self.faulty(Fault::TalksAfterReset) {
            return;
        }
        self.queue.clear();
        let sends = self.due.reset && !self.faulty(Fault::SilentAbort);
        self.end(Ended::Aborted);
        self.due.reset = sends;
    }

    /// The connection is over.
    pub(crate) fn end(&mut self, why: Ended) {
        self.state = State::Closed;
        let why = match why {
            Ended::Reset if self.faulty(Fault::ResetLooksClosed) => Ended::Closed,
            Ended::Refused if self.faulty(Fault::RefusalUntold) => Ended::Closed,
            why => why,
        };
        self.ended.get_or_insert(why);
        self.due = Due::default();
        self.timers.stop();
    }

    /// Not over, or with a reset left to send: nobody else has its four-tuple.
    pub(crate) fn holds_addresses(&self) -> bool {
        self.ended.is_none() || self.due.reset
    }
}
