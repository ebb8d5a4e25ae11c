use crate::scenarios::prelude::*;

scenario! {
    "closing/reopened_in_time_wait", "A SYN above the old numbers comes in TIME-WAIT, from the same port.",
    exercises: ["tcp/new-connection-after-close", "tcp/reopened-above-old-numbers"],
    variants: &["plain", "full"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let full = variant == 1;
    let mut peer = t.passive(if full { Offer::full() } else { Offer::default() })?;
    t.gives_data(&mut peer, 2000)?;
    t.its_close(&mut peer)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::fin);
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)?;
    t.wait(Duration::secs(2))?;
    let mut offer = peer.offer.clone();
    offer.iss = peer.snd + 100_000;
    offer.clock = peer.tsval(t.now());
    let mut again = t.facing_listener(offer)?;
    again.here = peer.here;
    t.send(&mut again, Peer::syn);
    let answer = t.hear_syn_ack(&mut again);
    t.require("tcp/new-connection-after-close", answer.is_ok(), "a SYN-ACK", "none");
    if answer.is_ok() {
        t.send(&mut again, Peer::ack);
        t.accept(&mut again)?;
        t.delivers_both_ways(&mut again)?;
    }
    Ok(())
}
