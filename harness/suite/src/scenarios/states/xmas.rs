use super::place::{ALL, answers, named, place, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/xmas", "A segment with every flag set.",
    exercises: [],
    variants: ALL,
    play: |t, variant| play(t, named(ALL[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    t.fling(&peer, peer.ack().with(Flags(0xff)).payload(pattern(10)));
    let answers = answers(t, &mut peer)?;
    t.remark(format!("answered by {}", told(&answers)));
    // Whatever it did to this connection, the stack goes on.
    t.passive(Offer::default()).map(drop)
}
