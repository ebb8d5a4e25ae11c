//! The Tester's side of one connection, and what it does with it.

use crate::scenario::{Step, Stop};
use crate::segment::{Draft, Segment, Stamp};
use crate::tester::Tester;
use stacks::{Ability, Setting, Socket, State};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use wire::tcp::{Flags, TcpOption};
use wire::{Duration, Instant, SeqNumber};

/// The round trip that the Tester keeps up where a scenario says nothing else.
pub const RTT: Duration = Duration::millis(20);
/// How long an answer may take that is due at once: no stack needs that long, and a busy machine seldom.
pub const PROMPT: Duration = Duration::millis(400);
/// A stack that still retransmits after that gives up never: RFC 9293 section 3.8.3 sets R2 no upper limit, so ours is far above
/// what any stack takes.
pub const GIVEN_UP_BY: Duration = Duration::hours(24);
/// The port that the Tester connects from first; and the ones that the stack listens on.
const OUR_PORTS: u16 = 40_000;
const ITS_PORTS: u16 = 7_000;
/// Of ports at a stack that all cases meet.
static NEXT: AtomicU16 = AtomicU16::new(1);

/// What the Tester offers on its SYN.
#[derive(Debug, Clone)]
pub struct Offer {
    pub mss: Option<u16>,
    pub window_scale: Option<u8>,
    pub sack: bool,
    pub timestamps: bool,
    pub wnd: u16,
    pub iss: SeqNumber,
    /// ECE and CWR on the SYN (RFC 3168 section 6.1.1).
    pub ecn: bool,
    /// TSval at the beginning of the run.
    pub clock: u32,
}

impl Default for Offer {
    /// MSS 1000 and nothing else.
    fn default() -> Offer {
        Offer {
            mss: Some(1000),
            window_scale: None,
            sack: false,
            timestamps: false,
            wnd: 65_535,
            iss: SeqNumber(1_000_000),
            ecn: false,
            clock: 500_000,
        }
    }
}

impl Offer {
    /// Everything that modern ends offer.
    pub fn full() -> Offer {
        Offer {
            window_scale: Some(7),
            sack: true,
            timestamps: true,
            ..Offer::default()
        }
    }
}

/// Who opens the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// The stack listens.
    Passive,
    /// The stack connects.
    Active,
}

/// The Tester's end of a connection. `snd` and `rcv` are what it sends next and expects next.
#[derive(Debug, Clone)]
pub struct Peer {
    pub here: (IpAddr, u16),
    pub there: (IpAddr, u16),
    pub offer: Offer,
    pub iss: SeqNumber,
    pub snd: SeqNumber,
    pub irs: SeqNumber,
    pub rcv: SeqNumber,
    /// The window to advertise, as it goes into the header.
    pub wnd: u16,
    pub sack: bool,
    pub timestamps: bool,
    pub ts_recent: u32,
    /// The highest acknowledgement of the stack.
    pub acknowledged: SeqNumber,
    /// The stack's window, scaled.
    pub its_wnd: u32,
    its_shift: u8,
    /// Both ends scale their windows.
    pub scaled: bool,
    /// MSS that the stack announced.
    pub its_mss: Option<u16>,
    began: Instant,
    /// The state that the stack said it was in when a scenario began.
    pub placed: Option<State>,
    /// What arrives from now on is not taken: `rcv` stays.
    pub deaf: bool,
    /// The connection, for the stack's application.
    pub socket: Option<Socket>,
    /// No call reaches that application.
    unmanned: bool,
}

impl Peer {
    fn new(here: (IpAddr, u16), there: (IpAddr, u16), offer: Offer, now: Instant) -> Peer {
        Peer {
            here,
            there,
            iss: offer.iss,
            snd: offer.iss,
            irs: SeqNumber(0),
            rcv: SeqNumber(0),
            wnd: offer.wnd,
            sack: false,
            timestamps: false,
            ts_recent: 0,
            acknowledged: offer.iss,
            its_wnd: 0,
            its_shift: 0,
            scaled: false,
            its_mss: None,
            offer,
            began: now,
            placed: None,
            deaf: false,
            socket: None,
            unmanned: false,
        }
    }

