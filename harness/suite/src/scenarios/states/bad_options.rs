use super::place::{SYNCHRONIZED, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/bad_options", "An acknowledgement whose options have impossible lengths.",
    exercises: ["tcp/broken-options-survived"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    // A length of zero, of one, and beyond the header.
    for options in [[254, 0, 1, 1], [254, 1, 1, 1], [254, 40, 1, 1], [1, 1, 1, 8]] {
        t.fling(&peer, peer.ack().raw_options(&options));
        let answers = answers(t, &mut peer)?;
        if answers.iter().any(|one| one.flags.rst()) {
            // RFC 9293 section 3.1, MUST-7, suggests to reset the connection: what counts is that the stack goes on.
            t.remark(format!("the connection is reset: {}", told(&answers)));
            let next = t.passive(Offer::default());
            t.require("tcp/broken-options-survived", next.is_ok(), "a stack that goes on", "no connection");
            return Ok(());
        }
        still(t, &mut peer, state, "tcp/broken-options-survived")?;
    }
    Ok(())
}
