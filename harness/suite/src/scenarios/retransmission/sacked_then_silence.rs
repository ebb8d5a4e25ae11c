use crate::scenarios::prelude::*;

scenario! {
    "retransmission/sacked_then_silence", "Data is reported by SACK, then the peer forgets it: only what is below is acknowledged.",
    exercises: ["tcp/sacked-data-kept"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    if !peer.sack {
        return Err(Stop::Needs("SACK"));
    }
    t.app_writes(&peer, 2000)?;
    let heard = t.listen_without_taking(&mut peer, RTT)?;
    let Some(second) = heard.get(1).map(|one| (one.seq, one.end())) else {
        return Err(Stop::Stuck(format!("a flight of {} segments", heard.len())));
    };
    t.send(&mut peer, |one| one.ack().sack(&[second]));
    t.wait(RTT)?;
    // The first arrives once more and is acknowledged; the second the peer has dropped (RFC 2018 section 8).
    t.expect(&mut peer, Duration::secs(8), "the first segment once more", |one| one.seq < second.0)?;
    peer.rcv = second.0;
    t.send(&mut peer, Peer::ack);
    let again = t.expect(&mut peer, Duration::secs(30), "the second segment", |one| one.seq == second.0);
    t.require("tcp/sacked-data-kept", again.is_ok(), "the segment that SACK had reported", "nothing");
    t.send(&mut peer, Peer::ack);
    Ok(())
}
