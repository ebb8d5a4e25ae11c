use crate::scenarios::prelude::*;

scenario! {
    "opening/closed_port", "A SYN comes to a port where nobody listens.",
    exercises: ["tcp/refusal-of-syn", "tcp/closed-refuses"],
    variants: &["plain", "with-data"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.stranger(9, Offer::default());
    let draft = if variant == 0 { peer.syn() } else { peer.syn().payload(pattern(30)) };
    let end = peer.iss + draft.len();
    t.fling(&peer, draft);
    let answer = t.next(&mut peer, PROMPT)?;
    let kept = answer.is_some_and(|one| one.flags.rst() && one.flags.ack() && one.ack == end);
    t.require("tcp/closed-refuses", kept, "a reset that acknowledges the SYN", "something else");
    Ok(())
}
