use crate::scenarios::prelude::*;

scenario! {
    "congestion/after_timeout", "A whole flight is lost.",
    exercises: ["tcp/one-segment-after-timeout"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.gives_data(&mut peer, 30_000)?;
    t.app_writes(&peer, 20_000)?;
    // So are the first two retransmissions.
    t.wait(Duration::secs(5))?;
    t.inbox.clear();
    let arrived = t.take(&mut peer, 20_000)?;
    t.delivered(&arrived, &pattern(20_000));
    Ok(())
}
