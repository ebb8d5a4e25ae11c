use super::place::{ALL, answers, named, place, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/rst_exact", "A reset exactly where the next octet is expected.",
    exercises: ["tcp/reset-obeyed", "tcp/reset-told"],
    variants: ALL,
    play: |t, variant| play(t, named(ALL[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let rst = match state {
        State::SynSent => peer.rst().ack(peer.rcv),
        _ => peer.rst(),
    };
    t.fling(&peer, rst);
    let heard = peer.rcv;
    let mut answers = answers(t, &mut peer)?;
    if !t.is_virtual() {
        // What was sent again just before the reset arrived crossed it on its way. A connection that lives on is found below.
        answers.retain(|segment| segment.len() == 0 || segment.end() > heard);
    }
    let id = match state {
        State::Closed => "tcp/closed-refuses",
        State::Listen => "tcp/listener-ignores-reset",
        State::SynReceived => "tcp/passive-open-returns-to-listen",
        _ => "tcp/reset-told",
    };
    t.require(id, answers.is_empty(), "silence", told(&answers));
    if let Some(socket) = peer.socket {
        // An application that only ever heard of an orderly close cannot know that data was lost.
        let (_, then) = t.app_read(socket);
        let ended = matches!(state, State::CloseWait | State::Closing | State::LastAck | State::TimeWait);
        let id = if state == State::SynSent { "tcp/refusal-told" } else { "tcp/reset-told" };
        if !ended && (state != State::FinWait1 && state != State::FinWait2 || t.can(Ability::HalfClose)) {
            t.require(id, then.is_err(), "an error", format!("{then:?}"));
        }
    }
    if matches!(state, State::Listen | State::SynReceived) {
        let again = t.passive(Offer::default());
        t.require(id, again.is_ok(), "a listener that goes on", "no connection");
    }
    // Whatever is left of the connection would answer this; a check sees to it.
    if !matches!(state, State::SynSent | State::Listen) {
        t.fling(&peer, peer.ack().seq(peer.snd - 1));
        t.wait(Duration::secs(10))?;
    }
    Ok(())
}
