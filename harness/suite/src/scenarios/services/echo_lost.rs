use crate::scenarios::prelude::*;

scenario! {
    "services/echo_lost", "What an application sends back is lost, twice.",
    exercises: ["tcp/rto-backoff", "tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.echoing(Offer::default())?;
    t.calls_out(&mut peer, 300)?;
    let back = t.take(&mut peer, 300)?;
    t.delivered(&back, &pattern(300));
    t.calls_out(&mut peer, 200)?;
    // The first, and two more of the same.
    let begin = peer.rcv;
    peer.deaf = true;
    for _ in 0..3 {
        t.expect(&mut peer, Duration::secs(8), "data again", |one| one.seq == begin && !one.payload.is_empty())?;
    }
    peer.deaf = false;
    let back = t.take_slowly(&mut peer, 200)?;
    t.delivered(&back, &pattern(200));
    Ok(())
}
