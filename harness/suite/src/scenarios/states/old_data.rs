use super::place::{WITH_NUMBERS, acknowledged, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/old_data", "Data from before the window.",
    exercises: ["tcp/unacceptable-answered"],
    variants: WITH_NUMBERS,
    play: |t, variant| play(t, named(WITH_NUMBERS[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    t.fling(&peer, peer.data(pattern(50)).seq(peer.snd - 5000));
    let answers = answers(t, &mut peer)?;
    let kept = acknowledged(&answers, &peer) || state == State::SynReceived && !answers.iter().any(|one| one.flags.rst());
    t.require("tcp/unacceptable-answered", kept, "an acknowledgement with the present numbers", told(&answers));
    still(t, &mut peer, state, "tcp/unacceptable-answered")
}
