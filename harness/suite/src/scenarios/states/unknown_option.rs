use super::place::{named, place, still};
use crate::scenarios::prelude::*;

scenario! {
    "states/unknown_option", "Data with an option that nobody knows.",
    exercises: ["tcp/unknown-options-skipped"],
    variants: &["established", "fin-wait-1", "fin-wait-2"],
    play: |t, variant| play(t, named(["established", "fin-wait-1", "fin-wait-2"][variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    if state != State::Established {
        t.needs(Ability::HalfClose)?;
    }
    // Kind 214 is not assigned.
    t.send(&mut peer, |one| one.data(pattern(60)).raw_options(&[214, 6, 1, 2, 3, 4]));
    let end = peer.snd;
    let answer = t.expect(&mut peer, Duration::secs(1), "acknowledgement of the data", |one| one.ack == end);
    t.require("tcp/unknown-options-skipped", answer.is_ok(), "the data is taken", "it is not");
    still(t, &mut peer, state, "tcp/unknown-options-skipped")
}
