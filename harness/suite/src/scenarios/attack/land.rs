use crate::scenarios::prelude::*;

scenario! {
    "attack/land", "A SYN that comes from the stack's own address and port.",
    exercises: ["tcp/several-from-listener"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.facing_listener(Offer::default())?;
    peer.here = peer.there;
    t.fling(&peer, peer.syn());
    t.wait(Duration::secs(2))?;
    t.inbox.clear();
    let next = t.passive(Offer::default());
    t.require("tcp/several-from-listener", next.is_ok(), "a stack that goes on", "no connection");
    Ok(())
}
