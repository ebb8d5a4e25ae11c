use super::place::{WITH_NUMBERS, acknowledged, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/syn_old", "The SYN of the handshake comes once more.",
    exercises: ["tcp/survives-challenge"],
    variants: WITH_NUMBERS,
    play: |t, variant| play(t, named(WITH_NUMBERS[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    t.fling(&peer, peer.syn());
    let answers = answers(t, &mut peer)?;
    let kept = !answers.iter().any(|one| one.flags.rst());
    t.require("tcp/survives-challenge", kept, "no reset", told(&answers));
    let _ = acknowledged(&answers, &peer);
    still(t, &mut peer, state, "tcp/survives-challenge")
}
