use super::place::{ALL, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/bad_checksum", "Data, or a SYN, with a wrong checksum.",
    exercises: ["tcp/damage-ignored"],
    variants: ALL,
    play: |t, variant| play(t, named(ALL[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let draft = match state {
        State::Closed | State::Listen => peer.syn(),
        State::SynSent => peer.rst().ack(peer.rcv),
        _ => peer.data(pattern(50)),
    };
    t.fling(&peer, draft.bad_checksum());
    let answers = answers(t, &mut peer)?;
    let kept = answers.iter().all(|one| one.ack != peer.snd + 50 && !one.flags.rst() && state != State::Listen);
    t.require("tcp/damage-ignored", kept, "silence", told(&answers));
    still(t, &mut peer, state, "tcp/damage-ignored")
}
