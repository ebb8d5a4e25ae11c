use crate::scenarios::prelude::*;

scenario! {
    "keepalive/from_tester", "The Tester sends keepalives: without data, and with a garbage octet.",
    exercises: ["tcp/keepalive-answered"],
    variants: &["empty", "garbage"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.delivers_both_ways(&mut peer)?;
    for _ in 0..3 {
        t.wait(Duration::secs(2))?;
        let probe = peer.ack().seq(peer.snd - 1);
        t.fling(&peer, if variant == 0 { probe } else { probe.payload(vec![0]) });
        let answer = t.expect(&mut peer, PROMPT, "answer to the keepalive", Segment::is_pure_ack);
        t.require("tcp/keepalive-answered", answer.is_ok(), "an acknowledgement", "none");
    }
    t.delivers_both_ways(&mut peer)
}
