use super::place::{acknowledged, answers, named, place, still, told};
use crate::scenarios::prelude::*;

scenario! {
    "states/fin_again", "The FIN comes once more.",
    exercises: ["tcp/fin-acknowledged"],
    variants: &["close-wait", "closing", "last-ack", "time-wait"],
    play: |t, variant| play(t, named(["close-wait", "closing", "last-ack", "time-wait"][variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    t.wait(Duration::secs(1))?;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    t.fling(&peer, peer.fin().seq(peer.snd - 1));
    let answers = answers(t, &mut peer)?;
    let kept = acknowledged(&answers, &peer);
    t.require("tcp/unacceptable-answered", kept, "an acknowledgement of the FIN", told(&answers));
    still(t, &mut peer, state, "tcp/unacceptable-answered")
}
