use crate::scenarios::prelude::*;

scenario! {
    "retransmission/blackout", "Nothing arrives for a while, in the middle of a transfer.",
    exercises: ["tcp/data-delivered"],
    variants: &["short", "long", "later"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    t.needs_patience(Duration::minutes(5))?;
    let (from, to) = [(8, 11), (8, 14), (20, 24)][variant];
    t.converse(Conversation {
        from_stack: 80_000,
        from_peer: 20_000,
        delay: Duration::millis(30),
        deal: &mut |_, nth, _| if (from..to).contains(&nth) { Fate::Lost } else { Fate::Arrives },
        tune: &|_| {},
    })
}