    fn draft(&self, flags: Flags) -> Draft {
        Draft::new(self.here, self.there, flags).wnd(self.wnd)
    }

    /// An acknowledgement of everything received in order.
    pub fn ack(&self) -> Draft {
        self.draft(Flags::ACK).seq(self.snd).ack(self.rcv)
    }
    pub fn data(&self, octets: impl Into<Vec<u8>>) -> Draft {
        self.ack().with(Flags::PSH).payload(octets)
    }
    pub fn fin(&self) -> Draft {
        self.ack().with(Flags::FIN)
    }
    /// A reset exactly where the stack expects one.
    pub fn rst(&self) -> Draft {
        self.draft(Flags::RST).seq(self.snd)
    }
    /// A SYN with what is offered.
    pub fn syn(&self) -> Draft {
        let offer = &self.offer;
        let mut draft = self.draft(Flags::SYN).seq(self.iss);
        draft.wnd = offer.wnd;
        if offer.ecn {
            draft = draft.with(Flags(Flags::ECE.0 | Flags::CWR.0));
        }
        if let Some(mss) = offer.mss {
            draft = draft.option(TcpOption::MaximumSegmentSize(mss));
        }
        if offer.sack {
            draft = draft.option(TcpOption::SackPermitted);
        }
        if let Some(shift) = offer.window_scale {
            draft = draft
                .option(TcpOption::NoOperation)
                .option(TcpOption::WindowScale(shift));
        }
        draft.stamp(if offer.timestamps {
            Stamp::Of(offer.clock, 0)
        } else {
            Stamp::None
        })
    }

    /// The SYN-ACK that answers the stack's SYN: of its offers those that the Tester makes too.
    pub fn answer_to(&self, syn: &Segment) -> Draft {
        let mut draft = self.syn().ack(syn.end());
        draft.options.clear();
        if let Some(mss) = self.offer.mss {
            draft = draft.option(TcpOption::MaximumSegmentSize(mss));
        }
        if self.offer.sack && syn.options.sack_permitted {
            draft = draft.option(TcpOption::SackPermitted);
        }
        if let (Some(shift), Some(_)) = (self.offer.window_scale, syn.options.window_scale) {
            draft = draft
                .option(TcpOption::NoOperation)
                .option(TcpOption::WindowScale(shift));
        }
        if self.offer.ecn {
            draft = draft.without(Flags::CWR);
        }
        match syn.options.timestamps {
            Some((value, _)) if self.offer.timestamps => draft.stamp(Stamp::Of(self.offer.clock, value)),
            _ => draft.stamp(Stamp::None),
        }
    }

    /// TSval at `now`: milliseconds.
    pub fn tsval(&self, now: Instant) -> u32 {
        self.offer.clock.wrapping_add(((now - self.began).0 / 1_000_000) as u32)
    }

    /// The stack's SYN or SYN-ACK.
    pub fn heard_syn(&mut self, syn: &Segment) {
        (self.irs, self.rcv) = (syn.seq, syn.end());
        let options = &syn.options;
        self.sack = self.offer.sack && options.sack_permitted;
        self.timestamps = self.offer.timestamps && options.timestamps.is_some();
        self.its_mss = options.mss;
        self.its_wnd = u32::from(syn.wnd);
        self.acknowledged = self.iss + 1;
        if let Some((value, _)) = options.timestamps {
            self.ts_recent = value;
        }
        if let (Some(_), Some(shift)) = (self.offer.window_scale, options.window_scale) {
            self.its_shift = shift.min(14);
            self.scaled = true;
        }
    }

    /// Takes a segment of the stack into account, as an ordinary receiver does.
    pub fn hear(&mut self, segment: &Segment) {
        if segment.flags.rst() || segment.flags.syn() {
            return;
        }
        self.its_wnd = u32::from(segment.wnd) << self.its_shift;
        self.acknowledged = self.acknowledged.max(segment.ack);
        if segment.seq <= self.rcv && segment.end() > self.rcv && !self.deaf {
            self.rcv = segment.end();
        }
        if let (true, Some((value, _))) = (segment.seq <= self.rcv, segment.options.timestamps) {
            self.ts_recent = value;
        }
    }

