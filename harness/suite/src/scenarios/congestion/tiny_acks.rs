use crate::scenarios::prelude::*;

scenario! {
    "congestion/tiny_acks", "Each octet is acknowledged by itself.",
    exercises: ["tcp/slow-start-bound"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.app_writes(&peer, 30_000)?;
    let first = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    for at in 1..200 {
        t.fling(&peer, peer.ack().ack(first.seq + at * 5));
        t.wait(Duration::millis(1))?;
    }
    t.listen_for(&mut peer, RTT)?;
    t.send(&mut peer, Peer::ack);
    t.wait(RTT)
}
