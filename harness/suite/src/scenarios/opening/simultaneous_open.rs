use crate::scenarios::prelude::*;

scenario! {
    "opening/simultaneous_open", "Both ends send a SYN at the same time.",
    exercises: ["tcp/simultaneous-open-completes", "tcp/simultaneous-open"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let (mut peer, _) = t.called(Offer::default())?;
    t.send(&mut peer, Peer::syn);
    let both = Flags(Flags::SYN.0 | Flags::ACK.0);
    let answer = t.expect(&mut peer, PROMPT, "SYN-ACK", |one| one.flags.contains(both));
    t.require("tcp/simultaneous-open-completes", answer.is_ok(), "a SYN-ACK", "none");
    answer?;
    // RFC 9293 figure 8: the SYN once more, with the acknowledgement.
    let ack = peer.rcv;
    t.fling(&peer, peer.syn().ack(ack));
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    t.delivers_both_ways(&mut peer)?;
    t.require("tcp/simultaneous-open-completes", true, "one connection", "one");
    Ok(())
}
