use crate::scenarios::prelude::*;

scenario! {
    "congestion/ack_of_written", "The Tester acknowledges octets that the application has written, and that were not sent yet.",
    exercises: ["tcp/ack-of-unsent-answered"],
    play: play,
}

/// RFC 9293 section 3.10.7.4, fifth: above SND.NXT it is answered and dropped, whatever waits to be sent.
fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.app_writes(&peer, 30_000)?;
    t.listen_for(&mut peer, RTT)?;
    let next = peer.rcv;
    t.fling(&peer, peer.ack().ack(next + 1000));
    let heard = t.listen_for(&mut peer, RTT)?;
    let skipped = heard.iter().find(|one| one.seq > next);
    let seen = match skipped {
        Some(one) => format!("{} octets went out behind a gap of {}", one.payload.len(), one.seq.since(next)),
        None => "silence".to_owned(),
    };
    let answered = !heard.is_empty() && skipped.is_none();
    t.require("tcp/ack-of-unsent-answered", answered, "an acknowledgement, and nothing skipped", seen);
    Ok(())
}
