use crate::scenarios::prelude::*;

scenario! {
    "congestion/after_idle", "A pause of minutes, then much data.",
    exercises: ["tcp/restart-window-after-idle"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs_patience(Duration::minutes(5))?;
    let mut peer = t.passive(Offer::full())?;
    t.gives_data(&mut peer, 60_000)?;
    t.wait(Duration::minutes(5))?;
    t.gives_data(&mut peer, 60_000)
}
