use super::SHORT;
use crate::scenarios::prelude::*;

scenario! {
    "keepalive/answered", "Keepalives are on and answered, for a day.",
    exercises: ["tcp/keepalive-after-two-hours", "tcp/keepalive-only-when-idle"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::Keepalive)?;
    // Two hours are the default; that the connection was idle is judged the same where they are two seconds.
    t.needs_patience(Duration::secs(20))?;
    let short = t.in_short(SHORT);
    let long = if short { Duration::secs(20) } else { Duration::hours(24) };
    t.needs_patience(long)?;
    let mut peer = t.passive(Offer::default())?;
    t.app_set(&peer, Setting::Keepalive(true))?;
    let began = t.now();
    let mut first = None;
    let until = began + long;
    while let Some(one) = t.next(&mut peer, until - t.now())? {
        first.get_or_insert(one.time - began);
        t.wait(RTT)?;
        t.send(&mut peer, Peer::ack);
    }
    let seen = first.map_or(f64::INFINITY, Duration::as_secs_f64);
    if first.is_some() && !short {
        t.require("tcp/keepalive-after-two-hours", seen >= 7199.0, "two hours at least", format!("{seen:.1} s"));
    }
    t.require("tcp/keepalive-notices", first.is_some(), "keepalives", "none");
    t.delivers_both_ways(&mut peer)
}
