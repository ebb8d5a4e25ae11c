//! A flight of new data, as the Tester hears it.

use crate::peer::Peer;
use crate::scenario::Step;
use crate::segment::Segment;
use crate::tester::Tester;
use wire::Duration;

impl Tester {
    /// The application sends `octets` more, and this is what comes of them within `time`, not taken into account. What had arrived
    /// before and is sent once more (a timer of the stack's that was too soon) belongs to no new flight.
    pub fn flight(&mut self, peer: &mut Peer, octets: usize, time: Duration) -> Step<Vec<Segment>> {
        self.app_writes(peer, octets)?;
        let mut heard = self.listen_without_taking(peer, time)?;
        heard.retain(|one| one.end() > peer.rcv);
        Ok(heard)
    }
}
