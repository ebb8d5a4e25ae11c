use super::place::{ALL, acknowledged, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/ack_beyond", "An acknowledgement of octets that were never sent.",
    exercises: ["tcp/ack-of-unsent-answered"],
    variants: ALL,
    play: |t, variant| play(t, named(ALL[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let beyond = peer.rcv + 5000;
    t.fling(&peer, peer.ack().ack(beyond));
    let answers = answers(t, &mut peer)?;
    let reset = answers.iter().any(|one| one.flags.rst() && one.seq == beyond);
    let id = match state {
        State::Closed => "tcp/closed-refuses",
        State::Listen => "tcp/listener-refuses-ack",
        State::SynSent => "tcp/wrong-ack-of-syn-reset",
        State::SynReceived => "tcp/wrong-ack-in-handshake-reset",
        // RFC 9293 section 3.10.7.4, fifth, asks for an answer in the states before these two.
        State::LastAck | State::TimeWait => return still(t, &mut peer, state, "tcp/ack-of-unsent-answered"),
        _ => {
            let kept = acknowledged(&answers, &peer);
            t.require("tcp/ack-of-unsent-answered", kept, "an acknowledgement", told(&answers));
            return still(t, &mut peer, state, "tcp/ack-of-unsent-answered");
        }
    };
    t.require(id, reset, "a reset with the number that was acknowledged", told(&answers));
    still(t, &mut peer, state, id)
}
