use crate::scenarios::prelude::*;

scenario! {
    "ip/other_host", "A SYN comes that is for another host.",
    exercises: ["ip/foreign-destination-dropped"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.facing_listener(Offer::default())?;
    let other = if t.its.is_ipv4() { "192.0.2.77" } else { "2001:db8::77" };
    let Ok(address) = other.parse() else { return Ok(()) };
    peer.there.0 = address;
    t.fling(&peer, peer.syn());
    t.wait(PROMPT)?;
    t.require("ip/foreign-destination-dropped", t.inbox.is_empty(), "silence", "an answer");
    Ok(())
}
