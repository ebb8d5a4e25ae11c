use crate::scenarios::prelude::*;

scenario! {
    "closing/duplicates_of_fin", "The FIN is lost, and three duplicate acknowledgements arrive.",
    exercises: ["tcp/fin-retransmitted"],
    play: play,
}

/// Whatever fast retransmit makes of them (RFC 5681 section 3.2), the retransmission timer goes on.
fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.delivers_both_ways(&mut peer)?;
    let before = peer.rcv;
    t.its_close(&mut peer)?;
    for _ in 0..3 {
        t.fling(&peer, peer.ack().ack(before));
    }
    peer.deaf = true;
    let again = t.expect(&mut peer, Duration::secs(15), "FIN again", |one| one.flags.fin());
    t.require("tcp/fin-retransmitted", again.is_ok(), "the FIN once more", "nothing within 15 s");
    peer.deaf = false;
    peer.rcv = before + 1;
    t.send(&mut peer, Peer::ack);
    t.wait(RTT)
}
