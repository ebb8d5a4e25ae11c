use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_ack_lost", "The first SYN-ACK is lost; then the handshake goes on, and data begins.",
    exercises: ["tcp/syn-retried"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.greeted(Offer::default())?;
    let again = t.expect(&mut peer, Duration::secs(4), "SYN-ACK once more", |one| one.flags.syn());
    t.require("tcp/syn-retried", again.is_ok(), "the SYN-ACK once more", "nothing");
    again?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    t.gives_data(&mut peer, 20_000)
}
