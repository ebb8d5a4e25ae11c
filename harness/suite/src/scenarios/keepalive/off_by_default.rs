use super::SHORT;
use crate::scenarios::prelude::*;

scenario! {
    "keepalive/off_by_default", "Three days of silence.",
    exercises: ["tcp/keepalive-off-by-default", "tcp/silence-harmless"],
    variants: &["listening", "connecting"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    // Keepalives that were on would come every second.
    t.needs_patience(Duration::secs(20))?;
    let long = if t.in_short(SHORT) { Duration::secs(20) } else { Duration::hours(72) };
    t.needs_patience(long)?;
    let mut peer = t.open([Opening::Passive, Opening::Active][variant], Offer::full())?;
    let heard = t.listen_for(&mut peer, long)?;
    t.require("tcp/keepalive-off-by-default", heard.is_empty(), "silence", format!("{} segments", heard.len()));
    let answer = t.delivers_both_ways(&mut peer);
    t.require("tcp/silence-harmless", answer.is_ok(), "a connection that still works", "none");
    Ok(())
}
