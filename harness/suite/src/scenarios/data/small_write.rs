use crate::scenarios::prelude::*;

scenario! {
    "data/small_write", "The application writes a single octet, and nothing more.",
    exercises: ["tcp/small-write-goes-out", "tcp/push-on-last-segment"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    for _ in 0..5 {
        t.app_writes(&peer, 1)?;
        let arrived = t.take(&mut peer, 1);
        t.require("tcp/small-write-goes-out", arrived.is_ok(), "the octet", "nothing");
        arrived?;
        t.wait(Duration::secs(3))?;
    }
    Ok(())
}