    pub fn is_from(&self, segment: &Segment) -> bool {
        segment.source == self.there && segment.destination == self.here
    }

    /// The stack's application has this connection.
    pub fn app(&self) -> Step<Socket> {
        if self.unmanned {
            return Err(Stop::Needs("calls to the stack's application"));
        }
        self.socket
            .ok_or_else(|| Stop::Stuck("the stack's application never got the connection".to_owned()))
    }
}

/// Conversation on one connection.
impl Tester {
    /// A connection that the stack's application has, and the Tester's end of it.
    pub fn open(&mut self, opening: Opening, offer: Offer) -> Step<Peer> {
        match opening {
            Opening::Passive => self.passive(offer),
            Opening::Active => self.active(offer),
        }
    }

    /// The stack listens; the Tester connects.
    pub fn passive(&mut self, offer: Offer) -> Step<Peer> {
        let mut peer = self.greeted(offer)?;
        self.wait(RTT)?;
        self.send(&mut peer, Peer::ack);
        self.accept(&mut peer)?;
        Ok(peer)
    }

    /// A listener's port, and an end that has not sent anything.
    pub fn facing_listener(&mut self, offer: Offer) -> Step<Peer> {
        self.needs(Ability::Listen)?;
        if let Some(services) = self.services() {
            let port = services.discard.ok_or(Stop::Needs("a discard service"))?;
            return Ok(self.stranger(port, offer));
        }
        let port = ITS_PORTS;
        if !self.listening.contains(&port) {
            let listened = self.call(format_args!("passive OPEN of port {port}"), |stack| stack.listen(port));
            listened.map_err(|error| Stop::Stuck(format!("passive OPEN failed: {error}")))?;
            self.listening.push(port);
        }
        Ok(self.stranger(port, offer))
    }

    /// An end of a connection that does not exist, towards a port.
    pub fn stranger(&mut self, port: u16, offer: Offer) -> Peer {
        self.ports += 1;
        let number = if self.services().is_some() {
            // A stack that all cases meet has seen the ports of those before.
            NEXT.fetch_add(1, Ordering::Relaxed) % 20_000
        } else {
            self.ports
        };
        let here = (self.ours, OUR_PORTS + number);
        let mut peer = Peer::new(here, (self.its, port), offer, self.now());
        peer.unmanned = self.services().is_some();
        peer
    }

    /// The Tester has sent its SYN and heard the SYN-ACK.
    pub fn greeted(&mut self, offer: Offer) -> Step<Peer> {
        let mut peer = self.facing_listener(offer)?;
        self.send(&mut peer, Peer::syn);
        self.hear_syn_ack(&mut peer)?;
        Ok(peer)
    }

    /// Waits for the SYN-ACK.
    pub fn hear_syn_ack(&mut self, peer: &mut Peer) -> Step<Segment> {
        let answer = self.expect(peer, PROMPT, "SYN-ACK", |segment| {
            segment.flags.contains(Flags(Flags::SYN.0 | Flags::ACK.0))
        })?;
        peer.heard_syn(&answer);
        Ok(answer)
    }

    /// The stack's application takes the connection that the Tester opened.
    pub fn accept(&mut self, peer: &mut Peer) -> Step {
        if peer.unmanned {
            return Ok(());
        }
        let port = peer.there.1;
        let until = self.now() + PROMPT;
        loop {
            match self.call(format_args!("accept"), |stack| stack.accept(port)) {
                Ok(Some(socket)) => {
                    peer.socket = Some(socket);
                    return Ok(());
                }
                Ok(None) if self.now() < until => self.wait(Duration::millis(20))?,
                Ok(None) => return Err(Stop::Stuck("the listener never got the connection".to_owned())),
                Err(error) => return Err(Stop::Stuck(format!("accept failed: {error}"))),
            }
        }
    }

