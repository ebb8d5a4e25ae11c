use super::place::{answers, named, place, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/fin_above_gap", "A FIN arrives before the data in front of it.",
    exercises: ["tcp/end-told", "tcp/data-delivered"],
    variants: &["established", "fin-wait-1", "fin-wait-2"],
    play: |t, variant| play(t, named(["established", "fin-wait-1", "fin-wait-2"][variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let socket = peer.app()?;
    if state != State::Established {
        t.needs(Ability::HalfClose)?;
    }
    let data = peer.data(pattern(50));
    t.fling(&peer, peer.fin().seq(peer.snd + 50));
    let early = answers(t, &mut peer)?;
    let kept = early.iter().all(|one| one.ack == peer.snd && !one.flags.rst());
    t.require("tcp/end-told", kept, "the FIN waits for the data in front of it", told(&early));
    let (_, then) = t.app_read(socket);
    t.require("tcp/end-told", then == Ok(Received::Nothing), "no end of the stream yet", format!("{then:?}"));
    t.send(&mut peer, |_| data);
    let behind = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the data", |one| one.ack >= behind)?;
    // A receiver need not have kept the FIN: it comes once more.
    t.send(&mut peer, Peer::fin);
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)?;
    let (octets, then) = t.app_read(socket);
    t.delivered(&octets, &pattern(50));
    t.require("tcp/end-told", then == Ok(Received::End), "the end of the stream", format!("{then:?}"));
    Ok(())
}
