use crate::scenarios::prelude::*;

scenario! {
    "retransmission/slow_path_timeout", "The round trip is long; a whole flight is lost, twice.",
    exercises: ["tcp/timeout-resends-oldest"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.greeted(Offer::default())?;
    t.wait(Duration::millis(800))?;
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    t.app_writes(&peer, 100)?;
    t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    t.wait(Duration::millis(900))?;
    t.send(&mut peer, Peer::ack);
    t.app_writes(&peer, 5000)?;
    t.wait(Duration::secs(8))?;
    t.inbox.clear();
    let arrived = t.take_slowly(&mut peer, 5000)?;
    t.delivered(&arrived, &pattern(5000));
    Ok(())
}
