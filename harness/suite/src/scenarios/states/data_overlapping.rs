use super::place::{named, place};
use crate::scenarios::prelude::*;

scenario! {
    "states/data_overlapping", "A segment that begins with octets received before, and goes on with new ones.",
    exercises: ["tcp/data-delivered"],
    variants: &["established", "fin-wait-1", "fin-wait-2"],
    play: |t, variant| play(t, named(["established", "fin-wait-1", "fin-wait-2"][variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    if state != State::Established {
        t.needs(Ability::HalfClose)?;
    }
    let socket = peer.app()?;
    // The last 30 of the hundred octets of before, then 40 new ones.
    let sent = pattern(140);
    let (start, again) = (peer.snd - 30, &sent[70..]);
    t.fling(&peer, peer.data(again).seq(start));
    peer.snd += 40;
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of the new octets", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &sent[100..]);
    Ok(())
}
