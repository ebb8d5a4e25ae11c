use crate::scenarios::prelude::*;

scenario! {
    "retransmission/fin_lost", "The stack's FIN is lost, or its acknowledgement.",
    exercises: ["tcp/fin-retransmitted", "tcp/close-completes"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let fin = t.its_close(&mut peer)?;
    let again = t.expect(&mut peer, Duration::secs(8), "FIN once more", |one| one.flags.fin());
    t.require("tcp/fin-retransmitted", again.is_ok(), "the FIN once more", "nothing");
    let again = again?;
    t.require("tcp/close-completes", again.seq == fin.seq, "the FIN at its place", again.seq);
    t.wait(RTT)?;
    t.send(&mut peer, Peer::fin);
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end).map(drop)
}
