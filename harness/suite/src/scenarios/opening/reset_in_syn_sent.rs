use crate::scenarios::prelude::*;

scenario! {
    "opening/reset_in_syn_sent", "While the stack waits for its SYN-ACK a reset comes that does not acknowledge its SYN.",
    exercises: ["tcp/reset-in-syn-sent-needs-ack"],
    variants: &["without-ack", "beyond", "before"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let (mut peer, syn) = t.called(Offer::default())?;
    match variant {
        0 => t.fling(&peer, peer.rst()),
        1 => t.fling(&peer, peer.rst().ack(peer.rcv + 1)),
        _ => t.fling(&peer, peer.rst().ack(peer.irs)),
    }
    t.wait(RTT)?;
    t.send(&mut peer, |one| one.answer_to(&syn));
    let answer = t.expect(&mut peer, PROMPT, "acknowledgement of the SYN-ACK", Segment::is_pure_ack);
    t.require("tcp/reset-in-syn-sent-needs-ack", answer.is_ok(), "an attempt that goes on", "none");
    answer?;
    t.delivers_both_ways(&mut peer)
}