    /// The stack connects; the Tester has heard its SYN.
    pub fn called(&mut self, offer: Offer) -> Step<(Peer, Segment)> {
        self.needs(Ability::Connect)?;
        self.ports += 1;
        let (port, local) = (OUR_PORTS + self.ports, 50_000 + self.ports);
        let remote = (self.ours, port);
        let socket = self
            .call(format_args!("active OPEN to port {port}"), |stack| {
                stack.connect(local, remote)
            })
            .map_err(|error| Stop::Stuck(format!("active OPEN failed: {error}")))?;
        let mut peer = Peer::new(remote, (self.its, local), offer, self.now());
        peer.socket = Some(socket);
        // The stack may choose its port after all.
        let until = self.now() + PROMPT;
        self.run(until, |t| t.inbox.iter().any(|one| one.destination == remote))?;
        if let Some(first) = self.inbox.iter().find(|one| one.destination == remote) {
            peer.there = first.source;
        }
        let syn = self.expect(&mut peer, PROMPT, "SYN", |segment| segment.flags.syn())?;
        peer.heard_syn(&syn);
        Ok((peer, syn))
    }

    /// The stack connects; the Tester accepts.
    pub fn active(&mut self, offer: Offer) -> Step<Peer> {
        let (mut peer, syn) = self.called(offer)?;
        self.wait(RTT)?;
        self.send(&mut peer, |one| one.answer_to(&syn));
        self.expect(
            &mut peer,
            PROMPT,
            "acknowledgement of the SYN-ACK",
            Segment::is_pure_ack,
        )?;
        Ok(peer)
    }

    /// Sends a segment; what comes next in sequence moves the Tester's SND.NXT.
    pub fn send(&mut self, peer: &mut Peer, make: impl FnOnce(&Peer) -> Draft) {
        let draft = make(peer);
        if draft.seq == peer.snd && !draft.flags.rst() && draft.checksum_error == 0 {
            peer.snd += draft.len();
        }
        self.fling(peer, draft);
    }

    /// Sends a segment without keeping account of it.
    pub fn fling(&mut self, peer: &Peer, mut draft: Draft) {
        if draft.stamp == Stamp::AsAgreed {
            draft.stamp = if peer.timestamps {
                Stamp::Of(peer.tsval(self.now()), peer.ts_recent)
            } else {
                Stamp::None
            };
        }
        self.throw(&draft);
    }

    /// The next segment of this connection within `time`, taken into account.
    pub fn next(&mut self, peer: &mut Peer, time: Duration) -> Step<Option<Segment>> {
        let until = self.now() + time;
        self.run(until, |t| t.inbox.iter().any(|segment| peer.is_from(segment)))?;
        let Some(at) = self.inbox.iter().position(|segment| peer.is_from(segment)) else {
            return Ok(None);
        };
        let segment = self.inbox.remove(at);
        if let Some(segment) = &segment {
            peer.hear(segment);
        }
        Ok(segment)
    }

    /// Waits for a segment like that; others on the way are taken into account and passed over.
    pub fn expect(
        &mut self,
        peer: &mut Peer,
        time: Duration,
        what: &str,
        fits: impl Fn(&Segment) -> bool,
    ) -> Step<Segment> {
        let until = self.now() + time;
        while let Some(segment) = self.next(peer, until - self.now())? {
            if fits(&segment) {
                return Ok(segment);
            }
        }
        Err(Stop::Stuck(format!("no {what} came within {} s", time.as_secs_f64())))
    }

    /// Everything that the stack sends on this connection within `time`, taken into account, never answered.
    pub fn listen_for(&mut self, peer: &mut Peer, time: Duration) -> Step<Vec<Segment>> {
        self.wait(time)?;
        let mut heard = Vec::new();
        while let Some(segment) = self.next(peer, Duration::ZERO)? {
            heard.push(segment);
        }
        Ok(heard)
    }

    /// The same, and nothing of it is taken into account.
    pub fn listen_without_taking(&mut self, peer: &mut Peer, time: Duration) -> Step<Vec<Segment>> {
        let before = peer.clone();
        let heard = self.listen_for(peer, time)?;
        *peer = before;
        Ok(heard)
    }

    /// Sends until the stack's receive window is closed.
    pub fn fill_window(&mut self, peer: &mut Peer) -> Step {
        if peer.unmanned {
            return Err(Stop::Needs("an application that does not read"));
        }
        for _ in 0..400 {
            while self.next(peer, Duration::ZERO)?.is_some() {}
            let room = (peer.acknowledged + peer.its_wnd).since(peer.snd).max(0) as usize;
            if room == 0 && peer.acknowledged == peer.snd {
                return Ok(());
            }
            if room > 0 {
                self.send(peer, |one| one.data(pattern(room.min(1000))));
            }
            self.wait(Duration::millis(if room > 0 { 1 } else { 300 }))?;
        }
        Err(Stop::Stuck("the stack's window never closed".to_owned()))
    }

