use crate::scenarios::prelude::*;

scenario! {
    "retransmission/first_measurement", "The round trip is two seconds, measured twice; then data is lost.",
    exercises: ["tcp/first-measurement"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs_patience(Duration::secs(30))?;
    let trip = Duration::secs(2);
    let mut peer = t.facing_listener(Offer::default())?;
    t.send(&mut peer, Peer::syn);
    // Its SYN-ACK may come again before the answer does: the answer comes soon, that no measurement is lost to Karn.
    t.hear_syn_ack(&mut peer)?;
    t.wait(Duration::millis(900))?;
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    t.app_writes(&peer, 100)?;
    let first = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    t.wait(trip)?;
    let spurious = t.inbox.iter().any(|one| one.seq == first.seq);
    t.send(&mut peer, Peer::ack);
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    if spurious {
        return Err(Stop::Stuck("the timer went off before the first answer: nothing was measured".to_owned()));
    }
    t.app_writes(&peer, 100)?;
    let lost = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    peer.deaf = true;
    let again = t.expect(&mut peer, Duration::secs(20), "data once more", |one| one.seq == lost.seq)?;
    let gap = again.time - lost.time;
    // After R = 0.9 s and R' = 2 s: RTTVAR = 3/4 x 0.45 + 1/4 x 1.1 = 0.6125, SRTT = 1.0375, RTO = 3.49 s; without the
    // handshake's measurement 2 + 4 x 1 = 6 s. Timers may be coarse (half a second).
    let kept = gap >= Duration::millis(2900) && gap <= Duration::millis(6600);
    t.require("tcp/first-measurement", kept, "between 2.9 and 6.6 s", format!("{:.3} s", gap.as_secs_f64()));
    Ok(())
}
