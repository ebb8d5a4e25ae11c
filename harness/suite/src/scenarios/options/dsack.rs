use crate::scenarios::prelude::*;

scenario! {
    "options/dsack", "Data comes twice on a connection that uses SACK.",
    exercises: ["tcp/old-data-acknowledged"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    let again = peer.data(pattern(100));
    t.takes_data(&mut peer, 100)?;
    t.fling(&peer, again);
    t.wait(Duration::secs(1))
}
