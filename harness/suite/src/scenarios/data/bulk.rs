use crate::scenarios::prelude::*;

scenario! {
    "data/bulk", "Much data one way, across paths of every delay.",
    exercises: ["tcp/data-delivered"],
    variants: &["out-1ms", "in-1ms", "out-20ms", "in-20ms", "out-100ms", "in-100ms", "out-400ms", "in-400ms"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let delay = [1, 20, 100, 400][variant / 2];
    let octets = [(300_000, 0), (0, 300_000)][variant % 2];
    t.needs_patience(Duration::millis(delay * 40))?;
    t.converse(Conversation {
        from_stack: octets.0,
        from_peer: octets.1,
        delay: Duration::millis(delay),
        deal: &mut |_, _, _| Fate::Arrives,
        tune: &|_| {},
    })
}
