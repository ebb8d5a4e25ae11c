use crate::scenarios::prelude::*;

scenario! {
    "options/timestamps_wrap", "The Tester's timestamps pass 2^32.",
    exercises: ["tcp/timestamps-wrap", "tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut offer = Offer::full();
    offer.clock = 0xffff_ff00;
    let mut peer = t.passive(offer)?;
    for _ in 0..6 {
        t.wait(Duration::millis(100))?;
        let taken = t.takes_data(&mut peer, 40);
        t.require("tcp/timestamps-wrap", taken.is_ok(), "data before and behind", "none");
        taken?;
    }
    Ok(())
}
