use crate::scenarios::prelude::*;

scenario! {
    "data/small_writes_nagle", "The application writes small pieces while data is outstanding, with Nagle's algorithm and without.",
    exercises: ["tcp/nagle"],
    variants: &["on", "off"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let off = variant == 1;
    let mut peer = t.passive(Offer::default())?;
    if off {
        t.needs(Ability::Nagle)?;
    }
    // Which of the two is the default is nobody's rule: a stack has to have it, and a way to do without it.
    if t.can(Ability::Nagle) {
        t.app_set(&peer, Setting::Nagle(!off))?;
    }
    for _ in 0..5 {
        t.app_writes(&peer, 10)?;
    }
    let heard = t.listen_for(&mut peer, RTT)?;
    let segments = heard.iter().filter(|one| !one.payload.is_empty()).count();
    if off {
        t.require("tcp/nagle-can-be-off", segments >= 5, "five small segments at once", segments);
    } else {
        t.require("tcp/nagle", segments == 1, "one segment, the rest waits", segments);
    }
    t.send(&mut peer, Peer::ack);
    t.wait(Duration::millis(500))?;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    let arrived = peer.rcv.since(peer.irs + 1);
    t.require("tcp/small-write-goes-out", arrived == 50, "50 octets in the end", arrived);
    t.send(&mut peer, Peer::ack);
    Ok(())
}
