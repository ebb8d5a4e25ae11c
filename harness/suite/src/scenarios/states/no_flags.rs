use super::place::{ALL, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/no_flags", "A segment without any flag, with data.",
    exercises: ["tcp/segment-without-ack-dropped"],
    variants: ALL,
    play: |t, variant| play(t, named(ALL[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let draft = peer.data(pattern(20)).without(Flags(Flags::ACK.0 | Flags::PSH.0));
    t.fling(&peer, draft);
    let answers = answers(t, &mut peer)?;
    if state == State::Closed {
        let end = peer.snd + 20;
        let reset = answers.iter().any(|one| one.flags.rst() && one.seq == SeqNumber(0) && one.ack == end);
        t.require("tcp/closed-refuses", reset, "a reset with sequence number zero that acknowledges it", told(&answers));
        return Ok(());
    }
    let kept = answers.iter().all(|one| !one.flags.rst() && one.ack != peer.snd + 20);
    t.require("tcp/segment-without-ack-dropped", kept, "silence", told(&answers));
    still(t, &mut peer, state, "tcp/segment-without-ack-dropped")?;
    let taken = state != State::SynSent && peer.acknowledged > peer.snd;
    t.require("tcp/segment-without-ack-dropped", !taken, "its data is not taken", "it is");
    Ok(())
}
