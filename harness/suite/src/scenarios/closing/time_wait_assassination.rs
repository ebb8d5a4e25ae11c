use crate::scenarios::prelude::*;

scenario! {
    "closing/time_wait_assassination", "A reset comes in TIME-WAIT.",
    exercises: ["tcp/time-wait-survives-reset"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.its_close(&mut peer)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::fin);
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)?;
    t.fling(&peer, peer.rst());
    t.wait(Duration::secs(1))?;
    t.fling(&peer, peer.fin().seq(end - 1));
    let answer = t.next(&mut peer, PROMPT)?;
    let kept = answer.is_some_and(|one| one.is_pure_ack());
    t.require("tcp/time-wait-survives-reset", kept, "an acknowledgement", "none");
    Ok(())
}
