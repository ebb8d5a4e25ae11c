use super::place::{SYNCHRONIZED, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/bad_options", "An acknowledgement whose options have impossible lengths.",
    exercises: ["tcp/broken-options-survived"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    // A length of zero, of one, and beyond the header.
    for options in [[254, 0, 1, 1], [254, 1, 1, 1], [254, 40, 1, 1], [1, 1, 1, 8]] {
        t.fling(&peer, peer.ack().raw_options(&options));
    }
    let answers = answers(t, &mut peer)?;
    let kept = !answers.iter().any(|one| one.flags.rst());
    t.require("tcp/broken-options-survived", kept, "no reset", told(&answers));
    still(t, &mut peer, state, "tcp/broken-options-survived")
}
