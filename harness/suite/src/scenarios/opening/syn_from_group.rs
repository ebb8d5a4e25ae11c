use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_from_group", "A SYN comes from a multicast or broadcast address.",
    exercises: ["tcp/syn-from-group-ignored"],
    variants: &["multicast", "broadcast"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.facing_listener(Offer::default())?;
    let group = match (t.its.is_ipv4(), variant) {
        (true, 0) => "224.0.0.5",
        (true, _) => "255.255.255.255",
        (false, 0) => "ff02::5",
        (false, _) => "ff0e::5",
    };
    let Ok(address) = group.parse() else { return Ok(()) };
    peer.here.0 = address;
    t.fling(&peer, peer.syn());
    t.wait(Duration::secs(2))?;
    t.require("tcp/syn-from-group-ignored", t.inbox.is_empty(), "silence", "an answer");
    Ok(())
}
