use crate::scenarios::prelude::*;

scenario! {
    "congestion/acks_of_the_future", "The Tester acknowledges what was not sent yet, again and again.",
    exercises: ["tcp/ack-of-unsent-answered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.app_writes(&peer, 30_000)?;
    t.wait(RTT)?;
    for step in 1..20 {
        t.fling(&peer, peer.ack().ack(peer.irs + 1 + 40_000 + step));
    }
    let mut heard = t.listen_for(&mut peer, RTT)?;
    heard.retain(|one| one.seq.since(peer.irs) > 35_000);
    t.require("tcp/ack-of-unsent-answered", heard.is_empty(), "acknowledgements that count for nothing", "more data");
    Ok(())
}
