use super::place::{SYNCHRONIZED, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/rst_in_window", "A reset within the window, but not where the next octet is expected.",
    exercises: ["tcp/survives-challenge", "tcp/reset-challenged"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    t.fling(&peer, peer.rst().seq(peer.snd + 10));
    let answers = answers(t, &mut peer)?;
    let kept = !answers.iter().any(|one| one.flags.rst());
    t.require("tcp/survives-challenge", kept, "a challenge", told(&answers));
    still(t, &mut peer, state, "tcp/survives-challenge")
}
