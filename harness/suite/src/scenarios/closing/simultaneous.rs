use crate::scenarios::prelude::*;

scenario! {
    "closing/simultaneous", "Both ends close at the same time.",
    exercises: ["tcp/close-completes", "tcp/fin-acknowledged"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.its_close(&mut peer)?;
    let before = peer.rcv - 1;
    t.send(&mut peer, |one| one.fin().ack(before));
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    let heard = t.listen_for(&mut peer, Duration::secs(5))?;
    t.require("tcp/close-completes", heard.is_empty(), "silence", format!("{} segments", heard.len()));
    Ok(())
}
