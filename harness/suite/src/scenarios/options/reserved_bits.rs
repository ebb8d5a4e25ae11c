use crate::scenarios::prelude::*;

scenario! {
    "options/reserved_bits", "Segments come with reserved bits set.",
    exercises: ["tcp/reserved-bits-zero", "tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.send(&mut peer, |one| one.data(pattern(50)).with(Flags(0xe00)));
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of the data", |one| one.ack == end)?;
    t.delivers_both_ways_after(&mut peer, 50)
}
