use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_ack_wrong", "A SYN-ACK acknowledges something else than the SYN; then the right one comes.",
    exercises: ["tcp/wrong-ack-of-syn-reset"],
    variants: &["beyond", "before"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let (mut peer, syn) = t.called(Offer::default())?;
    let wrong = if variant == 0 { peer.rcv + 1 } else { peer.irs };
    t.fling(&peer, peer.answer_to(&syn).ack(wrong));
    let answer = t.next(&mut peer, PROMPT)?;
    let kept = answer.is_some_and(|one| one.flags.rst() && one.seq == wrong);
    t.require("tcp/wrong-ack-of-syn-reset", kept, "a reset with the number that was acknowledged", "something else");
    t.wait(RTT)?;
    t.send(&mut peer, |one| one.answer_to(&syn));
    t.expect(&mut peer, PROMPT, "acknowledgement of the SYN-ACK", Segment::is_pure_ack)?;
    t.delivers_both_ways(&mut peer)
}
