use super::place::{named, place};
use crate::scenarios::prelude::*;

scenario! {
    "states/urgent", "Data with an urgent pointer.",
    exercises: ["tcp/urgent-data-delivered"],
    variants: &["established", "fin-wait-1", "fin-wait-2"],
    play: |t, variant| play(t, named(["established", "fin-wait-1", "fin-wait-2"][variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    if state != State::Established {
        t.needs(Ability::HalfClose)?;
    }
    let socket = peer.app()?;
    t.send(&mut peer, |one| one.data(pattern(60)).urgent(30));
    let end = peer.snd;
    let answer = t.expect(&mut peer, Duration::secs(1), "acknowledgement of the data", |one| one.ack == end);
    t.require("tcp/urgent-data-delivered", answer.is_ok(), "an acknowledgement", "none");
    let (octets, _) = t.app_read(socket);
    // RFC 6093 section 2: some stacks hand the last urgent octet over by another way.
    let kept = (59..=60).contains(&octets.len());
    t.require("tcp/urgent-data-delivered", kept, "60 octets, or 59 and one out of line", octets.len());
    Ok(())
}
