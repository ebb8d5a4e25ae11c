use crate::scenarios::prelude::*;

scenario! {
    "opening/reset_then_connection", "A half-open connection is reset; the listener goes on.",
    exercises: ["tcp/passive-open-returns-to-listen"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let half = t.greeted(Offer::default())?;
    t.fling(&half, half.rst());
    let second = t.passive(Offer::default());
    t.require("tcp/passive-open-returns-to-listen", second.is_ok(), "a listener that goes on", "no connection");
    t.delivers_both_ways(&mut second?)
}
