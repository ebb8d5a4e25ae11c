use super::place::{SYNCHRONIZED, answers, named, place, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/call_abort", "The application aborts.",
    exercises: ["tcp/abort-resets"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    t.needs(Ability::Abort)?;
    let mut peer = place(t, state, Offer::default())?;
    let socket = peer.app()?;
    let _ = t.app_abort(socket);
    let answers = answers(t, &mut peer)?;
    // RFC 9293 section 3.10.5: a reset in ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 and CLOSE-WAIT; none is asked for later.
    if matches!(state, State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait) {
        let reset = answers.iter().any(|one| one.flags.rst());
        t.require("tcp/abort-resets", reset, "a reset", told(&answers));
    }
    t.fling(&peer, peer.ack().seq(peer.snd - 1));
    t.wait(Duration::millis(100))
}
