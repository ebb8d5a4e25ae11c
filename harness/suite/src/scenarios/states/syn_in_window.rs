use super::place::{acknowledged, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/syn_in_window", "A SYN within the window of a connection.",
    exercises: ["tcp/survives-challenge", "tcp/syn-challenged"],
    variants: &["established", "fin-wait-1", "fin-wait-2", "close-wait", "closing", "last-ack"],
    play: |t, variant| play(t, named(["established", "fin-wait-1", "fin-wait-2", "close-wait", "closing", "last-ack"][variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let syn = peer.syn().seq(peer.snd + 10);
    t.fling(&peer, syn);
    let answers = answers(t, &mut peer)?;
    let kept = !answers.iter().any(|one| one.flags.rst());
    t.require("tcp/survives-challenge", kept, "a challenge", told(&answers));
    let _ = acknowledged(&answers, &peer);
    still(t, &mut peer, state, "tcp/survives-challenge")
}
