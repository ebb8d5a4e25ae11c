use crate::scenarios::prelude::*;

scenario! {
    "retransmission/shuffled", "Packets overtake each other.",
    exercises: ["tcp/data-delivered"],
    variants: &["every-second", "every-third", "every-fifth"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let every = [2, 3, 5][variant];
    t.converse(Conversation {
        from_stack: 60_000,
        from_peer: 60_000,
        delay: Duration::millis(10),
        deal: &mut |_, nth, _| {
            if nth % every == 0 { Fate::Late(Duration::millis(7)) } else { Fate::Arrives }
        },
        tune: &|_| {},
    })
}
