use crate::scenarios::prelude::*;

scenario! {
    "opening/flood_meanwhile", "Hundreds of SYNs come in the middle of a handshake; then somebody guesses what a SYN-ACK may have been.",
    exercises: ["tcp/flood-spares-half-open", "tcp/listener-refuses-ack"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.greeted(Offer::full())?;
    let count = if t.is_virtual() { 1000 } else { 300 };
    for _ in 0..count {
        let stranger = t.facing_listener(Offer::default())?;
        t.fling(&stranger, stranger.syn());
    }
    t.wait(RTT)?;
    t.inbox.clear();
    t.send(&mut peer, Peer::ack);
    let completed = t.accept(&mut peer);
    t.require("tcp/flood-spares-half-open", completed.is_ok(), "the connection", "none");
    if completed.is_ok() {
        t.delivers_both_ways(&mut peer)?;
    }
    let mut guesser = t.facing_listener(Offer::default())?;
    (guesser.snd, guesser.rcv) = (guesser.iss + 1, SeqNumber(0x1234_5678));
    t.send(&mut guesser, Peer::ack);
    let refused = t.expect(&mut guesser, PROMPT, "reset", |one| one.flags.rst());
    t.require("tcp/listener-refuses-ack", refused.is_ok(), "a reset", "none");
    Ok(())
}
