use crate::scenarios::prelude::*;

scenario! {
    "opening/many_at_once", "Twenty connections are opened at one moment.",
    exercises: ["tcp/several-from-listener", "tcp/isn-unpredictable", "tcp/timestamp-offset-random"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let count = if t.is_virtual() { 20 } else { 8 };
    let mut clocks = Vec::new();
    for _ in 0..count {
        let mut peer = t.facing_listener(Offer::full())?;
        t.send(&mut peer, Peer::syn);
        let answer = t.hear_syn_ack(&mut peer)?;
        clocks.extend(answer.options.timestamps.map(|(value, _)| value));
        t.send(&mut peer, Peer::ack);
        let accepted = t.accept(&mut peer);
        t.require("tcp/several-from-listener", accepted.is_ok(), "a connection", "none");
        t.takes_data(&mut peer, 10)?;
    }
    if clocks.len() == count {
        let spread = clocks.iter().map(|one| one.wrapping_sub(clocks[0]) as i32).any(|gap| gap.abs() > 60_000);
        let seen = format!("TSvals from {} on, all within a minute", clocks[0]);
        t.require("tcp/timestamp-offset-random", spread, "TSvals that do not follow from each other", seen);
    }
    Ok(())
}
