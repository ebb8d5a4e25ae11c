use crate::scenarios::prelude::*;

scenario! {
    "opening/same_port_again", "A connection is reset, and opened again from the same port at once.",
    exercises: ["tcp/isn-clock-driven"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let first = t.passive(Offer::default())?;
    t.fling(&first, first.rst());
    t.wait(RTT)?;
    let mut offer = Offer::default();
    offer.iss = SeqNumber(9_000_000);
    let mut second = t.facing_listener(offer)?;
    second.here = first.here;
    t.send(&mut second, Peer::syn);
    t.hear_syn_ack(&mut second)?;
    t.send(&mut second, Peer::ack);
    t.accept(&mut second)?;
    t.delivers_both_ways(&mut second)
}
