use crate::scenarios::prelude::*;

scenario! {
    "attack/blind_syns", "SYNs all over the sequence space, on an open connection.",
    exercises: ["tcp/syn-challenged"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    for at in 1..64u32 {
        t.fling(&peer, peer.syn().seq(peer.snd + at * 0x0400_0000));
        t.wait(Duration::millis(1100))?;
    }
    t.listen_for(&mut peer, Duration::millis(100))?;
    t.delivers_both_ways(&mut peer)
}
