use crate::scenarios::prelude::*;

scenario! {
    "icmp/foreign_error", "An error quotes a segment that was never sent.",
    exercises: ["tcp/foreign-error-ignored"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.app_writes(&peer, 100)?;
    let mut sent = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    sent.seq += 0x1000_0000;
    let (kind, code) = if t.its.is_ipv4() { (3, 3) } else { (1, 4) };
    t.throw_error(kind, code, 0, &sent);
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    let alive = t.delivers_both_ways(&mut peer);
    t.require("tcp/foreign-error-ignored", alive.is_ok(), "a connection that goes on", "none");
    Ok(())
}
