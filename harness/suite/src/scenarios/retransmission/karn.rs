use crate::scenarios::prelude::*;

scenario! {
    "retransmission/karn", "A retransmission is answered at once; the next data is lost as well.",
    exercises: ["tcp/backoff-kept-until-measured"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.gives_data(&mut peer, 100)?;
    t.app_writes(&peer, 100)?;
    let lost = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    let again = t.expect(&mut peer, Duration::secs(8), "data once more", |one| one.seq == lost.seq)?;
    let first = again.time - lost.time;
    t.send(&mut peer, Peer::ack);
    t.app_writes(&peer, 100)?;
    let lost = t.expect(&mut peer, PROMPT, "data", |one| one.seq == lost.end())?;
    peer.deaf = true;
    let again = t.expect(&mut peer, Duration::secs(20), "data once more", |one| one.seq == lost.seq)?;
    let second = again.time - lost.time;
    // RFC 6298 section 5: the timer stays backed off until something sent once is measured.
    let seen = format!("{:.3} s after {:.3} s", second.as_secs_f64(), first.as_secs_f64());
    t.require("tcp/backoff-kept-until-measured", second * 2 >= first * 3, "a timeout that is still backed off", seen);
    Ok(())
}
