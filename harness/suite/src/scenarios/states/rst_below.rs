use super::place::{WITH_NUMBERS, answers, named, place, silent, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/rst_below", "A reset below the window.",
    exercises: ["tcp/outside-reset-ignored"],
    variants: WITH_NUMBERS,
    play: |t, variant| play(t, named(WITH_NUMBERS[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    t.fling(&peer, peer.rst().seq(peer.snd - 1000));
    let answers = answers(t, &mut peer)?;
    t.require("tcp/outside-reset-ignored", silent(&answers), "silence", told(&answers));
    if state == State::SynReceived {
        t.send(&mut peer, Peer::ack);
        return t.accept(&mut peer);
    }
    still(t, &mut peer, state, "tcp/outside-reset-ignored")
}
