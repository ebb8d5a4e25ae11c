use crate::scenarios::prelude::*;

scenario! {
    "retransmission/reordered_before", "The first segment of a flight comes second; that of the next flight comes fourth.",
    exercises: ["tcp/reordering-tolerated"],
    play: play,
}

/// Well within a quarter of the round trip, where RACK's window begins (RFC 8985 section 6.2, step 4).
const LATE: Duration = Duration::millis(2);

fn play(t: &mut Tester) -> Step {
    if !t.is_virtual() {
        return Err(Stop::Needs("virtual time"));
    }
    let mut peer = t.passive(Offer::full())?;
    if !peer.sack {
        return Err(Stop::Needs("SACK"));
    }
    t.gives_data(&mut peer, 10_000)?;
    overtaken(t, &mut peer, 1)?;
    t.listen_for(&mut peer, RTT)?;
    t.send(&mut peer, Peer::ack);
    overtaken(t, &mut peer, 3)?;
    let arrived = peer.rcv;
    let again = t.listen_for(&mut peer, Duration::millis(500))?;
    let count = again.iter().filter(|one| one.seq < arrived && !one.payload.is_empty()).count();
    let seen = format!("{count} segments that had arrived");
    t.require("tcp/reordering-tolerated", count == 0, "nothing sent again", seen);
    t.send(&mut peer, Peer::ack);
    t.delivers_both_ways(&mut peer)
}

/// A flight whose first segment arrives behind the `ahead` that follow it, a little late.
fn overtaken(t: &mut Tester, peer: &mut Peer, ahead: usize) -> Step {
    let flight = t.flight(peer, 5000, RTT)?;
    let (Some(second), Some(last)) = (flight.get(1), flight.last()) else {
        return Err(Stop::Stuck(format!("a flight of {} segments", flight.len())));
    };
    for one in flight.iter().skip(1).take(ahead) {
        let block = (second.seq, one.end());
        t.send(peer, |peer| peer.ack().sack(&[block]));
    }
    t.wait(LATE)?;
    peer.rcv = last.end();
    t.send(peer, Peer::ack);
    Ok(())
}
