use crate::peer::{Offer, pattern};
use crate::scenario::{Step, scenario};
use crate::tester::Tester;

scenario! {
    "data/large_write", "The application writes 20,000 octets at once.",
    exercises: ["tcp/data-delivered", "tcp/full-sized-segments", "tcp/initial-window"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let taken = t.pull(&mut peer, 20_000)?;
    t.require("tcp/data-delivered", taken == pattern(20_000), "the octets that were written", "others");
    Ok(())
}
