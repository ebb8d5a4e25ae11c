use super::SHORT;
use crate::scenarios::prelude::*;

scenario! {
    "keepalive/unanswered", "Keepalives are on, and the peer is gone.",
    exercises: ["tcp/keepalive-notices", "tcp/keepalive-loss-not-fatal"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::Keepalive)?;
    t.needs_patience(Duration::secs(20))?;
    let long = if t.in_short(SHORT) { Duration::secs(20) } else { Duration::hours(12) };
    t.needs_patience(long)?;
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    t.app_set(&peer, Setting::Keepalive(true))?;
    let heard = t.listen_for(&mut peer, long)?;
    let (_, then) = t.app_read(socket);
    let probes = heard.iter().filter(|one| !one.flags.rst()).count();
    if probes > 0 {
        t.require("tcp/keepalive-loss-not-fatal", probes > 1, "more than one keepalive", probes);
    }
    let seen = format!("{} segments, then {then:?}", heard.len());
    t.require("tcp/keepalive-notices", then.is_err() && !heard.is_empty(), "keepalives, and an error in the end", seen);
    Ok(())
}
