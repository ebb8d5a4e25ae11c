use crate::scenarios::prelude::*;

scenario! {
    "opening/ack_in_syn_sent", "A pure acknowledgement of the SYN comes before the SYN-ACK.",
    exercises: ["tcp/uses-sack"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let (mut peer, syn) = t.called(Offer::full())?;
    t.fling(&peer, peer.ack());
    t.wait(RTT)?;
    t.send(&mut peer, |one| one.answer_to(&syn));
    t.expect(&mut peer, PROMPT, "acknowledgement of the SYN-ACK", Segment::is_pure_ack)?;
    t.delivers_both_ways(&mut peer)
}
