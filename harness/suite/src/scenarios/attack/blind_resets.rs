use crate::scenarios::prelude::*;

scenario! {
    "attack/blind_resets", "Resets all over the sequence space, none of them exact.",
    exercises: ["tcp/outside-reset-ignored"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    for at in 1..64u32 {
        t.fling(&peer, peer.rst().seq(peer.snd + at * 0x0400_0000));
    }
    let heard = t.listen_for(&mut peer, Duration::millis(100))?;
    t.require("tcp/outside-reset-ignored", heard.iter().all(|one| !one.flags.rst()), "no reset", "a reset");
    t.wait(Duration::millis(1100))?;
    t.delivers_both_ways(&mut peer)
}
