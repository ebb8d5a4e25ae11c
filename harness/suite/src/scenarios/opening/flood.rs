use crate::scenarios::prelude::*;

scenario! {
    "opening/flood", "Hundreds of SYNs that nobody completes, then one that somebody does.",
    exercises: ["tcp/flood-survived"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let count = if t.is_virtual() { 2000 } else { 300 };
    for _ in 0..count {
        let stranger = t.facing_listener(Offer::default())?;
        t.fling(&stranger, stranger.syn());
    }
    t.inbox.clear();
    t.wait(Duration::secs(1))?;
    t.inbox.clear();
    let legitimate = t.passive(Offer::default());
    t.require("tcp/flood-survived", legitimate.is_ok(), "a connection", "none");
    let Ok(mut peer) = legitimate else { return Ok(()) };
    t.delivers_both_ways(&mut peer)?;
    // What the SYN asked for still counts where no state was kept of it (RFC 4987 section 3.6).
    t.gives_data(&mut peer, 3000)
}
