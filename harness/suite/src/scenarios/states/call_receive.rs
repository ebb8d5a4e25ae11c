use super::place::{SYNCHRONIZED, named, place};
use crate::scenarios::prelude::*;

scenario! {
    "states/call_receive", "The application reads when nothing is there to read.",
    exercises: ["tcp/end-told"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let socket = peer.app()?;
    let (octets, then) = t.app_read(socket);
    t.delivered(&octets, &[]);
    if t.can(Ability::HalfClose) || matches!(state, State::Established | State::CloseWait) {
        let over = !matches!(state, State::Established | State::FinWait1 | State::FinWait2);
        let expected = if over { Ok(Received::End) } else { Ok(Received::Nothing) };
        let seen = format!("{then:?}");
        let name = if over { "the end of the stream" } else { "a stream that goes on" };
        t.require("tcp/end-told", then == expected, name, seen);
    }
    t.send(&mut peer, Peer::ack);
    Ok(())
}
