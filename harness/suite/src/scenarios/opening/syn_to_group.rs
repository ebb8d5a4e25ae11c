use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_to_group", "A SYN comes to a multicast or broadcast address.",
    exercises: ["tcp/syn-to-group-ignored"],
    variants: &["multicast", "broadcast"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.facing_listener(Offer::default())?;
    let group = match (t.its.is_ipv4(), variant) {
        (true, 0) => "224.0.0.1",
        (true, _) => "255.255.255.255",
        (false, _) => "ff02::1",
    };
    let Ok(address) = group.parse() else { return Ok(()) };
    peer.there.0 = address;
    t.fling(&peer, peer.syn());
    t.wait(Duration::secs(2))?;
    t.require("tcp/syn-to-group-ignored", t.inbox.is_empty(), "silence", "an answer");
    Ok(())
}
