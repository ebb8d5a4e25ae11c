use super::place::{answers, named, place, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/fin", "A FIN in order, where none has come before.",
    exercises: ["tcp/fin-acknowledged", "tcp/end-told"],
    variants: &["established", "fin-wait-1", "fin-wait-2"],
    play: |t, variant| play(t, named(["established", "fin-wait-1", "fin-wait-2"][variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let socket = peer.app()?;
    t.send(&mut peer, Peer::fin);
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)?;
    let next = match state {
        State::Established => State::CloseWait,
        State::FinWait1 => State::Closing,
        _ => State::TimeWait,
    };
    if let Some(seen) = t.app_state(socket) {
        t.require("tcp/close-completes", seen == next, next.name(), seen.name());
    }
    if t.can(Ability::HalfClose) || state == State::Established {
        let (octets, then) = t.app_read(socket);
        let kept = octets.is_empty() && then == Ok(Received::End);
        t.require("tcp/end-told", kept, "the end of the stream", format!("{then:?}"));
    }
    let answers = answers(t, &mut peer)?;
    let kept = !answers.iter().any(|one| one.flags.rst());
    t.require("tcp/close-completes", kept, "no reset", told(&answers));
    Ok(())
}
