use super::place::{SYNCHRONIZED, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/data_in_order", "Data in order.",
    exercises: ["tcp/half-close-usable", "tcp/data-delivered"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    if matches!(state, State::Established | State::FinWait1 | State::FinWait2) {
        if state == State::Established || t.can(Ability::HalfClose) {
            t.takes_data(&mut peer, 70)?;
        }
        if state != State::Established && t.can(Ability::HalfClose) {
            t.require("tcp/half-close-usable", true, "data after CLOSE", "data");
        }
        return Ok(());
    }
    // Behind the FIN: section 3.10.7.4, seventh: this should not occur, and is ignored.
    t.fling(&peer, peer.data(pattern(70)));
    let answers = answers(t, &mut peer)?;
    let kept = answers.iter().all(|one| one.ack != peer.snd + 70 || one.flags.rst());
    t.require("tcp/unacceptable-answered", kept, "octets behind the FIN are not acknowledged", told(&answers));
    let reset = answers.iter().any(|one| one.flags.rst());
    if reset && matches!(state, State::Closing | State::LastAck | State::TimeWait) {
        // The application has closed: section 3.6.1 has data that come after CLOSE answered by a reset.
        return Ok(());
    }
    still(t, &mut peer, state, "tcp/old-ack-harmless")
}
