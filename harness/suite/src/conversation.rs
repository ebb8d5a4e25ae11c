//! What the Tester and the stack's application say to each other on a connection that is open.

use crate::peer::{PROMPT, Peer, RTT};
use crate::scenario::{Step, Stop};
use crate::segment::{Draft, Segment, Stamp};
use crate::tester::Tester;
use stacks::{Ability, Setting};
use wire::Duration;

/// Octets that tell where they belong.
pub fn pattern(octets: usize) -> Vec<u8> {
    (0..octets).map(|at| (at % 251) as u8).collect()
}

/// Segments and calls.
impl Tester {
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
