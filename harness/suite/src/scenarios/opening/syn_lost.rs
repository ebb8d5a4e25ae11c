use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_lost", "The first two SYNs are lost, the third is answered; then there is much to send.",
    exercises: ["tcp/syn-retried", "tcp/one-segment-after-syn-loss"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let (mut peer, _) = t.called(Offer::default())?;
    let again = t.expect(&mut peer, Duration::secs(8), "SYN once more", |one| one.flags.syn());
    t.require("tcp/syn-retried", again.is_ok(), "the SYN once more", "nothing");
    again?;
    let syn = t.expect(&mut peer, Duration::secs(15), "SYN a third time", |one| one.flags.syn())?;
    t.wait(RTT)?;
    t.send(&mut peer, |one| one.answer_to(&syn));
    t.expect(&mut peer, PROMPT, "acknowledgement of the SYN-ACK", Segment::is_pure_ack)?;
    t.gives_data(&mut peer, 20_000)
}
