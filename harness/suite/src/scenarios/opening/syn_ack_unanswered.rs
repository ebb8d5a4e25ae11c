use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_ack_unanswered", "The Tester sends a SYN and nothing more.",
    exercises: ["tcp/syn-backoff", "tcp/syn-retried"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs_patience(Duration::minutes(20))?;
    let mut peer = t.greeted(Offer::default())?;
    let heard = t.listen_for(&mut peer, Duration::minutes(20))?;
    t.require("tcp/syn-retried", !heard.is_empty(), "the SYN-ACK once more", "nothing");
    let again = t.passive(Offer::default());
    t.require("tcp/flood-survived", again.is_ok(), "a listener that goes on", "no connection");
    Ok(())
}
