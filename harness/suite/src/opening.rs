//! How a connection between the stack and the Tester begins.

use crate::peer::{Offer, Opening, PROMPT, Peer, RTT};
use crate::scenario::{Step, Stop};
use crate::segment::Segment;
use crate::tester::Tester;
use stacks::Ability;
use std::sync::atomic::{AtomicU16, Ordering};
use wire::Duration;
use wire::tcp::Flags;

/// The port that the Tester connects from first; and the ones that the stack listens on.
const OUR_PORTS: u16 = 40_000;
const ITS_PORTS: u16 = 7_000;
/// Of ports at a stack that all cases meet.
static NEXT: AtomicU16 = AtomicU16::new(1);

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
}
