use super::place::{SYNCHRONIZED, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/ack_old", "An acknowledgement of what was acknowledged before.",
    exercises: ["tcp/old-ack-harmless"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let before = peer.irs;
    t.fling(&peer, peer.ack().ack(before));
    let answers = answers(t, &mut peer)?;
    let kept = !answers.iter().any(|one| one.flags.rst());
    t.require("tcp/old-ack-harmless", kept, "no reset", told(&answers));
    still(t, &mut peer, state, "tcp/old-ack-harmless")
}
