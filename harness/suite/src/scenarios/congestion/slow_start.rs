use crate::scenarios::prelude::*;

scenario! {
    "congestion/slow_start", "A long transfer without loss.",
    exercises: ["tcp/initial-window", "tcp/slow-start-bound"],
    variants: &["plain", "full"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(if variant == 0 { Offer::default() } else { Offer::full() })?;
    for _ in 0..3 {
        t.gives_data(&mut peer, 50_000)?;
    }
    Ok(())
}
