use crate::scenarios::prelude::*;

scenario! {
    "data/large_write", "The application writes 20,000 octets at once.",
    exercises: ["tcp/data-delivered", "tcp/initial-window"],
    variants: &["listening", "connecting", "listening-full", "connecting-full"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.open([Opening::Passive, Opening::Active][variant % 2], if variant < 2 { Offer::default() } else { Offer::full() })?;
    t.gives_data(&mut peer, 20_000)
}
