use crate::scenarios::prelude::*;

scenario! {
    "opening/pushed_before_syn_ack", "Data of an old connection, pushed, arrive in SYN-SENT.",
    exercises: ["tcp/wrong-ack-of-syn-reset"],
    play: play,
}

/// RFC 9293 section 3.10.7.3, first: what acknowledges anything but the SYN is answered by a reset, whatever else it carries.
fn play(t: &mut Tester) -> Step {
    let (mut peer, syn) = t.called(Offer::default())?;
    let old = syn.seq - 5000;
    t.fling(&peer, peer.data(pattern(100)).ack(old));
    let heard = t.listen_without_taking(&mut peer, PROMPT)?;
    let reset = heard.iter().any(|one| one.flags.rst() && one.seq == old);
    t.require("tcp/wrong-ack-of-syn-reset", reset, "a reset with the number that was acknowledged", if heard.is_empty() { "silence" } else { "something else" });
    t.send(&mut peer, |one| one.answer_to(&syn));
    t.expect(&mut peer, PROMPT, "acknowledgement of the SYN-ACK", Segment::is_pure_ack).map(drop)
}
