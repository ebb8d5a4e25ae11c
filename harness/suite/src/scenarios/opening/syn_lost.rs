use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_lost", "The first SYN is lost; the second is answered; then the first data is lost as well.",
    exercises: ["tcp/syn-retried"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let (mut peer, _) = t.called(Offer::default())?;
    let again = t.expect(&mut peer, Duration::secs(8), "SYN once more", |one| one.flags.syn());
    t.require("tcp/syn-retried", again.is_ok(), "the SYN once more", "nothing");
    let syn = again?;
    t.wait(RTT)?;
    t.send(&mut peer, |one| one.answer_to(&syn));
    t.expect(&mut peer, PROMPT, "acknowledgement of the SYN-ACK", Segment::is_pure_ack)?;
    t.app_writes(&peer, 500)?;
    peer.deaf = true;
    t.wait(Duration::secs(5))?;
    peer.deaf = false;
    let arrived = t.take(&mut peer, 500)?;
    t.delivered(&arrived, &pattern(500));
    Ok(())
}
