use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_ack_lost", "The first SYN-ACK is lost; then the handshake goes on, and data begins.",
    exercises: ["tcp/syn-retried"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.greeted(Offer::default())?;
    // RFC 6298 section 2.1 recommends a second; stacks that take longer take seconds.
    let patience = if t.is_virtual() { Duration::minutes(1) } else { Duration::secs(4) };
    let again = t.expect(&mut peer, patience, "SYN-ACK once more", |one| one.flags.syn());
    t.require("tcp/syn-retried", again.is_ok(), "the SYN-ACK once more", "nothing");
    again?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    t.gives_data(&mut peer, 20_000)
}
