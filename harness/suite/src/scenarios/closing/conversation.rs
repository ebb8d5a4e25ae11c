use crate::scenarios::prelude::*;

scenario! {
    "closing/conversation", "Two ordinary applications say goodbye, in each order.",
    exercises: ["tcp/data-delivered"],
    variants: &["nothing", "an-octet-out", "an-octet-in", "much-out", "much-in"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let (from_stack, from_peer) = [(0, 0), (1, 0), (0, 1), (5000, 10), (10, 5000)][variant];
    t.converse(Conversation {
        from_stack,
        from_peer,
        delay: Duration::millis(15),
        deal: &mut |_, _, _| Fate::Arrives,
        tune: &|_| {},
    })
}
