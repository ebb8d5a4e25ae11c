use crate::scenarios::prelude::*;

scenario! {
    "attack/ack_storm", "Two ends out of step acknowledge each other.",
    exercises: [],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let mut answers = 0;
    for _ in 0..50 {
        t.fling(&peer, peer.ack().seq(peer.snd + 0x100_0000));
        answers += t.listen_for(&mut peer, Duration::millis(1))?.len();
    }
    t.remark(format!("{answers} answers to 50 segments"));
    t.wait(Duration::secs(2))?;
    t.delivers_both_ways(&mut peer)
}
