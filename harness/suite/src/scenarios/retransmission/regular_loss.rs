use crate::scenarios::prelude::*;

scenario! {
    "retransmission/regular_loss", "Every n-th packet is lost, whatever it is.",
    exercises: ["tcp/data-delivered"],
    variants: &["out-5", "both-5", "out-7", "both-7", "out-10", "both-10", "out-20", "both-20"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    t.needs_patience(Duration::minutes(5))?;
    let every = [5, 7, 10, 20][variant / 2];
    let both = variant % 2 == 1;
    t.converse(Conversation {
        from_stack: 60_000,
        from_peer: 30_000,
        delay: Duration::millis(25),
        deal: &mut |to, nth, _| {
            let hit = nth % every == 0 && (both || to == Toward::Peer);
            if hit { Fate::Lost } else { Fate::Arrives }
        },
        tune: &|_| {},
    })
}
