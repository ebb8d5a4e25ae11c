use crate::scenarios::prelude::*;

scenario! {
    "icmp/soft_errors", "Errors that may pass arrive about a segment on its way.",
    exercises: ["tcp/soft-error-survived"],
    variants: &["network", "host", "source-route", "ttl", "reassembly", "parameter"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.app_writes(&peer, 100)?;
    let sent = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    let (kind, code) = if t.its.is_ipv4() {
        [(3, 0), (3, 1), (3, 5), (11, 0), (11, 1), (12, 0)][variant]
    } else {
        [(1, 0), (1, 3), (1, 5), (3, 0), (3, 1), (4, 0)][variant]
    };
    t.throw_error(kind, code, 0, &sent);
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    let alive = t.delivers_both_ways(&mut peer);
    t.require("tcp/soft-error-survived", alive.is_ok(), "a connection that goes on", "none");
    Ok(())
}