    /// Takes `octets` octets of data, acknowledging as an ordinary receiver does: every second segment, and the last.
    pub fn take(&mut self, peer: &mut Peer, octets: u32) -> Step<Vec<u8>> {
        let begin = peer.rcv;
        let mut taken = Vec::new();
        let mut unanswered = 0;
        while (peer.rcv.since(begin) as u32) < octets {
            let expected = peer.rcv;
            let Some(segment) = self.next(peer, Duration::secs(3))? else {
                let have = peer.rcv.since(begin);
                return Err(Stop::Stuck(format!("data stopped after {have} of {octets} octets")));
            };
            if segment.flags.rst() {
                return Err(Stop::Stuck("the stack reset the connection".to_owned()));
            }
            let skip = expected.since(segment.seq).max(0) as usize;
            if segment.seq <= expected {
                taken.extend(segment.payload.get(skip..).unwrap_or_default());
            }
            unanswered += u32::from(!segment.payload.is_empty());
            let last = peer.rcv.since(begin) as u32 >= octets;
            let idle = !self.inbox.iter().any(|one| peer.is_from(one));
            if unanswered > 0 && (last || unanswered >= 2 || idle) {
                self.wait(RTT)?;
                self.send(peer, Peer::ack);
                unanswered = 0;
            }
        }
        Ok(taken)
    }

    /// The same at a stack whose timer has backed off far.
    pub fn take_slowly(&mut self, peer: &mut Peer, octets: u32) -> Step<Vec<u8>> {
        let begin = peer.rcv;
        let mut taken = Vec::new();
        while (peer.rcv.since(begin) as u32) < octets {
            let expected = peer.rcv;
            let Some(segment) = self.next(peer, Duration::minutes(3))? else {
                return Err(Stop::Stuck(format!("data stopped after {} octets", taken.len())));
            };
            let skip = expected.since(segment.seq).max(0) as usize;
            if segment.seq <= expected {
                taken.extend(segment.payload.get(skip..).unwrap_or_default());
            }
            self.send(peer, Peer::ack);
        }
        Ok(taken)
    }

    /// The stack's application sends, and the Tester takes it all.
    pub fn pull(&mut self, peer: &mut Peer, octets: usize) -> Step<Vec<u8>> {
        let socket = peer.app()?;
        let data = pattern(octets);
        let mut taken = Vec::new();
        // As much at a time as the stack has room for.
        while taken.len() < octets {
            let written = self
                .app_send(socket, &data[taken.len()..])
                .map_err(|error| Stop::Stuck(format!("SEND failed: {error}")))?;
            if written == 0 {
                return Err(Stop::Stuck(format!("SEND took {} of {octets} octets", taken.len())));
            }
            taken.extend(self.take(peer, written as u32)?);
        }
        Ok(taken)
    }

    /// The stack's application sends so many octets.
    pub fn app_writes(&mut self, peer: &Peer, octets: usize) -> Step {
        let socket = peer.app()?;
        let data = pattern(octets);
        let taken = self
            .app_send(socket, &data)
            .map_err(|error| Stop::Stuck(format!("SEND failed: {error}")))?;
        if taken == octets {
            Ok(())
        } else {
            Err(Stop::Stuck(format!("SEND took {taken} of {octets} octets")))
        }
    }

    /// Sends data in order, waits until it is acknowledged, and lets the application read it.
    pub fn push(&mut self, peer: &mut Peer, octets: usize) -> Step {
        let mss = usize::from(peer.its_mss.unwrap_or(536)).min(1000);
        for chunk in pattern(octets).chunks(mss) {
            self.send(peer, |one| one.data(chunk));
            let end = peer.snd;
            self.expect(peer, Duration::secs(1), "acknowledgement of data", |segment| {
                segment.ack == end
            })?;
            if let Some(socket) = peer.socket {
                let _ = self.app_read(socket);
            }
        }
        Ok(())
    }

