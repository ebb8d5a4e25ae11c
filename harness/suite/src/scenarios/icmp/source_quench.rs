use crate::scenarios::prelude::*;

scenario! {
    "icmp/source_quench", "Source Quench arrives in the middle of a transfer.",
    exercises: ["tcp/source-quench-ignored"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    if !t.its.is_ipv4() {
        return Err(Stop::Needs("IPv4"));
    }
    let mut peer = t.passive(Offer::default())?;
    t.app_writes(&peer, 20_000)?;
    let sent = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    t.throw_error(4, 0, 0, &sent);
    let arrived = t.take(&mut peer, 20_000 - sent.len());
    t.require("tcp/source-quench-ignored", arrived.is_ok(), "a transfer that goes on", "none");
    Ok(())
}
