use crate::scenarios::prelude::*;

scenario! {
    "data/both_ways_at_once", "Both ends send much at the same time.",
    exercises: ["tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.converse(Conversation {
        from_stack: 200_000,
        from_peer: 200_000,
        delay: Duration::millis(10),
        deal: &mut |_, _, _| Fate::Arrives,
        tune: &|_| {},
    })
}
