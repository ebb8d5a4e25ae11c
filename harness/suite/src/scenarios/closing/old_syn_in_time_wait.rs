use crate::scenarios::prelude::*;

scenario! {
    "closing/old_syn_in_time_wait", "A SYN below the old numbers comes in TIME-WAIT.",
    exercises: [],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.takes_data(&mut peer, 500)?;
    t.its_close(&mut peer)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::fin);
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)?;
    t.wait(Duration::secs(2))?;
    t.fling(&peer, peer.syn().seq(peer.iss - 100_000));
    let heard = t.listen_for(&mut peer, PROMPT)?;
    let kept = heard.iter().all(|one| !one.flags.syn());
    t.require("tcp/time-wait-refuses-old-syn", kept, "no SYN-ACK for an old SYN", "a SYN-ACK");
    Ok(())
}
