use super::place::{SYNCHRONIZED, answers, named, place, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/call_close", "The application closes, whatever was closed before.",
    exercises: ["tcp/fin-at-one-place"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let socket = peer.app()?;
    let _ = if t.can(Ability::HalfClose) { t.app_shutdown(socket) } else { t.app_close(socket) };
    let answers = answers(t, &mut peer)?;
    let first = matches!(state, State::Established | State::CloseWait);
    let fin = answers.iter().any(|one| one.flags.fin());
    if first && !fin {
        return Err(Stop::Stuck(format!("no FIN came at once, but {}", told(&answers))));
    }
    t.send(&mut peer, Peer::ack);
    t.wait(RTT)
}
