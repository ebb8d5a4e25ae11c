use crate::scenarios::prelude::*;

scenario! {
    "data/one_segment", "One segment arrives, and no other.",
    exercises: ["tcp/ack-delay-below-500ms"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    for octets in [1, 100, 1000] {
        t.takes_data(&mut peer, octets)?;
        t.wait(Duration::millis(700))?;
    }
    Ok(())
}
