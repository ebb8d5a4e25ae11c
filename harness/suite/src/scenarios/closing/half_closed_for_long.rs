use crate::scenarios::prelude::*;

scenario! {
    "closing/half_closed_for_long", "The application closes its direction; the Tester goes on sending for ten minutes.",
    exercises: ["tcp/half-close-usable", "tcp/half-close-receives"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::HalfClose)?;
    t.needs_patience(Duration::minutes(10))?;
    let mut peer = t.passive(Offer::default())?;
    t.its_close(&mut peer)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    for _ in 0..10 {
        t.wait(Duration::minutes(1))?;
        let taken = t.takes_data(&mut peer, 100);
        t.require("tcp/half-close-usable", taken.is_ok(), "data taken", "not");
        taken?;
    }
    Ok(())
}