    /// Changes a setting of the connection.
    pub fn app_set(&mut self, peer: &Peer, setting: Setting) -> Step {
        let socket = peer.app()?;
        self.call(format_args!("{setting:?}"), |stack| stack.set(socket, setting))
            .map_err(|error| Stop::Stuck(format!("{setting:?} failed: {error}")))
    }
}

/// Octets that tell where they belong.
pub fn pattern(octets: usize) -> Vec<u8> {
    (0..octets).map(|at| (at % 251) as u8).collect()
}

/// Common turns of a conversation.
impl Tester {
    /// A few octets arrive each way, exactly.
    pub fn delivers_both_ways(&mut self, peer: &mut Peer) -> Step {
        self.takes_data(peer, 300)?;
        self.gives_data(peer, 200)
    }

    /// The same, when the application has not read the last `unread` octets yet.
    pub fn delivers_both_ways_after(&mut self, peer: &mut Peer, unread: usize) -> Step {
        let (octets, _) = self.app_read(peer.app()?);
        self.delivered(&octets, &pattern(unread));
        self.delivers_both_ways(peer)
    }

    /// The stack takes `octets` from the Tester, and its application gets them.
    pub fn takes_data(&mut self, peer: &mut Peer, octets: usize) -> Step {
        self.send(peer, |one| one.data(pattern(octets)));
        let end = peer.snd;
        self.expect(peer, Duration::secs(1), "acknowledgement of data", |one| one.ack == end)?;
        if peer.unmanned {
            return Ok(()); // it was acknowledged; what the service got nobody knows
        }
        let (read, _) = self.app_read(peer.app()?);
        self.delivered(&read, &pattern(octets));
        Ok(())
    }

    /// A connection to an application that sends back what it gets.
    pub fn echoing(&mut self, offer: Offer) -> Step<Peer> {
        let Some(services) = self.services() else {
            return self.passive(offer);
        };
        let port = services.echo.ok_or(Stop::Needs("an echo service"))?;
        let mut peer = self.stranger(port, offer);
        self.send(&mut peer, Peer::syn);
        self.hear_syn_ack(&mut peer)?;
        self.wait(RTT)?;
        self.send(&mut peer, Peer::ack);
        Ok(peer)
    }

    /// Has `octets` sent by an application that sends back what it gets: a service does that by itself.
    pub fn calls_out(&mut self, peer: &mut Peer, octets: usize) -> Step {
        self.send(peer, |one| one.data(pattern(octets)));
        if peer.unmanned {
            return Ok(());
        }
        let socket = peer.app()?;
        let until = self.now() + PROMPT;
        let mut read = Vec::new();
        while read.len() < octets && self.now() < until {
            self.wait(Duration::millis(1))?;
            read.extend(self.app_read(socket).0);
        }
        let _ = self.app_send(socket, &read);
        Ok(())
    }

    /// The stack's application writes `octets`, and the Tester gets them. A service that only takes has none to give.
    pub fn gives_data(&mut self, peer: &mut Peer, octets: usize) -> Step {
        if peer.unmanned {
            return Ok(());
        }
        let taken = self.pull(peer, octets)?;
        self.delivered(&taken, &pattern(octets));
        Ok(())
    }

    /// Judges what arrived.
    pub fn delivered(&mut self, arrived: &[u8], sent: &[u8]) {
        let differ = arrived.iter().zip(sent).take_while(|(a, b)| a == b).count();
        let seen = format!(
            "{} of {} octets, the first {differ} of them right",
            arrived.len(),
            sent.len()
        );
        self.require("tcp/data-delivered", arrived == sent, "every octet that was sent", seen);
    }

    /// The application closes its direction, and the Tester hears the FIN.
    pub fn its_close(&mut self, peer: &mut Peer) -> Step<Segment> {
        let socket = peer.app()?;
        let closed = if self.can(Ability::HalfClose) {
            self.app_shutdown(socket)
        } else {
            self.app_close(socket)
        };
        closed.map_err(|error| Stop::Stuck(format!("CLOSE failed: {error}")))?;
        self.expect(peer, PROMPT, "FIN", |one| one.flags.fin())
    }
}
