use crate::scenarios::prelude::*;

scenario! {
    "attack/challenges", "A thousand SYNs in a second, on an open connection.",
    exercises: ["tcp/challenges-throttled"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let count = 1000;
    for _ in 0..count {
        t.fling(&peer, peer.syn().seq(peer.snd + 10));
    }
    let heard = t.listen_for(&mut peer, Duration::millis(100))?;
    if heard.iter().any(|one| one.flags.rst()) {
        return Err(Stop::Stuck("the first SYN ended the connection".to_owned()));
    }
    t.require("tcp/challenges-throttled", heard.len() < count / 2, "far fewer answers", heard.len());
    t.wait(Duration::secs(2))?;
    t.delivers_both_ways(&mut peer)
}
