use crate::scenarios::prelude::*;

scenario! {
    "options/mss_absent", "The Tester announces no MSS.",
    exercises: ["tcp/mss-default-respected"],
    variants: &["listening", "connecting"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let offer = Offer {
        mss: None,
        ..Offer::default()
    };
    let mut peer = t.open([Opening::Passive, Opening::Active][variant], offer)?;
    t.gives_data(&mut peer, 6000)
}
