use crate::scenarios::prelude::*;

scenario! {
    "opening/same_port_again", "A connection is over, and opened again from the same port at once.",
    exercises: ["tcp/isn-clock-driven"],
    variants: &["after-reset", "after-close"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut first = t.passive(Offer::default())?;
    if variant == 0 {
        t.fling(&first, first.rst());
    } else {
        t.send(&mut first, Peer::fin);
        t.wait(RTT)?;
        t.its_close(&mut first)?;
        t.send(&mut first, Peer::ack);
    }
    t.wait(RTT)?;
    let offer = Offer {
        iss: SeqNumber(9_000_000),
        ..Offer::default()
    };
    let mut second = t.facing_listener(offer)?;
    second.here = first.here;
    t.send(&mut second, Peer::syn);
    t.hear_syn_ack(&mut second)?;
    t.send(&mut second, Peer::ack);
    t.accept(&mut second)?;
    t.delivers_both_ways(&mut second)
}
