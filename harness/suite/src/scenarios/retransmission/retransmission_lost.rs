use crate::scenarios::prelude::*;

scenario! {
    "retransmission/retransmission_lost", "The first segment of a flight is lost, and once more when it is sent again; what is sent later arrives.",
    exercises: ["tcp/lost-retransmission-found"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    if !peer.sack {
        return Err(Stop::Needs("SACK"));
    }
    t.gives_data(&mut peer, 10_000)?;
    let flight = t.flight(&mut peer, 5000, RTT)?;
    let Some(from) = flight.get(1).map(|one| one.seq).filter(|_| flight.len() >= 4) else {
        return Err(Stop::Stuck(format!("a flight of {} segments", flight.len())));
    };
    report(t, &mut peer, from, &flight);
    let lost = peer.rcv;
    let what = "the first segment again";
    t.expect(&mut peer.clone(), Duration::secs(2), what, |one| one.seq == lost)?;
    t.app_writes(&peer, 2000)?;
    let later = t.listen_without_taking(&mut peer, RTT)?;
    if !later.iter().any(|one| one.seq > lost && !one.payload.is_empty()) {
        return Err(Stop::Stuck("no new data during recovery".to_owned()));
    }
    report(t, &mut peer, from, &later);
    let heard = t.listen_without_taking(&mut peer, RTT * 5)?;
    let found = heard.iter().any(|one| one.seq == lost);
    let expected = "the first segment once more, within five round trips";
    t.require("tcp/lost-retransmission-found", found, expected, "nothing");
    peer.rcv = flight.iter().chain(&later).chain(&heard).map(Segment::end).fold(lost, SeqNumber::max);
    t.send(&mut peer, Peer::ack);
    let rest = 7000 - peer.rcv.since(lost);
    t.take(&mut peer, rest as u32)?;
    t.delivers_both_ways(&mut peer)
}

/// SACK, segment by segment, of everything from `from` on.
fn report(t: &mut Tester, peer: &mut Peer, from: SeqNumber, segments: &[Segment]) {
    for one in segments.iter().filter(|one| one.seq >= from && !one.payload.is_empty()) {
        let block = (from, one.end());
        t.send(peer, |peer| peer.ack().sack(&[block]));
    }
}
