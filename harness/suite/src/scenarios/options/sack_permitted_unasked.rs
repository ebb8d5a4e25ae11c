use crate::scenarios::prelude::*;

scenario! {
    "options/sack_permitted_unasked", "The Tester permits SACK or not; a segment is missing.",
    exercises: ["tcp/sack-only-if-permitted", "tcp/sack-sent-for-queued-data"],
    variants: &["no", "yes"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let offer = Offer {
        sack: variant == 1,
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    let hole = peer.data(pattern(100));
    peer.snd += 100;
    for _ in 0..4 {
        t.send(&mut peer, |one| one.data(pattern(200)));
        t.wait(Duration::millis(5))?;
    }
    t.wait(RTT)?;
    t.fling(&peer, hole);
    t.wait(Duration::secs(1))
}
